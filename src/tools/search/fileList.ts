import { findRipgrep, ripgrepPaths, RipgrepFailure } from "./ripgrep.ts";
import { walk } from "./walk.ts";

export interface FileListRequest {
  workspace: string;
  /** From the workspace. */
  folder: string;
  signal: AbortSignal;
  /** Told of what could not be read. */
  unreadable(path: string): void;
  env?: NodeJS.ProcessEnv;
}

/** Files below a folder of a workspace, by rg where there is one that works. The same files either way, in any order. */
export async function* listFiles(request: FileListRequest): AsyncGenerator<string> {
  const { workspace, folder, signal, unreadable, env } = request;
  const rg = findRipgrep(workspace, env);
  const told = new Set<string>();
  try {
    if (!rg) throw new RipgrepFailure("there is none");
    for await (const path of ripgrepPaths(rg, { workspace, folder, signal, unreadable, args: ["--files"] })) {
      told.add(path);
      yield path;
    }
  } catch (error) {
    if (!(error instanceof RipgrepFailure)) throw error;
    for await (const path of walk({ workspace, folder, signal, unreadable })) if (!told.has(path)) yield path;
  }
}
