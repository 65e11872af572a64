import { expect, test } from "vitest";
import { toMessage } from "../../../src/gateway/calls/toMessage.ts";
import type { Message } from "../../../src/protocol/message.ts";
import { createFakeClock } from "../../fakes/fakeClock.ts";
import { call, type Turn } from "../../fakes/scriptedProvider.ts";
import { add, type Bench, nextEvent, notes, openBench } from "../bench.ts";

const origin = { via: "api" as const };

const send = async ({ core }: Bench, sessionKey: string, text: string) =>
  (await core.sessions.send({ text, origin, sessionKey })).outcome;

const seen = ({ model }: Bench) => model.requests.at(-1)!.messages.map(toLine);

function toLine(message: Message): string {
  if (message.role === "tool") return `tool ${message.callId}: ${message.text}`;
  if (message.role === "system") return `${message.kind}: ${message.text}`;
  return `${message.role}: ${message.text.slice(0, 20)}`;
}

test("a fork while a call is open closes it: it is neither made nor asked for there", async () => {
  const bench = await openBench({ turns: [[call("note", { text: "forked" })]] });
  const asked = nextEvent(bench.core, "approval.asked");
  const run = await bench.core.sessions.send({ text: "go", origin, sessionKey: "main" });
  await asked;
  const fork = await bench.core.sessions.fork("main", {});
  bench.model.turns.push(["as told"]);
  expect(await send(bench, fork.key, "and now?")).toEqual({ type: "done", reply: "as told" });
  expect(await bench.core.approvals.list(fork.key)).toEqual([]);
  expect(seen(bench)).toEqual([
    "user: go",
    "assistant: ",
    "tool call_note: Not run here: this session was forked before the call had ended.",
    "user: and now?",
  ]);
  // Where it was asked, it may still be allowed.
  await bench.core.approvals.answer((await bench.core.approvals.list("main"))[0]!.id, "allow", "panel");
  await run.outcome;
  expect(notes.filter((note) => note === "forked")).toHaveLength(1);
});

test("a fork up to an answer with calls closes those whose results are left behind", async () => {
  const bench = await openBench({
    tools: [add],
    turns: [[call("add", { a: 1, b: 1 }, "c1"), call("add", { a: 2, b: 2 }, "c2")], ["sums"], ["in the fork"]],
  });
  await send(bench, "main", "go");
  const { messages } = await bench.core.sessions.history("main", { limit: 50, includeTools: true });
  const answer = messages.findIndex(({ role }) => role === "assistant");
  for (const [upto, results] of [
    [answer, ["Not run here", "Not run here"]],
    [answer + 1, ["2", "Not run here"]],
  ] as const) {
    const fork = await bench.core.sessions.fork("main", { uptoSeq: messages[upto]!.seq });
    await send(bench, fork.key, "hello");
    const tools = seen(bench).filter((line) => line.startsWith("tool"));
    expect(tools.map((line) => line.replace(/^tool \w+: /, "").slice(0, 12))).toEqual(
      results.map((text) => text.slice(0, 12)),
    );
  }
});

async function compacted(): Promise<Bench> {
  const long = "x".repeat(12_000);
  const bench = await openBench({ turns: [[`A1 ${long}`], [`A2 ${long}`], [`A3 ${long}`], ["SUMMARY"]] });
  for (const text of ["one", "two", "three"]) await send(bench, "main", `${text} ${long}`);
  expect((await bench.core.sessions.compact("main")).compacted).toBe(true);
  return bench;
}

test("a fork of a compacted session keeps the summary in what its model sees, and the whole in its history", async () => {
  const bench = await compacted();
  bench.model.turns.push(["from main"], ["from the fork"]);
  await send(bench, "main", "four");
  const inMain = seen(bench);
  const fork = await bench.core.sessions.fork("main", {});
  await send(bench, fork.key, "five");
  expect(seen(bench)).toEqual([...inMain, "assistant: from main", "user: five"]);
  expect(seen(bench)[0]).toBe("summary: SUMMARY");
  const { messages } = await bench.core.sessions.history(fork.key, { limit: 50, includeTools: false });
  expect(messages.filter(({ role }) => role === "user").map(({ text }) => text.split(" ")[0])).toEqual([
    "one",
    "two",
    "three",
    "four",
    "five",
  ]);
  // And a fork of the fork, and after a restart.
  const again = await bench.restart([["third"]]);
  const second = await again.core.sessions.fork(fork.key, {});
  await send(again, second.key, "six");
  expect(seen(again).slice(-2)).toEqual(["assistant: from the fork", "user: six"]);
  expect(seen(again)[0]).toBe("summary: SUMMARY");
});

test("a fork from before the summary sees what was said until then, and its meter tells of that", async () => {
  const bench = await compacted();
  const { messages } = await bench.core.sessions.history("main", { limit: 50, includeTools: false });
  const source = await bench.core.sessions.get("main");
  const fork = await bench.core.sessions.fork("main", { uptoSeq: messages[1]!.seq });
  expect(fork.contextTokens).toBeGreaterThan(3000);
  expect(fork.contextTokens).not.toBe(source.contextTokens);
  bench.model.turns.push(["ok"]);
  await send(bench, fork.key, "on");
  expect(seen(bench).map((line) => line.slice(0, 8))).toEqual(["user: on", "assistan", "user: on"]);
});

test("a fork thinks as long as what it is a fork of", async () => {
  const bench = await openBench({ turns: [["One"], ["Two"]] });
  await bench.core.sessions.update("main", { effort: "high" });
  await send(bench, "main", "Think");
  const fork = await bench.core.sessions.fork("main", {});
  await send(bench, fork.key, "Go on");
  expect(bench.model.requests.map(({ effort }) => effort)).toEqual(["high", "high"]);
});

test.each([
  ["the time limit", ["slow", { wait: new Promise(() => {}) }] as Turn, "time_limit"],
  ["a fault", ["half", { fail: new Error("no such luck") }] as Turn, "fault"],
])("an answer that was cut by %s is one in a fork, too", async (_what, turn, cutBy) => {
  const clock = createFakeClock();
  const { core } = await openBench({ turns: [turn], clock });
  const said = nextEvent(core, "text.delta");
  const run = await core.sessions.send({ text: "go", origin, sessionKey: "main", timeoutMs: 60_000 });
  await said;
  if (cutBy === "time_limit") await clock.advance(60_000);
  await run.outcome;
  const { key } = await core.sessions.fork("main", {});
  const { messages } = await core.sessions.history(key, { limit: 9, includeTools: true });
  expect(toMessage(messages.at(-1)!, false)).toMatchObject({ role: "assistant", ended: "stopped", cutBy });
});
