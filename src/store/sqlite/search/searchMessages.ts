import type { SQLInputValue } from "node:sqlite";
import type { FoundMessage, FoundSession, TextQuery } from "../../../core/ports/store.ts";
import { fromCursor, toCursor } from "../cursor.ts";
import type { Database, Row } from "../database.ts";
import { queryWords } from "./queryWords.ts";
import { toSnippet } from "./snippet.ts";
import { LONGEST_INDEXED, SEQ_BITS } from "./textIndex.ts";
import { isShort, type WordMatch, toWordMatch } from "./wordMatch.ts";

const SHOWN_OF_EACH = 3;
// Of a character that very much begins with, this many places are read, in some hundredths of a second.
const MOST_PLACES = 100_000;
// Short words are looked for session by session only where what is found is little.
const FEW_MATCHES = 500;
const SEQ_MASK = 2 ** SEQ_BITS - 1;

/** See Store.searchMessages. */
export function searchMessages(db: Database, query: TextQuery): { found: FoundSession[]; nextCursor?: string } {
  const words = queryWords(query.text);
  if (words.length === 0) return { found: [] };
  const match = toWordMatch(db, words);
  const { sql, values } = toFoundSql(words, match, query);
  const rows = db.all(sql, ...values);
  const isFew = rows.reduce((sum, row) => sum + Number(row.matches), 0) <= FEW_MATCHES;
  const found = rows.slice(0, query.limit).map((row) => ({
    session: JSON.parse(String(row.body)),
    matchCount: Number(row.matches),
    matches: row.newest === null ? [] : listMatches(db, row, words, match, query, isFew),
  }));
  const last = found.at(-1)?.session;
  if (last === undefined || rows.length <= query.limit) return { found };
  return { found, nextCursor: toCursor(last.updatedAt, last.key) };
}

/** One row more than `limit`, to see whether there is a next page. */
export function toFoundSql(
  words: string[],
  match: WordMatch,
  query: TextQuery,
): { sql: string; values: SQLInputValue[] } {
  const { sql: places, values } = toPlacesSql(match);
  const terms = ["body ->> '$.deleting' IS NULL"];
  const more: SQLInputValue[] = [];
  const add = (term: string, ...given: SQLInputValue[]) => {
    terms.push(term);
    more.push(...given);
  };
  if (query.sessionKey !== undefined) add("key = ?", query.sessionKey);
  if (query.cursor !== undefined) add("(updated_at, key) < (?, ?)", ...fromCursor(query.cursor));
  return {
    // From what is found to its sessions, each by its number: the other way round each would be looked for in all that is found.
    sql: `WITH found AS (${places} LIMIT ${match.most}),
        counted AS MATERIALIZED (
          SELECT place >> ${SEQ_BITS} AS of, count(*) AS matches, max(place) & ${SEQ_MASK} AS newest FROM found GROUP BY of),
        hits AS (
          SELECT of, matches, newest FROM counted
          UNION ALL SELECT rid, 0, NULL FROM sessions
            WHERE ${words.map(() => "instr(folded, ?)").join(" AND ")} AND rid NOT IN (SELECT of FROM counted)),
        page AS (
          SELECT rid, matches, newest, updated_at, key FROM hits CROSS JOIN sessions ON rid = of
            WHERE ${terms.join(" AND ")} ORDER BY updated_at DESC, key DESC LIMIT ?)
      SELECT page.rid, page.key, body, matches, newest
        FROM page CROSS JOIN sessions ON sessions.rid = page.rid ORDER BY page.updated_at DESC, page.key DESC`,
    values: [...values, ...words, ...more, query.limit + 1],
  };
}

/** SQL for the places of messages that hold every word, and its values. `bounds` holds of a place; its values come last. */
function toPlacesSql(
  { phrases, ranges }: WordMatch,
  bounds?: (place: string) => string,
): { sql: string; values: SQLInputValue[] } {
  const beginsSo = `SELECT doc FROM search_terms WHERE term >= ? AND term < ? LIMIT ${MOST_PLACES}`;
  const hasPhrases = phrases !== undefined;
  const place = hasPhrases ? "rowid" : "place";
  const terms = [
    ...(hasPhrases ? ["search MATCH ?"] : []),
    // Plainly given, the index would be asked once for each of them.
    ...ranges.slice(hasPhrases ? 0 : 1).map(() => `+${place} IN (${beginsSo})`),
    ...(bounds ? [bounds(place)] : []),
  ];
  const where = terms.length > 0 ? ` WHERE ${terms.join(" AND ")}` : "";
  return hasPhrases
    ? { sql: `SELECT rowid AS place FROM search${where} ORDER BY rowid DESC`, values: [phrases, ...ranges.flat()] }
    : // A message has many trigrams that begin alike, and is one row of the index.
      {
        sql: `SELECT place FROM (SELECT DISTINCT doc AS place FROM (${beginsSo}))${where} ORDER BY place DESC`,
        values: ranges.flat(),
      };
}

/** Newest first: more of them where one session is asked for. */
function listMatches(
  db: Database,
  row: Row,
  words: string[],
  match: WordMatch,
  query: TextQuery,
  isFew: boolean,
): FoundMessage[] {
  const isOne = query.sessionKey !== undefined;
  const short = words.filter(isShort).length;
  const seqs =
    short === 0 || isOne || (isFew && short === words.length)
      ? listSeqs(db, Number(row.rid), match, query.before ?? SEQ_MASK, isOne ? query.limit : SHOWN_OF_EACH)
      : [Number(row.newest)];
  return seqs.flatMap((seq) => toFound(db, String(row.key), seq, words) ?? []);
}

function listSeqs(db: Database, rid: number, match: WordMatch, before: number, limit: number): number[] {
  const { sql, values } = toPlacesSql(
    match,
    (place) => `${place} >= (? << ${SEQ_BITS}) AND ${place} < (? << ${SEQ_BITS}) + ?`,
  );
  const rows = db.all(
    `SELECT place & ${SEQ_MASK} AS seq FROM (${sql}) ORDER BY place DESC LIMIT ?`,
    ...values,
    rid,
    rid,
    before,
    limit,
  );
  return rows.map(({ seq }) => Number(seq));
}

function toFound(db: Database, sessionKey: string, seq: number, words: string[]): FoundMessage | undefined {
  const message = db.get(
    `SELECT role, at, substr(body -> '$.message' ->> 'text', 1, ${LONGEST_INDEXED}) AS text
      FROM events WHERE session_key = ? AND seq = ? AND role IS NOT NULL`,
    sessionKey,
    seq,
  );
  if (!message) return undefined;
  const role = message.role as FoundMessage["role"];
  return { seq, role, createdAt: String(message.at), ...toSnippet(String(message.text), words) };
}
