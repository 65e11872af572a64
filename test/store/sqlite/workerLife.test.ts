import { expect, onTestFinished, test, vi } from "vitest";
import { systemClock } from "../../../src/base/clock.ts";
import { createDatabase } from "../../../src/store/sqlite/database.ts";
import { loadSqlite } from "../../../src/store/sqlite/loadSqlite.ts";
import { openConnection } from "../../../src/store/sqlite/openConnection.ts";
import { createWorkerLife } from "../../../src/store/sqlite/queue/workerLife.ts";
import { silentLog } from "../../../src/base/log.ts";
import { openSqliteStore } from "../../../src/store/sqlite/sqliteStore.ts";
import * as make from "../samples.ts";
import { createScratch } from "./scratch.ts";

const scratch = createScratch();
const sqlite = await loadSqlite();

/** Both kinds of time in the test's hands. */
function holdTime() {
  let [wall, steady] = [Date.parse("2026-01-01T00:00:00Z"), 1000];
  const spies = [
    vi.spyOn(systemClock, "now").mockImplementation(() => wall),
    vi.spyOn(performance, "now").mockImplementation(() => steady),
  ];
  onTestFinished(() => spies.forEach((spy) => spy.mockRestore()));
  return (wallMs: number, steadyMs: number) => {
    wall += wallMs;
    steady += steadyMs;
  };
}

/** Two workers on one store, the second with a folder of its own. */
function begin() {
  const pass = holdTime();
  const path = scratch();
  const db = createDatabase(openConnection(sqlite, path), path, () => {});
  onTestFinished(() => db.close());
  const [first, second] = [createWorkerLife(db, "first"), createWorkerLife(db, "second")];
  second.setPlaces({ places: () => ["/far"] });
  first.renew();
  second.renew();
  return { first, second, pass, places: () => first.others().map(({ name }) => name) };
}

test.each([
  ["the machine slept", 3_600_000, 0],
  ["the processes stood still", 20_000, 20_000],
])("who is late since %s is not gone yet, and is once it shows no life after it", (_name, wallMs, steadyMs) => {
  const { first, second, pass, places } = begin();
  pass(wallMs, steadyMs);
  expect(places()).toEqual(["/far"]);
  first.renew();
  expect(places()).toEqual(["/far"]);
  pass(1000, 1000);
  first.renew();
  expect(places()).toEqual(["/far"]);
  pass(1000, 1000);
  first.renew();
  expect(places()).toEqual([]);
  second.renew();
  expect(places()).toEqual(["/far"]);
});

test("who shows no life while this one does is gone after five seconds", () => {
  const { first, pass, places } = begin();
  for (let second = 0; second < 5; second += 1) {
    expect(places()).toEqual(["/far"]);
    pass(1000, 1000);
    first.renew();
  }
  expect(places()).toEqual([]);
});

test("nor is what it runs, answers and holds lost as the machine wakes up", async () => {
  const pass = holdTime();
  const path = scratch();
  const [first, second] = await Promise.all(
    ["first", "second"].map(async (worker) => {
      const store = await openSqliteStore({ path, clock: systemClock, log: silentLog });
      onTestFinished(() => store.close());
      store.queue(worker).work({}, async () => {});
      return store;
    }),
  );
  const command = { id: "c", command: "npm test", sessionKey: "main", by: "run_1", workspace: "/w" };
  const claimOf = (owner: string) =>
    make.answerOf("k", { owner, createdAt: new Date(systemClock.now()).toISOString() });
  const held = { id: "h", keys: ["day"], owner: "second", value: { usd: 1 } };
  await second!.commit({ commands: [{ begin: command, owner: "second" }], holds: [{ put: held }] });
  await second!.claimAnswer(claimOf("second"));
  pass(3_600_000, 0);
  // None of them has shown life yet.
  const [isLost, isClaimed, holds] = await Promise.all([
    first!.loseCommands("first"),
    first!.claimAnswer(claimOf("first")),
    first!.listHolds({ keys: ["day"], owner: "first" }),
  ]);
  expect([isLost, isClaimed, holds.map(({ id }) => id)]).toEqual([false, false, ["h"]]);
});
