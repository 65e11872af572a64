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
  at: z.string().optional().describe("The window that alone can ask it, where that is not the one that leads."),
  reason: z
    .string()
    .optional()
    .describe("Why it is not ready, in a sentence that says what to do; or what of one that is ready is not known."),
});

/** Where a provider's key comes from. The first place that has one wins, in this order. */
const keySource = z.strictObject({
  from: z
    .enum(["openclaw.yml", "stored", "environment"])
    .describe("`stored`: the editor's secret storage, or secrets.json."),
  name: z.string().optional().describe("The environment variable."),
});

export type KeySource = z.output<typeof keySource>;

/** A model API as it is set up. */
export const providerShape = z.strictObject({
  id: z.string().describe('As in "anthropic".'),
  key: keySource
    .nullable()
    .describe("Where its key comes from; null when there is none. The key itself is never told."),
});

export type ProviderInfo = z.output<typeof providerShape>;

export type ModelInfo = z.output<typeof modelShape>;

export const modelId = z.string().min(1).max(200).describe('"provider/name", or a known name.');
