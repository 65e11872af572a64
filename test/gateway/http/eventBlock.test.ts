import { expect, test } from "vitest";
import { toEventBlocks } from "../../../src/gateway/http/eventBlock.ts";
import type { GatewayEvent } from "../../../src/protocol/event.ts";

function notice(id: number, text = ""): GatewayEvent {
  const at = "2026-11-22T00:00:00.000Z";
  return { type: "run.notice", text, id, at, seq: id, runId: "r", sessionKey: "main" };
}

const toText = (pieces: Iterable<Buffer>): string => Buffer.concat([...pieces]).toString();
const blocksOf = (events: GatewayEvent[]): string =>
  events
    .map((event) => `id: ${"id" in event ? event.id : ""}\nevent: run.notice\ndata: ${JSON.stringify(event)}\n\n`)
    .join("");

test("readers that wait for the same events are given the same bytes", () => {
  const events = [1, 2, 3].map((id) => notice(id));
  const [bytes, ...more] = toEventBlocks([...events]);
  expect(more).toEqual([]);
  expect(bytes!.toString()).toBe(blocksOf(events));
  expect([...toEventBlocks([...events])][0]).toBe(bytes);
  // Another who has more to read begins with those bytes.
  const longer = [...events, notice(4)];
  const [first, ...rest] = toEventBlocks(longer);
  expect(first).toBe(bytes);
  expect(toText(rest)).toBe(blocksOf([longer[3]!]));
  // Another who begins with the same event but misses one is given its own.
  const missing = [events[0]!, events[2]!];
  expect(toText(toEventBlocks(missing))).toBe(blocksOf(missing));
});

test("the JSON of a long event is one piece, whatever waits beside it", () => {
  const long = notice(2, "ä".repeat(50_000));
  const beside = [1, 3, 4].map((id) => notice(id));
  const one = [...toEventBlocks([beside[0]!, long])];
  const other = [...toEventBlocks([long, beside[1]!, beside[2]!])];
  const shared = one.find(({ length }) => length > 50_000);
  expect(other).toContain(shared);
  expect(toText(one)).toBe(blocksOf([beside[0]!, long]));
  expect(toText(other)).toBe(blocksOf([long, beside[1]!, beside[2]!]));
});

test("much at once comes in pieces, and nothing of it twice", () => {
  const events = Array.from({ length: 40 }, (_, id) => notice(id, "x".repeat(1000)));
  const pieces = [...toEventBlocks(events)];
  expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(20_000);
  expect(toText(pieces)).toBe(blocksOf(events));
  expect([...toEventBlocks([])]).toEqual([]);
});
