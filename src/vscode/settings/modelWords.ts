import type { ModelInfo, ModelPrice } from "../../protocol/model.ts";

/** What a model offers and costs: "200k tokens, thinking, images · $3 in, $15 out per million tokens". */
export function modelWords({ windowTokens, thinking, images, price, provider, at }: ModelInfo): string {
  const offers = [
    ...(windowTokens === undefined ? [] : [`${toCount(windowTokens)} tokens`]),
    ...(thinking ? ["thinking"] : []),
    ...(images ? ["images"] : []),
  ].join(", ");
  // The demo is no model, and the editor's models are paid for by a plan.
  const isFree = provider === "offline";
  const cost = price ? priceWords(price) : isFree ? "" : "price unknown";
  const place = at === undefined ? "" : `only in ${at}`;
  return [offers, cost, place].filter(Boolean).join(" · ");
}

function priceWords({ inputPerMTok, outputPerMTok, cacheReadPerMTok, longPrompt }: ModelPrice): string {
  if (inputPerMTok === 0 && outputPerMTok === 0) return "free";
  const cached = cacheReadPerMTok === undefined ? "" : `, ${toDollars(cacheReadPerMTok)} cached`;
  const long = longPrompt ? `, more above ${toCount(longPrompt.aboveTokens)}` : "";
  return `${toDollars(inputPerMTok)} in, ${toDollars(outputPerMTok)} out${cached} per million tokens${long}`;
}

function toDollars(amount: number): string {
  return `$${Number(amount.toFixed(4))}`;
}

function toCount(tokens: number): string {
  if (tokens >= 1_000_000) return `${Number((tokens / 1_000_000).toFixed(2))}M`;
  return tokens >= 1000 ? `${Math.round(tokens / 1000)}k` : String(tokens);
}
