import * as z from "zod";
import type { ErrorCode } from "../../protocol/error.ts";
import { STATUS_OF } from "./errorStatus.ts";

export const errorShape = z.strictObject({
  code: z.enum(Object.keys(STATUS_OF) as [ErrorCode, ...ErrorCode[]]),
  message: z.string(),
  details: z
    .array(
      z.strictObject({
        path: z.string().describe('Dotted path of the field; "" is the whole input.'),
        message: z.string(),
      }),
    )
    .optional(),
  retryAfterMs: z.number().min(0).optional(),
  requestId: z.string().optional(),
});

export const errorAnswerShape = z.strictObject({ error: errorShape });
