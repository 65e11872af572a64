import { expect, test } from "vitest";
import type { Tool } from "../../../src/core/ports/tool.ts";
import type { ModelEvent } from "../../../src/core/ports/provider.ts";
import type { AgentSettings } from "../../../src/core/ports/settings.ts";
import type { Approval } from "../../../src/protocol/approval.ts";
import type { Origin } from "../../../src/protocol/message.ts";
import type { SendRequest } from "../../../src/protocol/run.ts";
import { createFakeClock } from "../../fakes/fakeClock.ts";
import { call, SOME_USAGE, type Turn } from "../../fakes/scriptedProvider.ts";
import { add, type Bench, nextEvent, note, openBench, transcript } from "../bench.ts";
import { jobByHand } from "../jobs/jobsBench.ts";
import { spawner } from "./spawnerTool.ts";

const panel: Origin = { via: "panel" };
const api: Origin = { via: "api" };

/** An answer that used this many tokens, at $1 for a million of them. */
function used(inputTokens: number, stop: "done" | "tool_calls" = "done"): ModelEvent {
  return { type: "end", usage: { ...SOME_USAGE, inputTokens, outputTokens: 0 }, stop } as ModelEvent;
}
const step = (tokens: number, id: string): Turn => [call("add", { a: 1, b: 1 }, id), used(tokens, "tool_calls")];

const open = (settings: Partial<AgentSettings>, turns: Turn[], tools?: Tool[]) =>
  openBench({ settings, turns, ...(tools ? { tools } : {}) });

async function send({ core }: Bench, more: Partial<SendRequest> = {}) {
  return core.sessions.send({ text: "go", origin: panel, sessionKey: "main", ...more });
}

async function question({ core }: Bench): Promise<Approval> {
  let found: Approval | undefined;
  await expect.poll(async () => (found = (await core.approvals.list())[0])).toBeDefined();
  return found!;
}

function warnings({ events }: Bench): string[] {
  return events.flatMap((event) => (event.type === "budget.warned" ? [`${event.budget} ${event.percent}`] : []));
}

test("half and 80 percent of a budget are told once each, and not again after a restart", async () => {
  const clock = createFakeClock(Date.parse("2026-11-26T12:00:00.000Z"));
  const bench = await openBench({ clock, settings: { budgets: { day: { tokens: 100_000 } } } });
  const use = async (on: Bench, tokens: number) => {
    on.model.turns.push(["x", used(tokens)]);
    await (
      await send(on)
    ).outcome;
  };
  await use(bench, 40_000);
  await use(bench, 15_000);
  await expect.poll(() => warnings(bench)).toEqual(["day 2026-11-26 50"]);
  await use(bench, 10_000);
  await use(bench, 20_000);
  await expect.poll(() => warnings(bench)).toEqual(["day 2026-11-26 50", "day 2026-11-26 80"]);
  const told = bench.events.find((event) => event.type === "budget.warned");
  expect(told).toMatchObject({
    text: "The day (UTC) has used 55 % of its budget: 55002 of 100000 tokens",
    sessionKey: "main",
  });
  const next = await bench.restart();
  await use(next, 1000);
  expect(await next.core.budgets.list()).toMatchObject([{ percent: 86, warned: 80 }]);
  expect(warnings(next)).toEqual([]);
  await clock.advance(24 * 3_600_000);
  await use(next, 90_000);
  await expect.poll(() => warnings(next)).toEqual(["day 2026-11-27 80"]);
});

test("at the limit a person is asked, and allowing raises it by exactly what was shown, for this run", async () => {
  const bench = await open({ budgetTokens: 2000 }, [step(1600, "1"), ["done", used(100)]]);
  const run = await send(bench);
  const asked = await question(bench);
  expect(asked).toMatchObject({
    tool: "budget",
    reason: "has used its budget",
    raises: { record: `run ${run.id}`, tokens: 2000 },
    offers: [
      { decision: "allow", words: "2000 tokens more for this run" },
      { decision: "deny", words: "nothing more: what needs it ends as its budget says" },
    ],
  });
  expect(asked.summary).toMatch(/^2000 tokens more for this run\? The run has a budget of 2000 tokens/);
  await expect(bench.core.approvals.answer(asked.id, "allow_session", "panel")).rejects.toMatchObject({
    code: "bad_request",
  });
  await bench.core.approvals.answer(asked.id, "allow", "panel");
  expect((await run.outcome).type).toBe("done");
  expect(await bench.store.listBudgets([`run ${run.id}`])).toMatchObject([{ raisedTokens: 2000, raisedUsd: 0 }]);
  expect(transcript(bench.events)).toContainEqual(
    expect.stringContaining("panel allowed 2000 tokens more for this run"),
  );
  // Another run has its own.
  bench.model.turns.push(step(1600, "2"));
  const other = await send(bench);
  await bench.core.approvals.answer((await question(bench)).id, "deny", "panel");
  expect(await other.outcome).toMatchObject({ type: "failed", error: { code: "budget_exhausted" } });
});

