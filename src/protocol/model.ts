import * as z from "zod";

/** US dollars per million tokens of each bucket of Usage. */
const priceFields = {
  inputPerMTok: z.number(),
  outputPerMTok: z.number(),
  cacheReadPerMTok: z.number().optional(),
  cacheWritePerMTok: z.number().optional(),
};

const priceShape = z.strictObject({
  ...priceFields,
  longPrompt: z
    .strictObject({ aboveTokens: z.number(), ...priceFields })
    .optional()
    .describe("What every token of a request costs whose prompt, cached parts included, is longer."),
});

export type ModelPrice = z.output<typeof priceShape>;

/** A model a provider offers. */
export const modelShape = z.strictObject({
  id: z.string().describe('"provider/name", as in "anthropic/claude-sonnet-5-5".'),
  provider: z.string(),
  name: z.string(),
  windowTokens: z.number().optional().describe("Tokens that fit into one request, prompt and answer together."),
  maxOutputTokens: z.number().optional(),
  images: z.boolean().optional(),
  thinking: z.boolean().optional(),
  price: priceShape.optional().describe("US dollars per million tokens; absent when none is documented."),
  ready: z.boolean().describe("Whether a request could be made now: a key is set, a server answers."),
  reason: z.string().optional().describe("Why it is not ready, in a sentence that says what to do."),
});

export type ModelInfo = z.output<typeof modelShape>;

export const modelId = z.string().min(1).max(200).describe('"provider/name", or a known name.');
