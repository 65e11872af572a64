import { type AppError, isLasting } from "../../../base/appError.ts";
import type { ErrorBody } from "../../../protocol/error.ts";
import { nameTable } from "../../../base/nameTable.ts";

/** What OpenClaw's tools come to: the details, and the same as text. */
export interface ToolResult {
  content: { type: "text"; text: string }[];
  details: unknown;
}

export function toResult(details: object, text = JSON.stringify(details, null, 2)): ToolResult {
  return { content: [{ type: "text", text }], details };
}

/** An error of a tool, with the status and the words that OpenClaw has for it. */
export class ToolFailure extends Error {
  readonly status: number;
  readonly type: string;

  constructor(status: number, type: string, message: string) {
    super(message);
    this.status = status;
    this.type = type;
  }
}

/** A result that tells of a failure which the next try may not meet: it is no answer to keep for a key. */
export class PassingResult extends Error {
  readonly result: ToolResult;

  constructor(result: ToolResult) {
    super("A failure that may pass");
    this.result = result;
  }
}

/** A failure of the business is an answer here, as it is with OpenClaw. */
export function toFailure(error: AppError, result: ToolResult): ToolResult {
  if (isLasting(error)) return result;
  throw new PassingResult(result);
}

/** The text of an argument; "NAME required" when there is none. */
export function requireText(args: Record<string, unknown>, name: string): string {
  const value = args[name];
  if (typeof value !== "string" || value.trim() === "") throw new ToolFailure(400, "tool_error", `${name} required`);
  return value;
}

/** "agent:main:KEY" is how OpenClaw writes "KEY". */
export function toSessionKey(given: string): string {
  return given.replace(/^agent:main:(?=.)/, "");
}

const TYPES = nameTable<string>({ bad_request: "invalid_request", not_found: "not_found" });

/** Any error in the shape of POST /tools/invoke, with our own fields in it. */
export function toToolError(error: ErrorBody): { ok: false; error: Record<string, unknown> } {
  return { ok: false, error: { ...error, type: TYPES[error.code] ?? error.code } };
}
