import { statSync } from "node:fs";
import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from "node:sqlite";
import { AppError } from "../../base/appError.ts";
import { BoundedMap } from "../../base/boundedMap.ts";
import { createLogBound } from "./care/logBound.ts";
import { rollBack } from "./commit/rollBack.ts";
import { isFull, toStoreError } from "./failure.ts";

// Some three times as many as all that is done leads to; what users search for may be put in many more ways.
const MOST_STATEMENTS = 300;

export type Row = Record<string, SQLOutputValue>;

/** One connection: statements are prepared once and kept, each write all or nothing, errors in words a caller can show. */
export interface Database {
  all(sql: string, ...values: SQLInputValue[]): Row[];
  get(sql: string, ...values: SQLInputValue[]): Row | undefined;
  /** Returns the number of rows changed. */
  run(sql: string, ...values: SQLInputValue[]): number;
  /** Runs `work` outside of a transaction: for single statements that read. */
  read<T>(work: () => T): T;
  /** Runs `work` as one transaction that takes the write lock first. Not to be nested. */
  write<T>(work: () => T): T;
  /** From here on all that waits for what other processes lock takes no longer than this together. */
  hurry(ms: number): void;
  close(): void;
}

export function createDatabase(
  connection: DatabaseSync,
  path: string,
  onFailure: (error: unknown) => void,
  log = createLogBound(connection, path),
): Database {
  const statements = new BoundedMap<string, StatementSync>(MOST_STATEMENTS);
  const file = fileId(path);
  let closed = false;
  // How long may still be waited for locks, where that is bounded; undefined: as the connection was opened.
  let waitMs: number | undefined;

  const prepare = (sql: string) => {
    const known = statements.get(sql);
    if (known) return known;
    const statement = connection.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };

  const guarded = <T>(work: () => T): T => {
    if (closed) throw new AppError("unavailable", "The store is closed");
    try {
      return hurried(work);
    } catch (error) {
      if (isFull(error)) log.wasFull();
      onFailure(error);
      throw toStoreError(error);
    }
  };

  const hurried = <T>(work: () => T): T => {
    if (waitMs === undefined) return work();
    const begun = performance.now();
    try {
      connection.exec(`PRAGMA busy_timeout = ${Math.ceil(waitMs)}`);
      return work();
    } finally {
      waitMs = Math.max(0, waitMs - (performance.now() - begun));
    }
  };

  const transact = <T>(work: () => T): T => {
    // Writes to a file that was moved away would be acknowledged and never seen again.
    if (fileId(path) !== file)
      throw new AppError("unavailable", "The store's file was moved or replaced; start Pincer again");
    log.beforeWrite();
    prepare("BEGIN IMMEDIATE").run();
    try {
      const result = work();
      prepare("COMMIT").run();
      return result;
    } catch (error) {
      rollBack(connection);
      throw error;
    }
  };

  return {
    all: (sql, ...values) => prepare(sql).all(...values),
    get: (sql, ...values) => prepare(sql).get(...values),
    run: (sql, ...values) => Number(prepare(sql).run(...values).changes),
    read: guarded,
    write: (work) => guarded(() => transact(work)),
    hurry(ms) {
      waitMs = Math.min(waitMs ?? ms, ms);
    },
    close() {
      if (closed) return;
      closed = true;
      statements.clear();
      try {
        hurried(() => connection.exec("PRAGMA wal_checkpoint(TRUNCATE)"));
      } catch (error) {
        // What is in the log stays readable there; a full disk must not keep the process from ending.
        onFailure(error);
      } finally {
        // Finalises the statements too.
        connection.close();
      }
    },
  };
}

// Windows does not let a file that is open be moved, and has no cheap id for one.
function fileId(path: string): number {
  if (process.platform === "win32") return 0;
  return statSync(path, { throwIfNoEntry: false })?.ino ?? -1;
}
