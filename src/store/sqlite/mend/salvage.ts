import type { DatabaseSync } from "node:sqlite";
import type { Database, Row } from "../database.ts";
import { TABLES } from "../migrate.ts";
import { insertSession } from "../sessionsTable.ts";
import { findLosses, type Losses } from "./losses.ts";

// Looking for rows next to a broken page is bounded, or it would try every id there could be.
const MOST_RANGES = 4000;
const HIGHEST_ROWID = 2 ** 40;

/** Copies what can be read of a damaged store into a new one. Returns the number of rows per table, and what is known to be lost. */
export function salvage(damaged: DatabaseSync, target: Database): { saved: Record<string, number>; losses: Losses } {
  const saved: Record<string, number> = {};
  let gone: string[] = [];
  const brokenJobs: { id: string; body: string }[] = [];
  target.run("PRAGMA foreign_keys = OFF");
  target.write(() => {
    for (const table of TABLES)
      saved[table] = copyTable(damaged, target, table, (row) => {
        if (table === "jobs") brokenJobs.push({ id: String(row.id), body: String(row.body) });
      });
    gone = adoptOrphans(target);
  });
  target.run("PRAGMA foreign_keys = ON");
  return { saved, losses: findLosses(damaged, target, { gone, brokenJobs }) };
}

function copyTable(damaged: DatabaseSync, target: Database, table: string, onBroken: (row: Row) => void): number {
  let saved = 0;
  // A store that was damaged before it could be brought to this version has columns that are gone since.
  const known = new Set(target.all(`SELECT name FROM pragma_table_info('${table}')`).map((row) => row.name));
  readRows(damaged, table, (whole) => {
    if (!isWhole(whole)) {
      onBroken(whole);
      return;
    }
    const row = Object.fromEntries(Object.entries(whole).filter(([column]) => known.has(column)));
    const columns = Object.keys(row);
    const marks = columns.map(() => "?");
    const sql = `INSERT OR IGNORE INTO ${table} (${columns.join(", ")}) VALUES (${marks.join(", ")})`;
    saved += target.run(sql, ...Object.values(row));
  });
  return saved;
}

/** Reads in order of rowid; where that fails, halves what is left, widest first, until only the unreadable is left out. */
function readRows(damaged: DatabaseSync, table: string, keep: (row: Row) => void): void {
  const highest = attempt(() => damaged.prepare(`SELECT max(rowid) AS highest FROM ${table}`).get()?.highest ?? 0);
  const ranges = [{ from: 0, to: Number(highest ?? HIGHEST_ROWID) }];
  for (let n = 0; n < Math.min(ranges.length, MOST_RANGES); n++) {
    const { from, to } = ranges[n]!;
    const next = readRange(damaged, table, { from, to, keep });
    if (next >= to) continue;
    const middle = Math.floor((next + to) / 2);
    ranges.push({ from: next, to: middle }, { from: middle + 1, to });
  }
}

/** Returns the first rowid that was not reached. */
function readRange(
  damaged: DatabaseSync,
  table: string,
  { from, to, keep }: { from: number; to: number; keep: (row: Row) => void },
): number {
  const sql = `SELECT rowid AS place, * FROM ${table} NOT INDEXED WHERE rowid BETWEEN ? AND ? ORDER BY rowid`;
  // Prepared for each range: a statement that failed once tells its old error when it is used again. Without the
  // schema, or a table's first page, there is none, and nothing of the table can be found.
  const rows = attempt(() => damaged.prepare(sql).iterate(from, to));
  if (rows === undefined) return to;
  let next = from;
  for (;;) {
    // Only the reading is tried: a new store that cannot be written to must end all this.
    const step = attempt(() => rows.next());
    if (step === undefined) return next;
    if (step.done) return to;
    const { place, ...row } = step.value;
    keep(row);
    next = Number(place) + 1;
  }
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function isWhole(row: Row): boolean {
  if (!("body" in row) || row.body === null) return true;
  try {
    JSON.parse(String(row.body));
    return true;
  } catch {
    return false;
  }
}

// Events whose session could not be read get a session to be found under; runs without one are of no use but to name it.
function adoptOrphans(target: Database): string[] {
  const orphans = target.all(
    `SELECT session_key, min(at) AS first, max(at) AS last, count(role) AS messages FROM events
      WHERE session_key NOT IN (SELECT key FROM sessions) GROUP BY session_key`,
  );
  for (const orphan of orphans) {
    const key = String(orphan.session_key);
    insertSession(target, {
      key,
      kind: key === "main" ? "main" : "isolated",
      title: "Recovered session",
      state: "idle",
      usage: { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: null },
      messageCount: Number(orphan.messages),
      contextTokens: 0,
      createdAt: String(orphan.first),
      updatedAt: String(orphan.last),
    });
  }
  const lost = "FROM runs WHERE session_key NOT IN (SELECT key FROM sessions)";
  const gone = target.all(`SELECT DISTINCT session_key ${lost} ORDER BY session_key`);
  target.run(`DELETE ${lost}`);
  return gone.map((row) => String(row.session_key));
}
