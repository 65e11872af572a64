import { chmodSync, closeSync, existsSync, openSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { makeFoldersNow } from "../../base/files/makeFolders.ts";
import { damage } from "./failure.ts";
import type { Sqlite } from "./loadSqlite.ts";
import { migrate, TABLES } from "./migrate.ts";

// Reading every page of a store this large takes some tenths of a second; beyond, only where each table begins is read.
const LARGEST_CHECKED = 64 * 1024 * 1024;

// Where FTS5 keeps the table "search".
const SEARCH_TABLES = ["search_data", "search_idx", "search_docsize", "search_config"];

/** Opens or makes the store's file, brings it to this version and looks it over. Throws SQLite's own errors. */
export function openConnection(sqlite: Sqlite, path: string): DatabaseSync {
  makePrivate(path);
  const connection = new sqlite.DatabaseSync(path, { enableForeignKeyConstraints: true });
  try {
    connection.exec("PRAGMA busy_timeout = 5000");
    // What lets a store give room back counts only before anything is in it.
    if (statSync(path).size === 0) connection.exec("PRAGMA auto_vacuum = INCREMENTAL");
    connection.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    migrate(connection);
    check(connection, path);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** Makes the next opening read every page, because this one met damage. */
export function markSuspect(path: string): void {
  try {
    writeFileSync(suspectMark(path), "", { mode: 0o600 });
  } catch {
    // A disk that fails may take no mark either; the damage is then met again.
  }
}

function check(connection: DatabaseSync, path: string): void {
  const mark = suspectMark(path);
  if (existsSync(mark)) {
    demandOk(connection, "PRAGMA integrity_check(1)");
    rmSync(mark, { force: true });
    return;
  }
  // Table by table, because the check of a whole store also reads what the search index says: ten times the work.
  const thorough = statSync(path).size <= LARGEST_CHECKED;
  for (const table of [...TABLES, ...SEARCH_TABLES]) {
    if (thorough) demandOk(connection, `PRAGMA quick_check(${table})`);
    else connection.prepare(`SELECT * FROM ${table} LIMIT 1`).get();
  }
}

function demandOk(connection: DatabaseSync, pragma: string): void {
  const answer = String(Object.values(connection.prepare(pragma).get() ?? {})[0]);
  if (answer !== "ok") throw damage(answer);
}

function makePrivate(path: string): void {
  const folder = dirname(path);
  makeFoldersNow(folder, 0o700);
  try {
    // Never opened when it exists: closing it would drop the locks that SQLite holds on it in this process.
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
  }
  // Windows has no such rights, and says that an open file is busy.
  if (process.platform === "win32") return;
  // SQLite gives -wal and -shm the rights of the file itself; those of an earlier umask are set right here.
  for (const suffix of ["", "-wal", "-shm"]) {
    try {
      chmodSync(path + suffix, 0o600);
    } catch (error) {
      if (!hasCode(error, "ENOENT")) throw error;
    }
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

function suspectMark(path: string): string {
  return `${path}.suspect`;
}
