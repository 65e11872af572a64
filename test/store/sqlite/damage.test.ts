import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { describe, expect, test } from "vitest";
import { setAside } from "../../../src/app/storeCopies.ts";
import { systemClock } from "../../../src/base/clock.ts";
import { silentLog, type Log } from "../../../src/base/log.ts";
import { pidSpace } from "../../../src/base/pidSpace.ts";
import { markSuspect } from "../../../src/store/sqlite/openConnection.ts";
import { openSqliteStore } from "../../../src/store/sqlite/sqliteStore.ts";
import { createFakeClock } from "../../fakes/fakeClock.ts";
import * as make from "../samples.ts";
import { createScratch } from "./scratch.ts";

const scratch = createScratch();
const clock = createFakeClock(Date.parse(make.START));
const PAGE = 4096;
const SESSIONS = 100;
const PER_SESSION = 10;

function open(path: string, errors: string[] = []) {
  const log: Log = {
    ...silentLog,
    error: (message, fields) =>
      errors.push(fields?.lost === undefined ? message : `${message}: ${String(fields.lost)}`),
  };
  return openSqliteStore({ path, clock, log });
}

async function makeFilled(): Promise<string> {
  const path = scratch();
  const store = await open(path);
  for (let n = 0; n < SESSIONS; n++) {
    const key = `session-${n}`;
    await store.commit(
      make.batchOf({
        sessions: [make.sessionOf(key, { title: `Title ${n}`, messageCount: PER_SESSION })],
        runs: [make.runOf(`run-${n}`, key)],
        jobs: [{ put: make.jobOf(`job-${n}`) }],
        events: Array.from({ length: PER_SESSION }, (_, m) =>
          make.messageOf(key, n * PER_SESSION + m + 1, m + 1, make.userText(`needle${n} ${"filling ".repeat(40)}`)),
        ),
      }),
    );
  }
  await store.close();
  return path;
}

const TABLE_LEAF = 0x0d;

function overwrite(path: string, from: number, bytes: number): void {
  const file = openSync(path, "r+");
  writeSync(file, Buffer.alloc(bytes, 0xa5), 0, bytes, from);
  closeSync(file);
}

/** Where the next page begins that has messages: what others held is not missed. */
function leafFrom(path: string, page: number): number {
  const bytes = readFileSync(path);
  let at = page * PAGE;
  while (bytes[at] !== TABLE_LEAF || !bytes.subarray(at, at + PAGE).includes('"role":')) at += PAGE;
  return at;
}

/** What a store holds, and that it works: it is searched, and written to. */
async function examine(path: string) {
  const errors: string[] = [];
  const store = await open(path, errors);
  const { sessions } = await store.listSessions({ limit: 1000 });
  const events = await store.listEvents({ afterId: 0, limit: 100_000 });
  const jobs = await store.listJobs();
  await store.commit(
    make.batchOf({
      sessions: [make.sessionOf("fresh")],
      events: [make.messageOf("fresh", 1e9, 1, make.userText("written later"))],
    }),
  );
  const found = await store.listSessions({ search: "written later", limit: 5 });
  expect(found.sessions.map((session) => session.key)).toEqual(["fresh"]);
  await store.deleteSession("fresh");
  await store.close();
  return { sessions: sessions.length, events: events.length, jobs: jobs.length, errors };
}

/** What is left of a store that is mended at its first opening: told once, set aside once, sound from then on. */
async function examineMended(path: string) {
  const left = await examine(path);
  expect(left.errors).toHaveLength(1);
  expect(asideOf(path)).toHaveLength(1);
  expect(readdirSync(dirname(path)).filter((name) => /mended|fresh|repair/.test(name))).toEqual([]);
  expect(await examine(path)).toEqual({ ...left, errors: [] });
  return left;
}

const asideOf = (path: string) => readdirSync(dirname(path)).filter((name) => /\.damaged-.*Z(-\d)?$/.test(name));

