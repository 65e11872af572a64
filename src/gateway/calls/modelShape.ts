import * as z from "zod";
import type { ModelInfo } from "../../protocol/model.ts";

const priceFields = {
  inputPerMTok: z.number(),
  outputPerMTok: z.number(),
  cacheReadPerMTok: z.number().optional(),
  cacheWritePerMTok: z.number().optional(),
};

export const modelShape = z.strictObject({
  id: z.string().describe('"provider/name".'),
  provider: z.string(),
  name: z.string(),
  windowTokens: z.number().optional(),
  maxOutputTokens: z.number().optional(),
  images: z.boolean().optional(),
  thinking: z.boolean().optional(),
  price: z
    .strictObject({
      ...priceFields,
      longPrompt: z
        .strictObject({ aboveTokens: z.number(), ...priceFields })
        .optional()
        .describe("What every token of a request costs whose prompt is longer."),
    })
    .optional()
    .describe("US dollars per million tokens; absent when none is documented."),
  ready: z.boolean(),
  reason: z.string().optional().describe("Why it is not ready."),
}) satisfies z.ZodType<ModelInfo>;

export const modelId = z.string().min(1).max(200).describe('"provider/name", or a known name.');