test("a raise in dollars is exact, and what is needed beyond it is asked for again", async () => {
  const bench = await open({ budgetUsd: 0.002 }, [step(1900, "1"), step(1900, "2"), ["done", used(1)]]);
  const run = await send(bench);
  const first = await question(bench);
  expect(first.raises).toEqual({ record: `run ${run.id}`, usd: 0.002 });
  expect(first.offers[0]!.words).toBe("$0.002 more for this run");
  await bench.core.approvals.answer(first.id, "allow", "panel");
  const second = await question(bench);
  expect(second.id).not.toBe(first.id);
  await bench.core.approvals.answer(second.id, "allow", "panel");
  expect((await run.outcome).type).toBe("done");
  const [record] = await bench.store.listBudgets([`run ${run.id}`]);
  expect(record!.raisedUsd).toBeCloseTo(0.004, 10);
});

test("where nobody is there the run ends at once, and where somebody watches they are asked", async () => {
  const bench = await open({ budgetTokens: 2000 }, [step(1600, "1"), step(1600, "2"), ["done", used(1)]]);
  const alone = await send(bench, { origin: api });
  expect(await alone.outcome).toMatchObject({ type: "failed", error: { code: "budget_exhausted" } });
  expect(bench.events.some((event) => event.type === "approval.asked")).toBe(false);
  const there = bench.core.people.come();
  const watched = await send(bench, { origin: api });
  await bench.core.approvals.answer((await question(bench)).id, "allow", "api");
  expect((await watched.outcome).type).toBe("done");
  there.dispose();
  bench.model.turns.push(step(1600, "3"));
  const again = await send(bench, { origin: api });
  expect((await again.outcome).type).toBe("failed");
});

test("a question that nobody answers in time, and a gateway that denies all, end the run as its budget says", async () => {
  const clock = createFakeClock(Date.parse("2026-11-26T12:00:00.000Z"));
  const bench = await openBench({ clock, settings: { budgetTokens: 2000 }, turns: [step(1600, "1"), step(1600, "2")] });
  const run = await send(bench);
  await question(bench);
  await clock.advance(60_000);
  expect(await run.outcome).toMatchObject({ type: "failed", error: { code: "budget_exhausted" } });
  bench.settings.approvals = "deny";
  expect((await (await send(bench)).outcome).type).toBe("failed");
});

test("an answer given while the asking gateway was dead raises once, and the run goes on", async () => {
  const bench = await open({ budgetTokens: 2000 }, [step(1600, "1")]);
  const run = await send(bench);
  const asked = await question(bench);
  const next = await bench.kill([["done", used(1)]]);
  await next.core.approvals.answer(asked.id, "allow", "panel");
  await expect.poll(async () => (await next.store.getRun(run.id))?.outcome?.type).toBe("done");
  expect(await next.store.listBudgets([`run ${run.id}`])).toMatchObject([{ raisedTokens: 2000 }]);
  await expect(next.core.approvals.answer(asked.id, "allow", "panel")).rejects.toMatchObject({ code: "not_found" });
});

test("runs side by side under one budget ask one question, and all go on with its answer", async () => {
  const bench = await open({ budgets: { day: { tokens: 2000 } } }, [
    ["first", used(1900)],
    ["a", used(10)],
    ["b", used(10)],
    ["c", used(10)],
  ]);
  await (
    await send(bench)
  ).outcome;
  const runs = await Promise.all([1, 2, 3].map(() => send(bench, { sessionKey: undefined })));
  await bench.core.approvals.answer((await question(bench)).id, "allow", "panel");
  // What the others hold meanwhile may need more once again.
  const answering = bench.core.events.on((event) => {
    if (event.type === "approval.asked") void bench.core.approvals.answer(event.approval.id, "allow", "panel");
  });
  for (const approval of await bench.core.approvals.list())
    await bench.core.approvals.answer(approval.id, "allow", "panel");
  const outcomes = await Promise.all(runs.map(({ outcome }) => outcome));
  answering.dispose();
  expect(outcomes.map(({ type }) => type)).toEqual(["done", "done", "done"]);
  const [state] = await bench.core.budgets.list();
  const asks = bench.events.filter((event) => event.type === "approval.asked").length;
  expect(state!.tokens!.raised).toBe(asks * 2000);
  expect(asks).toBeLessThanOrEqual(2);
});

test("no is no for all that the run has led to: its next request and its sub-agents do not ask again", async () => {
  const turns: Turn[] = [[call("spawner", {}, "s"), used(1900, "tool_calls")]];
  const bench = await open({ budgetTokens: 2000 }, turns, [spawner]);
  const run = await send(bench);
  await bench.core.approvals.answer((await question(bench)).id, "deny", "panel");
  expect(await run.outcome).toMatchObject({ type: "failed", error: { code: "budget_exhausted" } });
  expect(bench.events.filter((event) => event.type === "approval.asked")).toHaveLength(1);
});

