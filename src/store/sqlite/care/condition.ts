import { statSync } from "node:fs";
import { isoTime } from "../../../base/clock.ts";
import type { StoreCondition } from "../../../core/ports/store.ts";
import type { Database } from "../database.ts";

/** Every table with pages of its own, those of the search index too. */
export function listParts(db: Database): string[] {
  const rows = db.all("SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 ORDER BY name");
  return rows.map(({ name }) => String(name)).filter((name) => !name.startsWith("sqlite_"));
}

/** How each part was found when it was last looked over. */
export function listChecks(db: Database): { part: string; at: number; problem?: string }[] {
  return db.all("SELECT part, at, problem FROM checks").map(({ part, at, problem }) => ({
    part: String(part),
    at: Number(at),
    ...(problem === null ? {} : { problem: String(problem) }),
  }));
}

export function readCondition(db: Database, path: string): StoreCondition {
  const pages = db.get("SELECT page_size, freelist_count FROM pragma_page_size, pragma_freelist_count");
  const checks = new Map(listChecks(db).map((check) => [check.part, check]));
  const times = listParts(db).map((part) => checks.get(part)?.at);
  const oldest = times.every((at) => at !== undefined) ? Math.min(...times) : undefined;
  const problems = [...checks.values()].flatMap(({ part, problem }) =>
    problem === undefined ? [] : [`${part}: ${problem}`],
  );
  return {
    bytes: sizeOf(path) + sizeOf(`${path}-wal`),
    freeBytes: Number(pages?.page_size) * Number(pages?.freelist_count),
    ...(oldest === undefined ? {} : { checkedAt: isoTime(oldest) }),
    ...(problems.length === 0 ? {} : { problem: problems.join("; ") }),
  };
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