describe("a damaged store", () => {
  test("one that is sound is left alone", async () => {
    const path = await makeFilled();
    expect(await examine(path)).toEqual({
      sessions: SESSIONS,
      events: SESSIONS * PER_SESSION,
      jobs: SESSIONS,
      errors: [],
    });
    expect(asideOf(path)).toEqual([]);
  });

  test("with broken pages in its middle: most is read", async () => {
    const path = await makeFilled();
    const pages = statSync(path).size / PAGE;
    for (const part of [0.3, 0.5, 0.7]) overwrite(path, leafFrom(path, Math.floor(pages * part)), PAGE);
    const damaged = readFileSync(path);

    const left = await examine(path);
    expect(left.errors).toHaveLength(1);
    expect(left.sessions).toBeGreaterThan(SESSIONS * 0.8);
    expect(left.events).toBeGreaterThan(SESSIONS * PER_SESSION * 0.8);
    expect(asideOf(path)).toEqual(["pincer.db.damaged-2026-11-22T00-00-00-000Z"]);
    expect(readFileSync(`${dirname(path)}/${asideOf(path)[0]}`).equals(damaged)).toBe(true);

    // What is not there any more is told, at once and for whoever asks later.
    const [, pages1, entries, sessions, first] =
      /: (\d+) pages of the damaged file could not be read; (\d+) entries of (\d+) sessions are missing: session-\d+ \(Title \d+\): (\d+)/.exec(
        left.errors[0]!,
      ) ?? [];
    expect(Number(pages1)).toBeGreaterThanOrEqual(3);
    expect(Number(entries)).toBeGreaterThanOrEqual(SESSIONS * PER_SESSION - left.events - PER_SESSION);
    expect(Number(entries)).toBeLessThanOrEqual(SESSIONS * PER_SESSION - left.events);
    expect(Number(sessions)).toBeGreaterThan(1);
    expect(Number(first)).toBeGreaterThan(0);
    expect(setAside(path)[0]!.lost.join("; ")).toBe(left.errors[0]!.split("is kept: ")[1]);

    expect(await examine(path)).toEqual({ ...left, errors: [] });
    expect(asideOf(path)).toHaveLength(1);
  });

  test("cut off in the middle: what is before the cut is read", async () => {
    const path = await makeFilled();
    truncateSync(path, Math.floor(statSync(path).size / PAGE / 2) * PAGE);
    const left = await examine(path);
    expect(left.errors).toHaveLength(1);
    expect(left.events).toBeGreaterThan(SESSIONS * PER_SESSION * 0.2);
    expect((await examine(path)).errors).toEqual([]);
  });

  test.each([
    ["schema", 100, PAGE - 100],
    ["first page", 0, PAGE],
  ])("whose %s is lost: the tables are found by their rows", async (_, from, bytes) => {
    const path = await makeFilled();
    const store = await open(path);
    await store.deleteSession("session-0");
    await store.close();
    overwrite(path, from, bytes);
    const left = await examineMended(path);
    expect(left).toMatchObject({ sessions: SESSIONS - 1, events: (SESSIONS - 1) * PER_SESSION, jobs: SESSIONS });
  });

  test("whose first page is lost, and the end, and one in the middle: the rest is read", async () => {
    const path = await makeFilled();
    const pages = Math.floor(statSync(path).size / PAGE);
    overwrite(path, 0, PAGE);
    truncateSync(path, Math.floor(pages * 0.9) * PAGE);
    overwrite(path, Math.floor(pages / 2) * PAGE, PAGE);
    const left = await examine(path);
    expect(left.errors).toHaveLength(1);
    expect(left.events).toBeGreaterThan(0);
    expect((await examine(path)).errors).toEqual([]);
  });

  test("whose first page is lost beside a log that was not written back: everything is read", async () => {
    const sound = await makeFilled();
    const store = await open(sound);
    await store.commit(make.batchOf({ sessions: [make.sessionOf("late")] }));
    const path = scratch();
    mkdirSync(dirname(path));
    for (const suffix of ["", "-wal"]) copyFileSync(sound + suffix, path + suffix);
    await store.close();
    overwrite(path, 0, PAGE);
    expect(await examine(path)).toMatchObject({ sessions: SESSIONS + 1, events: SESSIONS * PER_SESSION });
  });

  test("that is another file is kept aside, and a new one serves", async () => {
    const path = await makeFilled();
    writeFileSync(path, "sessions: none\n".repeat(1000));
    const left = await examine(path);
    expect(left).toMatchObject({ sessions: 0, events: 0 });
    expect(left.errors).toHaveLength(1);
    expect(asideOf(path)).toHaveLength(1);
    expect((await examine(path)).errors).toEqual([]);
  });

  test.each([
    ["all of it", 0, 100],
    ["its first word", 0, 16],
    ["the size of its pages", 16, 2],
    ["what it says of formats", 18, 6],
  ])("with a broken header (%s): everything is read", async (_, from, bytes) => {
    const path = await makeFilled();
    overwrite(path, from, bytes);
    const left = await examineMended(path);
    expect(left).toMatchObject({ sessions: SESSIONS, events: SESSIONS * PER_SESSION, jobs: SESSIONS });
  });

  test("with a broken header and a log that was not written back: everything is read", async () => {
    const sound = await makeFilled();
    const store = await open(sound);
    await store.commit(make.batchOf({ sessions: [make.sessionOf("late")] }));
    const path = scratch();
    mkdirSync(dirname(path));
    for (const suffix of ["", "-wal"]) copyFileSync(sound + suffix, path + suffix);
    await store.close();
    overwrite(path, 0, 100);
    const left = await examine(path);
    expect(left).toMatchObject({ sessions: SESSIONS + 1, events: SESSIONS * PER_SESSION });
  });

  test("that cannot be put aside is left with its log", async () => {
    const path = await makeFilled();
    const store = await open(path);
    await store.commit(make.batchOf({ sessions: [make.sessionOf("late")] }));
    overwrite(path, leafFrom(path, Math.floor(statSync(path).size / PAGE / 2)), PAGE);
    markSuspect(path);
    // As on a disk that has become full.
    mkdirSync(`${path}.damaged-${make.START.replaceAll(/[:.]/g, "-")}.lost.txt`);
    await expect(open(path)).rejects.toMatchObject({ message: expect.stringContaining("EISDIR") });
    expect(readdirSync(dirname(path)).filter((name) => /damaged-[^.]*$/.test(name))).toEqual([]);
    const left = scratch();
    mkdirSync(dirname(left));
    for (const suffix of ["", "-wal"]) if (existsSync(path + suffix)) copyFileSync(path + suffix, left + suffix);
    await store.close();
    markSuspect(left);
    const again = await open(left);
    expect((await again.listSessions({ limit: 1000 })).sessions.map(({ key }) => key)).toContain("late");
    await again.close();
  });

  test("with which another process works is repaired once that has ended", async () => {
    const path = await makeFilled();
    const lost = leafFrom(path, Math.floor(statSync(path).size / PAGE / 2));
    const other = await openSqliteStore({ path, clock: systemClock, log: silentLog });
    const holder = { owner: "window", pid: process.ppid, pidSpace: pidSpace(), nonce: "n", url: "" };
    await other.holdLease("gateway", holder, 600_000);
    overwrite(path, lost, PAGE);
    markSuspect(path);
    await expect(open(path)).rejects.toMatchObject({
      code: "unavailable",
      message: `The store is damaged, and window (process ${process.ppid}) works with it: end that, and start Pincer again, which repairs it`,
    });
    expect(asideOf(path)).toEqual([]);
    await other.commit(make.batchOf({ sessions: [make.sessionOf("late")] }));
    await other.dropLease("gateway", "n");
    await other.close();
    const store = await open(path);
    expect(await store.getSession("late")).toBeDefined();
    expect(asideOf(path)).toHaveLength(1);
    await store.close();
  });

  test("twice within one millisecond: both are kept", async () => {
    const path = await makeFilled();
    for (let n = 0; n < 2; n++) {
      overwrite(path, 0, 100);
      await examine(path);
    }
    expect(asideOf(path)).toHaveLength(2);
  });

  test("page by page: it always opens, and then opens cleanly", async () => {
    const sound = await makeFilled();
    const bytes = readFileSync(sound);
    const pages = bytes.length / PAGE;
    for (let page = 0; page < pages; page += Math.ceil(pages / 12)) {
      const path = scratch();
      await (await open(path)).close();
      writeFileSync(path, bytes);
      overwrite(path, page * PAGE, PAGE);
      markSuspect(path);
      await examine(path);
      expect((await examine(path)).errors, `page ${page}`).toEqual([]);
    }
  });

  test("whose damage shows only while it is open is repaired at the next start", async () => {
    const path = await makeFilled();
    const errors: string[] = [];
    const store = await open(path, errors);
    // More than SQLite keeps in memory.
    const long = Array.from({ length: 2000 }, (_, n) =>
      make.messageOf("session-0", 10_000 + n, 100 + n, make.toolText("long ".repeat(1000))),
    );
    await store.commit(make.batchOf({ events: long }));
    const pages = statSync(path).size / PAGE;
    for (let page = 1; page < pages; page++) overwrite(path, page * PAGE, PAGE);
    await expect(store.listEvents({ afterId: 0, limit: 100_000 })).rejects.toMatchObject({ code: "unavailable" });
    expect(errors).toEqual(["The store is damaged"]);
    await store.close();
    expect((await examine(path)).errors).toHaveLength(1);
    expect((await examine(path)).errors).toEqual([]);
  });
});
