import { expect, test } from "vitest";
import { tokenDay } from "../../../src/core/models/tokenDay.ts";
import type { ModelEvent } from "../../../src/core/ports/provider.ts";
import type { AgentSettings } from "../../../src/core/ports/settings.ts";
import type { SendRequest } from "../../../src/protocol/run.ts";
import { createFakeClock } from "../../fakes/fakeClock.ts";
import { call, createScriptedProvider, SOME_USAGE, type Turn } from "../../fakes/scriptedProvider.ts";
import { openBench } from "../bench.ts";

const origin = { via: "api" as const };
const LONG = "y".repeat(20_000);

/** An answer that used this many tokens, at $1 for a million of prompt and $2 of answer. */
function used(inputTokens: number, outputTokens = 1): ModelEvent {
  return { type: "end", usage: { ...SOME_USAGE, inputTokens, outputTokens }, stop: "done" };
}

async function openWith(settings: Partial<AgentSettings>, turns: Turn[]) {
  const bench = await openBench({ settings, turns });
  const send = async (more: Partial<SendRequest> = {}) => {
    const run = await bench.core.sessions.send({ text: "go", origin, sessionKey: "main", ...more });
    return run.outcome;
  };
  return { ...bench, send };
}

const exhausted = (words: string) => ({
  type: "failed",
  error: { code: "budget_exhausted", message: expect.stringContaining(words) },
});
const done = { type: "done" };

test("a run ends before the request that would go over its budget in tokens", async () => {
  const { send, model } = await openWith({ budgetTokens: 2000 }, [
    [call("add", { a: 1, b: 1 }), { ...used(1600), stop: "tool_calls" } as ModelEvent],
  ]);
  expect(await send()).toMatchObject(exhausted("The run has a budget of 2000 tokens: 1601 is used"));
  expect(model.requests).toHaveLength(1);
  // A run of its own has a budget of its own.
  expect(await send()).toMatchObject(done);
});

test("the estimated cost of the request itself counts, so that a dear one is never sent", async () => {
  const { send, model } = await openWith({ budgetUsd: 0.01 }, []);
  expect(await send({ text: "x".repeat(40_000) })).toMatchObject(exhausted("The run has a budget of $0.01"));
  expect(model.requests).toHaveLength(0);
  expect(await send({ text: "x", sessionKey: undefined })).toMatchObject(done);
});

test("the lower of the request's and the configured budget holds", async () => {
  const { send } = await openWith({ budgetTokens: 70_000 }, []);
  expect(await send({ budgetTokens: 10 })).toMatchObject(exhausted("10 tokens"));
  expect(await send({ budgetUsd: 0 })).toMatchObject(exhausted("$0"));
  // Below 80,000 of them, or the text would be cut to fit the model's window.
  expect(await send({ budgetTokens: 900_000, text: "x".repeat(300_000), sessionKey: undefined })).toMatchObject(
    exhausted("70000 tokens"),
  );
});

test("a session's budget counts all of its runs, and no other session", async () => {
  const { send } = await openWith({ budgets: { session: { tokens: 5000 } } }, [
    ["a", used(4000)],
    ["b", used(100)],
  ]);
  expect(await send()).toMatchObject(done);
  expect(await send({ text: "x".repeat(4000) })).toMatchObject(
    exhausted("Session main has a budget of 5000 tokens: 4001 is used"),
  );
  expect(await send({ sessionKey: undefined })).toMatchObject(done);
});

test("resetting a session, or deleting it and making another of its key, gives nothing of its budget back", async () => {
  const { core, send } = await openWith({ budgets: { session: { tokens: 50_000, usd: 1 } } }, [
    ["a", used(4000)],
    ["b", used(100)],
  ]);
  const { key } = await core.sessions.create({ key: "openai-harbour" });
  const own = async () => (await core.budgets.list(key)).filter(({ budget }) => budget === `session ${key}`);
  expect(await send({ sessionKey: key })).toMatchObject(done);
  const before = await own();
  expect(before).toMatchObject([{ usd: { used: 0.004002 }, tokens: { used: 4001 } }]);
  await core.sessions.reset(key);
  expect(await own()).toEqual(before);
  await core.sessions.delete(key);
  await core.sessions.create({ key });
  expect(await own()).toEqual(before);
});

test("a day's budget counts everything, and the next day begins anew", async () => {
  const clock = createFakeClock(Date.parse("2026-11-22T23:00:00Z"));
  const { core } = await openBench({
    clock,
    settings: { budgets: { day: { usd: 0.005 } } },
    turns: [["a", used(4800)]],
  });
  const send = async () => (await core.sessions.send({ text: "go", origin })).outcome;
  expect(await send()).toMatchObject(done);
  expect(await send()).toMatchObject(exhausted("The day (UTC) has a budget of $0.005"));
  await clock.advance(3_600_000);
  expect(await send()).toMatchObject(done);
});

