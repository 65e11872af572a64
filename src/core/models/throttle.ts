import type { Clock } from "../../base/clock.ts";
import { totalTokens } from "./usageSum.ts";
import { createRateLimiter, type OwnLimits, type Started } from "./rateLimiter.ts";
import { estimateRequest } from "./estimate.ts";
import { createFairQueue, type FairQueue, type Waiter } from "./fairQueue.ts";
import type { Usage } from "../../protocol/usage.ts";
import type { Holds } from "../ports/hold.ts";
import { createSharedLimits } from "./sharedLimits.ts";
import type { ModelEvent, ModelRequest, Provider, RateLimits } from "../ports/provider.ts";

/** Lets requests wait their turn instead of running into rate limits. */
export interface Throttle {
  /** The same provider, whose requests wait for the user's limits and for those its answers tell of. */
  over(provider: Provider, limits?: OwnLimits): Provider;
}

/**
 * One queue for each provider id, so that a reload of the configuration does not forget what was asked. With `holds` the
 * limits are those of all processes together.
 */
export function createThrottle(clock: Clock, holds?: Holds): Throttle {
  const lines = new Map<string, Line>();
  return {
    over(provider, limits = {}) {
      const line = lines.get(provider.id) ?? createLine(clock, provider.id, holds);
      lines.set(provider.id, line);
      line.setLimits(limits);
      return { ...provider, stream: (request, signal) => streamInTurn(provider, line, request, signal) };
    },
  };
}

type Line = ReturnType<typeof createLine>;

function createLine(clock: Clock, provider: string, holds: Holds | undefined) {
  const rateLimiter = createRateLimiter(clock);
  const queue = createFairQueue(clock, (waiter) => rateLimiter.readyAt(waiter.tokens));
  const shared = createSharedLimits(provider, { limiter: rateLimiter, clock, holds });
  let own: OwnLimits = {};
  return {
    setLimits(limits: OwnLimits) {
      own = limits;
      rateLimiter.setLimits(limits);
      queue.look();
    },
    rateLimiter,
    queue,
    shared,
    settle(started: Started, session: string, usage: Usage) {
      rateLimiter.settle(started, session, usage);
      shared.settled(started, own);
    },
    report(limits: RateLimits) {
      rateLimiter.report(limits);
      shared.reported(limits);
    },
  };
}

async function* streamInTurn(
  provider: Provider,
  line: Line,
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent> {
  signal.throwIfAborted();
  const { queue, rateLimiter } = line;
  const session = request.cacheKey ?? "";
  const waiter: Waiter = {
    session: request.turnKey ?? session,
    attended: request.attended ?? false,
    tokens: rateLimiter.expect(session, totalTokens(estimateRequest(request))),
    start: () => rateLimiter.start(waiter.tokens),
  };
  let started = yield* untilTurn(provider.id, queue, waiter, signal);
  while (!(await line.shared.confirm(started))) started = yield* untilTurn(provider.id, queue, waiter, signal);
  for await (const event of provider.stream(request, signal)) {
    if (event.type === "limits") line.report(event.limits);
    else if (event.type === "end" && event.usage) line.settle(started, session, event.usage);
    yield event;
  }
}

async function* untilTurn(
  id: string,
  queue: FairQueue,
  waiter: Waiter,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent, Started> {
  const turn = queue.join(waiter, signal);
  try {
    if (turn.waitMs > 0) yield { type: "notice", text: toNotice(id, turn.waitMs, turn.ahead) };
    return await turn.started;
  } finally {
    // Whoever stops reading while it waits gives up its place.
    turn.leave();
  }
}

function toNotice(id: string, waitMs: number, ahead: number): string {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  const others = ahead === 0 ? "" : `, ${ahead} ${ahead === 1 ? "request is" : "requests are"} ahead`;
  return `Waiting for the rate limit of ${id}: ${ahead === 0 ? "" : "at least "}${seconds} s${others}`;
}
