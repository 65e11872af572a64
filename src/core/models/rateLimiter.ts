import type { Clock } from "../../base/clock.ts";
import { BoundedMap } from "../../base/boundedMap.ts";
import type { Usage } from "../../protocol/usage.ts";
import type { Allowance, RateLimits } from "../ports/provider.ts";

/** The user's own limits of requests to one provider; undefined: none. */
export interface OwnLimits {
  requestsPerMinute?: number;
  /** Tokens that were not read from a cache. */
  tokensPerMinute?: number;
}

/** A request that was let through, as it counts. */
export interface Started {
  at: number;
  tokens: number;
}

/** What one provider may still be asked: by the user's own limits over the last minute, and by its own reports. */
export interface RateLimiter {
  setLimits(limits: OwnLimits): void;
  /** Tokens to expect of a request with a prompt of this size: what its session has cached does not count. */
  expect(session: string, promptTokens: number): number;
  /** The earliest time, on the clock, for a request with this many tokens; now or before when it may go. */
  readyAt(tokens: number): number;
  start(tokens: number): Started;
  /** Puts what it used in place of what was expected. */
  settle(started: Started, session: string, usage: Usage): void;
  report(limits: RateLimits): void;
}

const WINDOW_MS = 60_000;
// Sessions whose cached prefix is remembered.
const KEEP_SESSIONS = 1000;

interface Report extends Allowance {
  at: number;
  /** Taken by requests that were let through since. */
  taken: number;
}

export function createRateLimiter(clock: Clock): RateLimiter {
  let own: OwnLimits = {};
  let started: Started[] = [];
  let requests: Report | undefined;
  let tokens: Report | undefined;
  const cached = new BoundedMap<string, number>(KEEP_SESSIONS);

  const recent = (): Started[] => {
    started = started.filter((item) => clock.now() - item.at < WINDOW_MS);
    return started;
  };

  /** When the last minute will hold no more than `limit - wanted` of what `sizeOf` counts. An empty minute takes anything. */
  const windowReadyAt = (limit: number | undefined, wanted: number, sizeOf: (item: Started) => number): number => {
    if (limit === undefined) return 0;
    const items = recent();
    let sum = items.reduce((total, item) => total + sizeOf(item), 0);
    let readyAt = 0;
    for (const item of items) {
      if (sum + wanted <= limit) break;
      sum -= sizeOf(item);
      readyAt = item.at + WINDOW_MS;
    }
    return readyAt;
  };

  return {
    setLimits(limits) {
      own = limits;
    },
    expect(session, promptTokens) {
      return Math.max(1, promptTokens - (cached.get(session) ?? 0));
    },
    readyAt(wanted) {
      return Math.max(
        windowReadyAt(own.requestsPerMinute, 1, () => 1),
        windowReadyAt(own.tokensPerMinute, wanted, (item) => item.tokens),
        reportReadyAt(requests, 1),
        reportReadyAt(tokens, wanted),
      );
    },
    start(expected) {
      const item = { at: clock.now(), tokens: expected };
      // Where no limit asks for the last minute, what is older must go all the same.
      if (started.length > 0 && item.at - started[0]!.at >= 2 * WINDOW_MS) recent();
      started.push(item);
      if (requests) requests.taken += 1;
      if (tokens) tokens.taken += expected;
      return item;
    },
    settle(item, session, usage) {
      item.tokens = usage.inputTokens + usage.cacheWriteTokens + usage.outputTokens;
      cached.set(session, usage.cacheReadTokens + usage.cacheWriteTokens);
    },
    report(limits) {
      if (limits.requests) requests = { ...limits.requests, at: clock.now(), taken: 0 };
      if (limits.tokens) tokens = { ...limits.tokens, at: clock.now(), taken: 0 };
    },
  };
}

/** Vendors fill a limit up evenly until its reset. A longer wait than a minute is theirs to ask for, with a refusal that says so. */
function reportReadyAt(report: Report | undefined, wanted: number): number {
  if (!report) return 0;
  const { limit, left, resetMs, at, taken } = report;
  const missing = Math.min(wanted, limit) + taken - left;
  if (missing <= 0) return 0;
  const share = limit > left ? missing / (limit - left) : 1;
  return at + Math.min(resetMs * Math.min(share, 1), WINDOW_MS);
}
