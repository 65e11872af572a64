import { closeSync, copyFileSync, existsSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import type { Database } from "../database.ts";
import { type Column, findTables } from "./findTables.ts";
import type { Sqlite } from "../loadSqlite.ts";
import { newHeader, PAGE_BYTES } from "./mendHeader.ts";
import { TABLES } from "../migrate.ts";

// A table's page without rows, behind the header.
const EMPTY_LEAF = Buffer.from([0x0d, 0, 0, 0, 0, PAGE_BYTES >> 8, 0, 0]);

/** Whether a file tells where its tables are. */
export function hasSchema(sqlite: Sqlite, path: string): boolean {
  try {
    const connection = new sqlite.DatabaseSync(path, { readOnly: true, defensive: false });
    try {
      connection.exec("PRAGMA writable_schema = ON");
      connection.prepare("SELECT rowid FROM events LIMIT 1");
      return true;
    } finally {
      connection.close();
    }
  } catch {
    return false;
  }
}

/**
 * A copy with a schema of its own of a store whose first page is broken: the tables are found by the form of their rows, as
 * `target`, a new store, has them. Undefined when none is found. `remove` takes the copy away.
 */
export function mendSchema(
  sqlite: Sqlite,
  { path, copy, target }: { path: string; copy: string; target: Database },
): { remove(): void } | undefined {
  const shapes = new Map(TABLES.map((table) => [table, columnsOf(target, table)]));
  const found = findTables(path, shapes);
  if (found.size === 0) return undefined;
  const remove = () => {
    for (const suffix of ["", "-wal", "-shm"]) rmSync(copy + suffix, { force: true });
  };
  remove();
  copyFileSync(path, copy);
  const hasLog = existsSync(`${path}-wal`);
  if (hasLog) copyFileSync(`${path}-wal`, `${copy}-wal`);
  const first = Buffer.alloc(PAGE_BYTES);
  newHeader(Math.floor(statSync(path).size / PAGE_BYTES), hasLog).copy(first);
  EMPTY_LEAF.copy(first, 100);
  const file = openSync(copy, "r+");
  try {
    writeSync(file, first, 0, PAGE_BYTES, 0);
  } finally {
    closeSync(file);
  }
  const connection = new sqlite.DatabaseSync(copy, { defensive: false });
  try {
    connection.exec("PRAGMA writable_schema = ON");
    const insert = connection.prepare("INSERT INTO sqlite_schema VALUES ('table', ?1, ?1, ?2, ?3)");
    // Without its indexes: they would have to be found, too, and nothing is looked up by them.
    for (const [table, page] of found) insert.run(table, page, `CREATE TABLE ${table} (${toSql(shapes.get(table)!)})`);
  } finally {
    connection.close();
  }
  return { remove };
}

function columnsOf(target: Database, table: string): Column[] {
  return target
    .all(`SELECT name, type, "notnull" AS needed, dflt_value AS other, pk FROM pragma_table_info('${table}')`)
    .map(({ name, type, needed, other, pk }) => ({
      name: String(name),
      type: String(type),
      isOptional: needed !== 1 || other !== null,
      isRowId: pk === 1 && type === "INTEGER",
    }));
}

function toSql(columns: Column[]): string {
  return columns.map(({ name, type, isRowId }) => `${name} ${type}${isRowId ? " PRIMARY KEY" : ""}`).join(", ");
}
