import { readdir } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { isFolderAt } from "../../base/files/entryAt.ts";
import { followPath } from "../../base/files/realPath.ts";
import { AppError } from "../../base/appError.ts";
import { defineTool } from "../../core/ports/tool.ts";
import { toAppError } from "../../base/files/realFile.ts";
import { shownName } from "../files/shownName.ts";
import { toWorkspacePath } from "../files/workspacePath.ts";
import { SKIPPED_FOLDERS } from "./walk.ts";

const MAX_ENTRIES = 500;

export const list = defineTool({
  name: "list",
  description: "List a folder.",
  input: z.object({ path: z.string().optional(), depth: z.int().min(1).max(5).optional() }),
  effect: "read",
  needsWorkspace: true,

  async run({ path = ".", depth = 1 }, context) {
    const folder = await toWorkspacePath(context.workspace, path);
    if (!folder.exists) throw new AppError("not_found", `${folder.shown} does not exist`);
    if (isFolderAt(folder.real) === false) throw new AppError("bad_request", `${folder.shown} is a file; use read`);
    const lines = await listFolder(folder.real, depth, "", context.signal);
    if (lines.length === 0) return { text: `(${folder.shown} is empty)` };
    const more =
      lines.length > MAX_ENTRIES
        ? `\n[${MAX_ENTRIES} of ${lines.length} entries; list a folder in it, or use find]`
        : "";
    return { text: lines.slice(0, MAX_ENTRIES).join("\n") + more };
  },
});

async function listFolder(real: string, depth: number, indent: string, signal: AbortSignal): Promise<string[]> {
  signal.throwIfAborted();
  const entries = await readdir(real, { withFileTypes: true }).catch((error: unknown) => {
    if (indent === "") throw toAppError(error, real);
    return undefined;
  });
  if (!entries) return [`${indent}[it could not be read]`];
  entries.sort((a, b) => Number(b.isDirectory()) - Number(a.isDirectory()) || (a.name < b.name ? -1 : 1));
  const lines: string[] = [];
  for (const entry of entries) {
    const mark = entry.isDirectory() ? "/" : entry.isSymbolicLink() ? "@" : "";
    const isSkipped = entry.isDirectory() && depth > 1 && SKIPPED_FOLDERS.has(entry.name);
    lines.push(`${indent}${shownName(entry.name)}${mark}${isSkipped ? " [not entered]" : ""}`);
    const below = join(real, entry.name);
    // A folder swapped for a link by now is not entered.
    const isEntered = entry.isDirectory() && depth > 1 && !isSkipped && lines.length <= MAX_ENTRIES;
    if (isEntered && (await followPath(below).catch(() => "")) === below) {
      lines.push(...(await listFolder(below, depth - 1, `${indent}  `, signal)));
    }
  }
  return lines;
}
