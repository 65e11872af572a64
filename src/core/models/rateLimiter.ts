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

/** A request that was let through, as it counts. `at` is on the steady clock, here and in what follows. */
export interface Started {
  at: number;
  tokens: number;
}

/** A provider's own limits, and when they were told. */
export interface Reported {
  at: number;
  limits: RateLimits;
}

/** What one provider may still be asked: by the user's own limits over the last minute, and by its own reports. */
export interface RateLimiter {
  setLimits(limits: OwnLimits): void;
  /** Tokens to expect of a request with a prompt of this size: what its session has cached does not count. */
  expect(session: string, promptTokens: number): number;
  /** The earliest time, on the clock as it is set, for a request with this many tokens; now or before when it may go. */
  readyAt(tokens: number): number;
  start(tokens: number): Started;
  /** It does not go after all. */
  cancel(started: Started): void;
  /** One that was cancelled goes. */
  again(started: Started): void;
  /** Puts what it used in place of what was expected. */
  settle(started: Started, session: string, usage: Usage): void;
  report(limits: RateLimits): void;
  /** What other processes have asked in the last minute, and were told of its limits. */
  hear(asked: Started[], reports: Reported[]): void;
  /** Whether each request counts: by the user's own limits, or because the provider's are nearly used up. */
  isBound(): boolean;
  /** Whether little is left of what the provider allows. */
  isNearlyUsed(): boolean;
}

export const WINDOW_MS = 60_000;
// With less than this of a limit left, each process has to know what the others ask.
const NEARLY_USED = 0.25;
// Sessions whose cached prefix is remembered.
const KEEP_SESSIONS = 1000;

interface Report extends Allowance {
  at: number;
  /** Taken by requests that were let through since. */
  taken: number;
}

/** What one provider was asked, and what is known of its limits. */
interface Asked {
  clock: Clock;
  own: OwnLimits;
  /** By their times, so that what is old goes from the front, and the newest is found from the end. */
  started: Started[];
  elsewhere: Started[];
  requests?: Report | undefined;
  tokens?: Report | undefined;
  /** Tokens of each session's prefix that the provider has cached. */
  cached: BoundedMap<string, number>;
}

/** What of a request a limit counts. */
type SizeOf = (item: Started) => number;

const REQUESTS: SizeOf = () => 1;
const TOKENS: SizeOf = (item) => item.tokens;

export function createRateLimiter(clock: Clock): RateLimiter {
  const asked: Asked = { clock, own: {}, started: [], elsewhere: [], cached: new BoundedMap(KEEP_SESSIONS) };
  return {
    setLimits(limits) {
      asked.own = limits;
    },
    expect: (session, promptTokens) => Math.max(1, promptTokens - (asked.cached.get(session) ?? 0)),
    readyAt: (tokens) => clock.now() + (readyAt(asked, tokens) - clock.steady()),
    start: (expected) => start(asked, expected),
    cancel: (item) => cancel(asked, item),
    again: (item) => add(asked, item),
    settle(item, session, usage) {
      item.tokens = usage.inputTokens + usage.cacheWriteTokens + usage.outputTokens;
      asked.cached.set(session, usage.cacheReadTokens + usage.cacheWriteTokens);
    },
    report({ requests, tokens }) {
      if (requests) asked.requests = { ...requests, at: clock.steady(), taken: 0 };
      if (tokens) asked.tokens = { ...tokens, at: clock.steady(), taken: 0 };
    },
    hear: (started, reports) => hear(asked, started, reports),
    isBound: () =>
      asked.own.requestsPerMinute !== undefined || asked.own.tokensPerMinute !== undefined || isNearlyUsed(asked),
    isNearlyUsed: () => isNearlyUsed(asked),
  };
}

function readyAt(asked: Asked, tokens: number): number {
  const { own, requests } = asked;
  return Math.max(
    windowReadyAt(asked, own.requestsPerMinute, 1, REQUESTS),
    windowReadyAt(asked, own.tokensPerMinute, tokens, TOKENS),
    reportReadyAt(withOthers(asked, requests, REQUESTS), 1),
    reportReadyAt(withOthers(asked, asked.tokens, TOKENS), tokens),
  );
}

function start(asked: Asked, expected: number): Started {
  const { clock, started } = asked;
  const item = { at: clock.steady(), tokens: expected };
  // Where no limit asks for the last minute, what is older must go all the same.
  if (started.length > 0 && item.at - started[0]!.at >= 2 * WINDOW_MS) recent(asked);
  add(asked, item);
  return item;
}

function add(asked: Asked, item: Started): void {
  const before = asked.started.findLastIndex(({ at }) => at <= item.at);
  asked.started.splice(before + 1, 0, item);
  count(asked, item, 1);
}

function cancel(asked: Asked, item: Started): void {
  const at = asked.started.lastIndexOf(item);
  if (at >= 0) asked.started.splice(at, 1);
  count(asked, item, -1);
}

function count({ requests, tokens }: Asked, item: Started, sign: 1 | -1): void {
  if (requests) requests.taken += sign;
  if (tokens) tokens.taken += sign * item.tokens;
}

function hear(asked: Asked, elsewhere: Started[], reports: Reported[]): void {
  asked.elsewhere = elsewhere;
  for (const { at, limits } of reports) {
    asked.requests = newer(asked, asked.requests, { told: limits.requests, at }, REQUESTS);
    asked.tokens = newer(asked, asked.tokens, { told: limits.tokens, at }, TOKENS);
  }
}

function recent({ clock, started }: Asked): Started[] {
  const since = clock.steady() - WINDOW_MS;
  const firstKept = started.findIndex(({ at }) => at > since);
  if (firstKept !== 0) started.splice(0, firstKept < 0 ? started.length : firstKept);
  return started;
}

/** When the last minute will hold no more than `limit - wanted` of what `sizeOf` counts. An empty minute takes anything. */
function windowReadyAt(asked: Asked, limit: number | undefined, wanted: number, sizeOf: SizeOf): number {
  if (limit === undefined) return 0;
  const { clock } = asked;
  const others = asked.elsewhere.filter((item) => clock.steady() - item.at < WINDOW_MS);
  const items = others.length === 0 ? recent(asked) : [...recent(asked), ...others].toSorted((a, b) => a.at - b.at);
  let sum = items.reduce((total, item) => total + sizeOf(item), 0);
  let readyAt = 0;
  for (const item of items) {
    if (sum + wanted <= limit) break;
    sum -= sizeOf(item);
    readyAt = item.at + WINDOW_MS;
  }
  return readyAt;
}

/** Taken by other processes since, as far as that is known here. */
function withOthers({ elsewhere }: Asked, report: Report | undefined, sizeOf: SizeOf): Report | undefined {
  if (!report || elsewhere.length === 0) return report;
  const since = elsewhere.filter((item) => item.at > report.at);
  return { ...report, taken: since.reduce((sum, item) => sum + sizeOf(item), report.taken) };
}

/** What was told elsewhere, where it is newer than what is known. */
function newer(
  { started }: Asked,
  known: Report | undefined,
  { told, at }: { told: Allowance | undefined; at: number },
  sizeOf: SizeOf,
): Report | undefined {
  if (!told || (known && known.at >= at)) return known;
  const since = started.filter((item) => item.at > at);
  return { ...told, at, taken: since.reduce((sum, item) => sum + sizeOf(item), 0) };
}

function isNearlyUsed({ clock, requests, tokens }: Asked): boolean {
  return [requests, tokens].some(
    (report) =>
      report && report.at + report.resetMs > clock.steady() && report.left - report.taken < report.limit * NEARLY_USED,
  );
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
