import * as z from "zod";
import { AppError } from "../base/appError.ts";
import { headOf, partOf } from "../base/cutText.ts";
import { visibleLine } from "../base/text/visible.ts";
import { type ApprovalAsk, defineTool, type ToolContext, type ToolResult } from "../core/ports/tool.ts";
import { readImage } from "./files/readImage.ts";
import { secretReason } from "./files/secretReason.ts";
import { toWorkspacePath, type WorkspacePath } from "./files/workspacePath.ts";

const MAX_LINES = 2000;
const MAX_CHARS = 50_000;
const MAX_LINE_CHARS = 2000;

export const read = defineTool({
  name: "read",
  description: "Read a text file (or an image). Long files come in parts: go on with offset. Lines have no numbers.",
  input: z.object({
    path: z.string(),
    offset: z.int().min(1).max(1e9).optional().describe("First line, from 1"),
    limit: z.int().min(1).max(MAX_LINES).optional().describe("Lines"),
    column: z.int().min(1).max(1e9).optional().describe("From this character of line offset"),
  }),
  effect: "read",
  needsWorkspace: true,

  async prepare({ path, ...part }, context) {
    // Once: a link that leads elsewhere a moment later is not followed there.
    const found = await toWorkspacePath(context.workspace, path);
    const ask = askFor(found, await secretReason(context.workspace, found.real));
    return { ask, touches: [], looksAt: [found.real], run: () => readPart(found, part, context) };
  },
});

function askFor({ real, shown }: WorkspacePath, reason: string | undefined): ApprovalAsk | undefined {
  if (!reason) return undefined;
  const text = `read ${shown}`;
  return {
    summary: visibleLine(text),
    subject: { type: "other", text },
    reason,
    safe: false,
    protected: true,
    effects: [{ kind: "read", place: real }],
  };
}

interface Part {
  offset?: number | undefined;
  limit?: number | undefined;
  column?: number | undefined;
}

async function readPart(
  { real, shown }: WorkspacePath,
  { offset = 1, limit = MAX_LINES, column }: Part,
  { files }: ToolContext,
): Promise<ToolResult> {
  const image = await readImage(real);
  if (image) return { text: `The image ${shown}`, images: [image] };
  const { text, encoding } = await files.readText(real);
  if (text === "") return { text: `(${shown} is empty)` };
  const note = encoding === "utf-8" ? "" : `[${shown} is written in ${encoding}]\n`;
  const part = column === undefined ? page(text, offset, limit) : partOfLine(text, offset, column);
  return { text: note + part };
}

function page(text: string, offset: number, limit: number): string {
  const lines = linesOf(text, offset);
  const shown: string[] = [];
  let chars = 0;
  for (const [index, line] of lines.slice(offset - 1, offset - 1 + limit).entries()) {
    const cut = cutLine(line.replace(/\r$/, ""), offset + index);
    chars += cut.length + 1;
    if (chars > MAX_CHARS && shown.length > 0) break;
    shown.push(cut);
  }
  const last = offset + shown.length - 1;
  const isWhole = offset === 1 && last === lines.length;
  const more = last < lines.length ? `; read on with offset ${last + 1}` : "";
  return isWhole ? shown.join("\n") : `${shown.join("\n")}\n[lines ${offset}-${last} of ${lines.length}${more}]`;
}

/** A very long line from one of its characters, as far as an answer goes. */
function partOfLine(text: string, offset: number, column: number): string {
  const line = linesOf(text, offset)[offset - 1]!.replace(/\r$/, "");
  if (column > line.length)
    throw new AppError("bad_request", `Line ${offset} has ${line.length} characters; there is none at ${column}`);
  const part = partOf(line, column - 1, Math.min(line.length, column - 1 + MAX_CHARS));
  const end = column - 1 + part.length;
  const more = end < line.length ? `; read on with offset ${offset}, column ${end + 1}` : "";
  return `${part}\n[line ${offset}, characters ${column}-${end} of ${line.length}${more}]`;
}

function linesOf(text: string, offset: number): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  if (offset > lines.length)
    throw new AppError("bad_request", `The file has ${lines.length} lines; there is no line ${offset}`);
  return lines;
}

function cutLine(line: string, number: number): string {
  if (line.length <= MAX_LINE_CHARS) return line;
  const head = headOf(line, MAX_LINE_CHARS);
  return `${head}[... ${line.length - head.length} more characters; read on with offset ${number}, column ${head.length + 1}]`;
}
