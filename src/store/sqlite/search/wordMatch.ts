import type { Database } from "../database.ts";
import { toPhrase } from "./queryWords.ts";

/** What texts with all of some words are found by. */
export interface WordMatch {
  /** For `search MATCH`; undefined where all are told by `ranges`. */
  phrases?: string;
  /** Of what begins more trigrams than can be asked for: from, and up to but not including. */
  ranges: [string, string][];
  /** How many texts to read at most. */
  most: number;
}

// What is found more often is not counted further: it takes some hundredths of a second, in which nothing else goes on.
const MOST_MATCHES = 20_000;
// One letter begins hundreds of trigrams, which are gone through for each text.
const MOST_OF_ONE_LETTER = 3000;
const MOST_TRIGRAMS = 1000;

// From one trigram to the next: the table has each once for every place where it stands.
const TRIGRAMS_SQL = `WITH RECURSIVE trigrams (trigram) AS (
    SELECT (SELECT term FROM search_terms WHERE term >= ? LIMIT 1)
    UNION ALL
    SELECT (SELECT term FROM search_terms WHERE term >= trigram || char(1) LIMIT 1) FROM trigrams WHERE trigram < ?
    LIMIT ${MOST_TRIGRAMS})
  SELECT trigram FROM trigrams WHERE trigram < ?`;

/** `words` are folded. FTS5 finds three characters and more; shorter ones are looked for as beginnings of trigrams. */
export function toWordMatch(db: Database, words: string[]): WordMatch {
  const phrases: string[] = [];
  const ranges: [string, string][] = [];
  for (const word of words) {
    const end = `${word}\u{10FFFF}`;
    const trigrams = isShort(word) ? db.all(TRIGRAMS_SQL, word, end, end).map((row) => String(row.trigram)) : [word];
    if (trigrams.length === MOST_TRIGRAMS) ranges.push([word, end]);
    // An empty phrase is found nowhere.
    else phrases.push(`(${trigrams.map(toPhrase).join(" OR ") || '""'})`);
  }
  const letters = words.filter((word) => Array.from(word).length === 1).length - ranges.length;
  const most = letters > 0 ? Math.ceil(MOST_OF_ONE_LETTER / letters) : MOST_MATCHES;
  return { ...(phrases.length > 0 ? { phrases: phrases.join(" AND ") } : {}), ranges, most };
}

export function isShort(word: string): boolean {
  return Array.from(word).length < 3;
}
