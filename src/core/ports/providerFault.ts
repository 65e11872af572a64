import { AppError, isAppError } from "../../base/appError.ts";
import type { ErrorDetail } from "../../protocol/error.ts";

const OUTAGE: ErrorDetail = { path: "provider", message: "outage" };
const OVERFLOW: ErrorDetail = { path: "messages", message: "context_overflow" };
const REFUSED: ErrorDetail = { path: "messages", message: "refused" };
const WINDOW = "windowTokens";

/** A provider that is overloaded, down or out of reach: another one may well answer. */
export function outage(message: string, extra: { cause?: unknown; retryAfterMs?: number } = {}): AppError {
  return new AppError("provider_error", message, { ...extra, details: [OUTAGE] });
}

/** A history that does not fit into the model's window, of `limitTokens` where the provider names it. */
export function overflow(message: string, cause?: unknown, limitTokens?: number): AppError {
  const limit = limitTokens === undefined ? [] : [{ path: WINDOW, message: String(limitTokens) }];
  return new AppError("provider_error", message, { cause, details: [OVERFLOW, ...limit] });
}

/** A request that its provider refuses for what is in it: neither the key, the model nor the length is at fault. */
export function refusal(message: string, cause?: unknown): AppError {
  return new AppError("provider_error", message, { cause, details: [REFUSED] });
}

/** Whether another model may answer where this one's provider did not. What is wrong with the request or the key is not mended so. */
export function mayFallBack(error: unknown): error is AppError {
  return isAppError(error) && (error.code === "rate_limited" || error.code === "unavailable" || tells(error, OUTAGE));
}

export function isOutage(error: unknown): error is AppError {
  return isAppError(error) && tells(error, OUTAGE);
}

export function isOverflow(error: unknown): error is AppError {
  return isAppError(error) && tells(error, OVERFLOW);
}

/** The window that the provider of an overflow has named, in tokens. */
export function namedWindow(error: unknown): number | undefined {
  const named = isAppError(error) ? error.details?.find(({ path }) => path === WINDOW) : undefined;
  return named && Number(named.message);
}

export function isRefusal(error: unknown): error is AppError {
  return isAppError(error) && tells(error, REFUSED);
}

function tells(error: AppError, fact: ErrorDetail): boolean {
  return error.details?.some((detail) => detail.path === fact.path && detail.message === fact.message) ?? false;
}
