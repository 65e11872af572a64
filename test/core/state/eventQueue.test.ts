import { expect, test } from "vitest";
import { createEventQueue } from "../../../src/core/state/eventQueue.ts";
import type { GatewayEvent } from "../../../src/protocol/event.ts";

const at = "2026-11-22T00:00:00.000Z";

function notice(id: number, text = ""): GatewayEvent {
  return { type: "run.notice", text, id, at, seq: id, runId: "r", sessionKey: "main" };
}

function deleted(id: number, sessionKey: string): GatewayEvent {
  return { type: "session.deleted", sessionKey, id, at };
}

test("what waits is given once, in order", () => {
  const queue = createEventQueue();
  const events = [notice(1), deleted(1, "a"), notice(2)];
  for (const event of events) queue.push(event);
  expect(queue.take()).toEqual({ events, isBehind: false });
  expect(queue.isEmpty()).toBe(true);
});

test.each([
  ["too many", () => Array.from({ length: 5000 }, (_, id) => notice(id))],
  ["too much text", () => Array.from({ length: 50 }, (_, id) => notice(id, "x".repeat(200_000)))],
])("%s events of runs are let go of until the reader has taken; states stay", (_name, make) => {
  const queue = createEventQueue();
  queue.push(deleted(0, "a"));
  for (const event of make()) queue.push(event);
  queue.push(deleted(9, "b"));
  const { events, isBehind } = queue.take();
  expect(isBehind).toBe(true);
  expect(events.map((event) => "sessionKey" in event && event.sessionKey)).toEqual(["a", "b"]);
  queue.push(notice(9000));
  expect(queue.take()).toEqual({ events: [notice(9000)], isBehind: false });
});

test("one event that is large by itself is given", () => {
  const queue = createEventQueue();
  queue.push(notice(1, "x".repeat(1e7)));
  expect(queue.take()).toMatchObject({ events: [{ id: 1 }], isBehind: false });
});

test("of many states of the same nouns the newest stay, and announcements all do", () => {
  const queue = createEventQueue();
  const announced = (id: number): GatewayEvent => ({
    type: "job.announced",
    jobId: "j",
    name: "j",
    status: "ok",
    text: String(id),
    id,
    at,
  });
  for (let id = 0; id < 100_000; id++) queue.push(deleted(id, `s${id % 10}`));
  for (let id = 0; id < 20; id++) queue.push(announced(id));
  const { events } = queue.take();
  expect(events.length).toBeLessThan(2000);
  const newest = new Map(events.map((event) => ["sessionKey" in event ? event.sessionKey : event.id, event.id]));
  for (let name = 0; name < 10; name++) expect(newest.get(`s${name}`)).toBe(99_990 + name);
  expect(events.filter(({ type }) => type === "job.announced")).toHaveLength(20);
});
