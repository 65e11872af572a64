import { expect, test } from "vitest";
import { createDeltaJoiner } from "../../../src/core/state/deltaJoiner.ts";
import type { RunFact } from "../../../src/protocol/event.ts";
import { createFakeClock } from "../../fakes/fakeClock.ts";

function openJoiner(readers = 1) {
  const clock = createFakeClock();
  const told: string[] = [];
  const joiner = createDeltaJoiner({
    clock,
    readers: () => readers,
    tell: ({ source, fact, baseId }) =>
      told.push(`${source.runId} ${baseId} ${fact.type} ${"text" in fact ? fact.text : ""}`),
  });
  const add = (runId: string, fact: RunFact, baseId = 1) =>
    joiner.add({ source: { runId, sessionKey: "main" }, fact, baseId });
  return { clock, told, joiner, add };
}

const text = (piece: string): RunFact => ({ type: "text.delta", text: piece });

test("the first piece is told at once, what comes within 20 ms of it as one, and the next after a pause at once again", async () => {
  const { clock, told, add } = openJoiner();
  for (const piece of "abcd") add("r", text(piece));
  expect(told.splice(0)).toEqual(["r 1 text.delta a"]);
  await clock.advance(20);
  expect(told.splice(0)).toEqual(["r 1 text.delta bcd"]);
  add("r", text("e"));
  expect(told).toEqual([]);
  await clock.advance(20);
  expect(told.splice(0)).toEqual(["r 1 text.delta e"]);
  await clock.advance(20);
  expect(clock.waiting()).toBe(0);
  add("r", text("f"));
  expect(told).toEqual(["r 1 text.delta f"]);
});

test("thinking and text keep their order, and the outputs of two calls are each told as one", async () => {
  const { clock, told, add } = openJoiner();
  const output = (callId: string, piece: string): RunFact => ({ type: "tool.progress", callId, text: piece });
  add("r", text("0"));
  add("r", { type: "thinking.delta", text: "1" });
  add("r", { type: "thinking.delta", text: "2" });
  add("r", text("3"));
  add("r", { type: "thinking.delta", text: "4" });
  for (const [callId, piece] of ["ax", "bx", "ay", "by"]) add("r", output(callId!, piece!));
  await clock.advance(20);
  expect(told).toEqual([
    "r 1 text.delta 0",
    "r 1 thinking.delta 12",
    "r 1 text.delta 3",
    "r 1 thinking.delta 4",
    "r 1 tool.progress xy",
    "r 1 tool.progress xy",
  ]);
});

test("what waits of a run is told before something else of it, and only that", async () => {
  const { clock, told, joiner, add } = openJoiner();
  for (const runId of ["r", "s"]) for (const piece of "ab") add(runId, text(piece), 7);
  told.length = 0;
  joiner.flush("r");
  expect(told.splice(0)).toEqual(["r 7 text.delta b"]);
  add("r", text("c"), 8);
  expect(told.splice(0)).toEqual(["r 8 text.delta c"]);
  await clock.advance(20);
  expect(told).toEqual(["s 7 text.delta b"]);
});

test("one timer serves all runs, and much text waits for none", () => {
  const { clock, told, add } = openJoiner();
  for (let run = 0; run < 100; run++) for (const piece of "ab") add(`r${run}`, text(piece));
  expect(clock.waiting()).toBe(1);
  told.length = 0;
  add("r0", text("x".repeat(20_000)));
  expect(told.map((line) => line.length)).toEqual(["r0 1 text.delta b".length + 20_000]);
});

test("the more readers there are, the longer pieces wait for each other", async () => {
  const { clock, told, add } = openJoiner(1000);
  for (const piece of "abc") add("r", text(piece));
  await clock.advance(99);
  expect(told.splice(0)).toEqual(["r 1 text.delta a"]);
  await clock.advance(1);
  expect(told).toEqual(["r 1 text.delta bc"]);
});
