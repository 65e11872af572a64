import { fileURLToPath } from "node:url";
import type * as pdfjs from "pdfjs-dist";
import type { PDFDocumentProxy, PDFPageProxy } from "pdfjs-dist";
import { AppError } from "../../base/appError.ts";
import { headOf } from "../../base/cutText.ts";
import { visibleLine } from "../../base/text/visible.ts";
import { MAX_CHARS, partFrom } from "../text/textPage.ts";
import type { DocumentPart, DocumentRequest } from "./readDocument.ts";

/** Pages that are begun within this time are answered; who wants more reads on. */
const MAX_PAGES_MS = 8000;

/** The text of some pages, headed by their numbers, and how to go on. `onPage` hears of each before it is read. */
export async function pdfPart(request: DocumentRequest, onPage: (page: number) => void): Promise<DocumentPart> {
  const { shown, bytes, offset = 1, limit = Infinity, column, once } = request;
  const pdf = await openPdf(bytes, shown);
  if (!(pdf.numPages > 0)) throw new AppError("bad_request", `${shown} has no pages`);
  if (offset > pdf.numPages)
    throw new AppError("bad_request", `${shown} has ${pdf.numPages} pages; there is no page ${offset}`);
  if (column !== undefined) {
    onPage(offset);
    const text = await textOf(pdf, offset).catch((error: unknown) => damaged(error));
    return { text: partFrom(text, column, { named: "page", offset }) };
  }
  const until = performance.now() + MAX_PAGES_MS;
  const texts: string[] = [];
  let [chars, withText, last] = [0, 0, offset - 1];
  while (last < Math.min(pdf.numPages, offset - 1 + limit) && (last < offset || performance.now() < until)) {
    onPage(last + 1);
    const text = await textOf(pdf, last + 1).catch((error: unknown) => damaged(error));
    if (texts.length > 0 && chars + text.length > MAX_CHARS) break;
    last += 1;
    if (text !== "") withText += 1;
    chars += text.length;
    texts.push(`[page ${last}]\n${text === "" ? "(no text)" : cutPage(text, last, once)}`);
  }
  const range = `${offset === last ? `page ${last}` : `pages ${offset}-${last}`} of ${pdf.numPages}`;
  const more = last < pdf.numPages ? (once ? "; the others are not shown" : `; read on with offset ${last + 1}`) : "";
  if (withText === 0) return { text: `There is no text on ${range} in ${shown}, as where a scanner made them${more}` };
  return { text: `${texts.join("\n\n")}${offset === 1 && more === "" ? "" : `\n[${range}${more}]`}` };
}

/** One page that cannot be read takes none of the others along. */
function damaged(error: unknown): string {
  // The library throws what is no Error, too.
  const { message } = error as { message?: unknown };
  return `(this page is damaged: ${visibleLine(typeof message === "string" ? message : String(error), 200)})`;
}

function cutPage(text: string, page: number, once?: true): string {
  const head = headOf(text, MAX_CHARS);
  if (head.length === text.length) return text;
  const more = `${text.length - head.length} more characters`;
  return once ? `${head}[... ${more}]` : `${head}[... ${more}; read on with offset ${page}, column ${head.length + 1}]`;
}

async function textOf(pdf: PDFDocumentProxy, number: number): Promise<string> {
  const page = await pdf.getPage(number);
  try {
    const { items } = await page.getTextContent();
    const lines = items.map((item) => ("str" in item ? item.str + (item.hasEOL ? "\n" : "") : "")).join("");
    return [lines.replaceAll("\0", "").trim(), ...(await fieldsOf(page))].filter((text) => text !== "").join("\n");
  } finally {
    page.cleanup();
  }
}

/** What a form was filled with: it stands beside the page's own text. */
async function fieldsOf(page: PDFPageProxy): Promise<string[]> {
  const fields = (await page.getAnnotations()) as { fieldName?: string; fieldValue?: unknown; password?: boolean }[];
  return fields
    .filter(({ fieldName, fieldValue }) => fieldName && fieldValue !== undefined && fieldValue !== null)
    .map(({ fieldName, fieldValue, password }) => {
      const value = password ? "(a password)" : [fieldValue].flat().map(String).join(", ");
      return `[field ${fieldName}: ${value}]`;
    });
}

async function openPdf(bytes: Uint8Array, shown: string): Promise<PDFDocumentProxy> {
  const { getDocument, VerbosityLevel } = await library();
  const task = getDocument({
    data: bytes,
    verbosity: VerbosityLevel.ERRORS,
    cMapUrl: `${characterMaps()}/`,
    cMapPacked: true,
    useSystemFonts: false,
    isOffscreenCanvasSupported: false,
    isImageDecoderSupported: false,
    useWorkerFetch: false,
    useWasm: false,
  });
  try {
    return await task.promise;
  } catch (error) {
    throw explained(error, shown);
  }
}

function explained(error: unknown, shown: string): unknown {
  const { name, message } = error as Error;
  if (name === "PasswordException") return new AppError("forbidden", `${shown} is encrypted and needs a password`);
  // Of nothing but the document.
  if (name !== "TypeError" && name !== "ReferenceError")
    return new AppError("bad_request", `${shown} is damaged and cannot be read as a PDF: ${message}`);
  return error;
}

/** The library as it is in Node.js. It takes an editor's extension host for a web page, by this word. */
async function library(): Promise<typeof pdfjs> {
  if ("type" in process) Object.defineProperty(process, "type", { value: "browser", configurable: true });
  // Made when the library is loaded, and used only for drawing.
  Object.assign(globalThis, { DOMMatrix: Object, Path2D: Object });
  // What it would start a thread for: this is one.
  Object.assign(globalThis, { pdfjsWorker: await import("pdfjs-dist/legacy/build/pdf.worker.mjs") });
  return await import("pdfjs-dist/legacy/build/pdf.mjs");
}

/** The folder of the maps from codes to letters that East Asian documents name without carrying them. */
function characterMaps(): string {
  const here = import.meta.url;
  if (here.endsWith(".ts")) return fileURLToPath(new URL("./cmaps", import.meta.resolve("pdfjs-dist/package.json")));
  return fileURLToPath(new URL(/\/chunks\/[^/]+$/.test(here) ? "../cmaps" : "cmaps", here));
}
