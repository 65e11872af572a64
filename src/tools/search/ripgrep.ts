import { spawn } from "node:child_process";
import { findProgram, thisMachine } from "../../base/findProgram.ts";
import type { Readable } from "node:stream";
import { childEnv } from "../shell/childEnv.ts";
import { SKIPPED_FOLDERS } from "./walk.ts";

/** The `rg` program on the path, the workspace left out; undefined when there is none. */
export function findRipgrep(workspace: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  return findProgram(["rg"], [workspace], { ...thisMachine, env });
}

/** rg ended as it should not: it is not right for this machine, or was stopped. */
export class RipgrepFailure extends Error {}

// A healthy one says something, or ends, long before.
const SILENCE_MS = 15_000;

/**
 * Paths that rg prints, from the workspace and with "/", of files that `walk` finds too. Ends early when the reader stops.
 * Rejects with a RipgrepFailure when it did not do its work.
 */
export async function* ripgrepPaths(
  rg: string,
  workspace: string,
  args: string[],
  signal: AbortSignal,
): AsyncGenerator<string> {
  const child = spawn(rg, [...COMMON, ...args], {
    cwd: workspace,
    env: childEnv(workspace),
    signal,
    stdio: ["ignore", "pipe", "ignore"],
    windowsHide: true,
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  // Awaited below, unless the reader stops before.
  ended.catch(() => {});
  const silence = setTimeout(() => child.kill("SIGKILL"), SILENCE_MS);
  try {
    for await (const name of namesIn(child.stdout)) {
      silence.refresh();
      yield name.replaceAll("\\", process.platform === "win32" ? "/" : "\\").replace(/^\.\//, "");
    }
    const code = await ended.catch((error: Error) => {
      signal.throwIfAborted();
      throw new RipgrepFailure(`rg could not be started (${error.message})`);
    });
    signal.throwIfAborted();
    // 1: nothing found. 2: some files could not be read.
    if (code !== 0 && code !== 1 && code !== 2)
      throw new RipgrepFailure(`rg failed (${code === null ? "it was stopped" : `exit ${code}`})`);
  } finally {
    clearTimeout(silence);
    child.kill();
  }
}

/** What stands between NUL characters: a name may hold a line break. */
async function* namesIn(output: Readable): AsyncGenerator<string> {
  let rest = "";
  for await (const piece of output.setEncoding("utf8")) {
    const names = (rest + String(piece)).split("\0");
    rest = names.pop()!;
    yield* names;
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
  "--no-messages",
  ...[...SKIPPED_FOLDERS].flatMap((name) => ["--glob", `!**/${name}/**`]),
];
