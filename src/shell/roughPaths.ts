import { braceWords } from "./braceWords.ts";
import { roughWords } from "./roughWords.ts";
import type { Dialect } from "./shellLine.ts";

// No path is longer on any system, and each part of a word is looked at by itself.
const MOST_OF_A_PATH = 4096;
// As many letters as stand before the file of an option in practice: `-sSfd@FILE`.
const MOST_LETTERS = 4;

/** A command's words, and those that its braces stand for. */
export function expandedWords(command: string, dialect: Dialect): string[] {
  const expanded = dialect === "posix" ? braceWords(command) : [];
  return [command, ...expanded].flatMap((text) => roughWords(text, dialect));
}

/** What may name a file in a command: its words, those that its braces stand for, and what stands in them behind their first or last "@" or behind the letters of an option. */
export function roughPaths(command: string, dialect: Dialect): string[] {
  return expandedWords(command, dialect)
    .flatMap((word) => (word.startsWith("-") ? optionRests(word) : [word]))
    .flatMap((word) => [word, ...behindSigns(word)])
    .filter((word) => word !== "");
}

function behindSigns(word: string): string[] {
  if (word.length > MOST_OF_A_PATH) return [];
  const signs = new Set([word.indexOf("@"), word.lastIndexOf("@")]);
  return [...signs].flatMap((at) => (at < 0 ? [] : [word.slice(at + 1)]));
}

/** Of "-sT.env": "T.env", ".env". */
function optionRests(word: string): string[] {
  const letters = /^-([a-z]*)/i.exec(word)![1]!.length;
  return Array.from({ length: Math.min(letters, MOST_LETTERS) }, (_, at) => word.slice(at + 2));
}
