import { renameSync, readdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { loadSqlite } from "../../src/store/sqlite/loadSqlite.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqliteStore.ts";
import * as make from "./samples.ts";
import { createScratch } from "./sqlite/scratch.ts";
import { storeSuite } from "./storeSuite.ts";
import { posixTest } from "../posix.ts";

const scratch = createScratch();
const sqlite = await loadSqlite();
const open = (path: string) => openSqliteStore({ path, clock: systemClock, log: silentLog });

storeSuite("sqlite", (clock) => openSqliteStore({ path: scratch(), clock, log: silentLog }));

describe("sqlite", () => {
  test("gives everything back when opened again", async () => {
    const path = scratch();
    const first = await open(path);
    const session = make.sessionOf("main", { title: "Kept" });
    const event = make.messageOf("main", 1, 1, make.userText("hello"));
    await first.commit(make.batchOf({ sessions: [session], events: [event] }));
    await first.close();

    const second = await open(path);
    expect(await second.getSession("main")).toEqual(session);
    expect(await second.listEvents({ afterId: 0, limit: 10 })).toEqual([{ ...event, at: expect.any(String) }]);
    expect(await second.newestEventId()).toBe(1);
    await second.close();
  });

  test("leaves one file when closed, with its log written back", async () => {
    const path = scratch();
    const store = await open(path);
    await store.commit(make.batchOf({ sessions: [make.sessionOf("main")] }));
    await store.close();
    expect(readdirSync(dirname(path))).toEqual(["pincer.db"]);
  });

  posixTest("is readable by its user only", async () => {
    const path = scratch();
    const before = process.umask(0);
    try {
      const store = await open(path);
      await store.commit(make.batchOf({ sessions: [make.sessionOf("main")] }));
      const modes = [dirname(path), path, `${path}-wal`, `${path}-shm`].map((name) => statSync(name).mode & 0o777);
      expect(modes).toEqual([0o700, 0o600, 0o600, 0o600]);
      await store.close();
    } finally {
      process.umask(before);
    }
  });

  test("two connections see each other's writes", async () => {
    const path = scratch();
    const [one, two] = await Promise.all([open(path), open(path)]);
    await one.commit(make.batchOf({ sessions: [make.sessionOf("main")] }));
    expect(await two.getSession("main")).toBeDefined();
    await two.commit(make.batchOf({ sessions: [make.sessionOf("main", { title: "By two" })] }));
    expect((await one.getSession("main"))?.title).toBe("By two");
    await Promise.all([one.close(), two.close()]);
  });

  test("jobs are listed as they are, whoever has put or removed them since", async () => {
    const path = scratch();
    const [one, two] = await Promise.all([open(path), open(path)]);
    const jobs = (name: string, ...ids: string[]) =>
      make.batchOf({ jobs: ids.map((id) => ({ put: make.jobOf(id, { name, createdAt: make.timeAt(id.length) }) })) });
    const areListed = async (...expected: string[]) => {
      const fresh = await open(path);
      for (const store of [one, two, fresh])
        expect((await store.listJobs()).map(({ id, name }) => `${id} ${name}`)).toEqual(expected);
      await fresh.close();
    };
    await areListed();
    await one.commit(jobs("first", "bb", "c", "aa"));
    await areListed("c first", "aa first", "bb first");
    await two.commit(jobs("second", "bb"));
    await areListed("c first", "aa first", "bb second");
    await one.deleteJob("c");
    await two.commit(jobs("third", "d"));
    await areListed("d third", "aa first", "bb second");
    // The highest number there is goes with its job, and comes again.
    await one.deleteJob("d");
    await one.commit(jobs("fourth", "c"));
    await two.commit(jobs("fourth", "d"));
    await areListed("c fourth", "d fourth", "aa first", "bb second");
    const refused = { ...jobs("fifth", "aa", "e"), claims: [make.slotOf("aa", 1), make.slotOf("aa", 1)] };
    await expect(one.commit(refused)).rejects.toMatchObject({ code: "conflict" });
    await two.commit(jobs("sixth", "bb"));
    await areListed("c fourth", "d fourth", "aa first", "bb sixth");
    await Promise.all([one.close(), two.close()]);
  });

  test("refuses the store of a newer version, and leaves it alone", async () => {
    const path = scratch();
    await (await open(path)).close();
    const later = new sqlite.DatabaseSync(path);
    later.exec("PRAGMA user_version = 99; CREATE TABLE from_the_future (a)");
    later.close();

    await expect(open(path)).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(/newer Pincer \(version 99; this one knows \d+\)/),
    });
    expect(readdirSync(dirname(path))).toEqual(["pincer.db"]);
    const after = new sqlite.DatabaseSync(path);
    expect(after.prepare("SELECT count(*) AS n FROM from_the_future").get()).toMatchObject({ n: 0 });
    after.close();
  });

  posixTest("does not write to a file that was moved away", async () => {
    const path = scratch();
    const store = await open(path);
    renameSync(path, `${path}.elsewhere`);
    await expect(store.commit(make.batchOf({ sessions: [make.sessionOf("main")] }))).rejects.toMatchObject({
      code: "unavailable",
    });
    await store.close();
  });
});
