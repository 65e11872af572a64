import { expect, test } from "vitest";
import { defined } from "../../../src/base/defined.ts";
import { takeLines } from "../../../src/cli/moving/takeLines.ts";
import type { TakeRequest } from "../../../src/protocol/written/movedLine.ts";
import { type Bench, openBench } from "../bench.ts";

const by = { via: "cli" } as const;
const api = { via: "api" } as const;
const how: Omit<TakeRequest, "lines"> = { dryRun: false, enable: false, grants: false, keepFolders: false };

async function talk({ core }: Bench, text: string, sessionKey: string) {
  await (
    await core.sessions.send({ text, origin: api, sessionKey })
  ).outcome;
}

async function exported({ core }: Bench): Promise<string[]> {
  const { lines } = await core.moving.sessions();
  return [...lines, ...(await core.moving.jobs()).lines];
}

const taken = async ({ core }: Bench, lines: string[], more: Partial<TakeRequest> = {}) =>
  (await core.moving.take({ ...how, ...more, lines }, by)).sessions;

const saidIn = async ({ core }: Bench, key: string) =>
  (await core.sessions.history(key, { limit: 1000, includeTools: true })).messages.map(({ text }) => text);

const T = "2026-11-20T00:00:00.000Z";
const usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: 0 };
const session = (more: object = {}) =>
  JSON.stringify({ type: "session", key: "s-1", kind: "isolated", createdAt: T, updatedAt: T, usage, ...more });
const message = (n: number, run: string, more: { key?: string; length?: number; attachments?: object[] } = {}) =>
  JSON.stringify({
    type: "message",
    sessionKey: more.key ?? "s-1",
    n,
    at: T,
    runId: run,
    message: {
      role: "user",
      text: `${run} `.padEnd(more.length ?? 300, "."),
      origin: api,
      ...defined({ attachments: more.attachments }),
    },
  });

test("a session that was reset between two exports comes beside what it was, once, with its usage counted once", async () => {
  const from = await openBench({ turns: [["One"], ["Two"], ["Three"], ["Four"]] });
  const other = await openBench();
  const { key } = await from.core.sessions.create({ title: "Talk" });
  for (const to of [key, "main"]) await talk(from, "First", to);
  const before = await exported(from);
  await taken(other, before);
  const used = (await other.core.usage.cost(1)).total;
  for (const to of [key, "main"]) {
    await from.core.sessions.reset(to);
    await talk(from, "Second", to);
  }
  const after = await exported(from);
  for (const state of ["made", "there"]) {
    const sessions = await taken(other, after);
    for (const of of [key, "main"])
      expect(sessions.find((one) => one.key === of)).toMatchObject({
        state,
        to: expect.stringMatching(/^imported-[0-9a-f]{12}$/),
      });
  }
  const [own] = (await taken(other, after)).filter((one) => one.key === key);
  expect([(await saidIn(other, key))[0], (await saidIn(other, own!.to))[0]]).toEqual(["First", "Second"]);
  expect((await other.core.usage.cost(1)).total).toEqual(used);
  // What it was is no longer where it was written, either.
  expect((await taken(from, before)).map(({ state }) => state)).toEqual(expect.arrayContaining(["made"]));
});

test("a session that is reset while it is exported ends in the file where it was", async () => {
  const long = "x".repeat(300_000);
  const from = await openBench({ turns: [[long], [long], ["z"], ["New"]], windowTokens: 10 ** 7 });
  for (const text of ["a", "b", "c"]) await talk(from, text, "main");
  const { lines, nextCursor } = await from.core.moving.sessions();
  expect([lines.length, nextCursor]).toEqual([5, expect.any(String)]);
  await from.core.sessions.reset("main");
  await talk(from, "Other", "main");
  expect((await from.core.moving.sessions(nextCursor)).lines).toEqual([]);
});

test("a session that has gone another way since comes beside what it was, however many calls it takes", async () => {
  const other = await openBench();
  const desk = deskOf(other, 3000);
  const take = (runs: string[]) => takeLines(desk, fileOf([session(), ...runs.map((run, n) => message(n, run))]), how);
  const common = ["a", "b", "c", "d", "e", "f"];
  const [one, two, three] = ["x", "y", "z"].map((way) => [...common, ...[1, 2, 3, 4, 5, 6].map((n) => `${way}${n}`)]);
  const keys: string[] = [];
  // As long as a call of the other: where that ends, both are as long.
  for (const runs of [one!.slice(0, 7), two!, three!, one!, two!, three!]) {
    const { sessions } = await take(runs);
    keys.push(sessions[0]!.to);
    const said = await saidIn(other, sessions[0]!.to);
    expect(said.map((text) => text.split(" ")[0])).toEqual(runs);
  }
  const [first, second, third] = keys;
  expect([first, second, third]).toEqual(["s-1", expect.stringMatching(/^imported-/), `${second}-2`]);
  expect(keys).toEqual([first, second, third, first, second, third]);
});

