import type { Usage } from "../../protocol/usage.ts";

/** Tokens of two requests that count as one; null when one of them was not told. Costs are the core's to know. */
export function sumUsage(a: Usage | null, b: Usage | null): Usage | null {
  if (!a || !b) return null;
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cacheReadTokens: a.cacheReadTokens + b.cacheReadTokens,
    cacheWriteTokens: a.cacheWriteTokens + b.cacheWriteTokens,
    costUsd: null,
  };
}
