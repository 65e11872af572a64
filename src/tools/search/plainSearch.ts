import { stat } from "node:fs/promises";
import { join } from "node:path";
import { createContext, Script } from "node:vm";
import { AppError, isAppError } from "../../base/appError.ts";
import { openRealFile } from "../files/realFile.ts";
import { protectedReason } from "../../rules/protectedPath.ts";
import { pathGlob } from "./pathGlob.ts";
import type { FoundLine, SearchRequest } from "./search.ts";
import { walk } from "./walk.ts";

const MAX_BYTES = 5_000_000;
/** For one file: what takes longer is a pattern that explodes. */
const MAX_MATCH_MS = 1000;

/** Searches without rg. Files that may hold secrets, binary and huge ones are left out. */
export async function* plainSearch(request: SearchRequest): AsyncGenerator<FoundLine> {
  const hitsOf = createMatcher(request.pattern, request.ignoreCase);
  for await (const path of filesOf(request)) {
    if (protectedReason(path, "read")) continue;
    const text = await readSearchable(join(request.workspace, path));
    if (text === undefined) continue;
    const lines = text.split(/\r?\n/);
    if (lines.at(-1) === "") lines.pop();
    const hits = new Set(hitsOf(lines));
    for (const [index, line] of lines.entries()) {
      if (isShown(index, hits, request.context)) yield { path, line: index + 1, text: line, isHit: hits.has(index) };
    }
  }
}

async function* filesOf(request: SearchRequest): AsyncGenerator<string> {
  const isFolder = (await stat(join(request.workspace, request.path))).isDirectory();
  const matches = request.glob === undefined ? undefined : pathGlob(request.glob);
  if (!isFolder) {
    if (!matches || matches(request.path)) yield request.path;
    return;
  }
  for await (const path of walk(request.workspace, request.path, request.signal)) {
    if (!matches || matches(path)) yield path;
  }
}

async function readSearchable(real: string): Promise<string | undefined> {
  try {
    await using file = await openRealFile(real, "read");
    if ((await file.stat()).size > MAX_BYTES) return undefined;
    const bytes = await file.readFile();
    return bytes.includes(0) ? undefined : bytes.toString("utf8");
  } catch (error) {
    if (isAppError(error)) return undefined;
    throw error;
  }
}

function isShown(index: number, hits: Set<number>, context: number): boolean {
  for (let at = index - context; at <= index + context; at += 1) if (hits.has(at)) return true;
  return false;
}

/** Matches in a context of its own, because only there can a regular expression be interrupted. */
function createMatcher(pattern: string, ignoreCase: boolean): (lines: string[]) => number[] {
  const sandbox = createContext({ lines: [] as string[], pattern, flags: ignoreCase ? "iu" : "u" });
  try {
    new Script("regex = new RegExp(pattern, flags)").runInContext(sandbox, { timeout: MAX_MATCH_MS });
  } catch (error) {
    throw new AppError(
      "bad_request",
      `The pattern is no regular expression: ${String(error instanceof Error ? error.message : error)}`,
    );
  }
  const script = new Script("lines.flatMap((line, index) => (regex.test(line) ? [index] : []))");
  return (lines) => {
    sandbox.lines = lines;
    try {
      return script.runInContext(sandbox, { timeout: MAX_MATCH_MS }) as number[];
    } catch (error) {
      throw new AppError("timed_out", "The pattern takes too long; make it simpler", { cause: error });
    }
  };
}
