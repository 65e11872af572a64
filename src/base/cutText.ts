// Lengths are counted in UTF-16 units, as everywhere in JavaScript; a cut never leaves half of a pair behind, because half
// a letter makes every later request that carries it fail.

/** The beginning of a text, at most `max` units long. */
export function headOf(text: string, max: number): string {
  if (text.length <= max) return text;
  return text.slice(0, Math.max(0, splitsPair(text, max) ? max - 1 : max));
}

/** The end of a text, at most `max` units long. */
export function tailOf(text: string, max: number): string {
  if (text.length <= max) return text;
  const from = text.length - Math.max(0, max);
  return text.slice(splitsPair(text, from) ? from + 1 : from);
}

/** What lies between two places of a text, moved inward where they would split a letter. */
export function partOf(text: string, from: number, to: number): string {
  return text.slice(splitsPair(text, from) ? from + 1 : from, splitsPair(text, to) ? to - 1 : to);
}

/** A text of at most `max` units, followed by `mark` where something was cut off. */
export function cutText(text: string, max: number, mark = "…"): string {
  return text.length <= max ? text : headOf(text, max - mark.length) + mark;
}

/** A text of about `max` units: its beginning and its end, and between them how much is left out. */
export function cutMiddle(text: string, max: number): string {
  if (text.length <= max) return text;
  const head = Math.floor(max * 0.7);
  return `${headOf(text, head)}\n[${text.length - max} characters are left out here]\n${tailOf(text, max - head)}`;
}

function splitsPair(text: string, at: number): boolean {
  if (at <= 0 || at >= text.length) return false;
  const [before, after] = [text.charCodeAt(at - 1), text.charCodeAt(at)];
  return before >= 0xd800 && before <= 0xdbff && after >= 0xdc00 && after <= 0xdfff;
}
