import type { DatabaseSync } from "node:sqlite";

/** Ends a transaction that failed, in which SQLite may have ended it by itself: on a full disk it has. */
export function rollBack(connection: DatabaseSync): void {
  if (!(connection.isTransaction ?? true)) return;
  try {
    connection.exec("ROLLBACK");
  } catch {
    // Rolled back already: the error that led here is the one to tell.
  }
}
