import { expect, test } from "vitest";
import * as z from "zod";
import { outage, overflow } from "../../../src/core/ports/providerFault.ts";
import { defineTool } from "../../../src/core/ports/tool.ts";
import type { Message } from "../../../src/protocol/message.ts";
import { call, type Turn } from "../../fakes/scriptedProvider.ts";
import { openBench, transcript } from "../bench.ts";

const origin = { via: "api" as const };

/** Gives this many characters. */
const read = defineTool({
  name: "read",
  description: "Reads.",
  input: z.strictObject({ chars: z.number() }),
  effect: "read",
  run: async ({ chars }) => ({ text: `<${"x".repeat(chars)}>` }),
});

async function openWindow(windowTokens: number, turns: Turn[]) {
  const bench = await openBench({ windowTokens, turns, tools: [read], settings: { maxSteps: 50 } });
  const send = async (text: string) => (await bench.core.sessions.send({ text, origin, sessionKey: "main" })).outcome;
  const notices = () => transcript(bench.events).flatMap((line) => line.match(/run\.notice (.*)/)?.slice(1) ?? []);
  const sent = (index: number) => bench.model.requests.at(index)!.messages;
  return { ...bench, send, notices, sent };
}

/** What of a history goes out to a model. */
const shown = (messages: Message[]) =>
  messages.map((message) => [message.role, message.text, message.role === "assistant" ? message.toolCalls : []]);
const lengths = (messages: Message[]) =>
  messages.flatMap((message) => (message.role === "tool" ? [message.text.length] : []));
const steps = (count: number, chars: number): Turn[] =>
  Array.from({ length: count }, (_, index) => [call("read", { chars }, `c${index}`)]);

test("old tool output is shortened at half of the window, in steps, so that the prefix stays the same in between", async () => {
  const { core, send, notices, model } = await openWindow(40_000, [...steps(14, 8000), ["done"]]);
  expect(await send("go")).toMatchObject({ type: "done" });
  expect(new Set(notices())).toEqual(
    new Set(["Long output of earlier tool calls is shortened in what the model sees, to make room."]),
  );
  const shortened = model.requests.map(({ messages }) => lengths(messages).filter((length) => length < 2000).length);
  expect(notices().length).toBe(new Set(shortened).size - 1);
  expect(notices().length).toBeLessThan(4);
  expect(lengths(model.requests.at(-1)!.messages).at(-1)).toBe(8002);
  // A request either has the one before it as its prefix, or comes right after a step.
  const changes = model.requests.slice(1).filter(({ messages }, index) => {
    const before = model.requests[index]!.messages;
    return JSON.stringify(shown(messages).slice(0, before.length)) !== JSON.stringify(shown(before));
  });
  expect(changes.length).toBe(notices().length);
  // The originals stay.
  const { messages } = await core.sessions.history("main", { limit: 100, includeTools: true });
  expect(new Set(lengths(messages))).toEqual(new Set([8002]));
});

test("a later run sees the same shortened history", async () => {
  const { send, sent } = await openWindow(40_000, [...steps(10, 10_000), ["done"], ["again"]]);
  await send("go");
  await send("more");
  expect(shown(sent(-1)).slice(0, sent(-2).length)).toEqual(shown(sent(-2)));
});

test("a history that the provider finds too long is summarised once, and asked again", async () => {
  const long = "y".repeat(20_000);
  const { core, send, notices, sent } = await openWindow(1_000_000, [
    [long],
    [long],
    [long],
    [{ fail: overflow("too long") }],
    ["SUMMARY"],
    ["after"],
  ]);
  for (const text of ["one", "two", "three"]) await send(text);
  expect(await send("four")).toEqual({ type: "done", reply: "after" });
  expect(notices()).toEqual(["The older part of this session was summarised to make room."]);
  expect(sent(-1).map(({ role, text }) => `${role} ${text.slice(0, 7)}`)).toEqual([
    "system SUMMARY",
    "user three",
    "assistant yyyyyyy",
    "user four",
  ]);
  const { messages } = await core.sessions.history("main", { limit: 50, includeTools: true });
  expect(messages.map(({ role }) => role[0]).join("")).toBe("uauauausa");
});

