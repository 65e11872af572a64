import * as z from "zod";

const count = z.int().min(0);

/** Tokens of one or more model requests. The four counts never overlap; their sum is everything processed. */
export const usageShape = z.strictObject({
  inputTokens: count.describe("Prompt tokens that were neither read from nor written to a cache."),
  outputTokens: count.describe("Generated tokens, thinking included."),
  cacheReadTokens: count,
  cacheWriteTokens: count,
  costUsd: z.number().min(0).nullable().describe("US dollars; null when a part has no known price. Never a guess."),
});

export type Usage = z.output<typeof usageShape>;

/** These counts of it, whatever else it holds. */
export function toUsage(usage: Usage): Usage {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, costUsd } = usage;
  return { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, costUsd };
}
