import { expect, test } from "vitest";
import type { Retention } from "../../../src/core/ports/settings.ts";
import { createFakeClock } from "../../fakes/fakeClock.ts";
import { openBench } from "../bench.ts";

const DAY = 24 * 3_600_000;
const api = { via: "api" as const };

async function openAged(retention: Retention) {
  const clock = createFakeClock();
  const bench = await openBench({ clock, settings: { retention } });
  const { core } = bench;
  const say = async (request: Parameters<typeof core.sessions.send>[0]) => {
    const run = await core.sessions.send(request);
    await run.outcome;
    return run.sessionKey;
  };
  const client = (name: string) => say({ text: name, newKey: `openai-${name}`, origin: { via: "openai" } });
  const keys = async () => (await core.sessions.list({ limit: 50 })).sessions.map(({ key }) => key).toSorted();
  const prune = async (dryRun = false) => {
    const { sessions } = await core.sessions.prune({ dryRun });
    return sessions.map(({ key, rule }) => `${rule} ${key}`).toSorted();
  };
  /** As on a machine that slept: a month of its timers is nothing that is looked at here. */
  const pass = (days: number) => clock.set(clock.now() + days * DAY);
  return { ...bench, pass, say, client, keys, prune };
}

test("what nobody used goes by the days of its kind, and a rehearsal says what would", async () => {
  const { pass, say, client, keys, prune } = await openAged({ openaiDays: 30, jobDays: 10, subagentDays: 20 });
  const own = await say({ text: "mine", origin: api });
  const job = await say({ text: "nightly", origin: { via: "cron", id: "j" } });
  const child = await say({ text: "part", parentKey: own, origin: { via: "subagent", id: "r" } });
  await client("a");
  await pass(9);
  expect(await prune()).toEqual([]);
  await pass(2);
  expect(await prune(true)).toEqual([`job ${job}`]);
  expect(await keys()).toContain(job);
  expect(await prune()).toEqual([`job ${job}`]);
  await pass(10);
  await client("b");
  expect(await prune()).toEqual([`subagent ${child}`]);
  await pass(10);
  expect(await prune()).toEqual(["openai openai-a"]);
  expect(await keys()).toEqual(["main", "openai-b", own].toSorted());
});

test("what a person named, uses, aims a job at or has files in stays, as does what is at work", async () => {
  const { core, pass, say, client, keys, prune } = await openAged({ openaiDays: 1, jobDays: 1, subagentDays: 1 });
  for (const name of ["named", "taken", "target", "parent", "old"]) await client(name);
  await core.sessions.update("openai-named", { title: "Keep this" });
  await say({ text: "I go on here", sessionKey: "openai-taken", origin: { via: "panel" } });
  await core.jobs.add(
    {
      name: "j",
      schedule: { kind: "every", everyMs: 100 * DAY },
      payload: { kind: "agentTurn", message: "x" },
      sessionTarget: "openai-target",
    },
    api,
  );
  const below = await say({ text: "below", parentKey: "openai-parent", origin: api });
  await core.sessions.update(below, { title: "My work" });
  await say({ text: "main", sessionKey: "main", origin: { via: "openai" } });
  await pass(2);
  expect(await prune()).toEqual(["openai openai-old"]);
  expect(await keys()).toEqual(
    ["main", "openai-named", "openai-parent", "openai-taken", "openai-target", below].toSorted(),
  );
  await core.sessions.update("openai-named", { title: null });
  await pass(2);
  expect(await prune()).toEqual(["openai openai-named"]);
});

test("a session is of the one who began it, whoever's result came there since", async () => {
  const { pass, say, client, prune } = await openAged({ openaiDays: 1, jobDays: 1, subagentDays: 1 });
  const result = { text: "its result", origin: { via: "subagent" as const, id: "r" } };
  const job = await say({ text: "nightly", origin: { via: "cron", id: "j" } });
  for (const sessionKey of [job, await client("a")]) await say({ ...result, sessionKey });
  await pass(2);
  expect(await prune()).toEqual([`job ${job}`, "openai openai-a"].toSorted());
});

test("what a person went on in stays, whoever went on after, and with it what it is below", async () => {
  const { pass, say, client, keys, prune } = await openAged({ openaiDays: 1, jobDays: 1, subagentDays: 1 });
  const subagent = { via: "subagent" as const, id: "r" };
  const parent = await client("parent");
  const child = await say({ text: "part", parentKey: parent, origin: subagent });
  await say({ text: "I go on here", sessionKey: child, origin: { via: "panel" } });
  await say({ text: "and again", sessionKey: child, origin: subagent });
  await client("old");
  await pass(2);
  expect(await prune()).toEqual(["openai openai-old"]);
  expect(await keys()).toEqual(["main", child, parent].toSorted());
});

test("without days nothing goes", async () => {
  const { core, pass, client, prune } = await openAged({});
  await client("a");
  await pass(1000);
  expect(await prune()).toEqual([]);
  expect(await core.sessions.prune({ dryRun: true })).toEqual({ retention: {}, sessions: [] });
});

test("many sessions are looked at and removed with others in between", async () => {
  const { store, pass, core, prune } = await openAged({ openaiDays: 1 });
  const { key: _, ...blank } = await core.sessions.create({ title: "blank" });
  const puts = Array.from({ length: 300 }, (__, n) => ({ put: { ...blank, key: `openai-${n}` } }));
  await store.commit({ sessions: puts });
  await pass(2);
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 0);
  expect(await prune(true)).toHaveLength(300);
  expect(turns).toBeGreaterThan(3);
  expect(await prune()).toHaveLength(300);
  clearInterval(timer);
  expect(turns).toBeGreaterThan(20);
});

test("what is used while the others go stays, with what is above it", async () => {
  const { store, core, pass, say, client, keys, prune } = await openAged({ openaiDays: 1, subagentDays: 1 });
  for (const name of ["a", "b"]) await client(name);
  const below = await say({ text: "below", parentKey: "openai-a", origin: { via: "subagent", id: "r" } });
  await pass(2);
  const real = store.deleteSession;
  store.deleteSession = async (key, when) => {
    store.deleteSession = real;
    // Acknowledged by another process, after it was looked at.
    for (const sessionKey of [below, "openai-b"]) await core.sessions.send({ text: "more", sessionKey, origin: api });
    return real(key, when);
  };
  expect(await prune()).toEqual([]);
  expect(await keys()).toEqual(["main", below, "openai-a", "openai-b"].toSorted());
  const { messages } = await core.sessions.history(below, { limit: 9, includeTools: false });
  expect(messages.map(({ text }) => text)).toContain("more");
});

test("however many are below a session, each is ended and told of when it is deleted", async () => {
  const { store, core } = await openAged({});
  const { key, ...blank } = await core.sessions.create({ title: "parent" });
  const puts = Array.from({ length: 501 }, (_, n) => ({ put: { ...blank, key: `child-${n}`, parentKey: key } }));
  await store.commit({ sessions: puts });
  const told = new Set<string>();
  core.events.on((event) => event.type === "session.deleted" && told.add(event.sessionKey));
  await core.sessions.delete(key);
  expect(told.size).toBe(502);
});
