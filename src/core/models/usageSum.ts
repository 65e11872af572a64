import type { ModelPrice } from "../../protocol/model.ts";
import type { Usage } from "../../protocol/usage.ts";

export const NO_USAGE: Usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: 0 };

/** One unknown cost makes the sum unknown, unless there was nothing to pay for. */
export function addUsage(a: Usage, b: Usage): Usage {
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cacheReadTokens: a.cacheReadTokens + b.cacheReadTokens,
    cacheWriteTokens: a.cacheWriteTokens + b.cacheWriteTokens,
    costUsd: a.costUsd === null || b.costUsd === null ? null : a.costUsd + b.costUsd,
  };
}

export function totalTokens(usage: Usage): number {
  return usage.inputTokens + usage.outputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
}

/** US dollars of one request, or null when the price of a bucket that was used is not known. */
export function toCost(usage: Usage, known: ModelPrice | undefined): number | null {
  if (!known) return null;
  const promptTokens = usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
  const price = known.longPrompt && promptTokens > known.longPrompt.aboveTokens ? known.longPrompt : known;
  const parts: [number, number | undefined][] = [
    [usage.inputTokens, price.inputPerMTok],
    [usage.outputTokens, price.outputPerMTok],
    [usage.cacheReadTokens, price.cacheReadPerMTok],
    [usage.cacheWriteTokens, price.cacheWritePerMTok],
  ];
  let dollars = 0;
  for (const [tokens, perMTok] of parts) {
    if (tokens === 0) continue;
    if (perMTok === undefined) return null;
    dollars += (tokens * perMTok) / 1_000_000;
  }
  return dollars;
}
