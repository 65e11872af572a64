import { mkdirSync, readFileSync, readdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { type Log, silentLog } from "../../../src/base/log.ts";
import { backUpEarlier } from "../../../src/store/sqlite/care/backup.ts";
import { openConnection } from "../../../src/store/sqlite/openConnection.ts";
import { loadSqlite } from "../../../src/store/sqlite/loadSqlite.ts";
import { openSqliteStore, type SqliteStore } from "../../../src/store/sqlite/sqliteStore.ts";
import { createFakeClock } from "../../fakes/fakeClock.ts";
import * as make from "../samples.ts";
import { posixTest } from "../../posix.ts";
import { createScratch } from "./scratch.ts";

const scratch = createScratch();
const sqlite = await loadSqlite();
const clock = createFakeClock(Date.parse(make.START));
const { signal } = new AbortController();

function open(path: string, errors: unknown[] = []): Promise<SqliteStore> {
  const log: Log = { ...silentLog, error: (message, fields) => errors.push([message, fields]) };
  return openSqliteStore({ path, clock, log });
}

/** A store as Pincer wrote it when its schema had version 1. */
function oldStore(path = scratch()): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, gunzipSync(readFileSync(new URL("../../golden/store/version1.db.gz", import.meta.url))));
  return path;
}

async function tendAll(store: SqliteStore): Promise<number> {
  let steps = 0;
  while (await store.tend(signal)) steps += 1;
  return steps;
}

async function fill(store: SqliteStore, session: string, messages: number): Promise<void> {
  await store.commit(make.batchOf({ sessions: [make.sessionOf(session)] }));
  const from = await store.newestEventId();
  for (let n = 1; n <= messages; n += 100) {
    const events = Array.from({ length: 100 }, (_, m) =>
      make.messageOf(session, from + n + m, n + m, make.userText(`needle ${"filling ".repeat(100)}`)),
    );
    await store.commit(make.batchOf({ events }));
  }
}

describe("a copy before the store is brought to this version", () => {
  posixTest("is whole, its user's alone, and told of where a store is missed", async () => {
    const path = oldStore();
    const store = await open(path);
    await store.close();
    expect(readdirSync(dirname(path)).toSorted()).toEqual(["pincer.db", "pincer.db.version-1"]);
    expect(statSync(`${path}.version-1`).mode & 0o777).toBe(0o600);
    const copy = new sqlite.DatabaseSync(`${path}.version-1`);
    expect(copy.prepare("PRAGMA user_version").get()).toMatchObject({ user_version: 1 });
    expect(copy.prepare("SELECT count(*) AS n FROM events").get()).toMatchObject({ n: 4 });
    copy.close();
  });

  test("is kept twice, the newest", async () => {
    const path = oldStore();
    for (const version of [7, 8]) writeFileSync(`${path}.version-${version}`, "");
    writeFileSync(`${path}.version-9.partial`, "half");
    await (await open(path)).close();
    const kept = readdirSync(dirname(path)).filter((name) => /version-\d+$/.test(name));
    expect(kept).toHaveLength(2);
    expect(kept).toContain("pincer.db.version-1");
  });

  test("is of the version that it is named after, or is not made, where another process is quicker", async () => {
    const path = oldStore();
    let meanwhile: (() => void) | undefined = () => openConnection(sqlite, path).close();
    class DatabaseSync extends sqlite.DatabaseSync {
      override close(): void {
        super.close();
        const other = meanwhile;
        meanwhile = undefined;
        other?.();
      }
    }
    await backUpEarlier({ ...sqlite, DatabaseSync }, path, silentLog);
    expect(meanwhile).toBeUndefined();
    expect(readdirSync(dirname(path))).toEqual(["pincer.db"]);
  });

  test("is one, and good, where two windows open the store at once; what a killed process left goes, and nothing else", async () => {
    const path = oldStore();
    for (const left of ["1.partial_1", "8.partial_1", "9.partial", "7.gz", "7-keep", "7.partial.gz"]) {
      writeFileSync(`${path}.version-${left}`, "half");
      if (left !== "1.partial_1") utimesSync(`${path}.version-${left}`, 0, 0);
    }
    const warned: unknown[] = [];
    const log: Log = { ...silentLog, warn: (message) => warned.push(message) };
    const stores = await Promise.all([1, 2].map(() => openSqliteStore({ path, clock, log })));
    for (const store of stores) await store.close();
    const theirs = ["7-keep", "7.gz", "7.partial.gz"].map((name) => `pincer.db.version-${name}`);
    const names = ["pincer.db", "pincer.db.version-1", "pincer.db.version-1.partial_1", ...theirs];
    expect(readdirSync(dirname(path)).toSorted()).toEqual(names);
    const copy = new sqlite.DatabaseSync(`${path}.version-1`, { readOnly: true });
    expect(copy.prepare("PRAGMA user_version").get()).toMatchObject({ user_version: 1 });
    copy.close();
    expect(warned).toEqual([]);
  });

  test("is not made of a new store, one of this version, or a damaged one, and holds nothing up", async () => {
    const path = scratch();
    await (await open(path)).close();
    await (await open(path)).close();
    expect(readdirSync(dirname(path))).toEqual(["pincer.db"]);
    const blocked = oldStore();
    // Where the copy would lie is a folder: it cannot be made.
    mkdirSync(`${blocked}.version-1/x`, { recursive: true });
    const store = await open(blocked);
    expect(await store.newestEventId()).toBeGreaterThan(0);
    await store.close();
  });
});

