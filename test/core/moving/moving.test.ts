import { expect, test } from "vitest";
import * as z from "zod";
import { defineTool } from "../../../src/core/ports/tool.ts";
import type { TakeRequest } from "../../../src/protocol/written/movedLine.ts";
import { createFakeClock } from "../../fakes/fakeClock.ts";
import { call } from "../../fakes/scriptedProvider.ts";
import { type Bench, nextEvent, openBench } from "../bench.ts";

const by = { via: "cli" } as const;
const api = { via: "api" } as const;
const how: TakeRequest = { lines: [], dryRun: false, enable: false, grants: false, keepFolders: false };

async function exported({ core }: Bench): Promise<string[]> {
  const lines: string[] = [];
  for (let cursor: string | undefined, more = true; more;) {
    const page = await core.moving.sessions(cursor);
    lines.push(...page.lines);
    cursor = page.nextCursor;
    more = cursor !== undefined;
  }
  return [...lines, ...(await core.moving.jobs()).lines];
}

async function talk({ core }: Bench, text: string, sessionKey?: string) {
  const run = await core.sessions.send({ text, origin: api, ...(sessionKey ? { sessionKey } : {}) });
  await run.outcome;
  return run.sessionKey;
}

async function filled(): Promise<{ bench: Bench; key: string; lines: string[] }> {
  const bench = await openBench({ turns: [["Hello"], [call("add", { a: 1, b: 2 })], ["Three"]] });
  await talk(bench, "Hi", "main");
  const key = await talk(bench, "1+2?");
  await bench.core.sessions.update(key, { title: "Sums" });
  await bench.core.jobs.add(
    {
      name: "Nightly",
      schedule: { kind: "every", everyMs: 60_000 },
      payload: { kind: "agentTurn", message: "look" },
      sessionTarget: "isolated",
      grants: [{ allow: "exec", command: "npm test", host: "*" }],
    },
    api,
  );
  return { bench, key, lines: await exported(bench) };
}

const told = async ({ core }: Bench, key: string) =>
  (await core.sessions.history(key, { limit: 1000, includeTools: true })).messages.map(
    ({ id: _id, runId: _run, sessionKey: _key, seq: _seq, ...message }) => message,
  );

test("sessions come with messages, titles, times and usage; the second time nothing is done", async () => {
  const { bench, key, lines } = await filled();
  const other = await openBench();
  const first = await other.core.moving.take({ ...how, lines }, by);
  expect(first.sessions).toMatchObject([
    { key: "main", to: "main", state: "grown", messages: 2 },
    { key, to: key, state: "made", messages: 4 },
  ]);
  expect(await told(other, key)).toEqual(await told(bench, key));
  expect(await told(other, "main")).toEqual(await told(bench, "main"));
  const { title, createdAt, updatedAt, usage, messageCount } = await bench.core.sessions.get(key);
  expect(await other.core.sessions.get(key)).toMatchObject({ title, createdAt, updatedAt, usage, messageCount });
  expect((await other.core.usage.cost(1)).total).toEqual((await bench.core.usage.cost(1)).total);
  // It was paid for there: no budget of this day is used here.
  const [model] = (await other.core.usage.cost(1)).rows.map((row) => row.model);
  other.settings.budgets = { day: { tokens: 1_000_000 }, models: { [model!]: { tokens: 1_000_000 } } };
  expect((await other.core.budgets.list()).map(({ tokens }) => tokens?.used)).toEqual([0, 0]);
  const events = await other.store.newestEventId();
  const again = await other.core.moving.take({ ...how, lines }, by);
  expect(again.sessions.map(({ state }) => state)).toEqual(["there", "there"]);
  expect(again.jobs.map(({ state }) => state)).toEqual(["there"]);
  expect(await other.store.newestEventId()).toBe(events);
  expect((await other.core.sessions.search({ text: "Hello", limit: 5 })).found).toHaveLength(1);
  // It goes on from what it was told.
  await talk(other, "And again?", key);
  expect(
    other.model.requests
      .at(-1)!
      .messages.map(({ role }) => role)
      .slice(0, 4),
  ).toEqual(["user", "assistant", "tool", "assistant"]);
});

