import { AppError } from "../../base/appError.ts";

export type Sqlite = typeof import("node:sqlite");

/** The SQLite that Node brings. Rejects with `unavailable` where there is none (Node before 22.13, some editor builds). */
export async function loadSqlite(): Promise<Sqlite> {
  const emitWarning = process.emitWarning;
  process.emitWarning = ((warning: string | Error, ...rest: unknown[]) => {
    const text = typeof warning === "string" ? warning : warning.message;
    if (text.includes("SQLite is an experimental feature")) return;
    Reflect.apply(emitWarning, process, [warning, ...rest]);
  }) as typeof process.emitWarning;
  try {
    return await import("node:sqlite");
  } catch (error) {
    const message = `Sessions are kept in SQLite, which this Node (${process.versions.node}) does not bring: it needs 22.13 or newer.`;
    throw new AppError("unavailable", message, { cause: error });
  } finally {
    process.emitWarning = emitWarning;
  }
}
