import { expect, test } from "vitest";
import { AppError } from "../../../src/base/appError.ts";
import { silentLog } from "../../../src/base/log.ts";
import { createSubscriptions } from "../../../src/gateway/ws/subscriptions.ts";
import { linkedWires } from "../../../src/net/linkedWires.ts";
import type { GatewayEvent } from "../../../src/protocol/event.ts";

const EVENT: GatewayEvent = { type: "gateway.changed", reason: "test", id: 1, at: "2026-11-22T00:00:00.000Z" };

/** Events that never end by themselves, and when whoever listens for them is let go of. */
function endless() {
  const gone = Promise.withResolvers<string>();
  async function* events(signal: AbortSignal): AsyncGenerator<GatewayEvent[]> {
    try {
      for (;;) yield [EVENT];
    } finally {
      gone.resolve(signal.aborted ? "its signal" : "its reader");
    }
  }
  return { events, gone: gone.promise };
}

test("a reader that is cut because it reads nothing listens no more", async () => {
  const [wire] = linkedWires();
  const cut = async () => {
    throw new AppError("unavailable", "The other end of the wire reads nothing");
  };
  const subscriptions = createSubscriptions({ ...wire, drained: cut }, new AbortController().signal, silentLog);
  const { events, gone } = endless();
  subscriptions.add(events);
  subscriptions.start();
  expect(await gone).toBe("its reader");
});

test.each(["the wire closes", "it is removed"])("a subscription ends when %s", async (how) => {
  const [wire] = linkedWires();
  const closed = new AbortController();
  const subscriptions = createSubscriptions(wire, closed.signal, silentLog);
  const { promise: seen, resolve: see } = Promise.withResolvers<AbortSignal>();
  const id = subscriptions.add(async function* (signal) {
    see(signal);
    yield [EVENT];
  });
  const signal = await seen;
  expect(signal.aborted).toBe(false);
  if (how === "it is removed") subscriptions.remove(id);
  else closed.abort("the wire closed");
  expect(signal).toMatchObject({ aborted: true, reason: how === "it is removed" ? "unsubscribed" : "the wire closed" });
});
