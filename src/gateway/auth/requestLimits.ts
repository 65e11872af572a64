import { AppError } from "../../base/appError.ts";
import type { Clock } from "../../base/clock.ts";
import type { Principal } from "./tokens.ts";

/** Counts each token's requests, by whatever door they come. */
export interface RequestLimits {
  /** `rate_limited` when the token has used up its requests of the last minute; a refused one does not count. */
  take(principal: Pick<Principal, "name" | "requestsPerMinute">): void;
}

const WINDOW_MS = 60_000;

/** `kind` is what is counted, for people. */
export function createRequestLimits(clock: Clock, kind = "token"): RequestLimits {
  const byToken = new Map<string, number[]>();
  return {
    take({ name, requestsPerMinute }) {
      if (requestsPerMinute === undefined) return;
      const now = clock.now();
      const times = byToken.get(name) ?? [];
      // Oldest first, so that only those that have left the window are looked at. A clock may go backwards.
      while (times.length > 0 && (times[0]! <= now - WINDOW_MS || times[0]! > now)) times.shift();
      byToken.set(name, times);
      if (times.length >= requestsPerMinute) {
        throw new AppError("rate_limited", `The ${kind} ${name} may make ${requestsPerMinute} requests per minute`, {
          retryAfterMs: Math.max(1, times[times.length - requestsPerMinute]! + WINDOW_MS - now),
        });
      }
      times.push(now);
    },
  };
}