test("the budget for jobs holds for each firing of a job, and only for those", async () => {
  const { send } = await openWith({ budgets: { job: { tokens: 10 } } }, []);
  expect(await send()).toMatchObject(done);
  expect(await send({ origin: { via: "cron", id: "job_1" } })).toMatchObject(
    exhausted("The run has a budget of 10 tokens"),
  );
});

test("what sub-agents use counts for the run they work for", async () => {
  const { core, send } = await openWith({}, [["spawned"], ["child", used(1500)]]);
  const parent = await core.sessions.send({ text: "go", origin, sessionKey: "main", budgetTokens: 3000 });
  await parent.outcome;
  const child = () => send({ sessionKey: undefined, parentKey: "main", origin: { via: "subagent", id: parent.id } });
  expect(await child()).toMatchObject(done);
  const { outcome } = await core.sessions.send({
    text: "x".repeat(6000),
    origin: { via: "subagent", id: parent.id },
    parentKey: "main",
  });
  expect(await outcome).toMatchObject(
    exhausted(`Run ${parent.id}, which this one works for, has a budget of 3000 tokens`),
  );
});

test("requests side by side cannot go over a budget together", async () => {
  const gate = Promise.withResolvers<void>();
  const slow: Turn = [{ wait: gate.promise }, "slow", used(900)];
  const { core, model } = await openBench({
    settings: { budgets: { day: { tokens: 1500 } } },
    turns: [slow, slow, slow],
  });
  const send = async () => (await core.sessions.send({ text: "x".repeat(800), origin })).outcome;
  const all = [send(), send(), send()];
  const outcomes = Promise.all(all);
  await Promise.any(all);
  gate.resolve();
  expect((await outcomes).map((outcome) => outcome.type).toSorted()).toEqual(["done", "failed", "failed"]);
  expect(model.requests).toHaveLength(1);
});

test.each([
  [{ budgetUsd: 1 }, "The run has a budget of $1"],
  [{ budgets: { session: { usd: 2 } } }, "Session main has a budget of $2"],
  [{ budgets: { day: { usd: 3 } } }, "The day (UTC) has a budget of $3"],
])(
  "a model without a known price is not asked under a budget in dollars, and the run says how to go on: %j",
  async (settings, budget) => {
    const free = createScriptedProvider([["done"]], { id: "local", price: null });
    const { core } = await openBench({ others: [free], settings });
    const ask = async () =>
      (await core.sessions.send({ text: "go", origin, sessionKey: "main", model: "local/m" })).outcome;
    const sentence = `${budget}, to which local/m cannot be held: its price is not known. Set it under prices in openclaw.yml (0 where nothing is billed), or a budget in tokens in place of the one in dollars`;
    expect(await ask()).toMatchObject({ type: "failed", error: { code: "budget_exhausted", message: sentence } });
    expect(free.requests).toHaveLength(0);
  },
);

test("what a session would be refused for is told before it asks, until there is a price or a budget in tokens", async () => {
  const free = createScriptedProvider([["done"]], { id: "local", price: null });
  const { core, settings } = await openBench({ others: [free], settings: { budgetUsd: 1 } });
  await core.sessions.update("main", { model: "local/m" });
  const told = async () => (await core.sessions.status("main")).budgetProblem;
  expect(await told()).toMatch(/^A run has a budget of \$1, to which local\/m cannot be held/);
  settings.prices = { "local/m": { inputPerMTok: 0, outputPerMTok: 0 } };
  expect(await told()).toBeUndefined();
  settings.prices = {};
  Object.assign(settings, { budgetUsd: undefined, budgets: { day: { tokens: 1 } } });
  expect(await told()).toBeUndefined();
});

test("a summary by hand, a sub-agent and a job are held to it as a message is", async () => {
  const free = createScriptedProvider([[LONG], [LONG], [LONG]], { id: "local", price: null });
  const { core, settings } = await openBench({ others: [free], settings: { model: "local/m" } });
  for (const text of ["one", "two", "three"])
    await (
      await core.sessions.send({ text, origin, sessionKey: "main" })
    ).outcome;
  settings.budgets = { day: { usd: 1 } };
  await expect(core.sessions.compact("main")).rejects.toMatchObject({ code: "budget_exhausted" });
  settings.budgets = { job: { usd: 1 } };
  const job = await core.sessions.send({ text: "go", origin: { via: "cron", id: "job_1" }, sessionKey: "main" });
  expect(await job.outcome).toMatchObject(exhausted("cannot be held"));
  settings.budgets = {};
  const parent = await core.sessions.send({ text: "go", origin, sessionKey: "main", budgetUsd: 1 });
  const child = await core.sessions.send({ text: "go", origin: { via: "subagent", id: parent.id }, parentKey: "main" });
  expect(await child.outcome).toMatchObject(exhausted("cannot be held"));
  expect(free.requests).toHaveLength(3);
});

