import { existsSync } from "node:fs";
import { readdir, realpath } from "node:fs/promises";
import { basename, join } from "node:path";
import { smallText } from "../base/files/smallText.ts";
import { describeError, type Log } from "../base/log.ts";
import { parseAgentFile } from "../config/agentFile.ts";
import type { AgentFiles } from "../core/ports/context/agentFiles.ts";
import { agentName, type AgentPart } from "../protocol/context/agentPart.ts";
import { openConfirmed } from "./settings/confirmed.ts";

const MOST_FILES = 200;
const MOST_BYTES = 64 * 1024;

/** Agents in files: agents/ of the state folder is the user's own word; a workspace's waits until its content is confirmed. */
export function openAgentFiles({ stateDir, log }: { stateDir: string; log: Log }): AgentFiles {
  const confirmed = openConfirmed(stateDir, log);
  return {
    async list(workspace) {
      // Asked for at each run's start, and most have none.
      const [own, theirs] = await Promise.all([
        readFolder(join(stateDir, "agents"), log),
        workspace === undefined ? [] : within(workspace).then((folder) => readFolder(folder, log)),
      ]);
      const hashes = theirs.length > 0 ? confirmed.hashes() : new Set<string>();
      const found = new Map<string, AgentPart>();
      for (const part of own) found.set(part.name, { ...part, from: "user", confirmed: true });
      for (const part of theirs) {
        if (!found.has(part.name))
          found.set(part.name, { ...part, from: "workspace", confirmed: hashes.has(confirmationOf(part.hash)) });
      }
      return [...found.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
    },
    confirm: (hash) => confirmed.add(confirmationOf(hash)),
  };
}

/** Apart from what is confirmed of other files. */
const confirmationOf = (hash: string): string => `agent:${hash}`;

/** The folder's own, and not what a link in its place leads to; "" where that is elsewhere. */
async function within(workspace: string): Promise<string> {
  if (!existsSync(join(workspace, ".agents", "agents"))) return "";
  try {
    const folder = join(await realpath(workspace), ".agents", "agents");
    return (await realpath(folder)) === folder ? folder : "";
  } catch {
    return "";
  }
}

type Read = Omit<AgentPart, "from" | "confirmed">;

async function readFolder(folder: string, log: Log): Promise<Read[]> {
  if (folder === "" || !existsSync(folder)) return [];
  const entries = await readdir(folder).catch(() => []);
  const files = entries.filter((name) => name.endsWith(".md")).toSorted();
  const read = await Promise.all(files.slice(0, MOST_FILES).map((name) => readAgent(join(folder, name), log)));
  return read.flat();
}

async function readAgent(path: string, log: Log): Promise<Read[]> {
  try {
    const name = agentName.parse(basename(path, ".md"));
    return [{ ...parseAgentFile(await readText(path), name), path }];
  } catch (error) {
    log.warn(`The agent in ${path} cannot be used`, { error: describeError(error) });
    return [];
  }
}

async function readText(path: string): Promise<string> {
  const text = await smallText(path, { limit: MOST_BYTES, noLink: true });
  if (text === undefined) throw new Error(`It is no regular file of at most ${MOST_BYTES} bytes`);
  return text;
}
