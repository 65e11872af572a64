import { defined } from "./defined.ts";
import type { ErrorBody, ErrorCode, ErrorDetail } from "../protocol/error.ts";

/** An error the caller is meant to see: a code, and a sentence with the value in it. Anything else is a bug. */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: ErrorCode;
  readonly details?: ErrorDetail[];
  readonly retryAfterMs?: number;
  /** What a model wrote that is not what was asked for. */
  readonly reply?: string;
  /** A part of the message that comes from outside, as a page or a server: for a model it is marked. */
  readonly outside?: string;

  constructor(
    code: ErrorCode,
    message: string,
    extra: { details?: ErrorDetail[]; retryAfterMs?: number; reply?: string; outside?: string; cause?: unknown } = {},
  ) {
    super(message, { cause: extra.cause });
    this.code = code;
    if (extra.details) this.details = extra.details;
    if (extra.retryAfterMs !== undefined) this.retryAfterMs = extra.retryAfterMs;
    if (extra.reply !== undefined) this.reply = extra.reply;
    if (extra.outside !== undefined) this.outside = extra.outside;
  }
}

// By name, not by class: the editor's bundle and the gateway's each hold a class of their own.
export function isAppError(error: unknown): error is AppError {
  return error instanceof Error && error.name === "AppError" && "code" in error;
}

const PASSING = new Set<ErrorCode>(["rate_limited", "internal", "provider_error", "unavailable", "timed_out"]);

/** Whether the same call would fail in the same way once more. */
export function isLasting({ code }: Pick<ErrorBody, "code">): boolean {
  return !PASSING.has(code);
}

/** What may leave the process. A bug becomes `internal` with no more than the request id that finds it in the log. */
export function toErrorBody(error: unknown, requestId?: string): ErrorBody {
  if (!isAppError(error)) {
    return {
      code: "internal",
      message: "Something went wrong inside Pincer; the log has the details.",
      ...defined({ requestId }),
    };
  }
  return {
    code: error.code,
    message: error.message,
    ...defined({ details: error.details, retryAfterMs: error.retryAfterMs, reply: error.reply }),
  };
}

/** The error a received body stands for, so that callers of a remote gateway catch what local ones do. */
export function fromErrorBody(body: ErrorBody): AppError {
  return new AppError(body.code, body.message, body);
}
