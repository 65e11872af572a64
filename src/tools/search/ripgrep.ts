import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { AppError } from "../../base/appError.ts";
import { childEnv } from "../shell/childEnv.ts";
import { SKIPPED_FOLDERS } from "./walk.ts";

/** The `rg` program on the path, the workspace left out; undefined when there is none. */
export async function findRipgrep(
  workspace: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string | undefined> {
  const path = childEnv(workspace, env);
  const folders = (path.PATH ?? path.Path ?? "").split(delimiter).filter((folder) => folder !== "");
  for (const folder of folders) {
    const file = join(folder, process.platform === "win32" ? "rg.exe" : "rg");
    const isThere = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return file;
  }
  return undefined;
}

/** Lines that rg prints, told to respect what `walk` respects. Ends early when the reader stops. A wrong pattern is a `bad_request`. */
export async function* ripgrepLines(
  rg: string,
  workspace: string,
  args: string[],
  signal: AbortSignal,
): AsyncGenerator<string> {
  const all = [...COMMON, ...args];
  const child = spawn(rg, all, {
    cwd: workspace,
    env: childEnv(workspace),
    signal,
    stdio: ["ignore", "pipe", "pipe"],
    windowsHide: true,
  });
  let complaint = "";
  child.stderr.on("data", (bytes: Buffer) => (complaint = (complaint + bytes.toString()).slice(0, 2000)));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  // Awaited below, unless the reader stops before.
  ended.catch(() => {});
  try {
    for await (const line of createInterface({ input: child.stdout, crlfDelay: Infinity })) yield line;
    const code = await ended;
    // 1: nothing found. 2 with output may be one unreadable file among many.
    if (code === 2 && /regex parse error|error parsing|unrecognized/i.test(complaint))
      throw new AppError("bad_request", complaint.trim());
  } finally {
    child.kill();
  }
}

const COMMON = [
  "--no-config",
  "--hidden",
  "--no-require-git",
  "--no-ignore-global",
  "--no-ignore-exclude",
  "--no-ignore-dot",
  "--no-messages",
  ...[...SKIPPED_FOLDERS].flatMap((name) => ["--glob", `!**/${name}/**`]),
];
