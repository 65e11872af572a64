import type { Texts } from "../../base/text/texts.ts";
import type { ModelInfo, ModelPrice } from "../../protocol/model.ts";

/** What a model offers and costs: "200K tokens, thinking, images · $3 in, $15 out per million tokens". */
export function modelWords(model: ModelInfo, texts: Texts): string {
  const { windowTokens, thinking, images, price, provider, at } = model;
  const { t } = texts;
  const offers = [
    ...(windowTokens === undefined ? [] : [t("{0} tokens", toCount(windowTokens, texts))]),
    ...(thinking ? [t("thinking")] : []),
    ...(images ? [t("images")] : []),
  ].join(", ");
  // The demo is no model, and the editor's models are paid for by a plan.
  const isFree = provider === "offline";
  const cost = price ? priceWords(price, texts) : isFree ? "" : t("price unknown");
  const place = at === undefined ? "" : t("only in {0}", at);
  return [offers, cost, place].filter(Boolean).join(" · ");
}

function priceWords({ inputPerMTok, outputPerMTok, cacheReadPerMTok, longPrompt }: ModelPrice, texts: Texts): string {
  const { t } = texts;
  if (inputPerMTok === 0 && outputPerMTok === 0) return t("free");
  const dollars = new Intl.NumberFormat(texts.language, {
    style: "currency",
    currency: "USD",
    currencyDisplay: "narrowSymbol",
    minimumFractionDigits: 0,
    maximumFractionDigits: 4,
  });
  const [input, output] = [dollars.format(inputPerMTok), dollars.format(outputPerMTok)];
  const words =
    cacheReadPerMTok === undefined
      ? t("{0} in, {1} out per million tokens", input, output)
      : t("{0} in, {1} out, {2} cached per million tokens", input, output, dollars.format(cacheReadPerMTok));
  return longPrompt ? `${words}, ${t("more above {0}", toCount(longPrompt.aboveTokens, texts))}` : words;
}

function toCount(tokens: number, { language }: Texts): string {
  return new Intl.NumberFormat(language, { notation: "compact", maximumSignificantDigits: 3 }).format(tokens);
}
