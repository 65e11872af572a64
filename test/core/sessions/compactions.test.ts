import { expect, test } from "vitest";
import { AppError } from "../../../src/base/appError.ts";
import { outage } from "../../../src/core/ports/providerFault.ts";
import type { ModelRequest } from "../../../src/core/ports/provider.ts";
import type { Store } from "../../../src/core/ports/store.ts";
import { call, SOME_USAGE, type Turn } from "../../fakes/scriptedProvider.ts";
import { openBench } from "../bench.ts";

const origin = { via: "api" as const };
const LONG = "y".repeat(20_000);

/** A session with enough in it to be compacted; then come the given turns. */
async function openTalk(turns: Turn[], options: Parameters<typeof openBench>[0] = {}) {
  const bench = await openBench({ windowTokens: 1_000_000, turns: [[LONG], [LONG], [LONG], ...turns], ...options });
  const send = async (text: string) => (await bench.core.sessions.send({ text, origin, sessionKey: "main" })).outcome;
  for (const text of ["one", "two", "three"]) await send(text);
  return { ...bench, send, texts: (index: number) => bench.model.requests.at(index)!.messages.map(({ text }) => text) };
}

/** A summary that is being written until it is let go or stopped. */
function slowSummary() {
  const begun = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const turn: Turn = () => {
    begun.resolve();
    return ["SUM", { wait: go.promise }, "MARY"];
  };
  return { turn, begun: begun.promise, finish: go.resolve };
}

test("what is erased during a compaction stays erased: no summary of it is stored, and none is sent", async () => {
  const { turn, begun } = slowSummary();
  const { core, send, texts } = await openTalk([turn, ["fresh"]]);
  const compacting = core.sessions.compact("main");
  const refused = expect(compacting).rejects.toMatchObject({ code: "conflict" });
  await begun;
  const reset = await core.sessions.reset("main");
  await refused;
  expect(reset).toMatchObject({ messageCount: 0, contextTokens: 0, usage: { inputTokens: 0 } });
  expect(await send("hello")).toEqual({ type: "done", reply: "fresh" });
  expect(texts(-1)).toEqual(["hello"]);
});

test("a session that is deleted during its compaction is gone, and the compaction says so", async () => {
  const { turn, begun } = slowSummary();
  const { core, store } = await openTalk([[LONG], [LONG], [LONG], turn]);
  const { key } = await core.sessions.create({ title: "side" });
  for (const text of ["one", "two", "three"])
    await (
      await core.sessions.send({ text, origin, sessionKey: key })
    ).outcome;
  const refused = expect(core.sessions.compact(key)).rejects.toMatchObject({ code: "conflict" });
  await begun;
  await core.sessions.delete(key);
  await refused;
  expect(await store.getSession(key)).toBeUndefined();
});

test("an abort ends a compaction, whose cost counts; what it was to replace is still there", async () => {
  const { turn, begun } = slowSummary();
  const { core, send, texts } = await openTalk([turn, ["after"]]);
  const before = (await core.usage.cost(1)).total.requests;
  const refused = expect(core.sessions.compact("main")).rejects.toMatchObject({ code: "conflict" });
  await begun;
  expect(await core.sessions.abort("main")).toBe(1);
  await refused;
  expect((await core.usage.cost(1)).total.requests).toBe(before + 1);
  await send("more");
  expect(texts(-1)[0]).toBe("one");
});

test("a message waits for the compaction that is under way, a second compaction is refused", async () => {
  const { turn, begun, finish } = slowSummary();
  const { core, send, texts, model } = await openTalk([turn, ["after"]]);
  const compacting = core.sessions.compact("main");
  await begun;
  await expect(core.sessions.compact("main")).rejects.toMatchObject({
    code: "conflict",
    message: "Session main is being compacted already",
  });
  const sent = send("next");
  finish();
  expect(await compacting).toMatchObject({ compacted: true });
  expect(await sent).toEqual({ type: "done", reply: "after" });
  expect(texts(-1)[0]).toBe("SUMMARY");
  expect(model.requests).toHaveLength(5);
});

