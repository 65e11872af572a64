/** Tokens of one or more model requests. The four counts never overlap; their sum is everything processed. */
export interface Usage {
  /** Prompt tokens that were neither read from nor written to a cache. */
  inputTokens: number;
  /** Generated tokens, thinking included. */
  outputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  /** US dollars; null when any part has no known price. Never a guess. */
  costUsd: number | null;
}
