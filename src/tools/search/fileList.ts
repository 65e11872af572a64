import { findRipgrep, ripgrepLines } from "./ripgrep.ts";
import { walk } from "./walk.ts";

/** Files below a folder of a workspace, by rg where there is one. The same files either way, in any order. */
export async function* listFiles(
  workspace: string,
  folder: string,
  signal: AbortSignal,
  env?: NodeJS.ProcessEnv,
): AsyncGenerator<string> {
  const rg = await findRipgrep(workspace, env);
  if (!rg) {
    yield* walk(workspace, folder, signal);
    return;
  }
  for await (const line of ripgrepLines(rg, workspace, ["--files", "--", folder], signal)) {
    yield line.replaceAll("\\", process.platform === "win32" ? "/" : "\\").replace(/^\.\//, "");
  }
}
