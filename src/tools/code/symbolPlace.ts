import { AppError } from "../../base/appError.ts";
import type { CodePosition } from "../../core/ports/codeKnowledge.ts";

/**
 * Where a name stands in a text: on the line that is given, else on the nearest one, and without a line on the first. Of a
 * longer text ("this.name", "add(") the last name is meant. not_found when it stands nowhere.
 */
export function symbolPlace(
  text: string,
  { symbol, line, shown }: { symbol: string; line?: number | undefined; shown: string },
): Omit<CodePosition, "path"> {
  const [name] = /[\p{L}\p{N}_$]+(?=[^\p{L}\p{N}_$]*$)/u.exec(symbol) ?? [];
  if (name === undefined) throw new AppError("bad_request", `There is no name in ${JSON.stringify(symbol)}`);
  const within = symbol.lastIndexOf(name);
  const found = text.split("\n").flatMap((words, index) => {
    const at = indexOfWord(words, symbol);
    return at < 0 ? [] : [{ line: index + 1, column: at + within + 1 }];
  });
  const [first] = found;
  if (!first) throw new AppError("not_found", `${symbol} does not stand in ${shown}`);
  if (line === undefined) return first;
  const distance = (place: { line: number }) => Math.abs(place.line - line);
  return found.reduce((best, place) => (distance(place) < distance(best) ? place : best), first);
}

/** Where the words stand by themselves, not as a part of a longer name; -1 for nowhere. */
function indexOfWord(text: string, words: string): number {
  for (let at = text.indexOf(words); at >= 0; at = text.indexOf(words, at + 1)) {
    const isCut = (index: number, edge: string | undefined) => isNamePart(text[index]) && isNamePart(edge);
    if (!isCut(at - 1, words[0]) && !isCut(at + words.length, words.at(-1))) return at;
  }
  return -1;
}

const isNamePart = (char: string | undefined): boolean => char !== undefined && /[\p{L}\p{N}_$]/u.test(char);
