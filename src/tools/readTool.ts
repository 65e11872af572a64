import * as z from "zod";
import { isAppError } from "../base/appError.ts";
import { visibleLine } from "../base/text/visible.ts";
import { type ApprovalAsk, defineTool, type ToolContext, type ToolResult } from "../core/ports/tool.ts";
import type { Files } from "../core/ports/files.ts";
import { closedReason } from "./files/closedReason.ts";
import { readFlawed } from "./files/diskFiles.ts";
import { readImage } from "./files/readImage.ts";
import { readPaper } from "./files/readPaper.ts";
import { toWorkspacePath, type WorkspacePath } from "./files/workspacePath.ts";
import { MAX_LINES, partOfLine, textPage } from "./text/textPage.ts";

export const read = defineTool({
  name: "read",
  description:
    "Read a text file (or image, PDF, notebook). Long files come in parts: go on with offset. Lines have no numbers.",
  input: z.object({
    path: z.string(),
    offset: z.int().min(1).max(1e9).optional().describe("First line (PDF: page), from 1"),
    limit: z.int().min(1).max(MAX_LINES).optional().describe("Lines, pages"),
    column: z.int().min(1).max(1e9).optional().describe("From this character of line offset"),
  }),
  effect: "read",
  needsWorkspace: true,

  async prepare({ path, ...part }, context) {
    // Once: a link that leads elsewhere a moment later is not followed there.
    const found = await toWorkspacePath(context.workspace, path);
    const ask = askFor(found, await closedReason(context, found.real));
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
  wanted: Part,
  { files, signal }: ToolContext,
): Promise<ToolResult> {
  const image = await readImage(real);
  if (image) return { text: `The image ${shown}`, images: [image] };
  const paper = await readPaper(real, { shown, ...wanted }, signal);
  if (paper) return paper;
  const { offset = 1, limit = MAX_LINES, column } = wanted;
  const { text, note } = await readText({ real, shown }, files);
  if (text === "") return { text: `(${shown} is empty)` };
  const part = column === undefined ? textPage(text, offset, limit).text : partOfLine(text, offset, column);
  return { text: note + part };
}

/** What of a file can be read, and how it is written where that is not UTF-8. */
async function readText(
  { real, shown }: Pick<WorkspacePath, "real" | "shown">,
  files: Files,
): Promise<{ text: string; note: string }> {
  try {
    const { text, encoding } = await files.readText(real);
    return { text, note: encoding === "utf-8" ? "" : `[${shown} is written in ${encoding}]\n` };
  } catch (error) {
    const flawed = isAppError(error) && error.code === "bad_request" ? await readFlawed(real) : undefined;
    if (!flawed) throw error;
    return { text: flawed.text, note: `[${shown} is mostly UTF-8, with a byte that is none in line ${flawed.line}]\n` };
  }
}
