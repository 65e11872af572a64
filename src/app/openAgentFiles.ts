import { existsSync } from "node:fs";
import { readdir, realpath } from "node:fs/promises";
import { basename, join } from "node:path";
import { AppError } from "../base/appError.ts";
import { smallText } from "../base/files/smallText.ts";
import type { Log } from "../base/log.ts";
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
        readFolder(join(stateDir, "agents")),
        workspace === undefined ? [] : within(workspace).then((folder) => readFolder(folder)),
      ]);
      const hashes = theirs.length > 0 ? confirmed.hashes() : new Set<string>();
      const names = new Set(own.filter(({ problem }) => problem === undefined).map(({ name }) => name));
      return [
        ...own.map((part): AgentPart => ({ ...part, from: "user", confirmed: true })),
        ...theirs
          // The user's own of that name goes before it.
          .filter(({ name }) => !names.has(name))
          .map((part): AgentPart => ({
            ...part,
            from: "workspace",
            confirmed: hashes.has(confirmationOf(part.hash)),
          })),
      ].toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
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

async function readFolder(folder: string): Promise<Read[]> {
  if (folder === "" || !existsSync(folder)) return [];
  const entries = await readdir(folder).catch(() => []);
  const files = entries.filter((name) => name.endsWith(".md")).toSorted();
  const read = await Promise.all(files.slice(0, MOST_FILES).map((name) => readAgent(join(folder, name))));
  const more = files.slice(MOST_FILES).map((name) => unusable(join(folder, name), `More than ${MOST_FILES} files`));
  return [...read, ...more].map((part, _at, all) => withoutNamesake(part, all));
}

async function readAgent(path: string): Promise<Read> {
  try {
    const name = basename(path, ".md");
    if (!agentName.safeParse(name).success)
      throw new AppError("bad_request", "Its file's name is to be of letters, digits, - and _");
    return { ...parseAgentFile(await readText(path), name), path };
  } catch (error) {
    return unusable(path, error instanceof Error ? error.message : String(error));
  }
}

function unusable(path: string, problem: string): Read {
  return { name: basename(path, ".md"), description: "", instructions: "", hash: "", ignored: [], path, problem };
}

/** Of several files that describe an agent of one name, the one called so counts, or the first. */
function withoutNamesake(part: Read, all: Read[]): Read {
  const same = all.filter(({ name, problem }) => name === part.name && problem === undefined);
  const counts = same.find(({ name, path }) => basename(path, ".md") === name) ?? same[0];
  if (part.problem !== undefined || counts === part || counts === undefined) return part;
  return unusable(part.path, `It says its name is ${part.name}, which ${basename(counts.path)} has`);
}

async function readText(path: string): Promise<string> {
  const text = await smallText(path, { limit: MOST_BYTES, noLink: true });
  if (text === undefined) throw new AppError("bad_request", `It is no regular file of at most ${MOST_BYTES} bytes`);
  if (/[\0\uFFFD]/.test(text)) throw new AppError("bad_request", "It is no text in UTF-8");
  return text;
}
