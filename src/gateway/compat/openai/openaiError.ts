import type { ErrorBody } from "../../../protocol/error.ts";

const TYPES: Record<number, string> = {
  401: "authentication_error",
  402: "insufficient_quota",
  403: "permission_error",
  404: "not_found_error",
  429: "rate_limit_error",
};

/** An error in the shape that OpenAI's clients read, with our own fields in it. */
export function toOpenaiError(error: ErrorBody, status: number): { error: Record<string, unknown> } {
  const type = TYPES[status] ?? (status >= 500 ? "server_error" : "invalid_request_error");
  return { error: { ...error, type, param: error.details?.[0]?.path ?? null } };
}
