import type { CommandChange, CommandEnd } from "../../../core/ports/commandRows.ts";
import type { Database } from "../database.ts";
import { isWorkerAlive } from "./workersTable.ts";

export function changeCommand(db: Database, change: CommandChange, now: number): void {
  if ("drop" in change) return void db.run("DELETE FROM commands WHERE id = ?", change.drop);
  if ("begin" in change) {
    const { begin, owner } = change;
    db.run("INSERT INTO commands (id, owner, body) VALUES (?, ?, ?)", begin.id, owner, JSON.stringify(begin));
    return;
  }
  endCommand(db, change.end, now);
}

/** What workers ran that show no life any more has ended, in doubt. Resolves with whether there was any. */
export function loseCommands(db: Database, owner: string, now: number, goneBy: number): boolean {
  const rows = db
    .all("SELECT owner, body FROM commands WHERE owner <> ?", owner)
    .filter((row) => !isWorkerAlive(db, String(row.owner), goneBy));
  for (const row of rows) {
    const lost = JSON.parse(String(row.body)) as Omit<CommandEnd, "number" | "at" | "exitCode">;
    endCommand(db, { ...lost, exitCode: null, inDoubt: true }, now);
  }
  return rows.length > 0;
}

/** The ends above a number, oldest first; `newest`: the highest number there ever was. */
export function listCommandEnds(
  db: Database,
  { above, limit }: { above: number; limit: number },
): { ends: CommandEnd[]; newest: number } {
  const rows = db.all(
    "SELECT number, at, body FROM command_ends WHERE number > ? ORDER BY number LIMIT ?",
    above,
    limit,
  );
  const newest = db.get("SELECT seq FROM sqlite_sequence WHERE name = 'command_ends'")?.seq ?? 0;
  return {
    ends: rows.map((row) => ({
      ...(JSON.parse(String(row.body)) as Omit<CommandEnd, "number" | "at">),
      number: Number(row.number),
      at: Number(row.at),
    })),
    newest: Number(newest),
  };
}

export function pruneCommandEnds(db: Database, before: number): void {
  db.run("DELETE FROM command_ends WHERE at < ?", before);
}

function endCommand(db: Database, end: Omit<CommandEnd, "number" | "at">, now: number): void {
  db.run("DELETE FROM commands WHERE id = ?", end.id);
  // A conflict that does nothing would use a number up.
  db.run(
    "INSERT INTO command_ends (id, at, body) SELECT ?1, ?2, ?3 WHERE NOT EXISTS (SELECT 1 FROM command_ends WHERE id = ?1)",
    end.id,
    now,
    JSON.stringify(end),
  );
}
