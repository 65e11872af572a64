import { tmpdir } from "node:os";
import { RipgrepFailure, ripgrepPaths } from "../tools/search/ripgrep.ts";

const SILENCE_MS = 3000;

/** Why an rg lists no files when it is asked as the tools ask it, in a sentence; undefined when it does. */
export async function searchFault(rg: string): Promise<string | undefined> {
  const args = ["--files", "--max-depth=1"];
  const { signal } = new AbortController();
  try {
    for await (const _ of ripgrepPaths(rg, {
      workspace: tmpdir(),
      folder: ".",
      args,
      signal,
      unreadable() {},
      silenceMs: SILENCE_MS,
    }))
      break;
    return undefined;
  } catch (error) {
    if (error instanceof RipgrepFailure) return error.message;
    throw error;
  }
}
