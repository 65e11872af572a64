import { findRipgrep, ripgrepPaths, RipgrepFailure } from "./ripgrep.ts";
import { walk } from "./walk.ts";

/** Files below a folder of a workspace, by rg where there is one that works. The same files either way, in any order. */
export async function* listFiles(
  workspace: string,
  folder: string,
  signal: AbortSignal,
  env?: NodeJS.ProcessEnv,
): AsyncGenerator<string> {
  const rg = findRipgrep(workspace, env);
  const told = new Set<string>();
  try {
    if (!rg) throw new RipgrepFailure("there is none");
    for await (const path of ripgrepPaths(rg, workspace, ["--files", "--", folder], signal)) {
      told.add(path);
      yield path;
    }
  } catch (error) {
    if (!(error instanceof RipgrepFailure)) throw error;
    for await (const path of walk(workspace, folder, signal)) if (!told.has(path)) yield path;
  }
}
