import type { Usage } from "../../protocol/usage.ts";

/** The fields of a provider's own counts, whatever it put into them. */
export interface Told {
  /** Prompt tokens, those of the cache among them. */
  prompt?: unknown;
  output?: unknown;
  cacheRead?: unknown;
  cacheWrite?: unknown;
  /** Generated tokens that are part of `output`, or where `total` has room for both, beside it. */
  reasoning?: unknown;
  total?: unknown;
}

/** What a provider told, as counts that do not overlap. Null when it told nothing, or nothing but zeros. */
export function toldUsage({ prompt, output, cacheRead, cacheWrite, reasoning, total }: Told): Usage | null {
  const asked = toCount(prompt) ?? 0;
  const answered = toCount(output) ?? 0;
  const thought = toCount(reasoning) ?? 0;
  const isBeside = (toCount(total) ?? 0) >= asked + answered + thought;
  const cacheReadTokens = toCount(cacheRead) ?? 0;
  const cacheWriteTokens = toCount(cacheWrite) ?? 0;
  const usage: Usage = {
    inputTokens: Math.max(0, asked - cacheReadTokens - cacheWriteTokens),
    outputTokens: isBeside ? answered + thought : answered,
    cacheReadTokens,
    cacheWriteTokens,
    costUsd: null,
  };
  return usage.inputTokens + usage.outputTokens + cacheReadTokens + cacheWriteTokens > 0 ? usage : null;
}

// A hundred times the largest window: more is a number gone wrong, at which budgets and the store would be too.
const MOST_TOKENS = 1_000_000_000;

/** A whole number of tokens, not below zero; some servers tell them as texts or fractions. Undefined for anything else, or more than there can be. */
export function toCount(told: unknown): number | undefined {
  const count = typeof told === "string" && told.trim() !== "" ? Number(told) : told;
  return typeof count === "number" && count >= 0 && count <= MOST_TOKENS ? Math.ceil(count) : undefined;
}
