import type { ModelPrice } from "../../protocol/model.ts";

/** A documented price: US dollars per million tokens, five-minute cache writes, standard tier. */
interface PriceEntry {
  /** "provider/name". */
  model: string;
  /** First and last day it holds, UTC. */
  from?: string;
  until?: string;
  price: ModelPrice;
  source: string;
  /** Day the source was read. */
  read: string;
}

/** The documented price of a model of one of the known APIs on a day; undefined when there is none. */
export function priceOf(api: string, name: string, now = Date.now()): ModelPrice | undefined {
  const model = `${api}/${name}`;
  return PRICES.find((entry) => entry.model === model && holdsAt(entry, now))?.price;
}

function holdsAt({ from = "", until = "9999" }: PriceEntry, now: number): boolean {
  const day = new Date(now).toISOString().slice(0, 10);
  return from <= day && day <= until;
}

export const PRICES: PriceEntry[] = [
  {
    model: "anthropic/claude-opus-5-5",
    price: { inputPerMTok: 4, outputPerMTok: 20, cacheReadPerMTok: 0.2, cacheWritePerMTok: 5 },
    source: "https://platform.claude.com/docs/en/models/opus-5-5/overview",
    read: "2026-11-22",
  },
  {
    model: "anthropic/claude-sonnet-5-5",
    // Cache reads cost 0.20 until 2026-10-06.
    price: { inputPerMTok: 2, outputPerMTok: 10, cacheReadPerMTok: 0.1, cacheWritePerMTok: 2.5 },
    source: "https://platform.claude.com/docs/en/models/sonnet-5-5/overview",
    read: "2026-11-22",
  },
  {
    model: "anthropic/claude-haiku-5-5",
    price: {
      inputPerMTok: 0.1,
      outputPerMTok: 0.5,
      cacheReadPerMTok: 0.01,
      cacheWritePerMTok: 0.125,
      longPrompt: {
        aboveTokens: 100_000,
        inputPerMTok: 0.5,
        outputPerMTok: 2.5,
        cacheReadPerMTok: 0.05,
        cacheWritePerMTok: 0.625,
      },
    },
    source: "https://platform.claude.com/docs/en/models/haiku-5-5/overview",
    read: "2026-11-22",
  },
  {
    model: "openai/gpt-6.1-sol",
    price: {
      inputPerMTok: 2,
      outputPerMTok: 10,
      cacheReadPerMTok: 0.1,
      cacheWritePerMTok: 2.5,
      longPrompt: { aboveTokens: 272_000, inputPerMTok: 4, outputPerMTok: 15, cacheReadPerMTok: 0.2 },
    },
    source:
      "https://docs.litellm.ai/blog/gpt-6-1-terra and https://dev.to/antoine_laurentt/gpt-61-terra-vs-gpt-61-sol-4n8m, quoting OpenAI's price page",
    read: "2026-11-22",
  },
  {
    model: "openai/gpt-6.1-terra",
    price: {
      inputPerMTok: 1,
      outputPerMTok: 5,
      cacheReadPerMTok: 0.05,
      cacheWritePerMTok: 1.25,
      longPrompt: { aboveTokens: 272_000, inputPerMTok: 2, outputPerMTok: 7.5, cacheReadPerMTok: 0.1 },
    },
    source: "https://docs.litellm.ai/blog/gpt-6-1-terra, quoting OpenAI's price page",
    read: "2026-11-22",
  },
  {
    model: "openai/gpt-6-luna",
    price: {
      inputPerMTok: 0.1,
      outputPerMTok: 0.5,
      cacheReadPerMTok: 0.01,
      cacheWritePerMTok: 0.125,
      // "Rates double on input and cache above 272K input tokens, and output goes to 1.5x."
      longPrompt: {
        aboveTokens: 272_000,
        inputPerMTok: 0.2,
        outputPerMTok: 0.75,
        cacheReadPerMTok: 0.02,
        cacheWritePerMTok: 0.25,
      },
    },
    source:
      "https://github.com/BerriAI/litellm/discussions/42523 and https://github.com/merefield/codexometer/releases/tag/v0.18.4, quoting OpenAI's price page",
    read: "2026-11-22",
  },
  {
    model: "google/gemini-3.8-flash",
    until: "2026-12-31",
    price: { inputPerMTok: 0.75, outputPerMTok: 3.75, cacheReadPerMTok: 0.075 },
    source:
      "https://ai.google.dev/gemini-api/docs/pricing, as quoted in https://github.com/BerriAI/litellm/discussions/39357",
    read: "2026-11-22",
  },
  {
    model: "google/gemini-3.8-flash",
    from: "2027-01-01",
    // What a cache read will cost then is not documented, so a cached request has no known price.
    price: { inputPerMTok: 1.5, outputPerMTok: 7.5 },
    source: "https://github.com/BerriAI/litellm/discussions/39357",
    read: "2026-11-22",
  },
];
