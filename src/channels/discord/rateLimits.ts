import type { IncomingHttpHeaders } from "node:http";
import { BoundedMap } from "../../base/boundedMap.ts";

/** What Discord takes when: all routes together, and each route for each channel, as its answers tell. */
export interface RateLimits {
  /** Milliseconds until a call may be made; 0 counts as one that is made now. */
  take(route: Route, isPublic: boolean): number;
  /** What an answer's headers say of the route. */
  told(route: Route, headers: IncomingHttpHeaders): void;
  /** A call was refused as one too many. Resolves with the milliseconds to wait, an hour at most. */
  refused(route: Route, headers: IncomingHttpHeaders, body: { retry_after?: unknown; global?: unknown }): number;
}

interface Route {
  name: string;
  /** The channel, say, that is counted by itself. */
  major: string;
}

interface Bucket {
  left: number;
  resetAt: number;
}

const MOST_KNOWN = 5000;
// Longer waits are told to nobody's benefit.
const LONGEST_WAIT_MS = 3_600_000;
// Discord takes fifty calls a second of a bot; a few are left for what cannot wait.
const MOST_A_SECOND = 45;

/** `now` by a steady clock: the answers tell how long, not until when. */
export function createRateLimits(now: () => number): RateLimits {
  /** Several routes may share one. */
  const names = new BoundedMap<string, string>(MOST_KNOWN);
  const buckets = new BoundedMap<string, Bucket>(MOST_KNOWN);
  let closedUntil = 0;
  let made: number[] = [];
  const keyOf = ({ name, major }: Route) => `${names.get(name) ?? name} ${major}`;
  return {
    take(route, isPublic) {
      // What is called without the token counts for nothing.
      if (isPublic) return 0;
      const at = now();
      if (closedUntil > at) return Math.ceil(closedUntil - at);
      made = made.filter((one) => one > at - 1000);
      if (made.length >= MOST_A_SECOND) return Math.ceil(made[0]! + 1000 - at) || 1;
      const bucket = buckets.get(keyOf(route));
      if (bucket && bucket.resetAt > at && bucket.left <= 0) return Math.ceil(bucket.resetAt - at);
      // Several may be under way at once.
      if (bucket) bucket.left--;
      made.push(at);
      return 0;
    },
    told(route, headers) {
      const [name, left, after] = ["bucket", "remaining", "reset-after"].map((one) => headers[`x-ratelimit-${one}`]);
      if (typeof name === "string") names.set(route.name, name);
      const [count, seconds] = [Number(left), Number(after)];
      if (left === undefined || !Number.isFinite(count) || !Number.isFinite(seconds) || seconds < 0) return;
      const key = keyOf(route);
      const before = buckets.get(key);
      const resetAt = now() + Math.min(seconds * 1000, LONGEST_WAIT_MS);
      // An answer that was overtaken by a later one knows less.
      const isSame = before !== undefined && Math.abs(before.resetAt - resetAt) < 50;
      buckets.set(key, { left: isSame ? Math.min(before.left, count) : count, resetAt });
    },
    refused(route, headers, { retry_after: told, global }) {
      const seconds = typeof told === "number" ? told : Number(headers["retry-after"]);
      const ms = Math.min(Math.max(Number.isFinite(seconds) ? seconds * 1000 : 1000, 1), LONGEST_WAIT_MS);
      const until = now() + ms;
      // Whoever answers in no words of Discord's stands before all of it.
      const isForAll = global === true || headers["x-ratelimit-global"] === "true" || typeof told !== "number";
      if (isForAll) closedUntil = Math.max(closedUntil, until);
      else buckets.set(keyOf(route), { left: 0, resetAt: until });
      return Math.ceil(ms);
    },
  };
}
