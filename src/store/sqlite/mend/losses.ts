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
  /** Jobs, known by their rows or by their firings. Of one that never fired and whose row is gone nothing tells. */
  jobs: string[];
}

/** What was found out while copying. */
interface Found {
  gone: string[];
  /** Jobs whose rows hold no JSON any more: id and what stands there. */
  brokenJobs: { id: string; body: string }[];
}

const MOST_NAMED = 20;

/**
 * Compares what was copied with what it says of itself: entries are numbered without gaps, a session counts its messages, and
 * the firings of a job that was removed are empty.
 */
export function findLosses(damaged: DatabaseSync, target: Database, { gone, brokenJobs }: Found): Losses {
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
  return { pages: brokenPages(damaged), missing, gone, jobs: lostJobs(damaged, target, brokenJobs) };
}

function lostJobs(damaged: DatabaseSync, target: Database, broken: Found["brokenJobs"]): string[] {
  const fired = target.all(
    "SELECT DISTINCT job_id FROM slots WHERE body IS NOT NULL AND job_id NOT IN (SELECT id FROM jobs)",
  );
  const names = new Map<string, string>(fired.map((row) => [String(row.job_id), ""]));
  for (const { id, body } of broken)
    names.set(id, /"name":"((?:[^"\\\u0000-\u001f]|\\.){1,60})"/.exec(body)?.[1] ?? "");
  const kept = new Set(target.all("SELECT id FROM jobs").map((row) => String(row.id)));
  for (const id of indexedJobs(damaged)) if (!kept.has(id) && !names.has(id)) names.set(id, "");
  return [...names].map(([id, name]) => (name === "" ? id : `${id} (${name})`)).toSorted();
}

/** The index has pages of its own, which may be whole where those of the rows are not. */
function indexedJobs(damaged: DatabaseSync): string[] {
  try {
    return damaged
      .prepare("SELECT id FROM jobs ORDER BY id")
      .all()
      .map((row) => String(row["id"]));
  } catch {
    return [];
  }
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
export function lossLines({ pages, missing, gone, jobs }: Losses): string[] {
  const entries = missing.reduce((sum, one) => sum + one.entries, 0);
  const lines = [
    ...(pages > 0 ? [`${count(pages, "page")} of the damaged file could not be read`] : []),
    ...(missing.length > 0
      ? [
          `${count(entries, "entry", "entries")} of ${count(missing.length, "session")} are missing: ${named(missing.map(toWords))}`,
        ]
      : []),
    ...(jobs.length > 0
      ? [`${count(jobs.length, "job")} cannot be read any more, and will not fire: ${named(jobs)}`]
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
