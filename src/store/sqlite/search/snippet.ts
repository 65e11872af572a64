import { fold } from "./foldText.ts";

const BEFORE = 50;
const LENGTH = 200;
const STRIDE = 1000;

/** A piece of a text around the first word that is found in it, in one line, and where in it each word stands. */
export interface Snippet {
  snippet: string;
  /** Each from, and up to but not including. */
  highlights: { start: number; end: number }[];
}

/** `words` are folded. Where none is found, the text's beginning. */
export function toSnippet(text: string, words: string[]): Snippet {
  const first = Math.min(...words.map((word) => placeOf(text, word)).filter((place) => place >= 0));
  const from = first === Infinity || first < BEFORE ? 0 : startAt(text, first - BEFORE);
  const piece = text.slice(from, endAt(text, from + LENGTH));
  const line = piece.replaceAll(/\s+/g, " ").trim();
  const snippet = `${from > 0 ? "…" : ""}${line}${from + piece.length < text.length ? "…" : ""}`;
  return { snippet, highlights: findWords(snippet, words) };
}

/** Where a folded word begins in a text; -1 when it does not. Exact to some characters where marks come between. */
function placeOf(text: string, word: string): number {
  const place = fold(text).indexOf(word);
  if (place < 0) return -1;
  let seen = 0;
  for (let at = 0; at < text.length;) {
    const next = endAt(text, at + STRIDE);
    const length = fold(text.slice(at, next)).length;
    if (seen + length > place) return at + clusterAt(text.slice(at, next), place - seen);
    seen += length;
    at = next;
  }
  return text.length;
}

function clusterAt(text: string, place: number): number {
  return clusters(text).find(({ foldedEnd }) => foldedEnd > place)?.start ?? text.length;
}

interface Cluster {
  start: number;
  end: number;
  foldedStart: number;
  foldedEnd: number;
}

/** Letters with their marks, and where each stands in the folded text. */
function clusters(text: string): Cluster[] {
  let foldedStart = 0;
  return [...text.matchAll(/[\u1100-\u11ff]+|[^]\p{M}*/gu)].map(({ 0: letters, index }) => {
    const foldedEnd = foldedStart + fold(letters).length;
    const cluster = { start: index, end: index + letters.length, foldedStart, foldedEnd };
    foldedStart = foldedEnd;
    return cluster;
  });
}

function findWords(text: string, words: string[]): Snippet["highlights"] {
  const parts = clusters(text);
  const folded = parts.map(({ start, end }) => fold(text.slice(start, end))).join("");
  const isFound = new Set<Cluster>();
  for (const word of words) {
    for (let at = folded.indexOf(word); at >= 0; at = folded.indexOf(word, at + word.length)) {
      for (const part of parts) if (part.foldedEnd > at && part.foldedStart < at + word.length) isFound.add(part);
    }
  }
  const highlights: Snippet["highlights"] = [];
  for (const part of parts) {
    if (!isFound.has(part)) continue;
    const last = highlights.at(-1);
    if (last?.end === part.start) last.end = part.end;
    else highlights.push({ start: part.start, end: part.end });
  }
  return highlights;
}

// Neither half a character, nor a letter without its marks.
function endAt(text: string, at: number): number {
  if (at >= text.length) return text.length;
  let end = at;
  while (end < text.length && isInside(text[end]!)) end += 1;
  return end;
}

function startAt(text: string, at: number): number {
  let start = at;
  while (start > 0 && isInside(text[start]!)) start -= 1;
  // At a word's beginning where one is near.
  const blank = text.slice(start, start + 15).search(/\s\S/);
  return blank < 0 ? start : start + blank + 1;
}

/** The second half of a character, or a mark on the letter before. */
function isInside(unit: string): boolean {
  return (unit.charCodeAt(0) & 0xfc00) === 0xdc00 || /^\p{M}/u.test(unit);
}
