import { fold } from "./foldText.ts";

const MOST_WORDS = 20;
const LONGEST_WORD = 200;

/**
 * What a query asks for, folded: each of its words, and what stands in double quotes as one. Nothing in it is an operator.
 * Empty when there is nothing to look for.
 */
export function queryWords(query: string): string[] {
  const words = [...query.matchAll(/"([^"]*)"|([^\s"]+)|"/g)].map(([whole, quoted, word]) => quoted ?? word ?? whole);
  const folded = words.map((word) => Array.from(fold(word).trim()).slice(0, LONGEST_WORD).join(""));
  const found = [...new Set(folded.filter((word) => word !== "" && word !== '"'))].slice(0, MOST_WORDS);
  // Only quotation marks: they are what is looked for.
  return found.length === 0 && query.includes('"') ? ['"'] : found;
}

/** As a phrase of FTS5, in which nothing but a quotation mark means anything. */
export function toPhrase(folded: string): string {
  return `"${folded.replaceAll('"', '""')}"`;
}
