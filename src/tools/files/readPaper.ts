import { AppError } from "../../base/appError.ts";
import { openRealFile } from "../../base/files/realFile.ts";
import { sizeWords } from "../../base/text/sizeWords.ts";
import { type DocumentPart, type DocumentRequest, readDocument } from "../documents/readDocument.ts";

const MAX_BYTES = 100_000_000;

type Part = Pick<DocumentRequest, "shown" | "offset" | "limit" | "column">;

/** A part of a PDF or a notebook, by its name and its first bytes; undefined when the file is none. */
export async function readPaper(real: string, part: Part, signal: AbortSignal): Promise<DocumentPart | undefined> {
  const kind = KINDS.get(/\.(\w+)$/.exec(real)?.[1]?.toLowerCase() ?? "");
  if (!kind) return undefined;
  await using file = await openRealFile(real, "read");
  const { size } = await file.stat();
  const head = Buffer.alloc(Math.min(size, 1024));
  await file.read(head, 0, head.length, 0);
  if (!STARTS[kind].test(head.toString("latin1"))) return undefined;
  if (size > MAX_BYTES)
    throw new AppError("bad_request", `${real} has ${sizeWords(size)}; a ${kind} may have ${sizeWords(MAX_BYTES)}`);
  // Of its own, not of the pool: it goes over to another thread.
  const bytes = new Uint8Array(size);
  const { bytesRead } = await file.read(bytes, 0, size, 0);
  return await readDocument({ ...part, kind, bytes: bytes.slice(0, bytesRead) }, signal);
}

const KINDS = new Map<string, DocumentRequest["kind"]>([
  ["pdf", "pdf"],
  ["ipynb", "notebook"],
]);

// A pointer to a file that is kept elsewhere, or an empty file, is read as the text that it is.
const STARTS = { pdf: /%PDF-/, notebook: /^(\xef\xbb\xbf)?\s*\{/ };
