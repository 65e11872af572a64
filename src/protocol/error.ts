import * as z from "zod";

/** Every code an answer may carry. docs/api.md says when; `gateway/calls/errorStatus.ts` maps each to an HTTP status. */
export const errorCodeShape = z.enum([
  "bad_request",
  "unauthorized",
  "budget_exhausted",
  "forbidden",
  "not_found",
  "method_not_allowed",
  "conflict",
  "invalid_result",
  "payload_too_large",
  "unsupported_media_type",
  "rate_limited",
  "internal",
  "provider_error",
  "unavailable",
  "timed_out",
]);

export type ErrorCode = z.output<typeof errorCodeShape>;

const detailShape = z.strictObject({
  path: z.string().describe('Dotted path of the field; "" is the whole input.'),
  message: z.string(),
});

export type ErrorDetail = z.output<typeof detailShape>;

/** What a client sees of an error: never a stack, a file path or a secret. */
export const errorShape = z.strictObject({
  code: errorCodeShape,
  message: z.string(),
  details: z.array(detailShape).optional(),
  retryAfterMs: z.number().min(0).optional(),
  reply: z.string().optional().describe("Of `invalid_result`: what was written in place of it."),
  requestId: z.string().optional().describe("Names the log line of an `internal` error."),
});

export type ErrorBody = z.output<typeof errorShape>;

export const errorAnswerShape = z.strictObject({ error: errorShape });
