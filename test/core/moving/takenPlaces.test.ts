import { expect, test } from "vitest";
import type { TakeRequest } from "../../../src/protocol/written/movedLine.ts";
import { openBench } from "../bench.ts";

const by = { via: "cli" } as const;
const api = { via: "api" } as const;
const how: TakeRequest = { lines: [], dryRun: false, enable: false, grants: false, keepFolders: false };

const T = "2026-11-20T00:00:00.000Z";
const usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: 0 };
/** A session's line, with one message. */
const saidIn = (key: string, more: object = {}) => [
  JSON.stringify({ type: "session", key, kind: "isolated", createdAt: T, updatedAt: T, usage, ...more }),
  JSON.stringify({
    type: "message",
    sessionKey: key,
    n: 0,
    at: T,
    runId: "r",
    message: { role: "user", text: key, origin: api },
  }),
];
const jobLine = (id: string, more: object = {}) =>
  JSON.stringify({
    type: "job",
    id,
    name: `Job ${id}`,
    schedule: { kind: "every", everyMs: 60_000 },
    payload: { kind: "agentTurn", message: "look" },
    sessionTarget: "isolated",
    enabled: true,
    createdBy: by,
    createdAt: T,
    ...more,
  });

test.each([
  ["itself", saidIn("a", { parentKey: "a" })],
  ["its child", [...saidIn("a", { parentKey: "b" }), ...saidIn("b", { parentKey: "a" })]],
  [
    "one far below it",
    [...saidIn("a", { parentKey: "c" }), ...saidIn("b", { parentKey: "a" }), ...saidIn("c", { parentKey: "b" })],
  ],
])("a session that would stand below %s can be listed, worked in and deleted", async (_below, lines) => {
  const { core } = await openBench({ turns: [["Yes"]] });
  await core.moving.take({ ...how, lines }, by);
  const keys = (await core.sessions.list({ limit: 10 })).sessions.map(({ key }) => key);
  for (const key of keys) expect((await core.subagents.list(key)).length).toBeLessThan(keys.length);
  const run = await core.sessions.send({ text: "Well?", origin: api, parentKey: "a" });
  expect(await run.outcome).toMatchObject({ type: "done" });
  for (const key of keys) if (key !== "main") await core.sessions.delete(key).catch(() => {});
  expect((await core.sessions.list({ limit: 10 })).sessions.map(({ key }) => key)).toEqual(["main"]);
});

test("main comes below nothing, and a session whose parent is not here may have children", async () => {
  const { core } = await openBench({ turns: [["Yes"]] });
  const main = saidIn("main", { kind: "main", parentKey: "kid" });
  await core.moving.take({ ...how, lines: [...main, ...saidIn("kid", { parentKey: "gone" })] }, by);
  expect((await core.sessions.get("main")).parentKey).toBeUndefined();
  const run = await core.sessions.send({ text: "Well?", origin: api, parentKey: "kid" });
  expect(await run.outcome).toMatchObject({ type: "done", reply: "Yes" });
});

test("a line that does not say which session it means is of the one beside it", async () => {
  const { core } = await openBench();
  await core.moving.take({ ...how, lines: saidIn("top", { createdAt: "2026-01-01T00:00:00.000Z" }) }, by);
  const below = [...saidIn("kid", { parentKey: "top" }), jobLine("into", { sessionTarget: "top" })];
  const { sessions } = await core.moving.take({ ...how, lines: [...below, ...saidIn("top")] }, by);
  const { to } = sessions.find(({ key }) => key === "top")!;
  expect(to).toMatch(/^imported-/);
  expect((await core.sessions.get("kid")).parentKey).toBe(to);
  expect((await core.jobs.get("into")).sessionTarget).toBe(to);
});

test("what is below a session, or fires into it, goes where that has gone", async () => {
  const from = await openBench({ turns: [["One"], ["Two"]] });
  const talk = async (text: string, more: object) => {
    const run = await from.core.sessions.send({ text, origin: api, ...more });
    await run.outcome;
    return run.sessionKey;
  };
  const parent = await talk("parent", {});
  const kid = (await from.core.sessions.create({ parentKey: parent })).key;
  await talk("kid", { sessionKey: kid });
  const { id } = await from.core.jobs.add(
    {
      name: "Into it",
      schedule: { kind: "every", everyMs: 60_000 },
      payload: { kind: "agentTurn", message: "look" },
      sessionTarget: parent,
    },
    api,
  );
  const lines = [...(await from.core.moving.sessions()).lines, ...(await from.core.moving.jobs()).lines];
  const other = await openBench({ turns: [["Mine"]] });
  // Another's session has that key there.
  await other.core.moving.take({ ...how, lines: saidIn(parent) }, by);
  const taken = await other.core.moving.take({ ...how, lines }, by);
  const to = taken.sessions.find(({ key }) => key === parent)!.to;
  expect(to).toMatch(/^imported-/);
  expect((await other.core.sessions.get(kid)).parentKey).toBe(to);
  expect((await other.core.jobs.get(id)).sessionTarget).toBe(to);
});

test.each([true, false])(
  "jobs that follow one another are turned on, whichever stands first (dry run: %s)",
  async (dryRun) => {
    const { core } = await openBench();
    const after = (jobId: string) => ({ schedule: { kind: "after", jobId, on: "ok" } });
    const lines = [
      jobLine("three", after("Job two")),
      jobLine("two", after("one")),
      jobLine("one"),
      jobLine("ring", after("ringed")),
      jobLine("ringed", after("ring")),
    ];
    const { jobs } = await core.moving.take({ ...how, lines, dryRun, enable: true }, by);
    expect(Object.fromEntries(jobs.map(({ id, enabled }) => [id, enabled]))).toEqual({
      one: true,
      two: true,
      three: true,
      ring: false,
      ringed: false,
    });
    expect(jobs.find(({ id }) => id === "ringed")!.why).toContain("would follow itself");
  },
);

test("an export leaves out no session that is used while it is read", async () => {
  const bench = await openBench({ turns: [["Again"]] });
  const long = "x".repeat(300_000);
  const keys = ["a", "b", "c", "d"];
  const lines = keys.flatMap((key) => {
    const [session, message] = saidIn(key);
    return [session!, message!.replace(`"text":"${key}"`, `"text":"${long}"`)];
  });
  await bench.core.moving.take({ ...how, lines }, by);
  const told: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await bench.core.moving.sessions(cursor);
    told.push(
      ...page.lines.map((line) => JSON.parse(line)).flatMap(({ type, key }) => (type === "session" ? key : [])),
    );
    if (cursor === undefined) for (const key of ["a", "d"]) await bench.core.sessions.update(key, { title: "Used" });
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  expect(told.filter((key) => key !== "main")).toEqual(keys);
});

test("a cursor that counts from below nothing is none", async () => {
  const { core } = await openBench();
  const cursor = Buffer.from(JSON.stringify({ session: { key: "main", afterId: 0, n: -5 } })).toString("base64url");
  await expect(core.moving.sessions(cursor)).rejects.toMatchObject({ code: "bad_request" });
});
