import { AppError } from "../../base/appError.ts";
import type { CodeKnowledge } from "../../core/ports/codeKnowledge.ts";
import type { ToolContext } from "../../core/ports/tool.ts";

/** Whom to ask about the code of the session's folder; not_found where no editor of this process has it open. */
export function needCode({ code, workspace }: Pick<ToolContext, "code" | "workspace">): CodeKnowledge {
  if (code) return code;
  throw new AppError(
    "not_found",
    `No editor has ${workspace} open here, and only its language servers know this. Use grep and read; with the folder open in VS Code, what is sent to a session of it runs there.`,
  );
}
