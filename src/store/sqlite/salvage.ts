import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import type { RunFact } from "../../protocol/event.ts";
import type { Database } from "./database.ts";
import { isDamage } from "./failure.ts";
import { TABLES } from "./schema.ts";
import { indexText, isSearched } from "./search.ts";
import { putSession } from "./sessions.ts";

// Looking for rows next to a broken page is bounded, or it would try every id there could be.
const MOST_FAILURES = 20_000;
const HIGHEST_ROWID = 2 ** 40;

type Row = Record<string, SQLOutputValue>;

/** Copies what can be read of a damaged store into a new one. Resolves with the number of rows per table. */
export function salvage(damaged: DatabaseSync, target: Database): Record<string, number> {
  const saved: Record<string, number> = {};
  target.run("PRAGMA foreign_keys = OFF");
  target.write(() => {
    for (const table of TABLES) saved[table] = copyTable(damaged, target, table);
    adoptOrphans(target);
    rebuildSearch(target);
  });
  target.run("PRAGMA foreign_keys = ON");
  return saved;
}

function copyTable(damaged: DatabaseSync, target: Database, table: string): number {
  let saved = 0;
  const keep = (row: Row) => {
    if (!isWhole(row)) return;
    const columns = Object.keys(row).filter((column) => column !== "rowid_");
    const places = columns.map(() => "?").join(", ");
    const values = columns.map((column) => row[column] ?? null);
    saved += target.run(`INSERT OR IGNORE INTO ${table} (${columns.join(", ")}) VALUES (${places})`, ...values);
  };
  try {
    readRows(damaged, table, keep);
  } catch (error) {
    // Without its root page, or the schema, nothing of a table can be found.
    if (!isSqliteError(error)) throw error;
  }
  return saved;
}

/** Reads in order of rowid; where that fails, halves the range until only the unreadable is left out. */
function readRows(damaged: DatabaseSync, table: string, keep: (row: Row) => void): void {
  const statement = damaged.prepare(
    `SELECT rowid AS rowid_, * FROM ${table} NOT INDEXED WHERE rowid BETWEEN ? AND ? ORDER BY rowid`,
  );
  let failures = 0;
  const readRange = (from: number, to: number) => {
    let next = from;
    try {
      for (const row of statement.iterate(from, to)) {
        keep(row);
        next = Number(row.rowid_) + 1;
      }
      return;
    } catch (error) {
      if (!isDamage(error)) throw error;
    }
    failures++;
    if (next >= to || failures >= MOST_FAILURES) return;
    const middle = Math.floor((next + to) / 2);
    readRange(next, middle);
    if (failures < MOST_FAILURES) readRange(middle + 1, to);
  };
  readRange(0, highestRowid(damaged, table));
}

function highestRowid(damaged: DatabaseSync, table: string): number {
  try {
    return Number(damaged.prepare(`SELECT max(rowid) AS highest FROM ${table}`).get()?.highest ?? 0);
  } catch (error) {
    if (!isDamage(error)) throw error;
    return HIGHEST_ROWID;
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

// Events whose session could not be read get a session to be found under; runs without one are of no use.
function adoptOrphans(target: Database): void {
  const orphans = target.all<{ key: string; first: string; last: string; messages: number }>(
    `SELECT session_key AS key, min(at) AS first, max(at) AS last, count(role) AS messages FROM events
      WHERE session_key NOT IN (SELECT key FROM sessions) GROUP BY session_key`,
  );
  for (const { key, first, last, messages } of orphans) {
    putSession(target, {
      key,
      kind: key === "main" ? "main" : "isolated",
      title: "Recovered session",
      state: "idle",
      usage: { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: null },
      messageCount: messages,
      contextTokens: 0,
      createdAt: first,
      updatedAt: last,
    });
  }
  target.run("DELETE FROM runs WHERE session_key NOT IN (SELECT key FROM sessions)");
}

function rebuildSearch(target: Database): void {
  const rows = target.all<{ session_key: string; seq: number; body: string }>(
    "SELECT session_key, seq, body FROM events WHERE role IN ('user', 'assistant') ORDER BY session_key, seq",
  );
  for (const row of rows) {
    const fact: RunFact = JSON.parse(row.body);
    if (fact.type !== "message" || !isSearched(fact.message.role, fact.message.text)) continue;
    indexText(target, { sessionKey: row.session_key, seq: row.seq, text: fact.message.text });
  }
}

function isSqliteError(error: unknown): boolean {
  return error instanceof Error && "errcode" in error;
}