test("a summary by hand is held to the day of the token that it came with, and counts there", async () => {
  const { core, store, settings, send } = await openWith({}, [[LONG], [LONG], [LONG], ["SUMMARY", used(700)]]);
  for (const text of ["one", "two", "three"]) await send({ text });
  const by = { via: "api" as const, id: "ci" };
  settings.tokens = { ci: { scope: "write", day: { tokens: 100 } } };
  await expect(core.sessions.compact("main", by)).rejects.toMatchObject({
    code: "budget_exhausted",
    message: expect.stringContaining("The day (UTC) of the token ci has a budget of 100 tokens"),
  });
  settings.tokens = { ci: { scope: "write", day: { tokens: 100_000 } } };
  expect(await core.sessions.compact("main", by)).toMatchObject({ compacted: true });
  const [row] = await store.listUsage({ sinceDay: "" });
  expect(await store.listBudgets([tokenDay("ci", row!.day)])).toMatchObject([{ usedTokens: 701 }]);
});

test("a run whose price is partly estimated goes on after a restart from what it had used", async () => {
  const broken: Turn = [call("add", { a: 1, b: 1 }), { type: "end", usage: null, stop: "tool_calls" } as ModelEvent];
  const gate: Turn = [{ wait: new Promise(() => {}) }];
  const bench = await openBench({
    settings: { budgetUsd: 0.02 },
    turns: [[call("add", { a: 1, b: 1 }), { ...used(0, 9000), stop: "tool_calls" } as ModelEvent], broken, gate],
  });
  const run = await bench.core.sessions.send({ text: "go", origin, sessionKey: "main" });
  await expect.poll(() => bench.model.requests.length).toBe(3);
  const again = await bench.kill([
    [call("add", { a: 1, b: 1 }), { ...used(0, 900), stop: "tool_calls" } as ModelEvent],
  ]);
  const ended = await again.core.runs.wait(run.id, 60_000);
  expect(ended.outcome).toMatchObject(exhausted("The run has a budget of $0.02"));
});

test("of a run whose price is partly estimated what it has used is all that is read before a request", async () => {
  const broken: Turn = [call("add", { a: 1, b: 1 }), { type: "end", usage: null, stop: "tool_calls" } as ModelEvent];
  const { core, store } = await openBench({ settings: { budgetUsd: 10 }, turns: [broken, ["done"]] });
  const { listEvents } = store;
  const read = new Set<string>();
  store.listEvents = async (query) => {
    const found = await listEvents(query);
    if (query.runId !== undefined) for (const { type } of found) read.add(type);
    return found;
  };
  const run = await core.sessions.send({ text: "go", origin, sessionKey: "main" });
  expect(await run.outcome).toMatchObject({ type: "done", reply: "done" });
  expect([...read]).toEqual(["usage"]);
});

test("what sub-agents have used counts for the run they work for after a restart, too", async () => {
  const bench = await openBench({ turns: [["spawned"], ["child", used(1500)], ["grandchild", used(400)]] });
  const spawn = (core: typeof bench.core, by: string, text = "go") =>
    core.sessions.send({ text, origin: { via: "subagent", id: by }, parentKey: "main" });
  const parent = await bench.core.sessions.send({ text: "go", origin, sessionKey: "main", budgetTokens: 3000 });
  await parent.outcome;
  const child = await spawn(bench.core, parent.id);
  await child.outcome;
  expect(await (await spawn(bench.core, child.id)).outcome).toMatchObject(done);
  const again = await bench.kill([]);
  const late = await spawn(again.core, child.id, "x".repeat(4000));
  expect(await late.outcome).toMatchObject(
    exhausted(`Run ${parent.id}, which this one works for, has a budget of 3000 tokens: 1917 is used`),
  );
});

test("what deleted sub-agents have used counts after a restart, too", async () => {
  const bench = await openBench({ turns: [["spawned"], ["child", used(1500)], ["grandchild", used(400)]] });
  const spawn = (core: typeof bench.core, by: string, text = "go") =>
    core.sessions.send({ text, origin: { via: "subagent", id: by }, parentKey: "main" });
  const parent = await bench.core.sessions.send({ text: "go", origin, sessionKey: "main", budgetTokens: 3000 });
  await parent.outcome;
  const child = await spawn(bench.core, parent.id);
  await child.outcome;
  const below = await spawn(bench.core, child.id);
  await below.outcome;
  for (const { sessionKey } of [child, below]) await bench.core.sessions.delete(sessionKey);
  const again = await bench.kill([]);
  const late = await spawn(again.core, parent.id, "x".repeat(4000));
  expect(await late.outcome).toMatchObject(
    exhausted(`Run ${parent.id}, which this one works for, has a budget of 3000 tokens: 1917 is used`),
  );
});
