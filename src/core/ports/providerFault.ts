import { AppError, isAppError } from "../../base/appError.ts";
import type { ErrorDetail } from "../../protocol/error.ts";

const OUTAGE: ErrorDetail = { path: "provider", message: "outage" };
const OVERFLOW: ErrorDetail = { path: "messages", message: "context_overflow" };

/** A provider that is overloaded, down or out of reach: another one may well answer. */
export function outage(message: string, extra: { cause?: unknown; retryAfterMs?: number } = {}): AppError {
  return new AppError("provider_error", message, { ...extra, details: [OUTAGE] });
}

/** A history that does not fit into the model's window. */
export function overflow(message: string, cause?: unknown): AppError {
  return new AppError("provider_error", message, { cause, details: [OVERFLOW] });
}

/** Whether another model may answer where this one's provider did not. What is wrong with the request or the key is not mended so. */
export function mayFallBack(error: unknown): error is AppError {
  return isAppError(error) && (error.code === "rate_limited" || error.code === "unavailable" || tells(error, OUTAGE));
}

export function isOverflow(error: unknown): error is AppError {
  return isAppError(error) && tells(error, OVERFLOW);
}

function tells(error: AppError, fact: ErrorDetail): boolean {
  return error.details?.some((detail) => detail.path === fact.path && detail.message === fact.message) ?? false;
}
