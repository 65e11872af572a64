/** A model a provider offers. `id` is always "provider/name", as in "anthropic/claude-sonnet-5-5". */
export interface ModelInfo {
  id: string;
  provider: string;
  name: string;
  /** Tokens that fit into one request, prompt and answer together. */
  windowTokens?: number;
  maxOutputTokens?: number;
  images?: boolean;
  thinking?: boolean;
  /** US dollars per million tokens; absent when no documented price is known. */
  price?: ModelPrice;
  /** Whether a request could be made now: a key is set, a server answers. */
  ready: boolean;
  /** Why not, in a sentence that says what to do. */
  reason?: string;
}

/** US dollars per million tokens of each bucket of Usage. */
export interface ModelPrice {
  inputPerMTok: number;
  outputPerMTok: number;
  cacheReadPerMTok?: number;
  cacheWritePerMTok?: number;
  /** What every token of a request costs whose prompt, cached parts included, is longer than this. */
  longPrompt?: { aboveTokens: number } & Omit<ModelPrice, "longPrompt">;
}
