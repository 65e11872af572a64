/** A sentence with places, as `{0}`, in English and in another language. */
export type SentencePair = readonly [english: string, said: string];

/**
 * A text in the other language, where it is one of the sentences with something in its places; else as it is. What stands in
 * a place is kept word for word, but in the first one of a sentence that begins with it, which may be a sentence itself.
 */
export function saidAgain(pairs: readonly SentencePair[], text: string): string {
  let best: { pair: SentencePair; values: string[]; fixed: number } | undefined;
  for (const pair of pairs) {
    const values = valuesIn(pair[0], text);
    const fixed = text.length - (values?.join("").length ?? 0);
    // What fixes the most words of the text says it most exactly.
    if (values && fixed > (best?.fixed ?? 0)) best = { pair, values, fixed };
  }
  if (!best) return text;
  const { pair, values } = best;
  const [first = "", ...others] = values;
  const filled = [pair[0].startsWith("{0}") ? saidAgain(pairs, first) : first, ...others];
  return pair[1].replaceAll(/\{(\d)\}/g, (place, index: string) => filled[Number(index)] ?? place);
}

/** What stands in a sentence's places, in their order in English; undefined where the text is another one. */
function valuesIn(english: string, text: string): string[] | undefined {
  const fixed = english.split(/\{\d\}/);
  const last = fixed.pop()!;
  if (fixed.length === 0) return text === last ? [] : undefined;
  if (!text.startsWith(fixed[0]!) || !text.endsWith(last)) return undefined;
  const end = text.length - last.length;
  const values: string[] = [];
  let at = fixed[0]!.length;
  for (const part of fixed.slice(1)) {
    const next = text.indexOf(part, at);
    if (next === -1 || next + part.length > end) return undefined;
    values.push(text.slice(at, next));
    at = next + part.length;
  }
  return at > end ? undefined : [...values, text.slice(at, end)];
}