test("so it does where no two of its messages fit into one call, foretold as it is done, with its folder", async () => {
  const other = await openBench();
  const lengths = [300, 1300, 1300];
  const picture = { name: "a.txt", mediaType: "text/plain", data: "x".repeat(600) };
  const take = (runs: string[], more: object = {}) => {
    const lines = [
      session({ workspace: "/gone" }),
      ...runs.map((run, n) => message(n, run, { length: lengths[n]!, attachments: [picture] })),
    ];
    return takeLines(deskOf(other, 3800), fileOf(lines), { ...how, ...more });
  };
  await take(["a", "b", "x"]);
  const made = { state: "made", messages: 3, leftFolder: "/gone", to: expect.stringMatching(/^imported-/) };
  expect((await take(["a", "b", "y"], { dryRun: true })).sessions).toMatchObject([made]);
  const { to } = (await take(["a", "b", "y"])).sessions[0]!;
  expect((await take(["a", "b", "y"])).sessions).toMatchObject([{ state: "there", to }]);
  expect((await saidIn(other, to)).map((text) => text.split(" ")[0])).toEqual(["a", "b", "y"]);
  const { messages } = await other.core.sessions.history(to, { limit: 9, includeTools: true });
  expect(messages.map((one) => "attachments" in one && one.attachments)).toEqual([[picture], [picture], [picture]]);
});

test("so it does where a call ends behind its first message, which it keeps as it was", async () => {
  const other = await openBench();
  const picture = { name: "a.txt", mediaType: "text/plain", data: "x".repeat(600) };
  const take = (runs: string[]) => {
    const lines = runs.map((run, n) =>
      message(n, run, { length: n === 1 ? 1500 : 300, ...(n === 0 ? { attachments: [picture] } : {}) }),
    );
    return takeLines(deskOf(other, 3000), fileOf([session(), ...lines]), how);
  };
  await take(["a", "b", "x", "y", "z"]);
  const { to } = (await take(["a", "b", "u", "v", "w", "q"])).sessions[0]!;
  expect(to).toMatch(/^imported-/);
  expect((await saidIn(other, to)).map((text) => text.split(" ")[0])).toEqual(["a", "b", "u", "v", "w", "q"]);
  const { messages } = await other.core.sessions.history(to, { limit: 9, includeTools: true });
  expect(messages.flatMap((one) => ("attachments" in one ? [one.attachments] : []))).toEqual([[picture]]);
});

function deskOf({ core }: Bench, mostChars: number) {
  return {
    page: () => Promise.reject(new Error("Nothing is exported")),
    take: (request: TakeRequest) => core.moving.take(request, by),
    mostChars,
    close: async () => {},
  };
}

async function* fileOf(lines: string[]) {
  for (const [line, text] of lines.entries()) yield { line, text };
}

test("a dry run over more than one call says what the calls would do", async () => {
  const other = await openBench();
  await other.core.sessions.get("main");
  await taken(other, [session(), message(0, "a")]);
  const main = session({ key: "main", kind: "main" });
  for (const [lines, state] of [
    [[main, message(0, "a", { key: "main" })], "grown"],
    [[main, message(1, "b", { key: "main" })], "grown"],
    [[session(), message(1, "b")], "grown"],
    [[session(), message(2, "c")], "grown"],
    [[session({ key: "s-2" }), message(7, "c", { key: "s-2" })], "made"],
  ] as const)
    expect(await taken(other, [...lines], { dryRun: true })).toMatchObject([{ state, messages: 1 }]);
  const gap = [main, message(1, "b", { key: "main" }), message(3, "d", { key: "main" })];
  await expect(taken(other, gap, { dryRun: true })).rejects.toThrow('Message 2 of session "main" is missing');
  await expect(taken(other, [session(), message(2, "c")])).rejects.toThrow('Message 1 of session "s-1" is missing');
});

test("what is deleted, and not yet erased, is not taken for what is here", async () => {
  const { core, store } = await openBench();
  const other = { core, store } as Bench;
  const lines = [
    session(),
    message(0, "a"),
    session({ key: "kid", parentKey: "s-1" }),
    message(0, "k", { key: "kid" }),
  ];
  await taken(other, lines.slice(0, 2));
  await core.sessions.delete("s-1", { undoMs: 60_000 });
  const [again, kid] = await taken(other, lines);
  expect([again, kid]).toMatchObject([{ state: "made", to: expect.stringMatching(/^imported-/) }, { state: "made" }]);
  expect((await core.sessions.get("kid")).parentKey).toBe(again!.to);
  await core.sessions.restore("s-1");
  expect((await core.sessions.get("s-1")).messageCount).toBe(1);
});

test("what narrows a session comes along, and where it stands; a mode that asks less does not", async () => {
  const from = await openBench();
  const part = { name: "reader", instructions: "Only read.", effort: "low" } as const;
  const of = { kind: "isolated", state: "idle", usage, messageCount: 0, contextTokens: 0 } as const;
  const narrow = { tools: ["read", "grep"], agent: part, effort: "high", pinned: true, archived: true } as const;
  await from.store.commit({
    sessions: [
      {
        put: {
          ...of,
          key: "s-1",
          createdAt: T,
          updatedAt: T,
          ...narrow,
          tools: [...narrow.tools],
          mode: { is: "plan", by: api },
        },
      },
      { put: { ...of, key: "s-2", createdAt: T, updatedAt: T, mode: { is: "auto", by: api } } },
    ],
  });
  const other = await openBench();
  await taken(other, await exported(from));
  expect(await other.store.getSession("s-1")).toMatchObject({ ...narrow, mode: { is: "plan", by } });
  expect((await other.store.getSession("s-2"))!.mode).toBeUndefined();
});
