import { parentPort, workerData } from "node:worker_threads";
import { isAppError } from "../../base/appError.ts";
import { notebookPart } from "./notebookPart.ts";
import type { DocumentAnswer, DocumentRequest } from "./readDocument.ts";

// What a thread of its own does with one document, so that a damaged or a hostile one keeps nobody else waiting.

const request = workerData as DocumentRequest;
const tell = (answer: DocumentAnswer) => parentPort!.postMessage(answer);

async function partOf(): Promise<DocumentAnswer> {
  if (request.kind === "notebook") return { part: await notebookPart(request) };
  const { pdfPart } = await import("./pdfPart.ts");
  return { part: await pdfPart(request, (page) => tell({ page })) };
}

try {
  tell(await partOf());
} catch (error) {
  if (!isAppError(error)) throw error;
  tell({ fault: { code: error.code, message: error.message } });
}