test("a compaction by hand is held to budgets", async () => {
  const { core, settings, model } = await openTalk([["SUMMARY"]]);
  const asked = model.requests.length;
  settings.budgets = { session: { tokens: 50 } };
  await expect(core.sessions.compact("main")).rejects.toMatchObject({ code: "budget_exhausted" });
  expect(model.requests).toHaveLength(asked);
});

test("a restart ends a compaction: the session goes on as it was", async () => {
  const { turn, begun } = slowSummary();
  const { core, restart } = await openTalk([turn]);
  const refused = expect(core.sessions.compact("main")).rejects.toMatchObject({ code: "unavailable" });
  await begun;
  const after = await restart([["back"]]);
  await refused;
  await (
    await after.core.sessions.send({ text: "hello", origin, sessionKey: "main" })
  ).outcome;
  expect(after.model.requests.at(-1)!.messages[0]!.text).toBe("one");
});

const prompt = ({ messages }: ModelRequest) => messages[0]!.text;

test("the summary is made of attachments too: names, text with a mark where it is cut, images by name", async () => {
  const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
  const { core, model } = await openBench({ turns: [["seen"], [LONG], [LONG], ["SUMMARY"]], windowTokens: 1_000_000 });
  const attachments = [
    {
      name: "plan.md",
      mediaType: "text/markdown",
      data: `The codeword is Zitrone. ${"z".repeat(9000)} The end is Apfel.`,
    },
    { name: "shot.png", mediaType: "image/png", data: pixel },
  ];
  await (
    await core.sessions.send({ text: "read", origin, sessionKey: "main", attachments })
  ).outcome;
  for (const text of ["two", "three"]) await (await core.sessions.send({ text, origin, sessionKey: "main" })).outcome;
  await core.sessions.compact("main");
  const asked = prompt(model.requests.at(-1)!);
  expect(asked).toContain("plan.md");
  expect(asked).toContain("The codeword is Zitrone.");
  expect(asked).toContain("The end is Apfel.");
  expect(asked).toMatch(/\[\d+ characters are left out here\]/);
  expect(asked).toContain("shot.png");
  expect(asked).not.toContain(pixel);
  expect(asked).toContain("language");
});

test("a summary that was cut at the output limit is asked for again, shorter, and both count", async () => {
  const cut: Turn = ["half of a", { type: "end", usage: null, stop: "length" }];
  const { core, model } = await openTalk([cut, ["whole"]]);
  const before = (await core.usage.cost(1)).total.requests;
  expect(await core.sessions.compact("main")).toMatchObject({ compacted: true });
  expect(prompt(model.requests.at(-2)!)).toContain("800 words");
  expect(prompt(model.requests.at(-1)!)).toContain("200 words");
  const { messages } = await core.sessions.history("main", { limit: 100, includeTools: true });
  expect(messages.at(-1)).toMatchObject({ kind: "summary", text: "whole" });
  expect((await core.usage.cost(1)).total.requests).toBe(before + 2);
});

