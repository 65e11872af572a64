import { rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { systemClock } from "../../../src/base/clock.ts";
import { silentLog } from "../../../src/base/log.ts";
import { createLogBound, freeBytes } from "../../../src/store/sqlite/care/logBound.ts";
import { createDatabase } from "../../../src/store/sqlite/database.ts";
import { loadSqlite } from "../../../src/store/sqlite/loadSqlite.ts";
import { openConnection } from "../../../src/store/sqlite/openConnection.ts";
import { openSqliteStore, toStore } from "../../../src/store/sqlite/sqliteStore.ts";
import { fill, mountDisk, unmount } from "../../survival/smallDisk.ts";
import * as make from "../samples.ts";

const MB = 1024 * 1024;
const sqlite = await loadSqlite();

/** A store on a disk of its own. `freeOf` says how much room it believes there is. */
async function openOn(disk: string, freeOf = freeBytes) {
  const path = join(disk, "pincer.db");
  const connection = openConnection(sqlite, path);
  const database = createDatabase(connection, path, () => {}, createLogBound(connection, path, freeOf));
  const store = toStore(database, { path, clock: systemClock, log: silentLog });
  await store.commit(make.batchOf({ sessions: [make.sessionOf("main")] }));
  const acknowledged: string[] = [];
  let count = 0;
  const put = async (): Promise<boolean> => {
    const n = ++count;
    const text = `${n} ${"word ".repeat(400)}`;
    try {
      await store.commit(make.batchOf({ events: [make.messageOf("main", n, n, make.userText(text))] }));
      acknowledged.push(text);
      return true;
    } catch (error) {
      expect(error).toMatchObject({ code: "unavailable", message: expect.stringMatching(/disk is full/) });
      return false;
    } finally {
      await setImmediate();
    }
  };
  return {
    store,
    put,
    acknowledged,
    fileBytes: () => statSync(path).size,
    logBytes: () => statSync(`${path}-wal`).size,
    texts: async () => (await store.listMessages("main", { limit: 100_000 })).messages.map(({ text }) => text),
  };
}

test("a disk with little room is for what is stored, not for its log", async ({ skip }) => {
  const disk = mountDisk(24);
  if (!disk) return skip("only root may mount a disk that is small enough to fill");
  try {
    const { store, put, acknowledged, fileBytes, logBytes, texts } = await openOn(disk);
    const ballast = join(disk, "ballast");
    writeFileSync(ballast, Buffer.alloc(MB));
    while (await put());
    expect(logBytes()).toBeLessThan(2.5 * MB);
    expect(fileBytes()).toBeGreaterThan(19 * MB);
    expect(await put()).toBe(false);

    rmSync(ballast);
    for (let n = 0; n < 20; n++) expect(await put()).toBe(true);
    expect(await texts()).toEqual(acknowledged);
    await store.close();
  } finally {
    unmount(disk);
  }
});

test("a log that was long when another program filled the disk takes none of the room that is made until there is enough", async ({
  skip,
}) => {
  const disk = mountDisk(48);
  if (!disk) return skip("only root may mount a disk that is small enough to fill");
  let believed: number | undefined = Infinity;
  try {
    const store = await openOn(disk, (folder) => believed ?? freeBytes(folder));
    const { put, acknowledged, fileBytes, logBytes, texts } = store;
    const ballast = join(disk, "ballast");
    while (logBytes() < 13 * MB) await put();
    expect(fileBytes()).toBeLessThan(2 * MB);
    fill(ballast);
    believed = undefined;
    while (await put());

    // Too little to copy the log, and enough for many more messages.
    truncateSync(ballast, statSync(ballast).size - 2 * MB);
    for (let n = 0; n < 30; n++) expect(await put()).toBe(true);
    while (await put());

    // Enough to copy the log, and so the log's own room is there again.
    truncateSync(ballast, statSync(ballast).size - 16 * MB);
    for (let n = 0; n < 400; n++) expect(await put()).toBe(true);
    expect(logBytes()).toBeLessThan(2 * MB);
    expect(await texts()).toEqual(acknowledged);
    await store.store.close();
  } finally {
    unmount(disk);
  }
});

test("a store that is made on a disk which fills up meanwhile is refused as that, and made once there is room", async ({
  skip,
}) => {
  const disk = mountDisk(4);
  if (!disk) return skip("only root may mount a disk that is small enough to fill");
  try {
    const ballast = join(disk, "ballast");
    let refused = 0;
    for (let room = 0; ; room += 16) {
      const path = join(disk, `${room}`, "pincer.db");
      fill(ballast);
      truncateSync(ballast, Math.max(0, statSync(ballast).size - room * 1024));
      const opened = await openSqliteStore({ path, clock: systemClock, log: silentLog }).catch((error: unknown) => {
        expect(error).toMatchObject({ code: "unavailable", message: expect.stringMatching(/disk is full/) });
      });
      rmSync(ballast);
      const store = opened ?? (await openSqliteStore({ path, clock: systemClock, log: silentLog }));
      await store.commit(make.batchOf({ sessions: [make.sessionOf("main")] }));
      await store.close();
      rmSync(dirname(path), { recursive: true });
      if (opened) break;
      refused++;
    }
    expect(refused).toBeGreaterThan(10);
  } finally {
    unmount(disk);
  }
});

test("a disk that cannot say how much room it has is taken for a roomy one", () => {
  expect(freeBytes("/a folder/that is not there")).toBe(Infinity);
});
