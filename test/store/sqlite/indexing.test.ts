import { setImmediate } from "node:timers/promises";
import { expect, onTestFinished, test, vi } from "vitest";
import { systemClock } from "../../../src/base/clock.ts";
import { silentLog } from "../../../src/base/log.ts";
import { loadSqlite } from "../../../src/store/sqlite/loadSqlite.ts";
import { openSqliteStore } from "../../../src/store/sqlite/sqliteStore.ts";
import * as make from "../samples.ts";
import { createScratch } from "./scratch.ts";

const scratch = createScratch();
const sqlite = await loadSqlite();

async function openBoth() {
  const path = scratch();
  const store = await openSqliteStore({ path, clock: systemClock, log: silentLog });
  await store.commit(make.batchOf({ sessions: [make.sessionOf("main")] }));
  const beside = new sqlite.DatabaseSync(path);
  const indexed = () => Number(beside.prepare("SELECT count(*) AS n FROM search_docsize").get()?.n);
  const say = (id: number, text = `words ${id}`) =>
    store.commit(make.batchOf({ events: [make.messageOf("main", id, id, make.userText(text))] }));
  const found = async (search: string) => (await store.listSessions({ search, limit: 5 })).sessions.length;
  return { path, store, beside, indexed, say, found };
}

test("a turn writes nothing of the index, and what it said is found all the same", async () => {
  const { store, beside, indexed, say, found } = await openBoth();
  await say(1, "first words");
  expect(indexed()).toBe(0);
  expect(await found("first words")).toBe(1);
  expect(indexed()).toBe(1);
  await say(2, "");
  await say(3, "third");
  expect(await found("third")).toBe(1);
  expect(indexed()).toBe(2);
  beside.close();
  await store.close();
});

test("when many messages are left, they are put there without being asked for, some at a time", async () => {
  const { store, beside, indexed, say } = await openBoth();
  for (let id = 1; id <= 63; id++) await say(id, "x".repeat(2000));
  for (let turn = 0; turn < 5; turn++) await setImmediate();
  expect(indexed()).toBe(0);
  await say(64);
  const counts = new Set<number>();
  while (indexed() < 64) {
    counts.add(indexed());
    await setImmediate();
  }
  expect(counts.size).toBeGreaterThan(1);
  beside.close();
  await store.close();
});

test("however much is put there, the statements for it stay the same", async () => {
  const { store, beside, say, found } = await openBoth();
  const many = async (from: number) => {
    for (let id = from; id < from + 200; id++) await say(id, `${"x".repeat(2000)} ${id}`);
    // Waits until all are there.
    expect(await found(`x ${from}`)).toBe(1);
  };
  await many(1);
  const prepared = vi.spyOn(sqlite.DatabaseSync.prototype, "prepare");
  onTestFinished(() => prepared.mockRestore());
  await many(201);
  expect(prepared.mock.calls).toEqual([]);
  beside.close();
  await store.close();
});

test("what one process stored another one finds, and what is erased before it was put there never comes back", async () => {
  const { path, store, beside, say, found, indexed } = await openBoth();
  const other = await openSqliteStore({ path, clock: systemClock, log: silentLog });
  await say(1, "told by one");
  expect((await other.listSessions({ search: "told by one", limit: 5 })).sessions).toHaveLength(1);
  await say(2, "soon erased");
  await store.clearSession("main");
  expect(await found("soon erased")).toBe(0);
  expect(await found("told by one")).toBe(0);
  expect(indexed()).toBe(0);
  beside.close();
  await Promise.all([store.close(), other.close()]);
});

test("a Pincer of the version before, which still writes the index itself, is no trouble", async () => {
  const { store, beside, say, found, indexed } = await openBoth();
  await say(1, "by the older one");
  beside.exec(
    `INSERT INTO search (rowid, text) SELECT rid << 32 | 1, 'by the older one  ' FROM sessions WHERE key = 'main'`,
  );
  expect(await found("by the older one")).toBe(1);
  expect(indexed()).toBe(1);
  beside.close();
  await store.close();
});

test("what was left when a process ended is put there by the next, before anybody searches", async () => {
  const { path, store, beside, indexed } = await openBoth();
  const events = Array.from({ length: 100 }, (_, n) =>
    make.messageOf("main", n + 1, n + 1, make.userText(`words ${n}`)),
  );
  await store.commit(make.batchOf({ events }));
  await store.close();
  expect(indexed()).toBe(0);
  const next = await openSqliteStore({ path, clock: systemClock, log: silentLog });
  while (indexed() < 100) await setImmediate();
  beside.close();
  await next.close();
});
