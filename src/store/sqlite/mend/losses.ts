import type { DatabaseSync } from "node:sqlite";
import type { Database } from "../database.ts";
import { TABLES } from "../migrate.ts";

/** What of a damaged store is not in the one that took its place, as far as it can be told. */
export interface Losses {
  /** Of the file, how many could not be read. */
  pages: number;
  /** Sessions with fewer entries than they had: how many are missing at the least. */
  missing: { key: string; title: string; entries: number }[];
  /** Sessions of which nothing is left, known by what ran in them. */
  gone: string[];
}

const MOST_NAMED = 20;

/** Compares what was copied with what it says of itself: entries are numbered without gaps, and a session counts its messages. */
export function findLosses(damaged: DatabaseSync, target: Database, gone: string[]): Losses {
  const rows = target.all(
    `SELECT key, json_extract(body, '$.title') AS title,
        max(json_extract(body, '$.messageCount') - messages, last - entries, 0) AS missing
      FROM sessions JOIN (
        SELECT session_key, count(*) AS entries, count(role) AS messages, max(seq) AS last FROM events GROUP BY session_key
        UNION ALL SELECT key, 0, 0, 0 FROM sessions WHERE key NOT IN (SELECT session_key FROM events)
      ) ON session_key = key
      WHERE missing > 0 ORDER BY missing DESC, key`,
  );
  const missing = rows.map(({ key, title, missing: entries }) => ({
    key: String(key),
    title: typeof title === "string" ? title : "",
    entries: Number(entries),
  }));
  return { pages: brokenPages(damaged), missing, gone };
}

/** By SQLite's own look at each table, as far as it comes. */
function brokenPages(damaged: DatabaseSync): number {
  const pages = new Set<string>();
  for (const table of TABLES) {
    try {
      for (const row of damaged.prepare(`PRAGMA quick_check(${table})`).iterate())
        for (const [, page] of Object.values(row)
          .join(" ")
          .matchAll(/\bpage (\d+)/gi))
          pages.add(page!);
    } catch {
      // What it found before it gave up counts.
    }
  }
  return pages.size;
}

/** One line each, for people: what cannot be read, and of which sessions. */
export function lossLines({ pages, missing, gone }: Losses): string[] {
  const entries = missing.reduce((sum, one) => sum + one.entries, 0);
  const lines = [
    ...(pages > 0 ? [`${count(pages, "page")} of the damaged file could not be read`] : []),
    ...(missing.length > 0
      ? [
          `${count(entries, "entry", "entries")} of ${count(missing.length, "session")} are missing: ${named(missing.map(toWords))}`,
        ]
      : []),
    ...(gone.length > 0
      ? [`nothing is left of ${count(gone.length, "session")} but that something ran there: ${named(gone)}`]
      : []),
  ];
  return lines.length > 0 ? lines : ["nothing that it tells of is missing; what it told of elsewhere cannot be known"];
}

function toWords({ key, title, entries }: Losses["missing"][number]): string {
  return `${key}${title === "" ? "" : ` (${title.slice(0, 60)})`}: ${entries}`;
}

function named(names: string[]): string {
  const more = names.length > MOST_NAMED ? `, and ${names.length - MOST_NAMED} more` : "";
  return names.slice(0, MOST_NAMED).join(", ") + more;
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
