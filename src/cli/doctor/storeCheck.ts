import { existsSync } from "node:fs";
import { join } from "node:path";
import { emptyBesideCopies, setAside } from "../../app/storeCopies.ts";
import { broken, type Check, type Finding, ok, warning } from "./check.ts";

export const store: Check = {
  name: "Store",
  async run({ stateDir }) {
    const path = join(stateDir, "pincer.db");
    const empty = emptyBesideCopies(path);
    if (empty) return [broken(empty.problem, empty.fix)];
    if (!existsSync(path)) return [ok(`${path} is made at the first start`)];
    const fix = `The gateway sets a damaged store aside when it starts; if it does not, move ${path} away`;
    try {
      const { DatabaseSync } = await import("node:sqlite");
      const database = new DatabaseSync(path, { readOnly: true });
      const row = database.prepare("PRAGMA quick_check(1)").get();
      database.close();
      const result = String(row?.["quick_check"]);
      return [result === "ok" ? ok(path) : broken(`${path} is damaged: ${result}`, fix), ...damagedBeside(path)];
    } catch (error) {
      return [broken(`${path} cannot be opened: ${error instanceof Error ? error.message : String(error)}`, fix)];
    }
  },
};

function damagedBeside(path: string): Finding[] {
  return setAside(path).map(({ file, at }) =>
    warning(
      `A damaged store was set aside at ${at} as ${file}; what could be read of it is in ${path}, and may not be all`,
      "The log of that start says how much of what was read; remove the file when you miss nothing",
    ),
  );
}