test("a model has a budget of its own for the day, in all sessions, and after a restart", async () => {
  const settings: Partial<AgentSettings> = {
    budgets: { models: { "test/m": { tokens: 5000 }, "test/other": { tokens: 1 } } },
  };
  const bench = await open(settings, [["a", used(4900)]]);
  await (
    await send(bench, { origin: api })
  ).outcome;
  const refused = await send(bench, { origin: api, sessionKey: undefined });
  expect(await refused.outcome).toMatchObject({
    error: { message: expect.stringContaining("The day (UTC) of test/m has a budget of 5000 tokens: 4901 is used") },
  });
  const next = await bench.restart();
  expect(await (await send(next, { origin: api, sessionKey: undefined })).outcome).toMatchObject({ type: "failed" });
  const asked = await send(next);
  expect((await question(next)).offers[0]!.words).toBe("5000 tokens more for test/m today");
  await next.core.approvals.answer((await question(next)).id, "allow", "panel");
  expect((await asked.outcome).type).toBe("done");
  expect((await next.core.budgets.list()).find(({ title }) => title.includes("test/m"))).toMatchObject({
    tokens: { limit: 5000, raised: 5000 },
  });
  expect((await next.core.budgets.list()).map(({ budget, note }) => [budget.split(" ")[1], note])).toEqual([
    ["test/m", undefined],
    ["test/other", "No model test/other is listed by its provider: where there is none, this holds nothing"],
  ]);
});

test("a token has a budget of its own for the day: its runs, their sub-agents and its jobs, and nobody else's", async () => {
  const ci: Origin = { via: "api", id: "ci" };
  const settings: Partial<AgentSettings> = { tokens: { ci: { scope: "write", day: { tokens: 9000 } } } };
  const turns: Turn[] = [
    [call("spawner", {}, "s"), used(3000, "tool_calls")],
    ["child", used(5000)],
    ["done", used(500)],
  ];
  const bench = await open(settings, turns, [spawner, add, note]);
  expect((await (await send(bench, { origin: ci })).outcome).type).toBe("done");
  await expect.poll(async () => (await bench.core.budgets.list())[0]?.tokens?.used).toBeGreaterThanOrEqual(8500);
  const next = await bench.restart();
  const refused = await send(next, { origin: ci, sessionKey: undefined, text: "x".repeat(4000) });
  expect(await refused.outcome).toMatchObject({
    error: { message: expect.stringContaining("The day (UTC) of the token ci has a budget of 9000 tokens") },
  });
  const job = await next.core.jobs.add(jobByHand({ payload: { kind: "agentTurn", message: "y".repeat(4000) } }), ci);
  const fired = nextEvent(next.core, "run.finished");
  await next.core.jobs.run(job.id);
  expect((await fired).outcome).toMatchObject({ type: "failed", error: { code: "budget_exhausted" } });
  expect((await (await send(next, { origin: api, text: "z".repeat(4000) })).outcome).type).toBe("done");
});

test("a rehearsed job asks for itself, and one that fires with nobody there ends", async () => {
  const bench = await open({}, [step(1600, "1"), ["done", used(1)], step(1600, "2")]);
  const job = await bench.core.jobs.add(jobByHand({ budgetTokens: 2000, grants: [] }), panel);
  const done = nextEvent(bench.core, "run.finished");
  await bench.core.jobs.rehearse(job.id, {});
  const asked = await question(bench);
  expect(asked.offers[0]!.words).toBe("2000 tokens more for this job");
  await bench.core.approvals.answer(asked.id, "allow", "panel");
  expect((await done).outcome.type).toBe("done");
  bench.core.people.come();
  const next = nextEvent(bench.core, "run.finished");
  await expect.poll(async () => (await bench.core.jobs.get(job.id)).rehearsal?.finishedAt).toBeDefined();
  await bench.core.jobs.run(job.id);
  expect((await next).outcome).toMatchObject({ type: "failed", error: { code: "budget_exhausted" } });
});

test("a session's budget is raised for that session", async () => {
  const bench = await open({ budgets: { session: { tokens: 3000 } } }, [
    ["a", used(2900)],
    ["b", used(10)],
  ]);
  await (
    await send(bench)
  ).outcome;
  const run = await send(bench);
  expect((await question(bench)).offers[0]!.words).toBe("3000 tokens more for this session");
  await bench.core.approvals.answer((await question(bench)).id, "allow", "panel");
  expect((await run.outcome).type).toBe("done");
  expect(await bench.core.budgets.list("main")).toMatchObject([{ tokens: { limit: 3000, raised: 3000 } }]);
});
