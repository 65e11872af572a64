import type { ErrorBody, ErrorCode } from "../../../protocol/error.ts";

const TYPES: Partial<Record<ErrorCode, string>> = {
  unauthorized: "authentication_error",
  budget_exhausted: "insufficient_quota",
  forbidden: "permission_error",
  not_found: "not_found_error",
  rate_limited: "rate_limit_error",
  internal: "server_error",
  invalid_result: "server_error",
  provider_error: "server_error",
  unavailable: "server_error",
  timed_out: "server_error",
};

/** An error in the shape that OpenAI's clients read, with our own fields in it. */
export function toOpenaiError(error: ErrorBody): { error: Record<string, unknown> } {
  const type = TYPES[error.code] ?? "invalid_request_error";
  // What is wrong with a reply is no field of the request.
  const param = error.code === "invalid_result" ? null : (error.details?.[0]?.path ?? null);
  return { error: { ...error, type, param } };
}
