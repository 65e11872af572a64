import { Worker } from "node:worker_threads";
import { AppError } from "../../base/appError.ts";
import { onAbort, race } from "../../base/wait.ts";
import { Lanes } from "../../base/turns/lanes.ts";
import { sizeWords } from "../../base/text/sizeWords.ts";
import type { ErrorCode } from "../../protocol/error.ts";
import type { Attachment } from "../../protocol/message.ts";

export interface DocumentRequest {
  kind: "pdf" | "notebook";
  /** As it is called in sentences and in images' names. */
  shown: string;
  /** The file. They go over to the thread: nobody here has them afterwards. */
  bytes: Uint8Array<ArrayBuffer>;
  /** The first page of a PDF, the first line of a notebook's text; from 1. */
  offset?: number | undefined;
  limit?: number | undefined;
  /** From this character of page or line `offset`. */
  column?: number | undefined;
  /** Nobody can read on: the answer says what is not shown instead. */
  once?: true;
}

export interface DocumentPart {
  text: string;
  images?: Attachment[];
}

/** What the thread tells: which page it is at, then what came of it. */
export type DocumentAnswer =
  | { page: number }
  | { part: DocumentPart }
  | { fault: { code: ErrorCode; message: string } };

/** What one document may take. */
interface Bounds {
  ms: number;
  /** Of its thread, buffers among it: a page of a few bytes may unpack to gigabytes. */
  bytes: number;
}

const BOUNDS: Bounds = { ms: 20_000, bytes: 500_000_000 };
const LOOK_MS = 100;

// One after another: several at once could take memory that none of them may.
const lanes = new Lanes();

/**
 * A part of a document as text, read in a thread of its own that is stopped when it takes too long or too much memory.
 * Rejects with a sentence about what is wrong with the document.
 */
export function readDocument(
  request: DocumentRequest,
  signal: AbortSignal,
  bounds: Bounds = BOUNDS,
): Promise<DocumentPart> {
  // Who is told to stop does not wait for those before.
  return race(
    lanes.run("document", () => readBeside(request, signal, bounds)),
    signal,
  );
}

async function readBeside(request: DocumentRequest, signal: AbortSignal, bounds: Bounds): Promise<DocumentPart> {
  signal.throwIfAborted();
  const worker = new Worker(threadPlace(), {
    workerData: request,
    transferList: [request.bytes.buffer],
    execArgv: [],
    env: {},
    // What the library says of a document's faults is for its makers.
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: bounds.bytes / 1_000_000 },
  });
  worker.stdout.resume();
  worker.stderr.resume();
  let page: number | undefined;
  const { promise, resolve, reject } = Promise.withResolvers<DocumentPart>();
  const stop = (most: string) => reject(tooMuch(request, page, most));
  const timer = setTimeout(() => stop(`${bounds.ms / 1000} s`), bounds.ms);
  const look = setInterval(() => {
    void memoryOf(worker).then((bytes) => bytes > bounds.bytes && stop(sizeWords(bounds.bytes)));
  }, LOOK_MS);
  const gone = onAbort(signal, () => reject(signal.reason as Error));
  worker.on("message", (answer: DocumentAnswer) => {
    if ("page" in answer) page = answer.page;
    else if ("part" in answer) resolve(answer.part);
    else reject(new AppError(answer.fault.code, answer.fault.message));
  });
  worker.once("error", (error: Error & { code?: string }) => {
    if (error.code === "ERR_WORKER_OUT_OF_MEMORY") stop(sizeWords(bounds.bytes));
    else reject(error);
  });
  worker.once("exit", () =>
    reject(new AppError("unavailable", `${request.shown} could not be read: its reader ended`)),
  );
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    clearInterval(look);
    gone.dispose();
    await worker.terminate();
  }
}

function tooMuch({ kind, shown, once }: DocumentRequest, page: number | undefined, most: string): AppError {
  if (kind === "notebook" || page === undefined)
    return new AppError("timed_out", `Reading ${shown} takes more than ${most}`);
  return new AppError(
    "timed_out",
    `Page ${page} of ${shown} takes more than ${most}${once ? "" : `; read on with offset ${page + 1}`}`,
  );
}

/** 0 where this Node.js does not tell; the limits of its heap hold there too. */
async function memoryOf(worker: Worker): Promise<number> {
  if (!("getHeapStatistics" in worker)) return 0;
  try {
    const { total_heap_size: heap, external_memory: outside } = await worker.getHeapStatistics();
    return heap + outside;
  } catch {
    // It has ended.
    return 0;
  }
}

/** Beside this file in the source; built, in dist/, whose chunks are one folder below. */
function threadPlace(): URL {
  const here = import.meta.url;
  if (here.endsWith(".ts")) return new URL("documentThread.ts", here);
  return new URL(/\/chunks\/[^/]+$/.test(here) ? "../documentThread.mjs" : "documentThread.mjs", here);
}
