import { stripVTControlCharacters } from "node:util";
import { AppError } from "../../base/appError.ts";
import { htmlText } from "../text/htmlText.ts";

export interface NotebookImage {
  /** As the text calls it, from 1. */
  number: number;
  /** The line of the text that stands for it, from 1. */
  line: number;
  mediaType: string;
  /** Base64. */
  data: string;
}

type Json = Record<string, unknown>;

/** What somebody sees who opens a notebook: cells, what they put out as text, and images by their numbers. */
export async function notebookText(value: unknown, shown: string): Promise<{ text: string; images: NotebookImage[] }> {
  const cells = cellsOf(value);
  if (!cells) throw new AppError("bad_request", `${shown} is no notebook: it has no list of cells`);
  const language = languageOf(value as Json);
  const images: NotebookImage[] = [];
  const lines: string[] = [];
  for (const [index, cell] of cells.entries()) {
    const kind = cell.cell_type === "code" ? (language ?? "code") : `${cell.cell_type ?? "cell"}`;
    const source = sourceOf(cell).trimEnd();
    lines.push(`[cell ${index + 1}, ${kind}]`, ...(source === "" ? [] : source.split("\n")));
    for (const output of listOf(cell.outputs)) {
      const { text, image } = await shownOutput(output);
      lines.push(`[output of cell ${index + 1}]`, ...(text === "" ? [] : text.split("\n")));
      if (!image) continue;
      const number = images.length + 1;
      lines.push(`[image ${number}]`);
      images.push({ ...image, number, line: lines.length });
    }
    lines.push("");
  }
  if (lines.length === 0) lines.push(`(${shown} has no cells)`);
  return { text: lines.join("\n").trimEnd(), images };
}

/** Of format 4, or of the sheets that format 3 had. */
function cellsOf(value: unknown): Json[] | undefined {
  if (!isJson(value)) return undefined;
  if (Array.isArray(value.cells)) return value.cells.filter(isJson);
  if (!Array.isArray(value.worksheets)) return undefined;
  return value.worksheets.filter(isJson).flatMap((sheet) => listOf(sheet.cells));
}

function languageOf({ metadata }: Json): string | undefined {
  const { language_info: info, kernelspec } = isJson(metadata) ? metadata : {};
  const name = (isJson(info) && info.name) || (isJson(kernelspec) && kernelspec.language);
  return typeof name === "string" && /^[\w+#-]{1,40}$/.test(name) ? name : undefined;
}

function sourceOf(cell: Json): string {
  return joined(cell.source ?? cell.input);
}

async function shownOutput(output: Json): Promise<{ text: string; image?: { mediaType: string; data: string } }> {
  const kind = output.output_type;
  if (kind === "stream") return { text: plain(output.text) };
  if (kind === "error" || kind === "pyerr") {
    const trace = listOfTexts(output.traceback).join("\n");
    return { text: plain(trace || `${output.ename}: ${output.evalue}`) };
  }
  // Format 3 has what an output is beside its kind.
  const data = isJson(output.data) ? output.data : inTypes(output);
  const imageType = IMAGES.find((type) => type in data);
  const image = imageType && { mediaType: imageType, data: joined(data[imageType]).replaceAll(/\s/g, "") };
  return { text: image ? "" : await textIn(data), ...(image && { image }) };
}

const MAX_COLOURED = 10_000;
const IMAGES = ["image/png", "image/jpeg", "image/gif", "image/webp"];
const TEXTS = ["text/plain", "text/markdown", "text/latex", "application/json"];

async function textIn(data: Json): Promise<string> {
  const type = TEXTS.find((known) => known in data);
  const found = type && data[type];
  if (found !== undefined) return plain(isJson(found) ? JSON.stringify(found, null, 1) : found);
  if ("text/html" in data) return (await htmlText(joined(data["text/html"]), "about:blank")).text;
  return `(${Object.keys(data).join(", ") || "nothing"}, which is no text)`;
}

const OLD = { text: "text/plain", png: "image/png", jpeg: "image/jpeg", html: "text/html", latex: "text/latex" };

function inTypes(output: Json): Json {
  const known = Object.entries(OLD).filter(([name]) => name in output);
  return Object.fromEntries(known.map(([name, type]) => [type, output[name]]));
}

/** Without the colours of a terminal. */
function plain(value: unknown): string {
  const lines = joined(value).trimEnd().split("\n");
  // What takes them out is a regular expression that a line of megabytes is too much for.
  return lines.map((line) => (line.length < MAX_COLOURED ? stripVTControlCharacters(line) : line)).join("\n");
}

/** Texts are lists of lines, or one. */
function joined(value: unknown): string {
  return Array.isArray(value) ? listOfTexts(value).join("") : typeof value === "string" ? value : "";
}

function listOfTexts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((part) => typeof part === "string") : [];
}

function listOf(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isJson) : [];
}

function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
