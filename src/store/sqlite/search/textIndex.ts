import type { Database } from "../database.ts";
import { fold } from "./foldText.ts";

// FTS5 finds substrings of three characters and more through its trigrams. Its rowid carries the session's rid above
// the message's seq, so that a match names its session without a look at the event, and a session is one range.
export const SEQ_BITS = 32;
/** Indexing a megabyte takes a sixth of a second. */
export const LONGEST_INDEXED = 100_000;
const LONGEST_NEEDLE = 200;
// A pair of letters may be in every message; those that common are cut off rather than read to the end.
const MOST_SHORT_MATCHES = 100_000;

/** What the index holds of a text. The two blanks give the last characters trigrams of their own, which short needles are found by. */
export function toIndexed(text: string): string {
  return `${fold(text.slice(0, LONGEST_INDEXED))}  `;
}

/** Takes a session's messages of this seq and after out of the index. */
export function unindexFrom(db: Database, sessionKey: string, seq: number): void {
  db.run(
    `DELETE FROM search WHERE rowid >= (SELECT (rid << ${SEQ_BITS}) + ?2 FROM sessions WHERE key = ?1)
      AND rowid < (SELECT rid + 1 << ${SEQ_BITS} FROM sessions WHERE key = ?1)`,
    sessionKey,
    seq,
  );
}

/** SQL that holds for sessions with `needle` in title, key or messages, and its values. */
export function matching(needle: string): { sql: string; values: string[] } {
  const folded = fold(needle);
  const characters = Array.from(folded);
  if (characters.length < 3) {
    const terms = `SELECT doc >> ${SEQ_BITS} FROM search_terms WHERE term >= ? AND term < ? LIMIT ${MOST_SHORT_MATCHES}`;
    return { sql: `(instr(folded, ?) OR rid IN (${terms}))`, values: [folded, folded, `${folded}\u{10FFFF}`] };
  }
  const phrase = `"${characters.slice(0, LONGEST_NEEDLE).join("").replaceAll('"', '""')}"`;
  return {
    sql: `(instr(folded, ?) OR rid IN (SELECT rowid >> ${SEQ_BITS} FROM search WHERE search MATCH ?))`,
    values: [folded, phrase],
  };
}
