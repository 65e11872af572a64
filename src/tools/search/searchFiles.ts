import type { FileHandle } from "node:fs/promises";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { isAppError } from "../../base/appError.ts";
import { linkedSecrets } from "../../rules/linkedSecrets.ts";
import { protectedReason } from "../../rules/protectedPath.ts";
import { stateReason } from "../../rules/protectedState.ts";
import { openRealFile } from "../../base/files/realFile.ts";
import { LineMatcher } from "./lineMatcher.ts";
import { globIn } from "./pathGlob.ts";
import { ripgrepPaths, RipgrepFailure } from "./ripgrep.ts";
import type { FoundLine, SearchNotes, SearchRequest } from "./search.ts";
import { parseSearchPattern, type SearchPattern } from "./searchPattern.ts";
import { walk } from "./walk.ts";

/** Of files that nobody named. */
const MAX_BYTES = 100_000_000;
const PIECE_BYTES = 8_000_000;
/** A line this long is searched in parts. */
const MAX_LINE_BYTES = 64_000_000;

/**
 * Lines of files that match. rg, where there is one, only tells which files are worth reading; what matches is decided here,
 * so that a pattern means the same everywhere. What is left out goes into the notes.
 */
export async function* searchFiles(
  request: SearchRequest,
  rg: string | undefined,
  most: number,
  notes: SearchNotes,
): AsyncGenerator<FoundLine> {
  const pattern = parseSearchPattern(request.pattern, request.ignoreCase);
  await using matcher = new LineMatcher(pattern, request.context);
  const isNamed = !(await stat(join(request.workspace, request.path))).isDirectory();
  const matches = request.glob === undefined ? undefined : globIn(request.glob, { ...request, folder: request.path });
  const paths = isNamed ? [request.path] : candidates(request, pattern, rg, notes);
  const linkedTo = linkedSecrets(request.workspace);
  for await (const path of paths) {
    request.signal.throwIfAborted();
    if (matches && !matches(path)) continue;
    notes.isFitted = true;
    if (request.denied(join(request.workspace, path)) !== undefined) {
      if (isNamed) notes.denied.push(path);
      continue;
    }
    if (protectedReason(path, "read") ?? stateReason(join(request.workspace, path))) {
      if (isNamed) notes.secret.push(path);
      continue;
    }
    try {
      await using file = await openRealFile(join(request.workspace, path), "read");
      if (await linkedTo(await file.stat({ bigint: true }))) {
        if (isNamed) notes.secret.push(path);
        continue;
      }
      const isTooLarge = !isNamed && (await file.stat()).size > MAX_BYTES;
      if (isTooLarge) notes.tooLarge.push(path);
      else yield* searchFile({ path, file, isNamed, matcher, most, notes, signal: request.signal });
    } catch (error) {
      if (!isAppError(error) || error.code === "timed_out") throw error;
      notes.unreadable.push(path);
    }
  }
}

async function* candidates(
  request: SearchRequest,
  pattern: SearchPattern,
  rg: string | undefined,
  notes: SearchNotes,
): AsyncGenerator<string> {
  const { workspace, path, signal } = request;
  const unreadable = (one: string) => void notes.unreadable.push(one);
  if (rg && pattern.literals) {
    const found: string[] = [];
    try {
      const words = pattern.literals.flatMap((literal) => ["--regexp", literal]);
      const args = ["--files-with-matches", "--text", "--fixed-strings", "--ignore-case", ...words];
      for await (const one of ripgrepPaths(rg, { workspace, folder: path, args, signal, unreadable })) found.push(one);
      found.sort(byFolder);
      yield* found;
      return;
    } catch (error) {
      if (!(error instanceof RipgrepFailure)) throw error;
      if (!error.isQuiet) notes.withoutRg = error.message;
    }
  }
  yield* walk({ workspace, folder: path, signal, unreadable });
}

/** As `walk` goes: the entries of a folder in their order, what is in one of them at its place. */
function byFolder(a: string, b: string): number {
  const [some, others] = [a.split("/"), b.split("/")];
  const at = some.findIndex((name, index) => name !== others[index]);
  if (at < 0) return 0;
  return some[at]! < (others[at] ?? "") ? -1 : 1;
}

interface FileSearch {
  path: string;
  file: FileHandle;
  isNamed: boolean;
  matcher: LineMatcher;
  most: number;
  notes: SearchNotes;
  signal: AbortSignal;
}

async function* searchFile({
  path,
  file,
  isNamed,
  matcher,
  most,
  notes,
  signal,
}: FileSearch): AsyncGenerator<FoundLine> {
  let above = 0;
  let isBinary: boolean | undefined;
  for await (const piece of pieces(file)) {
    signal.throwIfAborted();
    isBinary ??= !isNamed && !hasMark(piece) && piece.subarray(0, 8192).includes(0);
    const { lines, count, hits } = await matcher.match(piece, most);
    if (isBinary && hits > 0) {
      notes.binary.push(path);
      return;
    }
    for (const line of lines) yield { path, ...line, line: above + line.line };
    above += count;
  }
}

/** UTF-16, which is full of zeros. */
const hasMark = (bytes: Uint8Array): boolean =>
  (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);

/** A file in parts of whole lines. */
async function* pieces(file: FileHandle): AsyncGenerator<Uint8Array> {
  let left = Buffer.alloc(0);
  for (;;) {
    const bytes = Buffer.alloc(Math.min(PIECE_BYTES, Math.max(65_536, (await file.stat()).size)));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, null);
    const whole = Buffer.concat([left, bytes.subarray(0, bytesRead)]);
    if (bytesRead === 0) {
      if (whole.length > 0) yield whole;
      return;
    }
    const end = hasMark(whole) && whole.length < MAX_LINE_BYTES ? 0 : whole.lastIndexOf(10) + 1;
    const cut = end > 0 || whole.length < MAX_LINE_BYTES ? end : whole.length;
    if (cut > 0) yield whole.subarray(0, cut);
    left = whole.subarray(cut);
  }
}
