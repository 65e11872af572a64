import { AppError, isAppError } from "../../base/appError.ts";
import { visible, visibleLine } from "../../base/text/visible.ts";
import type { Prepared, ToolContext } from "../../core/ports/tool.ts";
import { deniedReason } from "./closedReason.ts";
import { secretReason } from "../../rules/secretReason.ts";
import type { WorkspacePath } from "./workspacePath.ts";

/** Why a change of a file that is not to be read cannot be planned. It tells of the file's text, as what can be planned does not. */
export class Untold extends Error {
  readonly path: WorkspacePath;
  readonly reason: string;
  readonly fault: Error;

  constructor(path: WorkspacePath, reason: string, fault: Error) {
    super(`${path.shown} may not be told of`);
    this.path = path;
    this.reason = reason;
    this.fault = fault;
  }
}

/**
 * What `plan` finds in the text of a file; rejects with `Untold` where a rule denies the text to be read, and where why it
 * fails would tell of a secret.
 */
export async function plannedFrom<T>(
  context: Pick<ToolContext, "workspace" | "commands">,
  { path, text }: { path: WorkspacePath; text: string | null },
  plan: () => Promise<T>,
): Promise<T> {
  const denied = text === null ? undefined : deniedReason(context, path.real);
  if (denied !== undefined) throw new Untold(path, denied, new AppError("forbidden", denied));
  try {
    return await plan();
  } catch (error) {
    const reason = isAppError(error) ? await secretReason(context.workspace, path.real) : undefined;
    throw reason === undefined ? error : new Untold(path, reason, error as Error);
  }
}

/**
 * The plan, or a call that is asked about in the same words as one that could be planned, and fails when it was allowed: what
 * may not be read cannot be guessed piece by piece either. `words` says what is done: "change .env".
 */
export async function plannedOrAsked(plan: () => Promise<Prepared>, words: () => Promise<string>): Promise<Prepared> {
  try {
    return await plan();
  } catch (error) {
    if (!(error instanceof Untold)) throw error;
    const { path, reason, fault } = error;
    const summary = await words();
    return {
      ask: {
        summary: visibleLine(summary),
        subject: {
          type: "other",
          text: `${visible(summary)}\nIt cannot be done; why not tells of what is in ${visible(path.shown)}.`,
        },
        reason: `protected path: ${reason}`,
        safe: false,
        protected: true,
        effects: [{ kind: "read", place: path.real }],
      },
      touches: [],
      run: () => Promise.reject(fault),
    };
  }
}
