import type { TextMatch } from "./textMatch.ts";

// More of them are a choice in any case: each is compared with the first.
const MOST_COMPARED = 20;

/**
 * The places to change: all that do not overlap one before them, or the only one. Undefined where one has to be chosen, as
 * it need not be when the text comes out the same with each: of two blank lines in a row, either may go.
 */
export function chooseMatches(text: string, matches: TextMatch[], all: boolean): TextMatch[] | undefined {
  if (all) return apart(matches);
  const [first, ...others] = matches;
  if (!first || others.length > MOST_COMPARED) return undefined;
  return others.every((other) => isSame(text, first, other)) ? [first] : undefined;
}

function apart(matches: TextMatch[]): TextMatch[] {
  let free = 0;
  return matches.filter(({ start, end }) => {
    if (start < free) return false;
    free = end;
    return true;
  });
}

/** Whether two changes, of which the second stands further on, leave the same text. */
function isSame(text: string, one: TextMatch, other: TextMatch): boolean {
  const until = Math.max(one.end, other.end);
  const after = ({ start, end, replacement }: TextMatch) =>
    text.slice(one.start, start) + replacement + text.slice(end, until);
  return after(one) === after(other);
}
