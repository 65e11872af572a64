import { expect, test } from "vitest";
import { systemClock } from "../../../src/base/clock.ts";
import { silentLog } from "../../../src/base/log.ts";
import type { Batch } from "../../../src/core/ports/batch.ts";
import type { Claim } from "../../../src/core/ports/runQueue.ts";
import { createDatabase } from "../../../src/store/sqlite/database.ts";
import { loadSqlite } from "../../../src/store/sqlite/loadSqlite.ts";
import { openConnection } from "../../../src/store/sqlite/openConnection.ts";
import { toStore } from "../../../src/store/sqlite/sqliteStore.ts";
import * as make from "../samples.ts";
import { createScratch } from "./scratch.ts";

const scratch = createScratch();
const sqlite = await loadSqlite();

/** A store that has had several commits in the last round of the event loop. */
async function openBusy() {
  const path = scratch();
  const connection = openConnection(sqlite, path);
  const db = createDatabase(connection, path, () => {});
  const counts = { writes: 0 };
  const counted = {
    ...db,
    write<T>(work: () => T): T {
      counts.writes++;
      return db.write(work);
    },
  };
  const store = toStore(counted, { path, clock: systemClock, log: silentLog });
  const between = () => new Promise((resolve) => setImmediate(resolve));
  const first = [store.commit(session("first")), store.commit(session("second"))];
  await between();
  await Promise.all(first);
  counts.writes = 0;
  return { store, connection, counts };
}

const session = (key: string): Batch => make.batchOf({ sessions: [make.sessionOf(key)] });
const said = (key: string, text: string): Batch =>
  make.batchOf({ events: [make.messageOf(key, 0, 0, make.userText(text))] });

test("one that comes alone is stored before anything else happens; those that come together are one transaction", async () => {
  const { store, counts } = await openBusy();
  const together = ["a", "b", "c"].map((key) => store.commit(session(key)));
  expect(counts.writes).toBe(0);
  expect(await store.getSession("a")).toBeUndefined();
  await Promise.all(together);
  expect(counts.writes).toBe(1);
  expect(await Promise.all(["a", "b", "c"].map(async (key) => (await store.getSession(key))?.key))).toEqual([
    "a",
    "b",
    "c",
  ]);
  await store.commit(session("d"));
  counts.writes = 0;
  void store.commit(session("e"));
  expect(counts.writes).toBe(1);
  await store.close();
});

test("numbers are given in the order in which they came, and they resolve in it", async () => {
  const { store } = await openBusy();
  const told: number[] = [];
  const tell = async (batch: Batch) => {
    const { events } = await store.commit(batch);
    told.push(...events.map(({ id }) => id));
  };
  await Promise.all([tell(said("first", "1")), tell(said("second", "2")), tell(said("first", "3"))]);
  expect(told).toEqual([1, 2, 3]);
  const { messages } = await store.listMessages("first", { limit: 9 });
  expect(messages.map(({ text }) => text)).toEqual(["1", "3"]);
  await store.close();
});

test("one that is refused changes nothing, and costs no other anything", async () => {
  const { store } = await openBusy();
  const stale: Batch = {
    fence: { sessionKey: "first", value: 9 },
    sessions: [{ key: "first", patch: { title: "No" } }],
  };
  const all = [
    said("first", "1"),
    stale,
    said("second", "2"),
    { ...stale, ...said("second", "no") },
    said("first", "3"),
  ];
  const ends = await Promise.allSettled(all.map((batch) => store.commit(batch)));
  expect(ends.map((end) => (end.status === "fulfilled" ? end.value.events.map(({ id }) => id) : "refused"))).toEqual([
    [1],
    "refused",
    [2],
    "refused",
    [3],
  ]);
  expect((await store.getSession("first"))?.title).not.toBe("No");
  await store.close();
});

test("where nothing can be stored each is told so once, and what comes later is stored", async () => {
  const { store, connection, counts } = await openBusy();
  connection.exec("PRAGMA busy_timeout = 1");
  const other = new sqlite.DatabaseSync(connection.location()!);
  other.exec("BEGIN IMMEDIATE");
  const all = ["a", "b", "c"].map((key) => store.commit(session(key)));
  const ends = await Promise.allSettled(all);
  expect(ends.map((end) => end.status === "rejected" && (end.reason as { code: string }).code)).toEqual(
    Array.from({ length: 3 }, () => "unavailable"),
  );
  // Each would wait for the other process by itself.
  expect(counts.writes).toBe(1);
  other.close();
  await store.commit(session("a"));
  expect(await store.getSession("a")).toBeDefined();
  await store.close();
});

test("a worker is given no more than it takes, however many come together", async () => {
  const { store } = await openBusy();
  const queue = store.queue("worker");
  const claims: Claim[] = [];
  const end = Promise.withResolvers<void>();
  queue.work({ limit: 2 }, async (claim) => {
    claims.push(claim);
    await end.promise;
    await store.commit({
      fence: claim.fence,
      runs: [{ id: claim.run.id, patch: { state: "finished", outcome: { type: "done", reply: "" } } }],
    });
  });
  const keys = ["a", "b", "c", "d"];
  await Promise.all(keys.map((key) => store.commit(session(key))));
  await Promise.all(keys.map((key) => store.commit({ submits: [{ run: make.runOf(`run-${key}`, key), begun: {} }] })));
  expect(claims.map(({ run }) => run.id)).toEqual(["run-a", "run-b"]);
  end.resolve();
  await expect.poll(() => claims.map(({ run }) => run.id).toSorted()).toEqual(keys.map((key) => `run-${key}`));
  await expect.poll(async () => (await store.listRuns({ states: ["finished"], limit: 9 })).length).toBe(4);
  await store.close();
});

test("what waits when the store is closed is stored", async () => {
  const { store, connection } = await openBusy();
  const path = connection.location()!;
  const last = store.commit(session("last"));
  await store.close();
  await last;
  const again = new sqlite.DatabaseSync(path);
  expect(again.prepare("SELECT count(*) AS n FROM sessions WHERE key = 'last'").get()?.n).toBe(1);
  again.close();
});
