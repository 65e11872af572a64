import * as z from "zod";

const count = z.int().min(0);

/** Tokens of one or more model requests. The four counts never overlap; their sum is everything processed. */
export const usageShape = z.strictObject({
  inputTokens: count.describe("Prompt tokens that were neither read from nor written to a cache."),
  outputTokens: count.describe("Generated tokens, thinking included."),
  cacheReadTokens: count,
  cacheWriteTokens: count,
  costUsd: z
    .number()
    .min(0)
    .nullable()
    .describe("US dollars; null when a part has no known price, or the provider did not tell what was used."),
  knownUsd: z
    .number()
    .min(0)
    .optional()
    .describe("Where `costUsd` is null: US dollars of the parts whose cost is known. Absent where none is."),
  estimated: z
    .boolean()
    .optional()
    .describe("Some of it is estimated: tokens the provider did not tell, or a part without a known price of its own."),
});

export type Usage = z.output<typeof usageShape>;

/** These counts of it, whatever else it holds. */
export function toUsage(usage: Usage): Usage {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, costUsd, knownUsd, estimated } = usage;
  return {
    ...{ inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, costUsd },
    ...(knownUsd === undefined ? {} : { knownUsd }),
    ...(estimated ? { estimated } : {}),
  };
}

/** One unknown cost makes the sum unknown, unless there was nothing to pay for; what is known of it is kept beside that. */
export function addUsage(a: Usage, b: Usage): Usage {
  const isUnknown = a.costUsd === null || b.costUsd === null;
  const knownUsd = (a.costUsd ?? a.knownUsd ?? 0) + (b.costUsd ?? b.knownUsd ?? 0);
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cacheReadTokens: a.cacheReadTokens + b.cacheReadTokens,
    cacheWriteTokens: a.cacheWriteTokens + b.cacheWriteTokens,
    costUsd: isUnknown ? null : knownUsd,
    ...(isUnknown && knownUsd > 0 ? { knownUsd } : {}),
    ...(a.estimated || b.estimated ? { estimated: true } : {}),
  };
}
