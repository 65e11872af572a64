import { spawn } from "node:child_process";
import { findProgram, thisMachine } from "../../base/findProgram.ts";
import type { Readable } from "node:stream";
import { cutText } from "../../base/cutText.ts";
import { onAbort } from "../../base/wait.ts";
import { childEnv } from "../../processes/childEnv.ts";
import { endGroup } from "../../processes/processTree.ts";
import { rulesAbove, SKIPPED_FOLDERS } from "./walk.ts";

/** The `rg` program on the path, the workspace left out; undefined when there is none. */
export function findRipgrep(workspace: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  return findProgram(["rg"], [workspace], { ...thisMachine, env });
}

/** rg ended as it should not: it is not right for this machine, or was stopped. */
export class RipgrepFailure extends Error {
  /** Not worth a word: it was said already, or is no fault of rg's. */
  isQuiet = false;
}

// A healthy one says something, or ends, long before.
const SILENCE_MS = 15_000;
// What made it hang, as a virus scanner or a disk that is away, may pass.
const AGAIN_MS = 600_000;

/** Programs that hung, and when: not every search is to wait for that. */
const hung = new Map<string, number>();

const MAX_NAME = 65_536;
const MAX_SAID = 65_536;

export interface RipgrepRequest {
  workspace: string;
  /** From the workspace, "." for all of it. */
  folder: string;
  args: string[];
  signal: AbortSignal;
  /** Told of each file and folder that it could not read, as it named them. */
  unreadable(path: string): void;
  /** How long it may say nothing; 15,000 when not given. */
  silenceMs?: number;
  /** How long one that hung is not tried; 600,000 when not given. */
  againMs?: number;
}

/**
 * Paths that rg prints, from the workspace and with "/", of files that `walk` finds too. Ends early when the reader stops.
 * Rejects with a RipgrepFailure when it did not do its work.
 */
export async function* ripgrepPaths(rg: string, request: RipgrepRequest): AsyncGenerator<string> {
  const { workspace, folder, args, signal, silenceMs = SILENCE_MS, againMs = AGAIN_MS } = request;
  signal.throwIfAborted();
  if (performance.now() - (hung.get(rg) ?? Number.NEGATIVE_INFINITY) < againMs)
    throw Object.assign(new RipgrepFailure("rg hung a while ago"), { isQuiet: true });
  const child = spawn(rg, [...COMMON, ...(await ignoreArgs(workspace, folder)), ...args, "--", folder], {
    cwd: workspace,
    env: childEnv(workspace),
    stdio: ["ignore", "pipe", "pipe"],
    // What is called rg may be a script, and what that starts holds the pipes open: all of it is ended as one.
    detached: process.platform !== "win32",
    windowsHide: true,
  });
  const end = () => (child.pid === undefined || process.platform === "win32" ? child.kill() : endGroup(child.pid));
  const stop = (reason: unknown) => {
    // Once it has ended, its number may be another's.
    if (child.exitCode === null && child.signalCode === null) end();
    child.stdout.destroy(reason as Error);
    child.stderr.destroy();
  };
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  // Awaited below, unless the reader stops before.
  ended.catch(() => {});
  child.once("exit", end);
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(0, MAX_SAID)));
  const gone = onAbort(signal, () => stop(signal.reason));
  const silence = setTimeout(() => {
    hung.set(rg, performance.now());
    stop(new RipgrepFailure(`rg said nothing for too long; it is left out for ${againMs / 60_000} minutes`));
  }, silenceMs);
  try {
    for await (const name of namesIn(child.stdout)) {
      silence.refresh();
      yield fromWorkspace(name);
    }
    const code = await ended.catch((error: Error) => {
      throw new RipgrepFailure(`rg could not be started (${error.message})`);
    });
    signal.throwIfAborted();
    if (code === 2) tellUnreadable(said, request.unreadable);
    else if (code !== 0 && code !== 1)
      throw new RipgrepFailure(`rg failed (${code === null ? "it was stopped" : `exit ${code}`})`);
  } finally {
    clearTimeout(silence);
    gone.dispose();
    stop(undefined);
  }
}

/** rg takes a file's rules as those of the folder that it runs in: of the workspace's alone that is right. */
async function ignoreArgs(workspace: string, folder: string): Promise<string[]> {
  if (folder.split("/").some((name) => SKIPPED_FOLDERS.has(name)))
    throw Object.assign(new RipgrepFailure("rg is told to leave out what was named"), { isQuiet: true });
  const above = await rulesAbove(workspace, folder);
  if (above.some(({ base }) => base !== ""))
    throw Object.assign(new RipgrepFailure("a folder above has rules that rg is not given"), { isQuiet: true });
  return above.length === 0 ? [] : ["--ignore-file", ".gitignore"];
}

/** What stands between NUL characters: a name may hold a line break. */
async function* namesIn(output: Readable): AsyncGenerator<string> {
  let rest = "";
  for await (const piece of output.setEncoding("utf8")) {
    const names = (rest + String(piece)).split("\0");
    rest = names.pop()!;
    if (rest.length > MAX_NAME) throw new RipgrepFailure("rg printed what is no list of files");
    yield* names;
  }
}

const fromWorkspace = (name: string): string =>
  name.replaceAll("\\", process.platform === "win32" ? "/" : "\\").replace(/^\.\//, "");

/** Exit 2 is of some files that could not be read, and of a request that was not understood, as older ones do not. */
function tellUnreadable(said: string, tell: (path: string) => void): void {
  for (const line of said.split("\n").filter((one) => one !== "")) {
    const [, path, code] = /^(?:rg: )?(.+): [^:]*\(os error (\d+)\)$/.exec(line) ?? [];
    if (path === undefined) throw new RipgrepFailure(`rg failed (${cutText(line, 200)})`);
    // What was removed meanwhile is not missing.
    if (code !== "2") tell(fromWorkspace(path));
  }
}

const COMMON = [
  "--null",
  "--no-config",
  "--hidden",
  "--no-require-git",
  "--no-ignore-global",
  "--no-ignore-exclude",
  "--no-ignore-dot",
  "--no-ignore-messages",
  "--no-ignore-parent",
  ...[...SKIPPED_FOLDERS].flatMap((name) => ["--glob", `!**/${name}/**`]),
];
