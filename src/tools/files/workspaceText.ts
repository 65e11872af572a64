import { isAppError } from "../../base/appError.ts";
import type { FileText } from "../../core/ports/files.ts";
import type { ToolContext } from "../../core/ports/tool.ts";
import { toWorkspacePath, type WorkspacePath } from "./workspacePath.ts";

export interface FoundText extends Partial<FileText> {
  path: WorkspacePath;
  text: string;
}

/** A text file of the workspace as its user sees it; `text` is null when there is none. */
export async function readWorkspaceText(
  context: ToolContext,
  path: string,
): Promise<Omit<FoundText, "text"> & { text: string | null }> {
  const found = await toWorkspacePath(context.workspace, path);
  try {
    return { path: found, ...(await context.files.readText(found.real)) };
  } catch (error) {
    if (isAppError(error) && error.code === "not_found") return { path: found, text: null };
    throw error;
  }
}