test("when a shorter history is refused as well, the run says so and does not try for ever", async () => {
  const long = "y".repeat(20_000);
  const refused: Turn = [{ fail: overflow("still too long") }];
  const always = Array.from({ length: 30 }, () => refused);
  const { send, model } = await openWindow(1_000_000, [[long], [long], [long], refused, ["SUMMARY"], ...always]);
  for (const text of ["one", "two", "three"]) await send(text);
  expect(await send("four")).toMatchObject({ type: "failed", error: { message: "still too long" } });
  expect(model.requests.length).toBeLessThan(16);
});

test("one giant result in a window that is too small for it is shortened instead of failing", async () => {
  const { send, sent } = await openWindow(1_000_000, [
    [call("read", { chars: 90_000 })],
    [{ fail: overflow("too long") }],
    ["done"],
  ]);
  expect(await send("go")).toEqual({ type: "done", reply: "done" });
  expect(lengths(sent(-2))).toEqual([90_002]);
  expect(lengths(sent(-1))[0]).toBeLessThan(2000);
});

test("a summary that cannot be made does not end a run that still has room", async () => {
  const long = "y".repeat(9000);
  const { send, notices } = await openWindow(16_000, [
    [long],
    [long],
    [long],
    [{ fail: outage("Test is down") }],
    ["went on"],
  ]);
  for (const text of ["one", "two", "three"]) await send(text + long);
  expect(await send("four")).toEqual({ type: "done", reply: "went on" });
  expect(notices()).toEqual(["The older part of this session could not be summarised: Test is down"]);
});

test("compaction by hand tells what it gained, and what it cost counts", async () => {
  const long = "y".repeat(20_000);
  const { core, send, sent } = await openWindow(1_000_000, [[long], [long], [long], ["a"], ["SUMMARY"], ["after"]]);
  for (const text of ["one", "two", "three", "four"]) await send(text);
  const before = await core.sessions.get("main");
  const { session, compacted, usedTokensAfter } = await core.sessions.compact("main");
  expect(compacted).toBe(true);
  expect(session).toMatchObject({ messageCount: 9, contextTokens: usedTokensAfter });
  expect(session.usage.inputTokens).toBe(before.usage.inputTokens + 10);
  const { total } = await core.usage.cost(1);
  // Five tokens for 20,000 characters is no count: those three answers are estimated.
  expect(total).toMatchObject({ requests: 5, inputTokens: 50, outputTokens: 3 * 5000 + 2 * 5 });
  await send("five");
  expect(sent(-1)[0]).toMatchObject({ kind: "summary", text: "SUMMARY" });
  expect(sent(-1).at(-1)).toMatchObject({ text: "five" });
});

test("a summary whose gateway died before it counted is not shown beside what it sums up", async () => {
  const long = "y".repeat(20_000);
  const { store, core, send, restart } = await openWindow(1_000_000, [[long], [long], [long], ["SUMMARY"]]);
  for (const text of ["one", "two", "three"]) await send(text);
  await core.sessions.compact("main");
  await store.commit({ sessions: [{ key: "main", patch: { summarySeq: null } }] });
  const after = await restart([["well"]]);
  await (
    await after.core.sessions.send({ text: "four", origin, sessionKey: "main" })
  ).outcome;
  expect(
    after.model.requests
      .at(-1)!
      .messages.map(({ role }) => role[0])
      .join(""),
  ).toBe("uauauau");
});

test("too little to gain is left as it is", async () => {
  const { core, send, model } = await openWindow(1_000_000, [["a"]]);
  await send("one");
  expect(await core.sessions.compact("main")).toMatchObject({ compacted: false });
  expect(model.requests).toHaveLength(1);
});

test("a request that broke off before its first word shortens nothing, though what it used counts", async () => {
  const taken: Turn = [{ type: "sent" }, { type: "taken" }, { fail: outage("Test broke off") }];
  const { core, send, notices, sent } = await openWindow(10_000, [["1"], ["2"], taken, ["back"]]);
  for (const text of ["one", "two"]) await send(text);
  const { contextTokens } = await core.sessions.get("main");
  expect(await send("z".repeat(16_000))).toMatchObject({ type: "failed" });
  const session = await core.sessions.get("main");
  expect(session.contextTokens).toBe(contextTokens);
  expect(session.usage.inputTokens).toBeGreaterThan(4_000);
  expect(await send("again")).toEqual({ type: "done", reply: "back" });
  expect(sent(-1)).toHaveLength(6);
  expect(notices()).toEqual([]);
});