test("where it was written, an export changes nothing", async () => {
  const { bench, lines } = await filled();
  const taken = await bench.core.moving.take({ ...how, lines }, by);
  expect([...taken.sessions, ...taken.jobs].map(({ state }) => state)).toEqual(["there", "there", "there"]);
});

test("what came since is taken by the next import, unless the session went on here", async () => {
  const { bench, key, lines } = await filled();
  const other = await openBench();
  await other.core.moving.take({ ...how, lines }, by);
  await talk(bench, "More", key);
  const later = await exported(bench);
  expect((await other.core.moving.take({ ...how, lines: later }, by)).sessions).toMatchObject([
    { key: "main", state: "there" },
    { key, state: "grown", messages: 2 },
  ]);
  expect(await told(other, key)).toEqual(await told(bench, key));
  await talk(other, "Mine", "main");
  await talk(bench, "Theirs", "main");
  const last = await other.core.moving.take({ ...how, lines: await exported(bench) }, by);
  expect(last.sessions.find(({ key: of }) => of === "main")).toMatchObject({ state: "kept", messages: 0 });
});

test("a main that is in use stays, and the other comes beside it under a key of its own", async () => {
  const { lines } = await filled();
  const other = await openBench();
  await talk(other, "Mine");
  await talk(other, "Mine", "main");
  const take = () => other.core.moving.take({ ...how, lines }, by);
  const first = (await take()).sessions.find(({ key }) => key === "main")!;
  expect(first).toMatchObject({ state: "made", to: expect.stringMatching(/^imported-[0-9a-f]{12}$/) });
  expect((await take()).sessions.find(({ key }) => key === "main")).toMatchObject({ state: "there", to: first.to });
});

test("a dry run says the same and writes nothing", async () => {
  const { lines } = await filled();
  const other = await openBench();
  await other.core.sessions.get("main");
  const dry = await other.core.moving.take({ ...how, lines, dryRun: true, enable: true }, by);
  expect([
    (await other.store.listSessions({ limit: 9 })).sessions.length,
    (await other.core.jobs.list()).length,
  ]).toEqual([1, 0]);
  expect(await other.core.moving.take({ ...how, lines, enable: true }, by)).toEqual(dry);
});

test("jobs come off and without grants; what a person confirms is another thing", async () => {
  const { lines } = await filled();
  const plain = await openBench();
  const [job] = (await plain.core.moving.take({ ...how, lines }, by)).jobs;
  expect(job).toEqual({
    id: job!.id,
    name: "Nightly",
    state: "made",
    enabled: false,
    grants: ["allow exec: npm test, reaching *"],
  });
  const stored = await plain.core.jobs.get(job!.id);
  expect(stored).toMatchObject({ enabled: false, nextRunAt: null, createdBy: by });
  expect([stored.grants, stored.grantedFor]).toEqual([undefined, undefined]);
  const confirmed = await openBench();
  await confirmed.core.moving.take({ ...how, lines, enable: true, grants: true }, by);
  expect(await confirmed.core.jobs.get(job!.id)).toMatchObject({
    enabled: true,
    nextRunAt: expect.any(String),
    grants: [{ allow: "exec", command: "npm test", host: "*" }],
    grantedFor: { payload: expect.any(String) },
  });
});

test("a job that was rehearsed is taken in as any other, and keeps who said where its results go", async () => {
  const bench = await openBench();
  const { id } = await bench.core.jobs.add(
    {
      name: "n",
      schedule: { kind: "every", everyMs: 60_000 },
      payload: { kind: "agentTurn", message: "x" },
      sessionTarget: "isolated",
    },
    by,
  );
  const { key } = await bench.core.sessions.create({ title: "Work" });
  const agent = { via: "subagent", id: key } as const;
  await bench.core.jobs.update(id, { delivery: { mode: "webhook", url: "https://example.org/" } }, agent);
  await bench.core.jobs.rehearse(id, {});
  const other = await openBench();
  expect((await other.core.moving.take({ ...how, lines: await exported(bench) }, by)).jobs).toMatchObject([
    { id, state: "made" },
  ]);
  expect((await other.core.jobs.get(id)).deliveryBy).toEqual(agent);
});

