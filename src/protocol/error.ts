/** Every code an answer may carry. docs/api.md says when; `gateway/status.ts` maps each to an HTTP status. */
export type ErrorCode =
  | "bad_request"
  | "unauthorized"
  | "forbidden"
  | "not_found"
  | "method_not_allowed"
  | "conflict"
  | "payload_too_large"
  | "unsupported_media_type"
  | "rate_limited"
  | "internal"
  | "provider_error"
  | "unavailable"
  | "timed_out"
  | "budget_exhausted";

export interface ErrorDetail {
  /** Dotted path of the offending field, "" for the whole input. */
  path: string;
  message: string;
}

/** What a client sees of an error: never a stack, a file path or a secret. */
export interface ErrorBody {
  code: ErrorCode;
  message: string;
  details?: ErrorDetail[];
  retryAfterMs?: number;
  /** Names the log line of an `internal` error. */
  requestId?: string;
}
