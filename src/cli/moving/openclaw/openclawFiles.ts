import { lstat, readdir, readFile, realpath } from "node:fs/promises";
import { basename, join, sep } from "node:path";
import { AppError } from "../../../base/appError.ts";
import { defined } from "../../../base/defined.ts";

const MOST_BYTES = 64_000_000;

/** A folder of OpenClaw's, as it lies there: nothing is ever written into it. */
export interface OpenclawFolder {
  root: string;
  /** The store of its jobs, where there is one. */
  jobs?: string;
  /** For each agent the folder with its sessions.json and transcripts. */
  agents: { agent: string; folder: string }[];
}

/**
 * Finds what OpenClaw keeps in its state folder (`~/.openclaw`), in the folder of one agent, or in one of sessions.
 * `bad_request` where there is nothing of it.
 */
export async function findOpenclaw(given: string): Promise<OpenclawFolder> {
  const root = await realpath(given).catch((error: unknown) => {
    throw new AppError("bad_request", `${given} cannot be read: there is no such folder`, { cause: error });
  });
  const jobs = await firstFile(root, ["cron/jobs.json", "jobs.json"]);
  const agents: OpenclawFolder["agents"] = [];
  for (const agent of (await names(join(root, "agents"))).toSorted()) {
    const folder = join(root, "agents", agent, "sessions");
    if (await isWithin(root, folder)) agents.push({ agent, folder });
  }
  if (agents.length === 0) {
    for (const folder of [join(root, "sessions"), root]) {
      if (agents.length === 0 && (await firstFile(folder, ["sessions.json"])))
        agents.push({ agent: agentOf(folder), folder });
    }
  }
  if (jobs === undefined && agents.length === 0)
    throw new AppError("bad_request", `${given} holds neither cron/jobs.json nor agents/*/sessions of OpenClaw`);
  return { root, ...defined({ jobs }), agents };
}

/** A JSON file of OpenClaw's; undefined where there is none. Throws a bad_request that names it where it is none. */
export async function readJson(path: string): Promise<unknown> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  if (!found.isFile()) throw new AppError("bad_request", `${path} is no file of its own, and is not followed`);
  if (found.size > MOST_BYTES) throw new AppError("bad_request", `${path} is longer than ${MOST_BYTES} bytes`);
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    throw new AppError("bad_request", `${path} is no JSON`, { cause: error });
  }
}

/** The transcript of a session: in its folder, and nowhere else, whatever its entry says. */
export async function findTranscript(folder: string, id: string, file: unknown): Promise<string | undefined> {
  const candidates = [...(typeof file === "string" ? [basename(file.replaceAll("\\", "/"))] : []), `${id}.jsonl`];
  for (const name of candidates) {
    if (!/^[\w][\w.@+-]*\.jsonl$/.test(name)) continue;
    const path = join(folder, name);
    if ((await lstat(path).catch(() => undefined))?.isFile()) return path;
  }
  return undefined;
}

async function firstFile(folder: string, paths: string[]): Promise<string | undefined> {
  for (const path of paths) {
    const whole = join(folder, path);
    if ((await lstat(whole).catch(() => undefined))?.isFile() && (await isWithin(folder, whole))) return whole;
  }
  return undefined;
}

async function names(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

/** Whether it is there, and no link leads it elsewhere. */
async function isWithin(root: string, path: string): Promise<boolean> {
  const real = await realpath(path).catch(() => undefined);
  return (
    real !== undefined &&
    (real === root || real.startsWith(root + sep) || real.startsWith((await realpath(root)) + sep))
  );
}

function agentOf(folder: string): string {
  const parts = folder.split(sep);
  const name = parts.at(-1) === "sessions" ? parts.at(-2) : "main";
  return name !== undefined && /^[\w-]+$/.test(name) && parts.at(-3) === "agents" ? name : "main";
}