const session = (more: object = {}) =>
  JSON.stringify({
    type: "session",
    key: "s-1",
    kind: "isolated",
    createdAt: "2026-01-01T00:00:00.000Z",
    updatedAt: "2026-01-01T00:00:00.000Z",
    usage: { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: null },
    ...more,
  });
const message = (n: number, more: object = {}) =>
  JSON.stringify({
    type: "message",
    sessionKey: "s-1",
    n,
    at: "2026-01-01T00:00:00.000Z",
    runId: "../../x",
    message: { role: "user", text: "hi", origin: api },
    ...more,
  });
const job = (more: object = {}) =>
  JSON.stringify({
    type: "job",
    id: "job-1",
    name: "n",
    schedule: { kind: "every", everyMs: 60_000 },
    payload: { kind: "agentTurn", message: "x" },
    sessionTarget: "isolated",
    enabled: true,
    createdBy: api,
    createdAt: "2026-01-01T00:00:00.000Z",
    ...more,
  });

test.each([
  ["no JSON", "{", /lines\.1: It is not a line of JSON/],
  [
    "__proto__",
    '{"__proto__":{"a":1},"type":"end","sessions":0,"messages":0,"jobs":0}',
    /lines\.1: It has a field __proto__/,
  ],
  ["__proto__ beside what was said", message(0).replace('"user"', '"user","__proto__":{}'), /__proto__/],
  ["__proto__ deep within", job().replace('"every"', '"every","__proto__":{}'), /__proto__/],
  ["an unknown type", '{"type":"secret"}', /lines\.1/],
  ["a field too many", message(0, { native: 1 }), /lines\.1/],
  ["a message of another session", message(0, { sessionKey: "s-2" }), /stands behind its session/],
  ["a message too early", message(3), /Message 0 of session "s-1" is missing/],
  ["NUL", job({ name: "a\0" }), /NUL/],
  ["a wrong version", '{"type":"pincer","version":2}', /version 2, and this Pincer reads version 1/],
  ["a list", "[]", /lines\.1/],
])(
  "a line that is not as it should be is refused by its number, with all before it: %s",
  async (_name, line, fault) => {
    const { core, store } = await openBench();
    await expect(core.moving.take({ ...how, lines: [session(), line] }, by)).rejects.toThrow(fault);
    expect(await store.getSession("s-1")).toBeUndefined();
  },
);

test("a file chooses no folder, no key that could be a path, no rights and no maker", async () => {
  const { core, folder } = await openBench();
  const lines = [
    session({ key: "../../etc", workspace: "/" }),
    session({ key: "s-2", workspace: folder, parentKey: "../x" }),
    session({ workspace: "/etc" }),
    message(0),
    job({ workspace: "/etc" }),
    job({ id: "../x" }),
    job({ id: "job-2", schedule: { kind: "cron", expr: "0 0 31 2 *" } }),
    job({ id: "job-3", createdBy: { via: "subagent", id: "s-9" } }),
    job({ id: "job-4", deliveryBy: { via: "subagent", id: "s-9" } }),
    job({ id: "job-5", deliveryBy: api }),
  ];
  const { sessions, jobs } = await core.moving.take({ ...how, lines, enable: true }, by);
  expect(sessions.map(({ to, leftFolder }) => [to.slice(0, 9), leftFolder])).toEqual([
    ["imported-", "/"],
    ["s-2", undefined],
    ["s-1", "/etc"],
  ]);
  expect((await core.sessions.get("s-2")).workspace).toBe(folder);
  expect((await core.sessions.get("s-2")).parentKey).toBeUndefined();
  expect((await core.sessions.get("s-1")).workspace).toBeUndefined();
  const [said] = (await core.sessions.history("s-1", { limit: 1, includeTools: true })).messages;
  expect(said!.runId).toMatch(/^import-[0-9a-f]{12}-______x$/);
  expect(jobs.map(({ id, state, enabled, why }) => [id, state, enabled, why?.slice(0, 30)])).toEqual([
    ["job-1", "made", false, "It stays off: workspace: The f"],
    ["../x", "refused", false, '"../x" is no id of a job'],
    ["job-2", "refused", false, 'schedule.expr: "0 0 31 2 *" is'],
    ["job-3", "made", true, undefined],
    ["job-4", "made", true, undefined],
    ["job-5", "made", true, undefined],
  ]);
  const makers = await Promise.all(["job-3", "job-4", "job-5"].map((id) => core.jobs.get(id)));
  expect(makers.map(({ createdBy, deliveryBy }) => [createdBy.via, deliveryBy?.via])).toEqual([
    ["subagent", undefined],
    ["cli", "subagent"],
    ["cli", "cli"],
  ]);
});

