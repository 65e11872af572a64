import { expect, test } from "vitest";
import { systemClock } from "../../../src/base/clock.ts";
import { silentLog } from "../../../src/base/log.ts";
import { createDatabase } from "../../../src/store/sqlite/database.ts";
import { loadSqlite } from "../../../src/store/sqlite/loadSqlite.ts";
import { openConnection } from "../../../src/store/sqlite/openConnection.ts";
import { lossLines } from "../../../src/store/sqlite/mend/losses.ts";
import { salvage } from "../../../src/store/sqlite/mend/salvage.ts";
import { toStore } from "../../../src/store/sqlite/sqliteStore.ts";
import * as make from "../samples.ts";
import { createScratch } from "./scratch.ts";

const scratch = createScratch();
const sqlite = await loadSqlite();

function open() {
  const path = scratch();
  const connection = openConnection(sqlite, path);
  const database = createDatabase(connection, path, () => {});
  return { connection, database, store: toStore(database, { path, clock: systemClock, log: silentLog }) };
}

test("history whose session is lost gets one to be found under; what is no JSON is left out", async () => {
  const damaged = open();
  await damaged.store.commit(
    make.batchOf({
      sessions: [make.sessionOf("kept"), make.sessionOf("lost"), make.sessionOf("empty")],
      runs: [make.runOf("run-kept", "kept"), make.runOf("run-lost", "lost"), make.runOf("run-empty", "empty")],
      jobs: ["job-1", "job-2", "job-3", "job-4"].map((id) => ({ put: make.jobOf(id) })),
      events: [
        make.messageOf("kept", 1, 1, make.userText("first words"), "run-kept"),
        make.messageOf("lost", 2, 1, make.userText("second words"), "run-lost"),
        make.messageOf("lost", 3, 2, make.assistantText("third words"), "run-lost"),
      ],
      usage: [make.usageOf("2026-11-22", "lost")],
      answers: [make.answerOf("k", { createdAt: new Date().toISOString() })],
    }),
  );
  // Leaves numbers behind that are not to be given again.
  await damaged.store.commit(
    make.batchOf({
      sessions: [make.sessionOf("gone")],
      events: [make.messageOf("gone", 4, 1, make.userText("gone"), "run-gone")],
    }),
  );
  await damaged.store.deleteSession("gone");
  const claims = ["job-1", "job-3", "job-4", "job-5"].map((id) => make.slotOf(id, 1));
  await damaged.store.commit({ claims });
  // Removed by whoever had it, so nothing of it is lost.
  await damaged.store.deleteJob("job-4");
  damaged.connection.exec(`PRAGMA foreign_keys = OFF;
    DELETE FROM sessions WHERE key IN ('lost', 'empty');
    UPDATE jobs SET body = substr(body, 5) WHERE id = 'job-2';
    DELETE FROM jobs WHERE id = 'job-3'`);

  const target = open();
  const { saved, losses } = salvage(damaged.connection, target.database);
  expect(losses).toEqual({ pages: 0, missing: [], gone: ["empty"], jobs: ["job-2 (Tidy up)", "job-3", "job-5"] });
  expect(lossLines(losses)).toContain(
    "3 jobs cannot be read any more, and will not fire: job-2 (Tidy up), job-3, job-5",
  );
  expect(saved).toEqual({
    sessions: 1,
    events: 3,
    runs: 3,
    jobs: 1,
    slots: 4,
    answers: 1,
    usage: 1,
    budgets: 0,
    counters: 1,
    seqs: 1,
    lanes: 0,
    channel_notes: 0,
    commands: 0,
    command_ends: 0,
    inbox: 0,
    outbox: 0,
  });

  const { store } = target;
  expect(await store.getSession("lost")).toMatchObject({
    kind: "isolated",
    title: "Recovered session",
    messageCount: 2,
  });
  expect((await store.listRuns({ limit: 10 })).map((run) => run.id)).toEqual(["run-lost", "run-kept"]);
  const found = await store.listSessions({ search: "words", limit: 10 });
  expect(found.sessions.map((session) => session.key)).toEqual(["lost", "kept"]);
  expect(await store.newestEventId()).toBe(4);
  await expect(store.commit({ claims: [make.slotOf("job-1", 1)] })).rejects.toMatchObject({ code: "conflict" });
  expect(await store.getAnswer("k")).toBeDefined();
  // Foreign keys hold again.
  const orphan = store.commit(make.batchOf({ events: [make.messageOf("empty", 900, 1, make.userText("x"))] }));
  await expect(orphan).rejects.toMatchObject({ code: "not_found" });
  await Promise.all([store.close(), damaged.store.close()]);
});
