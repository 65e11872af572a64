import { expect, test } from "vitest";
import { toEventBlock, toEventBlocks } from "../../../src/gateway/http/eventBlock.ts";
import type { GatewayEvent } from "../../../src/protocol/event.ts";

function notice(id: number, text = ""): GatewayEvent {
  const at = "2026-11-22T00:00:00.000Z";
  return { type: "run.notice", text, id, at, seq: id, runId: "r", sessionKey: "main" };
}

test("readers that wait for the same events are given the same bytes", () => {
  const events = [1, 2, 3].map((id) => notice(id));
  const [bytes, ...more] = toEventBlocks([...events]);
  expect(more).toEqual([]);
  expect(bytes!.equals(Buffer.concat(events.map(toEventBlock)))).toBe(true);
  expect([...toEventBlocks([...events])][0]).toBe(bytes);
  // Another who begins with the same event but misses one is given its own.
  const [own] = toEventBlocks([events[0]!, events[2]!]);
  expect(own!.equals(Buffer.concat([toEventBlock(events[0]!), toEventBlock(events[2]!)]))).toBe(true);
});

test("much at once comes in pieces, and nothing of it twice", () => {
  const events = Array.from({ length: 40 }, (_, id) => notice(id, "x".repeat(1000)));
  const pieces = [...toEventBlocks(events)];
  expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(20_000);
  expect(Buffer.concat(pieces).equals(Buffer.concat(events.map(toEventBlock)))).toBe(true);
  expect([...toEventBlocks([])]).toEqual([]);
});
