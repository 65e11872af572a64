import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqliteStore.ts";
import { startOpenaiChatServer } from "../fakes/openaiChatServer.ts";
import { assistantText, batchOf, messageOf, runOf, sessionOf, userText } from "../store/samples.ts";
import { call, createAppBench, localModel } from "./bench.ts";

const TURNS = 10;
const LONG = 1000;
const PAGE = 4096;
// What each of a turn's two commits writes to. Whoever adds a table or an index to these lets every turn pay for it.
const ALWAYS = [
  ...["events", "events_by_run", "events_by_seq", "events_by_session", "messages"],
  ...["runs", "runs_by_session", "runs_by_state", "runs_unfinished"],
  ...["lanes", "sessions", "sessions_newest"],
];
// Beside them the first turn of a day makes its rows of the day: that may be one of these turns.
const OF_A_DAY = ["sqlite_autoindex_usage_1", "usage_by_session", "sqlite_autoindex_budgets_1"];

// Counted, not timed: what a turn writes and asks is the same on every machine, at whatever load.
test("a turn costs two commits and one request, in a session of a thousand messages as in a new one", async () => {
  const model = await startOpenaiChatServer({ script: () => ({ text: "A short answer." }) });
  onTestFinished(() => model.close());
  const bench = createAppBench();
  bench.configure(localModel(model));
  const path = join(bench.stateDir, "pincer.db");
  const store = await openSqliteStore({ path, clock: systemClock, log: silentLog });
  const seqs = Array.from({ length: LONG }, (_, at) => at + 1);
  await store.commit(
    batchOf({
      sessions: [sessionOf("long", { kind: "isolated", messageCount: LONG })],
      runs: [runOf("run_long", "long", { state: "finished", outcome: { type: "done", reply: "" } })],
      events: seqs.map((seq) =>
        messageOf("long", seq, seq, seq % 2 ? userText("Go on.") : assistantText("It goes on."), "run_long"),
      ),
    }),
  );
  await store.close();
  const app = await bench.open();
  for (const sessionKey of ["main", "long"]) {
    const send = () => call(app, "/api/sessions/send", { message: "hi", sessionKey });
    // The first one reads what is stored.
    expect(await send()).toMatchObject({ status: 200, body: { status: "ok" } });
    const before = { requests: model.requests.length, commits: readCommits(path).length };
    for (let turn = 0; turn < TURNS; turn += 1) await send();
    expect(model.requests.length - before.requests).toBe(TURNS);
    // The index of what was said, and signs of life, are written beside it.
    const ofTurns = readCommits(path)
      .slice(before.commits)
      .filter((pages) => pages.some((name) => name === "lanes"));
    expect(ofTurns).toHaveLength(2 * TURNS);
    const [begun, ended] = [0, 1]
      .map((half) => ofTurns.filter((_, at) => at % 2 === half).flat())
      .map((names) => new Set(names.filter((name) => !OF_A_DAY.includes(name))));
    expect({ sessionKey, begun, ended }).toEqual({
      sessionKey,
      begun: new Set([...ALWAYS, "sqlite_autoindex_runs_1"]),
      ended: new Set([...ALWAYS, "usage", "budgets"]),
    });
  }
});

/** By commit of the write-ahead log: to which table or index each page belongs that it wrote. */
function readCommits(path: string): string[][] {
  for (const end of ["", "-wal"]) copyFileSync(path + end, `${path}.copy${end}`);
  const copy = new DatabaseSync(`${path}.copy`);
  const names = new Map(
    copy
      .prepare("SELECT name, pageno FROM dbstat")
      .all()
      .map(({ name, pageno }) => [Number(pageno), String(name)]),
  );
  copy.close();
  const log = readFileSync(`${path}-wal`);
  const frame = 24 + PAGE;
  const commits: string[][] = [];
  let pages: string[] = [];
  for (let at = 32; at + frame <= log.length; at += frame) {
    // What was written before the log began anew has another salt.
    if (!log.subarray(at + 8, at + 16).equals(log.subarray(16, 24))) break;
    const name = names.get(log.readUInt32BE(at));
    // The file's head and its lists of free pages belong to no table.
    if (name !== undefined && name !== "sqlite_schema") pages.push(name);
    if (log.readUInt32BE(at + 4) === 0) continue;
    commits.push(pages);
    pages = [];
  }
  return commits;
}
