import { defined } from "../../base/defined.ts";
import type { ModelPrice } from "../../protocol/model.ts";
import type { Usage } from "../../protocol/usage.ts";

export const NO_USAGE: Usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: 0 };

export function totalTokens(usage: Usage): number {
  return usage.inputTokens + usage.outputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
}

/** US dollars of one request, or null when the model has no known price. */
export function toCost(usage: Usage, known: ModelPrice | undefined): number | null {
  return priceUsage(usage, known).costUsd;
}

/**
 * The usage with its cost. A bucket without a price of its own costs what input does at the least, and the whole is marked
 * as estimated: a cost that is unknown would be held to no budget.
 */
export function priceUsage(usage: Usage, known: ModelPrice | undefined): Usage {
  if (!known) return { ...usage, costUsd: null };
  const promptTokens = usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
  const price = known.longPrompt && promptTokens > known.longPrompt.aboveTokens ? known.longPrompt : known;
  const parts: [number, number | undefined, number | undefined][] = [
    [usage.inputTokens, price.inputPerMTok, undefined],
    [usage.outputTokens, price.outputPerMTok, undefined],
    [usage.cacheReadTokens, price.cacheReadPerMTok, known.cacheReadPerMTok],
    [usage.cacheWriteTokens, price.cacheWritePerMTok, known.cacheWritePerMTok],
  ];
  let costUsd = 0;
  let estimated = usage.estimated ?? false;
  for (const [tokens, own, shorter] of parts) {
    if (tokens === 0) continue;
    if (own === undefined) estimated = true;
    costUsd += (tokens * (own ?? Math.max(price.inputPerMTok, shorter ?? 0))) / 1_000_000;
  }
  return { ...usage, costUsd, ...defined({ estimated: estimated || undefined }) };
}