test("two imports at once are one", async () => {
  const { lines, key } = await filled();
  const other = await openBench();
  const all = await Promise.all([1, 2, 3].map(() => other.core.moving.take({ ...how, lines }, by)));
  expect(
    all.flatMap(({ sessions }) => sessions.filter((one) => one.key === key).map(({ state }) => state)).sort(),
  ).toEqual(["made", "there", "there"]);
  expect((await other.core.sessions.get(key)).messageCount).toBe(4);
});

test.each([
  ["a session", "s-1"],
  ["a main, into an empty one", "main"],
])("what was used counts once, however many calls it comes in: %s", async (_name, key) => {
  const clock = createFakeClock();
  const other = await openBench({ clock });
  const usage = { inputTokens: 100, outputTokens: 10, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: 2 };
  const day = new Date(clock.now()).toISOString().slice(0, 10);
  const one = session({ key, usage, usageByDay: [{ day, model: "test/m", requests: 1, unpriced: 0, ...usage }] });
  const said = [0, 1].map((n) => message(n, { sessionKey: key }));
  // The session is the last line that its call has room for; a call whose answer was lost comes again.
  for (const lines of [[one], [one], [one, said[0]!], [one, said[0]!], [one, said[1]!]])
    await other.core.moving.take({ ...how, lines }, by);
  expect(await other.core.sessions.get(key)).toMatchObject({ messageCount: 2, usage });
  expect((await other.core.usage.cost(1)).total).toMatchObject(usage);
  other.settings.budgets = { day: { tokens: 1_000_000 } };
  expect((await other.core.budgets.list()).map(({ tokens }) => tokens?.used)).toEqual([0]);
});

test("long sessions go over pages, and a step whose calls are under way is left for a later export", async () => {
  let go = () => {};
  const gate = new Promise<void>((resolve) => (go = resolve));
  const slow = defineTool({
    name: "slow",
    description: "Waits.",
    input: z.strictObject({}),
    effect: "read",
    async run() {
      await gate;
      return { text: "waited" };
    },
  });
  const long = "x".repeat(300_000);
  const bench = await openBench({
    turns: [[long], [long], ["z"], [call("slow", {})]],
    tools: [slow],
    windowTokens: 10 ** 7,
  });
  for (const text of ["a", "b", "c"]) await talk(bench, text, "main");
  expect((await bench.core.moving.sessions()).lines).toHaveLength(5);
  const said = async () => (await exported(bench)).filter((line) => line.includes('"type":"message"')).length;
  expect(await said()).toBe(6);
  const started = nextEvent(bench.core, "tool.started");
  const run = await bench.core.sessions.send({ text: "d", origin: api, sessionKey: "main" });
  await started;
  expect(await said()).toBe(7);
  go();
  await run.outcome;
  expect(await said()).toBe(10);
});
