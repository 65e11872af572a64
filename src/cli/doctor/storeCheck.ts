import { existsSync } from "node:fs";
import { join } from "node:path";
import { emptyBesideCopies } from "../../app/storeCopies.ts";
import { broken, type Check, ok } from "./check.ts";

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
      return [result === "ok" ? ok(path) : broken(`${path} is damaged: ${result}`, fix)];
    } catch (error) {
      return [broken(`${path} cannot be opened: ${error instanceof Error ? error.message : String(error)}`, fix)];
    }
  },
};
