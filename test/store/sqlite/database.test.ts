import { expect, onTestFinished, test, vi } from "vitest";
import { createDatabase } from "../../../src/store/sqlite/database.ts";
import { loadSqlite } from "../../../src/store/sqlite/loadSqlite.ts";
import { openConnection } from "../../../src/store/sqlite/openConnection.ts";
import { createScratch } from "./scratch.ts";

const scratch = createScratch();
const sqlite = await loadSqlite();

test("statements are prepared once, and only so many are kept", () => {
  const path = scratch();
  const db = createDatabase(openConnection(sqlite, path), path, () => {});
  const prepared = vi.spyOn(sqlite.DatabaseSync.prototype, "prepare");
  onTestFinished(() => prepared.mockRestore());
  const ask = (number: number) => expect(db.get(`SELECT ${number} AS one`)).toEqual({ one: number });
  for (let number = 0; number < 1000; number++) ask(number);
  expect(prepared).toHaveBeenCalledTimes(1000);
  for (let number = 900; number < 1000; number++) ask(number);
  expect(prepared).toHaveBeenCalledTimes(1000);
  ask(0);
  expect(prepared).toHaveBeenCalledTimes(1001);
  db.close();
});
