/** A message that a search found, and the words that it was found by, as they stand in it. */
export interface FoundAt {
  seq: number;
  words: string[];
}

/** Where the first of a session's matches stands; undefined where none of its messages has the words. */
export function toFoundAt(
  matches: { seq: number; snippet: string; highlights: { start: number; end: number }[] }[],
): FoundAt | undefined {
  const [first] = matches;
  if (!first) return undefined;
  const words = first.highlights.map(({ start, end }) => first.snippet.slice(start, end));
  return { seq: first.seq, words: [...new Set(words)] };
}
