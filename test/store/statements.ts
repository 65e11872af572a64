import { closeSync, openSync, readSync } from "node:fs";
import { DatabaseSync, StatementSync } from "node:sqlite";
import { onTestFinished, vi } from "vitest";

/** What a statement was asked for, by its SQL. */
export interface Cost {
  calls: number;
  /** Brought, or changed. */
  rows: number;
  /** Read from the file: what it looks at to find its rows. Zero where the system does not tell. */
  pages: number;
}

export type Costs = Map<string, Cost>;

// As good as none, so that each page a statement looks at is read from the file, and counts.
const NO_CACHE = "PRAGMA cache_size = 1";

/** How many rows each way of asking brought, or changed. */
const ROWS = {
  all: (rows: unknown[]) => rows.length,
  get: (row: unknown) => (row === undefined ? 0 : 1),
  run: ({ changes }: { changes: number | bigint }) => Number(changes),
};

/**
 * Counts, until the test is over, what all stores of this process are asked. Gives what was counted since it was asked before, of
 * every statement that took part.
 */
export function countStatements(): () => Costs {
  let costs: Costs = new Map();
  const pages = countReads();
  const known = new WeakSet<DatabaseSync>();
  const { prepare, exec } = DatabaseSync.prototype;
  const count = <Result>(sql: string, work: () => Result, rowsOf: (result: Result) => number): Result => {
    const before = pages();
    const result = work();
    const read = Math.max(0, pages() - before);
    const cost = costs.get(sql) ?? { calls: 0, rows: 0, pages: 0 };
    costs.set(sql, { calls: cost.calls + 1, rows: cost.rows + rowsOf(result), pages: cost.pages + read });
    return result;
  };
  const uncached = (connection: DatabaseSync) => {
    if (known.has(connection)) return;
    known.add(connection);
    exec.call(connection, NO_CACHE);
  };
  vi.spyOn(DatabaseSync.prototype, "prepare").mockImplementation(function (this: DatabaseSync, ...given) {
    uncached(this);
    return prepare.apply(this, given);
  });
  vi.spyOn(DatabaseSync.prototype, "exec").mockImplementation(function (this: DatabaseSync, sql) {
    count(
      sql,
      () => exec.call(this, sql),
      () => 0,
    );
  });
  for (const [name, rowsOf] of Object.entries(ROWS)) {
    const ask = StatementSync.prototype[name as keyof typeof ROWS] as (...given: unknown[]) => unknown;
    const counted = function (this: StatementSync, ...given: unknown[]) {
      return count(this.sourceSQL, () => Reflect.apply(ask, this, given), rowsOf as (result: unknown) => number);
    };
    vi.spyOn(StatementSync.prototype, name as keyof typeof ROWS).mockImplementation(counted as never);
  }
  onTestFinished(() => void vi.restoreAllMocks());
  return () => {
    const counted = costs;
    costs = new Map();
    return counted;
  };
}

/** How often this thread has read from any file so far; always 0 where the system does not tell. */
function countReads(): () => number {
  if (process.platform !== "linux") return () => 0;
  const file = openSync("/proc/thread-self/io", "r");
  onTestFinished(() => closeSync(file));
  const buffer = Buffer.alloc(512);
  let own = 0;
  return () => {
    const text = buffer.toString("latin1", 0, readSync(file, buffer, 0, buffer.length, 0));
    // Each look is a reading itself, which the next one sees.
    return Number(/^syscr: (\d+)/m.exec(text)?.[1]) - own++;
  };
}
