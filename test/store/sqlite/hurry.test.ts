import { expect, onTestFinished, test } from "vitest";
import { createDatabase } from "../../../src/store/sqlite/database.ts";
import { loadSqlite } from "../../../src/store/sqlite/loadSqlite.ts";
import { openConnection } from "../../../src/store/sqlite/openConnection.ts";
import { createScratch } from "./scratch.ts";

const scratch = createScratch();
const sqlite = await loadSqlite();

test("who is in a hurry waits for what another process holds that long in all, its end included", () => {
  const path = scratch();
  const connection = openConnection(sqlite, path);
  const waits: number[] = [];
  const exec = connection.exec.bind(connection);
  connection.exec = (sql) => {
    const [, ms] = /^PRAGMA busy_timeout = (\d+)$/.exec(sql) ?? [];
    if (ms !== undefined) waits.push(Number(ms));
    return exec(sql);
  };
  const db = createDatabase(connection, path, () => {});
  const other = openConnection(sqlite, path);
  onTestFinished(() => other.close());
  const write = () => db.write(() => db.run("DELETE FROM holds"));
  write();
  expect(waits).toEqual([]);
  other.exec("BEGIN IMMEDIATE");
  db.hurry(300);
  const locked = expect.objectContaining({ code: "unavailable" });
  for (let time = 0; time < 5; time++) expect(write).toThrow(locked);
  // A longer time that is given later gives nobody more.
  db.hurry(60_000);
  expect(write).toThrow(locked);
  expect(waits[0]).toBe(300);
  expect(waits.slice(1)).toEqual(waits.slice(1).toSorted((a, b) => b - a));
  expect(waits.at(-1)).toBe(0);
  // What is free is still written.
  other.exec("ROLLBACK");
  write();
  other.exec("BEGIN IMMEDIATE");
  db.close();
  expect(waits.at(-1)).toBe(0);
});
