import type { ErrorCode } from "../../protocol/error.ts";

/** The HTTP status that tells each error. */
export const STATUS_OF: Record<ErrorCode, number> = {
  bad_request: 400,
  unauthorized: 401,
  budget_exhausted: 402,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  payload_too_large: 413,
  invalid_result: 422,
  unsupported_media_type: 415,
  rate_limited: 429,
  internal: 500,
  provider_error: 502,
  unavailable: 503,
  timed_out: 504,
};

/** When each is told, for the documentation. */
export const MEANING_OF: Record<ErrorCode, string> = {
  bad_request: "invalid JSON, wrong type, unknown field, bad cron expression, unknown model id or kind",
  unauthorized: "no token, or a wrong one",
  budget_exhausted:
    "a budget of the run, the session, the job or the day is used up or cannot be held (dollars, and no known price), or the run took `agent.maxSteps` steps",
  forbidden: "a foreign Host or Origin, or more than the token may do",
  not_found: "no such route, session, run, approval or job",
  method_not_allowed: "the route exists with the method that `Allow` names",
  conflict: "waits on itself, was cancelled by somebody else, or the idempotency key was used with another body",
  invalid_result:
    "the reply did not fit the `outputSchema` of its request, twice; `details` say why, `reply` is what was written",
  payload_too_large: "the body is over 1 MB (status 431: the headers are over 16 KB)",
  unsupported_media_type: "a body that is not JSON in UTF-8",
  rate_limited: "too many wrong tokens, or the provider's limit after retries; `Retry-After` says when to come back",
  internal: "a bug; the log has it under the answer's request id",
  provider_error: "the provider failed after retries; the message says which key to fix when it was a 401",
  unavailable: "disk full, shutting down, interrupted, no model set up",
  timed_out: "a run passed its time limit (status 408: the request came too slowly)",
};
