import { roughWords } from "./roughWords.ts";
import type { Dialect } from "./shellLine.ts";

// As many letters as stand before the file of an option in practice: `-sSfd@FILE`.
const MOST_LETTERS = 4;

/** What may name a file in a command: its words, and what stands in them behind "@" or behind the letters of an option. */
export function roughPaths(command: string, dialect: Dialect): string[] {
  return roughWords(command, dialect)
    .flatMap((word) => (word.startsWith("-") ? optionRests(word) : [word]))
    .flatMap((word) => word.split("@").map((_, at, parts) => parts.slice(at).join("@")))
    .filter((word) => word !== "");
}

/** Of "-sT.env": "T.env", ".env". */
function optionRests(word: string): string[] {
  const letters = /^-([a-z]*)/i.exec(word)![1]!.length;
  return Array.from({ length: Math.min(letters, MOST_LETTERS) }, (_, at) => word.slice(at + 2));
}
