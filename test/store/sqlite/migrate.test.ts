import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { systemClock } from "../../../src/base/clock.ts";
import { silentLog } from "../../../src/base/log.ts";
import { openSqliteStore } from "../../../src/store/sqlite/sqliteStore.ts";
import * as make from "../samples.ts";
import { createScratch } from "./scratch.ts";

const scratch = createScratch();

/** A store as Pincer wrote it when its schema had version 1. */
function oldStore(): string {
  const path = scratch();
  mkdirSync(dirname(path), { recursive: true });
  const packed = readFileSync(new URL("../../golden/store/version1.db.gz", import.meta.url));
  writeFileSync(path, gunzipSync(packed));
  return path;
}

test("a store of version 1 is brought to this one with all that is in it", async () => {
  const path = oldStore();
  const store = await openSqliteStore({ path, clock: systemClock, log: silentLog });
  const runs = await store.listRuns({ limit: 10 });
  expect(runs.map(({ id, state }) => `${id} ${state}`)).toEqual([
    "run_5 queued",
    "run_1 queued",
    "run_7 queued",
    "run_2 queued",
    "run_9 finished",
  ]);
  const { messages } = await store.listMessages("main", { limit: 10 });
  expect(messages.map(({ id, seq, text }) => [id, seq, text])).toEqual([
    [2, 2, "first words"],
    [40, 31, "an answer"],
  ]);
  expect((await store.listSessions({ limit: 10 })).sessions.map(({ key }) => key)).toEqual(["s_child", "main"]);
  expect((await store.listSessions({ limit: 10, search: "child's" })).sessions.map(({ key }) => key)).toEqual([
    "s_child",
  ]);
  expect(await store.listJobs()).toEqual([make.jobOf("job_1")]);
  expect((await store.listSlots({ limit: 10 })).map(({ runId }) => runId)).toEqual(["run_9"]);
  expect(await store.listUsage({ sinceDay: "2026-01-01" })).toEqual([make.usageOf("2026-11-22", "main")]);
  expect((await store.getAnswer("api:k1"))?.answer?.body).toEqual({ runId: "run_9" });
  await store.close();
});

test("what an older Pincer indexed with its accents is found without them", async () => {
  const path = oldStore();
  const { DatabaseSync } = await import("node:sqlite");
  const old = new DatabaseSync(path);
  old.exec(`
    UPDATE events SET body = json_set(body, '$.message.text', 'Die Straße nach Århus') WHERE session_key = 'main' AND seq = 2;
    DELETE FROM search WHERE rowid = (SELECT rid << 32 | 2 FROM sessions WHERE key = 'main');
    INSERT INTO search (rowid, text) SELECT rid << 32 | 2, 'die straße nach århus  ' FROM sessions WHERE key = 'main';
    UPDATE sessions SET body = json_set(body, '$.title', 'Für später'), folded = 'für später' || char(10) || key WHERE key = 's_child';
  `);
  old.close();
  const store = await openSqliteStore({ path, clock: systemClock, log: silentLog });
  const found = async (search: string) =>
    (await store.listSessions({ limit: 10, search })).sessions.map(({ key }) => key);
  for (const words of ["strasse nach arhus", "Straße", "an answer"]) expect(await found(words)).toEqual(["main"]);
  expect(await found("fur spater")).toEqual(["s_child"]);
  await store.close();
});

test("a gateway of the version before keeps the lease that it has, by its own words", async () => {
  const path = scratch();
  const store = await openSqliteStore({ path, clock: systemClock, log: silentLog });
  const { DatabaseSync } = await import("node:sqlite");
  const old = new DatabaseSync(path);
  const [a, b] = [make.holderOf("a"), make.holderOf("b")];
  const hold = (expiresAt: number) =>
    old
      .prepare("INSERT OR REPLACE INTO lease (only, nonce, expires_at, body) VALUES (1, ?, ?, ?)")
      .run("a", expiresAt, JSON.stringify(a));
  const read = () => old.prepare("SELECT nonce, expires_at, body FROM lease").get();
  expect(read()).toBeUndefined();
  hold(Date.now() + 5000);
  expect(await store.holdLease("gateway", b, 5000)).toMatchObject({ held: false, holder: a, fence: 1 });
  hold(Date.now() - 1);
  expect(await store.holdLease("gateway", b, 5000)).toMatchObject({ held: true, fence: 2 });
  expect(read()).toMatchObject({ nonce: "b" });
  old.prepare("DELETE FROM lease WHERE nonce = ?").run("a");
  expect(await store.getLease("gateway")).toMatchObject({ holder: b });
  old.prepare("DELETE FROM lease WHERE nonce = ?").run("b");
  expect(await store.getLease("gateway")).toBeUndefined();
  old.close();
  await store.close();
});
