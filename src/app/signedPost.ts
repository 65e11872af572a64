import { createHmac, randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import { readPrivateFile, writePrivateFile } from "../config/privateFile.ts";
import { guardedFetch } from "../net/guardedFetch.ts";
import { createNetworkGuard } from "../net/networkGuard.ts";

const SECRET_FILE = "webhook-secret";
const MOST_BYTES = 10_000;

/** What is posted, under an id by which a receiver can tell repeats. Addresses on this machine only where they may be. */
export interface Posting {
  id: string;
  url: string;
  body: unknown;
  allowLoopback: boolean;
  timeoutMs: number;
  signal?: AbortSignal;
}

export interface PostAnswer {
  status: number;
  /** No more than 10,000 bytes of it. */
  text: string;
  isWhole: boolean;
}

export type SignedPost = (posting: Posting) => Promise<PostAnswer>;

/**
 * Posts JSON over the network guard, without following anything. The receiver knows us by `X-Pincer-Signature: sha256=HMAC`,
 * in hex, over the header `X-Pincer-Timestamp`, a dot and the body, with the text of `webhook-secret` in the state folder as key.
 */
export function createSignedPost({ stateDir, clock }: { stateDir: string; clock: Clock }): SignedPost {
  const open = createNetworkGuard({ allowLoopback: true });
  const strict = createNetworkGuard();
  return async ({ id, url, body, allowLoopback, timeoutMs, signal }) => {
    const text = JSON.stringify(body);
    const timestamp = String(Math.floor(clock.now() / 1000));
    const response = await guardedFetch(allowLoopback ? open : strict, url, {
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
      maxBytes: MOST_BYTES,
      timeoutMs,
      ...(signal ? { signal } : {}),
    });
    return { status: response.status, text: response.body.toString("utf8"), isWhole: !response.truncated };
  };
}

function sign(secret: string, timestamp: string, text: string): string {
  return createHmac("sha256", secret).update(`${timestamp}.${text}`).digest("hex");
}

/** What posts are signed with; nothing before the first. */
export function postSecret(stateDir: string): string | undefined {
  return readPrivateFile(join(stateDir, SECRET_FILE))?.trim();
}

async function readOrMakeSecret(stateDir: string): Promise<string> {
  const kept = postSecret(stateDir);
  if (kept) return kept;
  const secret = randomBytes(32).toString("base64url");
  // As it is used: whoever reads the file as the key reads no more than the key.
  await writePrivateFile(join(stateDir, SECRET_FILE), secret);
  return secret;
}
