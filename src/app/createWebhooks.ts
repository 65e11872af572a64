import { setTimeout } from "node:timers/promises";
import { AppError, isAppError } from "../base/appError.ts";
import { createNetworkGuard } from "../net/networkGuard.ts";
import type { Webhooks } from "../core/ports/outside/webhooks.ts";
import type { SignedPost } from "./signedPost.ts";

const TIMEOUT_MS = 15_000;
// Whoever adds a job does not wait for a resolver that is away.
const CHECK_MS = 2000;

/** Where jobs post their results, signed. */
export function createWebhooks(post: SignedPost): Webhooks {
  const open = createNetworkGuard({ allowLoopback: true });
  const strict = createNetworkGuard();
  return {
    async check({ url, allowLoopback }) {
      try {
        const looked = new AbortController();
        const long = setTimeout(CHECK_MS, undefined, { ref: false, signal: looked.signal }).catch(() => {});
        await Promise.race([(allowLoopback ? open : strict).check(url), long]).finally(() => looked.abort());
      } catch (error) {
        // A name without an address now may have one when there is something to deliver.
        if (isAppError(error) && error.code === "forbidden") throw error;
      }
    },
    async post(delivery) {
      const { status } = await post({ ...delivery, timeoutMs: TIMEOUT_MS });
      if (status >= 200 && status < 300) return;
      const isWorthIt = status === 408 || status === 429 || status >= 500;
      throw new AppError(isWorthIt ? "unavailable" : "bad_request", `The webhook answered with status ${status}`);
    },
  };
}