test.each<[string, Turn, RegExp]>([
  ["cut twice", ["half", { type: "end", usage: null, stop: "length" }], /cut off at the model's output limit/],
  ["refused", ["I will not", { type: "end", usage: null, stop: "refused" }], /refused to write/],
  ["a call", [call("add", { a: 1, b: 2 })], /empty summary/],
])("a summary that is none (%s) is not stored", async (_name, turn, message) => {
  const { core, send, texts } = await openTalk([turn, turn]);
  await expect(core.sessions.compact("main")).rejects.toMatchObject({ code: "provider_error", message });
  await send("more");
  expect(texts(-1)[0]).toBe("one");
});

test("a compaction that alone is stopped leaves the message that waits behind it", async () => {
  const { turn, begun } = slowSummary();
  const { core } = await openTalk([turn, ["after"]]);
  const refused = expect(core.sessions.compact("main")).rejects.toMatchObject({ code: "conflict" });
  await begun;
  const waiting = await core.sessions.send({ text: "hello", origin, sessionKey: "main" });
  expect(await core.sessions.abort("main", "compaction")).toBe(1);
  await refused;
  expect(await waiting.outcome).toEqual({ type: "done", reply: "after" });
});

/** A talk whose next writes of what was used are refused so, and the keys of what it holds of a budget. */
async function openRefused(turns: Turn[], code: "unavailable" | "conflict") {
  const way = { refusals: 0 };
  const keys = new Set<string>();
  const seeStore = (store: Store): Store => ({
    ...store,
    async commit(batch) {
      for (const { put } of batch.holds ?? []) for (const key of put?.keys ?? []) keys.add(key);
      const isAlone = code === "conflict" && !batch.fence;
      if (way.refusals === 0 || isAlone || !batch.usage?.length) return store.commit(batch);
      way.refusals -= 1;
      throw new AppError(code, "Nothing was stored");
    },
  });
  const bench = await openTalk(turns, { seeStore, settings: { budgets: { day: { usd: 1 } } } });
  const inputTokens = async () => (await bench.core.usage.cost(1)).total.inputTokens;
  const held = () => bench.store.listHolds({ keys: [...keys], owner: "any" });
  return { ...bench, way, keys, inputTokens, held };
}

test.each([
  // With the summary, and without.
  ["the store refuses it for a moment", "unavailable", 2, SOME_USAGE.inputTokens],
  ["its session has another worker since", "conflict", 2, 0],
] as const)("what a summary has used counts, though %s", async (_name, code, refusals, ofSession) => {
  const { core, way, keys, inputTokens, held } = await openRefused([["SUMMARY"]], code);
  const before = await inputTokens();
  const { usage, contextTokens } = await core.sessions.get("main");
  way.refusals = refusals;
  await expect(core.sessions.compact("main")).rejects.toMatchObject({ code });
  await expect.poll(inputTokens).toBe(before + SOME_USAGE.inputTokens);
  expect(keys.size).toBeGreaterThan(0);
  expect(await held()).toEqual([]);
  const after = await core.sessions.get("main");
  expect(after).toMatchObject({ usage: { inputTokens: usage.inputTokens + ofSession }, contextTokens });
});

test("what a summary has used counts that came to nothing, though its session is gone meanwhile", async () => {
  const begun = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const broken: Turn = () => {
    begun.resolve();
    return [{ type: "taken" }, { wait: go.promise }, { fail: outage("Test broke off") }];
  };
  const { core, store, inputTokens, held } = await openRefused([[LONG], [LONG], [LONG], broken], "unavailable");
  const { key } = await core.sessions.create({ title: "side" });
  for (const text of ["one", "two", "three"])
    await (
      await core.sessions.send({ text, origin, sessionKey: key })
    ).outcome;
  const before = await inputTokens();
  const compacting = core.sessions.compact(key);
  const refused = expect(compacting).rejects.toMatchObject({ code: expect.stringMatching(/./) as string });
  await begun.promise;
  // As another process would: behind the core's back.
  await store.deleteSession(key);
  go.resolve();
  await refused;
  await expect.poll(inputTokens).toBeGreaterThan(before);
  expect(await held()).toEqual([]);
});

test("a page of what was said is full right after a compaction, whose summary is no part of it", async () => {
  const { core } = await openTalk([["SUMMARY"]]);
  expect((await core.sessions.compact("main")).compacted).toBe(true);
  const page = (limit: number, before?: number) =>
    core.sessions.history("main", { limit, includeTools: false, ...(before === undefined ? {} : { before }) });
  const newest = await page(1);
  expect(newest).toMatchObject({ messages: [{ role: "assistant", text: LONG }], hasMore: true });
  expect(await page(1, newest.messages[0]!.seq)).toMatchObject({ messages: [{ text: "three" }], hasMore: true });
  expect(await page(6)).toMatchObject({ hasMore: false });
  expect((await core.sessions.history("main", { limit: 1, includeTools: true })).messages).toMatchObject([
    { role: "system", kind: "summary" },
  ]);
});
