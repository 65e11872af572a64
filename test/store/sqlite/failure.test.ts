import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../../src/base/clock.ts";
import { silentLog } from "../../../src/base/log.ts";
import { createDatabase } from "../../../src/store/sqlite/database.ts";
import { loadSqlite } from "../../../src/store/sqlite/loadSqlite.ts";
import { openConnection } from "../../../src/store/sqlite/openConnection.ts";
import { openSqliteStore, toStore } from "../../../src/store/sqlite/sqliteStore.ts";
import * as make from "../samples.ts";
import { createScratch } from "./scratch.ts";

const scratch = createScratch();
const sqlite = await loadSqlite();

/** A store whose connection a test can make fail. */
function openBreakable() {
  const path = scratch();
  const connection = openConnection(sqlite, path);
  const store = toStore(
    createDatabase(connection, path, () => {}),
    { path, clock: systemClock, log: silentLog },
  );
  return { path, connection, store };
}

const FAILURES: [name: string, message: RegExp, breakIt: (connection: DatabaseSync, path: string) => () => void][] = [
  [
    "a full disk",
    /disk is full/,
    (connection) => {
      const pages = Number(connection.prepare("PRAGMA page_count").get()?.page_count);
      connection.exec(`PRAGMA max_page_count = ${pages + 2}`);
      return () => connection.exec("PRAGMA max_page_count = 1000000");
    },
  ],
  [
    "a file that cannot be written to",
    /cannot be written/,
    (connection) => {
      connection.exec("PRAGMA query_only = ON");
      return () => connection.exec("PRAGMA query_only = OFF");
    },
  ],
  [
    "another process that does not let go",
    /locked by another process/,
    (connection, path) => {
      connection.exec("PRAGMA busy_timeout = 20");
      const other = new sqlite.DatabaseSync(path);
      other.exec("BEGIN IMMEDIATE");
      return () => other.close();
    },
  ],
];

describe.each(FAILURES)("%s", (_, message, breakIt) => {
  test("is unavailable, changes nothing, and is over when it is over", async () => {
    const { store, connection, path } = openBreakable();
    await store.commit(
      make.batchOf({
        sessions: [make.sessionOf("main", { title: "Before" })],
        events: [make.messageOf("main", 1, 1, make.userText("kept"))],
      }),
    );

    const mend = breakIt(connection, path);
    const big = make.messageOf("main", 2, 2, make.userText("words ".repeat(20_000)));
    const batch = { sessions: [make.sessionOf("main", { title: "After" })], events: [big] };
    await expect(store.commit(make.batchOf(batch))).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(message),
    });
    expect((await store.getSession("main"))?.title).toBe("Before");
    expect((await store.listMessages("main", { limit: 10 })).messages.map(({ text }) => text)).toEqual(["kept"]);

    mend();
    await store.commit(make.batchOf(batch));
    expect((await store.getSession("main"))?.title).toBe("After");
    expect((await store.listMessages("main", { limit: 10 })).messages).toHaveLength(2);
    await store.close();
  });
});

test("a disk that is full at every step of a commit loses nothing that was acknowledged", async () => {
  const { store, connection } = openBreakable();
  await store.commit(make.batchOf({ sessions: [make.sessionOf("main")] }));
  const start = Number(connection.prepare("PRAGMA page_count").get()?.page_count);
  const acknowledged: string[] = [];
  let refused = 0;
  for (let n = 1; n <= 60; n++) {
    connection.exec(`PRAGMA max_page_count = ${start + n}`);
    // More than the page that is added, so that what a migration left free is soon used up.
    const text = `${n} ${"text ".repeat(1000)}`;
    const committed = await store
      .commit(make.batchOf({ events: [make.messageOf("main", n, n, make.userText(text))] }))
      .then(
        () => true,
        () => false,
      );
    if (committed) acknowledged.push(text);
    else refused++;
  }
  expect(refused).toBeGreaterThan(0);
  const { messages } = await store.listMessages("main", { limit: 100 });
  expect(messages.map((message) => message.text)).toEqual(acknowledged);
  await store.close();
});

test("a folder that cannot be made is unavailable", async () => {
  const path = scratch();
  mkdirSync(dirname(dirname(path)), { recursive: true });
  writeFileSync(dirname(path), "a file where the folder should be");
  await expect(openSqliteStore({ path, clock: systemClock, log: silentLog })).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringMatching(/folder cannot be used \(E\w+\)/),
  });
});

test("where Node has no SQLite, it says so", () => {
  const module = fileURLToPath(new URL("../../../src/store/sqlite/loadSqlite.ts", import.meta.url));
  const script = `import(${JSON.stringify(module)}).then((m) => m.loadSqlite()).catch((e) => console.log(e.code, e.message))`;
  const output = execFileSync(process.execPath, ["--no-experimental-sqlite", "-e", script], { encoding: "utf8" });
  expect(output).toMatch(/^unavailable .*needs 22\.13 or newer/);
});
