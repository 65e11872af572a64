import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import type { RunEvent } from "../../src/protocol/event.ts";
import type { RunRecord } from "../../src/protocol/run.ts";
import type { StoredSession } from "../../src/core/ports/storedSession.ts";
import type { Store } from "../../src/core/ports/store.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqliteStore.ts";
import * as make from "../store/samples.ts";

// Prints figures of a store with 10,000 sessions, one of them with 10,000 messages. Run: node test/bench/store.bench.ts

const SESSIONS = 10_000;
const MESSAGES = 10_000;
const WORDS =
  "when the gateway starts it reads every session and tells the panel which of them still has work to do".split(" ");

let lastId = 0;

function sentence(n: number): string {
  return Array.from({ length: 30 }, (_, i) => WORDS[(n * 7 + i * i) % WORDS.length]).join(" ") + ` number${n}`;
}

function message(key: string, seq: number) {
  lastId += 1;
  const text = sentence(lastId);
  return make.messageOf(key, lastId, seq, seq % 2 ? make.userText(text) : make.assistantText(text), `run-${key}`);
}

async function fill(store: Store): Promise<void> {
  for (let n = 0; n < SESSIONS; n += 100) {
    const batch: { sessions: StoredSession[]; runs: RunRecord[]; events: RunEvent[] } = {
      sessions: [],
      runs: [],
      events: [],
    };
    for (let m = n; m < n + 100; m++) {
      const key = `session-${m}`;
      batch.sessions.push(make.sessionOf(key, { title: `Title ${m}`, updatedAt: make.timeAt(m) }));
      batch.runs.push(make.runOf(`run-${key}`, key, { state: "finished", createdAt: make.timeAt(m) }));
      for (let seq = 1; seq <= 4; seq++) batch.events.push(message(key, seq));
    }
    await store.commit(make.batchOf(batch));
  }
  for (let seq = 5; seq < MESSAGES + 5; seq += 1000) {
    await store.commit(make.batchOf({ events: Array.from({ length: 1000 }, (_, n) => message("session-1", seq + n)) }));
  }
}

/** Milliseconds of each of `count` calls, sorted. */
async function timed(
  count: number,
  work: (n: number) => Promise<unknown>,
): Promise<{ p50: number; p99: number; max: number }> {
  const times: number[] = [];
  for (let n = 0; n < count; n++) {
    const start = performance.now();
    await work(n);
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  const at = (part: number) => Number(times[Math.min(count - 1, Math.floor(count * part))]!.toFixed(3));
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

const folder = mkdtempSync(join(tmpdir(), "pincer-bench-"));
const path = join(folder, "pincer.db");
const open = () => openSqliteStore({ path, clock: systemClock, log: silentLog });
try {
  const filling = await open();
  await fill(filling);
  await filling.close();

  const start = performance.now();
  const store = await open();
  await store.newestEventId();
  await store.listSessions({ limit: 50 });
  await store.listRuns({ states: ["queued", "running"], limit: 1000 });
  const readyMs = Math.round(performance.now() - start);

  const steps = await timed(2000, (n) => {
    lastId += 2;
    const at = { sessionKey: "session-2", seq: 1000 + 2 * n };
    return store.commit(
      make.batchOf({
        sessions: [make.sessionOf("session-2", { updatedAt: make.timeAt(20_000 + n) })],
        events: [
          make.eventOf(at.sessionKey, lastId - 1, at.seq, {
            type: "tool.started",
            callId: "c",
            name: "read",
            input: { path: "a.ts" },
          }),
          make.messageOf(at.sessionKey, lastId, at.seq + 1, make.toolText("text of a file ".repeat(20))),
        ],
      }),
    );
  });
  const messages = await timed(2000, (n) =>
    store.commit(
      make.batchOf({
        sessions: [make.sessionOf("session-3", { updatedAt: make.timeAt(30_000 + n) })],
        runs: [make.runOf(`bench-${n}`, "session-3")],
        events: [message("session-3", 1000 + n)],
      }),
    ),
  );
  const figures = {
    sizeMb: Math.round(statSync(path).size / 1e6),
    readyMs,
    commitStepMs: steps,
    commitMessageMs: messages,
    listSessionsMs: await timed(200, () => store.listSessions({ limit: 50 })),
    listMessagesMs: await timed(200, (n) => store.listMessages("session-1", { limit: 50, before: 10_000 - 40 * n })),
    searchRareMs: await timed(20, (n) => store.listSessions({ limit: 50, search: `number${1000 + n}` })),
    searchCommonMs: await timed(10, () => store.listSessions({ limit: 50, search: "gateway" })),
    searchShortMs: await timed(10, () => store.listSessions({ limit: 50, search: "ga" })),
    findRareMs: await timed(20, (n) => store.searchMessages({ limit: 20, text: `number${1000 + n}` })),
    findCommonMs: await timed(10, () => store.searchMessages({ limit: 20, text: "gateway panel" })),
    findShortMs: await timed(10, () => store.searchMessages({ limit: 20, text: "ga" })),
    findShortAndLongMs: await timed(10, () => store.searchMessages({ limit: 20, text: "ga number1234" })),
    findInLargeMs: await timed(20, () => store.searchMessages({ limit: 50, text: "gateway", sessionKey: "session-1" })),
    deleteLargeMs: await timed(1, () => store.deleteSession("session-1")),
  };
  await store.close();
  console.log(JSON.stringify(figures, null, 2));
} finally {
  rmSync(folder, { recursive: true });
}
