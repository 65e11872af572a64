import { createHmac, randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { AppError, isAppError } from "../base/appError.ts";
import type { Clock } from "../base/clock.ts";
import { guardedFetch } from "../net/guardedFetch.ts";
import { createNetworkGuard } from "../net/networkGuard.ts";
import { readPrivateFile, writePrivateFile } from "../config/privateFile.ts";
import type { Webhooks } from "../core/ports/webhooks.ts";

const SECRET_FILE = "webhook-secret";
const TIMEOUT_MS = 15_000;
// Whoever adds a job does not wait for a resolver that is away.
const CHECK_MS = 2000;

/**
 * Posts over the network guard. The receiver knows us by `X-Pincer-Signature: sha256=HMAC`, in hex, over the header
 * `X-Pincer-Timestamp`, a dot and the body, with the text of `webhook-secret` in the state folder as key.
 */
export function createWebhooks({ stateDir, clock }: { stateDir: string; clock: Clock }): Webhooks {
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
    async post({ id, url, body, allowLoopback }) {
      const text = JSON.stringify(body);
      const timestamp = String(Math.floor(clock.now() / 1000));
      const { status } = await guardedFetch(allowLoopback ? open : strict, url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "user-agent": "pincer",
          "x-pincer-delivery": id,
          "x-pincer-timestamp": timestamp,
          "x-pincer-signature": `sha256=${sign(await readOrMakeSecret(stateDir), timestamp, text)}`,
        },
        body: text,
        maxRedirects: 0,
        maxBytes: 10_000,
        timeoutMs: TIMEOUT_MS,
      });
      if (status >= 200 && status < 300) return;
      const isWorthIt = status === 408 || status === 429 || status >= 500;
      throw new AppError(isWorthIt ? "unavailable" : "bad_request", `The webhook answered with status ${status}`);
    },
  };
}

function sign(secret: string, timestamp: string, text: string): string {
  return createHmac("sha256", secret).update(`${timestamp}.${text}`).digest("hex");
}

async function readOrMakeSecret(stateDir: string): Promise<string> {
  const path = join(stateDir, SECRET_FILE);
  const kept = readPrivateFile(path)?.trim();
  if (kept) return kept;
  const secret = randomBytes(32).toString("base64url");
  // As it is used: whoever reads the file as the key reads no more than the key.
  await writePrivateFile(path, secret);
  return secret;
}
