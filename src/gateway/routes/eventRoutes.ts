import * as z from "zod";
import type { EventFilter } from "../../core/ports/eventBus.ts";
import { AppError } from "../../base/appError.ts";
import { defined } from "../../base/defined.ts";
import { defineRoute } from "../calls/route.ts";
import { isPhone } from "../calls/scope.ts";
import type { GatewayEvent } from "../../protocol/event.ts";
import { isRunEvent } from "../../protocol/eventKind.ts";
import { sessionKey } from "../../protocol/session.ts";

const input = z.strictObject({
  sessionKey: sessionKey.optional().describe("Only this session's events; all by default."),
  stateOnly: z.boolean().optional().describe("Only changes outside of runs: of sessions, jobs, the gateway itself."),
  after: z
    .int()
    .min(0)
    .optional()
    .describe("Begins with what came after this event id; over HTTP the header `Last-Event-ID` says the same."),
  afterPart: z
    .int()
    .min(0)
    .optional()
    .describe(
      "With `after`: and after this `part`, for who has seen deltas. In the header: `after.afterPart`, as in `41.7`.",
    ),
});

export const eventsSubscribe = defineRoute({
  name: "events.subscribe",
  path: "/api/events",
  http: "stream",
  verb: "GET",
  scope: "read",
  phone: "read",
  summary: "Tells what happens as it happens: server-sent events over HTTP, event frames after the answer over a wire.",
  input,
  output: z.strictObject({ subscriptionId: z.string(), lastEventId: z.int().min(0) }),
  async handle(core, input, call) {
    if (!call.subscriptions)
      throw new AppError("bad_request", "Only a wire can subscribe; over HTTP, GET /api/events streams");
    if (input.sessionKey !== undefined) await core.sessions.get(input.sessionKey);
    const lastEventId = core.events.lastId();
    const subscriptionId = call.subscriptions.add((signal) => core.events.subscribe(toFilter(input), signal));
    return { subscriptionId, lastEventId };
  },
  async stream(core, input, call) {
    if (input.sessionKey !== undefined) await core.sessions.get(input.sessionKey);
    const events = core.events.subscribe(toFilter(input), call.signal);
    return isPhone(call.scope) ? forPhone(events) : events;
  },
});

/** What the routes that a phone may call tell too: sessions with their runs, and what waits. */
async function* forPhone(batches: AsyncIterable<GatewayEvent[]>): AsyncGenerator<GatewayEvent[]> {
  for await (const events of batches) {
    const told = events.filter((event) => isRunEvent(event) || /^(session\.|mcp\.(asked|answered)$)/.test(event.type));
    if (told.length > 0) yield told;
  }
}

function toFilter({ sessionKey, after, afterPart, stateOnly }: z.output<typeof input>): EventFilter {
  return defined({ sessionKey, stateOnly, afterId: after, afterPart });
}

export const eventsUnsubscribe = defineRoute({
  name: "events.unsubscribe",
  http: "none",
  verb: "POST",
  scope: "read",
  summary: "Ends a subscription of this wire.",
  input: z.strictObject({ subscriptionId: z.string().min(1).max(200) }),
  output: z.strictObject({ subscriptionId: z.string() }),
  async handle(_core, { subscriptionId }, call) {
    if (!call.subscriptions?.remove(subscriptionId))
      throw new AppError("not_found", `This wire has no subscription ${JSON.stringify(subscriptionId)}`);
    return { subscriptionId };
  },
});
