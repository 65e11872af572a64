import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { emptyBesideCopies, setAside } from "../../app/storeCopies.ts";
import { sizeWords } from "../../base/text/sizeWords.ts";
import { broken, type Check, type Finding, ok, warning } from "./check.ts";

export const store: Check = {
  name: "Store",
  async run({ stateDir }) {
    const path = join(stateDir, "pincer.db");
    const empty = emptyBesideCopies(path);
    if (empty) return [broken(empty.problem, empty.fix)];
    if (!existsSync(path)) return [ok(`${path} is made at the first start`)];
    const fix = `Stop Pincer and start it again: a start sets a damaged store aside and reads from it what can be read. If that does not help, move ${path} away${earlierWords(path)}`;
    try {
      const { DatabaseSync } = await import("node:sqlite");
      const database = new DatabaseSync(path, { readOnly: true });
      const [problem, free] = [findProblem(database), freeBytes(database)];
      database.close();
      const size = `${sizeWords(bytesOf(path) + bytesOf(`${path}-wal`))}, ${sizeWords(free)} of it free`;
      return [
        problem === undefined ? ok(`${path} is whole (${size})`) : broken(`${path} is damaged: ${problem}`, fix),
        ...damagedBeside(path),
      ];
    } catch (error) {
      return [broken(`${path} cannot be opened: ${error instanceof Error ? error.message : String(error)}`, fix)];
    }
  },
};

/** Reads every page, table by table: the check of a whole store reads what the search index says ten times over. */
function findProblem(database: DatabaseSync): string | undefined {
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0").all();
  for (const { name } of tables) {
    const [first] = database.prepare(`PRAGMA integrity_check("${String(name)}")`).all();
    if (first?.["integrity_check"] !== "ok") return `${String(name)}: ${String(first?.["integrity_check"])}`;
  }
  return undefined;
}

function freeBytes(database: DatabaseSync): number {
  const row = database.prepare(
    "SELECT page_size * freelist_count AS free FROM pragma_page_size, pragma_freelist_count",
  );
  return Number(row.get()?.["free"]);
}

function bytesOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** Copies that were made before the store was brought to another version. */
function earlierWords(path: string): string {
  const start = `${basename(path)}.version-`;
  // What another process is just making is none yet.
  const isCopy = (name: string) => name.startsWith(start) && /^\d+$/.test(name.slice(start.length));
  const names = readdirSync(join(path, "..")).filter(isCopy);
  return names.length === 0 ? "" : `, or put an earlier copy in its place (${names.join(", ")} in the same folder)`;
}

function damagedBeside(path: string): Finding[] {
  return setAside(path).map(({ file, at, lost }) =>
    warning(
      `A damaged store was set aside at ${at} as ${file}; what could be read of it is in ${path}: ${lost.join("; ") || "and may not be all"}`,
      "The log of that start says how much of what was read; remove the file when you miss nothing",
    ),
  );
}
