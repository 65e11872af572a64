import { expect, test } from "vitest";
import { createLiveDeltas } from "../../../src/core/state/liveDeltas.ts";
import type { RunEvent, RunFact } from "../../../src/protocol/event.ts";

function openDeltas() {
  const deltas = createLiveDeltas();
  let seq = 0;
  return {
    tell(runId: string, fact: RunFact) {
      seq += 1;
      deltas.follow({ ...fact, id: seq, seq, runId, sessionKey: "main", at: "2026-11-27T08:00:00.000Z" } as RunEvent);
    },
    kept: () => deltas.of("main").map((delta) => (delta as { text: string }).text),
  };
}

const text = (piece: string): RunFact => ({ type: "text.delta", text: piece });
const output = (callId: string, piece: string): RunFact => ({ type: "tool.progress", callId, text: piece });
const cancelled: RunFact = { type: "run.finished", outcome: { type: "cancelled", reply: "" } };

test("an answer that is being written is kept when another run of its session ends, and goes with the end of its own", () => {
  const { tell, kept } = openDeltas();
  tell("a", text("abc"));
  tell("b", { type: "run.started", model: "test/m", origin: { via: "panel" } });
  tell("b", cancelled);
  tell("a", text("def"));
  expect(kept()).toEqual(["abc", "def"]);
  tell("a", cancelled);
  expect(kept()).toEqual([]);
});

test("what a call has put out goes when it has finished, and stays when one of its name in another run has", () => {
  const { tell, kept } = openDeltas();
  tell("a", output("call_1", "one"));
  tell("hand", output("call_1", "by hand"));
  const finished = { type: "tool.finished", callId: "call_1", name: "exec", isError: false, durationMs: 1 } as RunFact;
  tell("hand", finished);
  expect(kept()).toEqual(["one"]);
  tell("a", finished);
  expect(kept()).toEqual([]);
});

test("of what a call puts out the newest is kept, however much it is and in however small pieces, and all of what is said beside it", () => {
  const { tell, kept } = openDeltas();
  const sum = () => kept().reduce((chars, piece) => chars + piece.length, 0);
  tell("a", text("I look."));
  tell("a", output("call_2", "beside"));
  for (let nth = 0; nth < 1000; nth += 1) tell("a", output("call_1", `${"x".repeat(64 * 1024)}${nth}\n`));
  expect(sum()).toBeLessThan(70_000);
  expect(kept().slice(0, 2)).toEqual(["I look.", "beside"]);
  expect(kept().at(-1)!.endsWith("x999\n")).toBe(true);
  for (let nth = 0; nth < 10_000; nth += 1) tell("a", output("call_1", `${nth} `));
  expect(kept().length).toBeLessThan(500);
  expect(kept().slice(-2)).toEqual(["9998 ", "9999 "]);
});
