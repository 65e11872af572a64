import type { ErrorBody } from "../../src/protocol/error.ts";

/** What kind of failure ended a run: each asks for something else. */
export type FailureKind = "key" | "rate" | "outage" | "connection" | "budget" | "model" | "other";

/** Told by the code where there is one for it, else by the words that providers' errors are put into. */
export function toFailureKind({ code, message }: Pick<ErrorBody, "code" | "message">): FailureKind {
  if (code === "budget_exhausted") return "budget";
  if (code === "rate_limited") return "rate";
  if (/\bAPI key\b/i.test(message)) return "key";
  if (
    /cannot be found at|Nothing answers at|did not answer in time|connection to .+ broke off|certificate of/i.test(
      message,
    )
  )
    return "connection";
  if (/ failed \(5\d\d|broke off its answer/.test(message)) return "outage";
  const isAboutModel = code === "bad_request" || code === "unavailable" || code === "not_found";
  return isAboutModel && /\bmodel\b/i.test(message) ? "model" : "other";
}

/** Milliseconds until the provider takes requests again; 0 when it does already, or nobody said. */
export function waitLeft(retryAfterMs: number | undefined, finishedAt: string | undefined, now: number): number {
  if (retryAfterMs === undefined || finishedAt === undefined) return 0;
  return Math.max(0, Date.parse(finishedAt) + retryAfterMs - now);
}
