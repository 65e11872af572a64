import type * as sqlite from "node:sqlite";
import { AppError } from "../../base/appError.ts";

export type Sqlite = typeof sqlite;

/** The SQLite that Node brings. Rejects with `unavailable` where there is none (Node before 22.13, some editor builds). */
export async function loadSqlite(): Promise<Sqlite> {
  // oxlint-disable-next-line typescript/unbound-method -- put back as it was
  const { emitWarning } = process;
  process.emitWarning = (warning: string | Error, ...rest: unknown[]) => {
    const text = typeof warning === "string" ? warning : warning.message;
    if (text.includes("SQLite is an experimental feature")) return;
    Reflect.apply(emitWarning, process, [warning, ...rest]);
  };
  try {
    return await import("node:sqlite");
  } catch (error) {
    const message = `Sessions are kept in SQLite, which this Node (${process.versions.node}) does not bring: it needs 22.13 or newer.`;
    throw new AppError("unavailable", message, { cause: error });
  } finally {
    process.emitWarning = emitWarning;
  }
}