describe("a store is looked over", () => {
  test("part by part, each once a day, wherever it was begun", async () => {
    const path = scratch();
    const first = await open(path);
    await fill(first, "main", 100);
    expect((await first.condition()).checkedAt).toBeUndefined();
    expect(await first.tend(signal)).toBe(true);
    expect(await first.tend(signal)).toBe(true);
    await first.close();
    const store = await open(path);
    const steps = await tendAll(store);
    expect(steps).toBeGreaterThan(10);
    const condition = await store.condition();
    expect(condition.checkedAt).toBe(make.START);
    expect(condition.problem).toBeUndefined();
    expect(await store.tend(signal)).toBe(false);
    await clock.advance(24 * 3_600_000);
    expect(await tendAll(store)).toBe(steps + 2);
    await store.close();
  });

  test("an index that lacks a row is found, told with what to do, and mended by the next start", async () => {
    const path = scratch();
    const store = await open(path);
    await fill(store, "main", 100);
    const beside = new sqlite.DatabaseSync(path, { defensive: false });
    beside.exec("PRAGMA writable_schema = ON");
    const schema = beside
      .prepare("SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema WHERE name = 'events_by_run'")
      .get()!;
    beside.exec("DELETE FROM sqlite_schema WHERE name = 'events_by_run'");
    beside.close();
    const blind = new sqlite.DatabaseSync(path, { defensive: false });
    blind.exec("UPDATE events SET run_id = 'other' WHERE id = 3; PRAGMA writable_schema = ON");
    blind.prepare("INSERT INTO sqlite_schema VALUES (?, ?, ?, ?, ?)").run(...Object.values(schema));
    blind.close();
    await store.close();

    const errors: unknown[] = [];
    const damaged = await open(path, errors);
    await tendAll(damaged);
    expect(errors).toEqual([
      [expect.stringContaining("Start Pincer again"), expect.objectContaining({ path, part: "events" })],
    ]);
    expect((await damaged.condition()).problem).toMatch(/^events: row 3 missing from index events_by_run/);
    await damaged.close();

    const mended = await open(path);
    await clock.advance(24 * 3_600_000);
    await tendAll(mended);
    expect((await mended.condition()).problem).toBeUndefined();
    expect((await mended.listMessages("main", { limit: 200 })).messages).toHaveLength(100);
    await mended.close();
  });

  test("ends at once when its process is to end", async () => {
    const store = await open(scratch());
    const stop = new AbortController();
    const step = store.tend(stop.signal);
    stop.abort();
    await expect(step).rejects.toThrow("ended early");
    await store.close();
  });
});

describe("room that nothing uses", () => {
  test("is given back in slices, but for what comes next", async () => {
    const path = scratch();
    const store = await open(path);
    await fill(store, "big", 2500);
    await fill(store, "main", 100);
    expect((await store.listSessions({ search: "needle", limit: 5 })).sessions).toHaveLength(2);
    await tendAll(store);
    const before = await store.condition();
    await store.deleteSession("big");
    expect((await store.condition()).freeBytes).toBeGreaterThan(before.bytes / 4);
    for (let more = true; more;) more = await store.tend(signal);
    expect((await store.condition()).freeBytes).toBeLessThanOrEqual(2 * 1024 * 1024);
    expect((await store.listMessages("main", { limit: 500 })).messages).toHaveLength(100);
    await store.close();
    expect(statSync(path).size).toBeLessThan(before.bytes / 2);
  });

  test("can be given back by a store of an earlier version, too", async () => {
    const path = oldStore();
    const store = await open(path);
    const beside = new sqlite.DatabaseSync(path);
    expect(beside.prepare("PRAGMA auto_vacuum").get()).toMatchObject({ auto_vacuum: 2 });
    beside.close();
    expect((await store.listRuns({ limit: 10 })).map(({ id }) => id)).toEqual([
      "run_5",
      "run_1",
      "run_7",
      "run_2",
      "run_9",
    ]);
    await store.close();
  });
});
