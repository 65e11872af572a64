import { copyFileSync, mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test, vi } from "vitest";
import type { App } from "../../src/app.ts";
import { systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { createRouteClient } from "../../src/client/routeClient.ts";
import { connectWire } from "../../src/client/connectWire.ts";
import type { Store } from "../../src/core/ports/store.ts";
import { TABLES } from "../../src/store/sqlite/migrate.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqliteStore.ts";
import { openBench } from "../core/bench.ts";
import { createFakeClock } from "../fakes/fakeClock.ts";
import type { ModelServer } from "../fakes/modelServer.ts";
import { startOpenaiChatServer } from "../fakes/openaiChatServer.ts";
import { putHistory, putJobs, putSessions } from "../store/grownStore.ts";
import { type Cost, type Costs, countStatements } from "../store/statements.ts";
import { call, createAppBench, localModel } from "./bench.ts";

const SESSIONS = 10_000;
// One less than the most there can be: the one that fires comes to them.
const JOBS = 999;
const FIRINGS = 5;
const MESSAGES = 10_000;

/** How many pages more a statement may look at, as its trees are deeper. To read one of them whole takes more than this. */
const DEEPER = 16;

/** By the clock, not by what is done: a lease, and signs of life. Transactions are made of what comes together. */
const APART = /\b(leases|workers)\b|^(BEGIN|COMMIT)/;
/** What a start reads whole: a store of up to 64 MB page by page, and once all jobs, which are a thousand at most. */
const WHOLE = /^PRAGMA quick_check|^SELECT id, created_at, body FROM jobs/;

/** A few rows of each store: what is counted, and what waits for a moment. */
const STAYS = new Set(["counters", "seqs", "channel_notes", "commands", "command_ends"]);
const GROWS = TABLES.filter((table) => !STAYS.has(table));

const TURNS: Record<string, (app: App) => Promise<unknown>> = {
  "a turn over REST": (app) => call(app, "/api/sessions/send", { message: "hi", sessionKey: "long" }),
  "a turn over /v1": (app) =>
    call(app, "/v1/chat/completions", { model: "pincer/long", messages: [{ role: "user", content: "hi" }] }),
  "a turn over the panel's WebSocket": sendAsPanel,
};

// Counted, not timed: what is asked of the store, and how much of it that reads, is the same on every machine.
test("what a start, a turn and a firing ask of the store stays the same as it grows", async () => {
  // Looking after the queue and for what others stored comes by the clock, and signs of life with it: here time stands still, so
  // that none comes, nor is any missed.
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance", "Date"] });
  onTestFinished(() => void vi.useRealTimers());
  const model = await startOpenaiChatServer({ script: () => ({ text: "A short answer." }) });
  onTestFinished(() => model.close());
  const fresh = await fill(model, (store) => putHistory(store, "long", 0));
  const grown = await fill(model, async (store) => {
    await putSessions(store, SESSIONS);
    await putJobs(store, JOBS, FIRINGS);
    await putHistory(store, "long", MESSAGES);
  });
  const take = countStatements();
  const atFirst = await costsOf(fresh, take);
  const later = await costsOf(grown, take);
  const grownStore = new DatabaseSync(grown.path);
  onTestFinished(() => grownStore.close());
  const faults = [...later].flatMap(([name, costs]) => {
    const before = atFirst.get(name)!;
    const all = [...new Set([...before.keys(), ...costs.keys()])].filter((sql) => !APART.test(sql));
    return all.flatMap((sql) => {
      if (name === "a start" && WHOLE.test(sql)) return [];
      const scans = name === "a start" ? [] : scansOf(grownStore, sql);
      const isFlat = scans.length === 0 && isAlike(before.get(sql), costs.get(sql));
      return isFlat ? [] : [{ name, sql, before: before.get(sql), grown: costs.get(sql), scans }];
    });
  });
  expect(faults).toEqual([]);
  // Most of what there is to count was counted.
  expect([...later.values()].map(({ size }) => size > 15)).toEqual([...later.values()].map(() => true));
});

function isAlike(before: Cost | undefined, grown: Cost | undefined): boolean {
  if (!before || !grown) return false;
  return (
    grown.calls === before.calls && grown.rows === before.rows && grown.pages - before.pages <= DEEPER * grown.calls
  );
}

/** The tables that grow of which a statement reads each row. */
function scansOf(store: DatabaseSync, sql: string): string[] {
  if (!/^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b/.test(sql)) return [];
  const steps = store.prepare(`EXPLAIN QUERY PLAN ${sql}`).all();
  return steps
    .map(({ detail }) => String(detail))
    .filter((step) => GROWS.some((table) => step === `SCAN ${table}` || step.startsWith(`SCAN ${table} USING`)));
}

type Bench = ReturnType<typeof createAppBench>;

/** An agent over a store that holds what `put` puts there. */
async function fill(
  model: ModelServer,
  put: (store: Store) => Promise<unknown>,
): Promise<{ bench: Bench; path: string }> {
  const bench = createAppBench();
  bench.configure(localModel(model));
  const path = join(bench.stateDir, "pincer.db");
  const store = await openSqliteStore({ path, clock: systemClock, log: silentLog });
  await put(store);
  // All is findable before anything is counted.
  await store.listSessions({ search: "nothing", limit: 1 });
  await store.close();
  return { bench, path };
}

/** By what is done: what that asks of a store. */
async function costsOf(
  { bench, path }: { bench: Bench; path: string },
  take: () => Costs,
): Promise<Map<string, Costs>> {
  // The first start deals with what the jobs have missed.
  const first = await bench.open();
  bench.forget(first);
  await first.close();
  take();
  const app = await bench.open();
  const costs = new Map([["a start", take()]]);
  for (const [name, work] of Object.entries(TURNS)) {
    // The first one reads what is held from then on.
    await work(app);
    take();
    await work(app);
    costs.set(name, take());
  }
  bench.forget(app);
  await app.close();
  costs.set("a job that fires", await costsOfFiring(path, take));
  return costs;
}

async function sendAsPanel(app: App): Promise<void> {
  const client = createRouteClient(await connectWire({ url: app.url, token: app.token() }, { via: "panel" }));
  const finished = new Promise<void>((resolve) =>
    client.onEvent((event) => {
      if (event.type === "run.finished") resolve();
    }),
  );
  await client.call("events.subscribe", { sessionKey: "long" });
  await client.call("sessions.send", { message: "hi", sessionKey: "long", timeoutSeconds: 0 });
  await finished;
  client.close();
}

/** Of a job's second firing, by a clock that goes on when it is told to. */
async function costsOfFiring(path: string, take: () => Costs): Promise<Costs> {
  const folder = mkdtempSync(join(tmpdir(), "pincer-core-"));
  mkdirSync(`${folder}.state`);
  copyFileSync(path, join(`${folder}.state`, "pincer.db"));
  const clock = createFakeClock();
  const { core } = await openBench({ folder, clock, turns: [["Tidied."], ["Tidied."]] });
  const fired = () =>
    new Promise<void>((resolve) => {
      const listening = core.events.on((event) => {
        if (event.type !== "job.changed" || event.job.lastStatus !== "ok") return;
        listening.dispose();
        resolve();
      });
    });
  await core.jobs.add(
    {
      name: "Tidy",
      schedule: { kind: "every", everyMs: 20_000 },
      payload: { kind: "agentTurn", message: "tidy" },
      sessionTarget: "isolated",
    },
    { via: "api" },
  );
  const first = fired();
  await clock.advance(20_000);
  await first;
  take();
  const second = fired();
  await clock.advance(20_000);
  await second;
  return take();
}
