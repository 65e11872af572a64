import { createHmac } from "node:crypto";
import { AppError, isAppError } from "../../../base/appError.ts";
import type { Clock } from "../../../base/clock.ts";
import type { Log } from "../../../base/log.ts";
import { sleep } from "../../../base/wait.ts";
import { guardedFetch } from "../../../net/guardedFetch.ts";
import { createNetworkGuard } from "../../../net/networkGuard.ts";
import type { PushTarget } from "../../calls/phoneDesk.ts";
import { encryptPush } from "./encryptPush.ts";
import type { PushKeys } from "./pushKeys.ts";

/** Posts to a vendor's endpoint, and follows nothing. */
export type PostPush = (
  url: string,
  message: { headers: Record<string, string>; body: Buffer; signal: AbortSignal },
) => Promise<{ status: number; retryAfter?: string | undefined }>;

const guard = createNetworkGuard();
const TIMEOUT_MS = 15_000;
const PAUSES_MS = [1000, 5000, 20_000];

/** Over the guard: https, and hosts of the public internet alone. */
export const postPush: PostPush = async (url, { headers, body, signal }) => {
  await checkEndpoint(url);
  const options = {
    method: "POST" as const,
    headers,
    body,
    signal,
    maxRedirects: 0,
    maxBytes: 10_000,
    timeoutMs: TIMEOUT_MS,
  };
  const response = await guardedFetch(guard, url, options);
  return { status: response.status, retryAfter: response.headers["retry-after"] };
};

/** `forbidden` for what is not https, or not on the public internet. */
export async function checkEndpoint(url: string): Promise<void> {
  if (URL.parse(url)?.protocol !== "https:") throw new AppError("forbidden", "Messages are pushed over https alone");
  await guard.check(url);
}

export interface Pushing {
  keys: PushKeys;
  clock: Clock;
  log: Log;
  post: PostPush;
  /** Aborts when it need not be told any more. */
  signal: AbortSignal;
}

/** What a page is to be told, and for how long it is worth telling. */
export interface Message {
  text: string;
  /** While a phone is away the newest of a kind takes the place of the one before. */
  kind: string;
  /** In ms since the epoch. */
  expiresAt: number;
}

/**
 * Who sends, as vendors want it: RFC 8292. Apple takes nothing from an address that it cannot look up, and those of a house are of
 * no concern to it, so this is where the program comes from.
 */
const SENDER = "https://github.com/pincer-dev/pincer";

/**
 * Seals a message for a page and has it told: "gone" when nobody is there any more, "failed" when it could not be, and in words where its
 * vendor will not take it however often it is asked.
 */
export async function sendPush(
  { endpoint, keys }: PushTarget,
  { text, kind, expiresAt }: Message,
  { signal, clock, log, ...pushing }: Pushing,
): Promise<"sent" | "gone" | "failed" | { refused: string }> {
  for (let tries = 0; ; tries++) {
    const leftMs = expiresAt - clock.now();
    const headers = {
      "content-type": "application/octet-stream",
      "content-encoding": "aes128gcm",
      ttl: String(Math.max(0, Math.floor(leftMs / 1000))),
      urgency: "high",
      topic: topicOf(kind, keys),
      authorization: pushing.keys.authorize(endpoint, SENDER, clock.now()),
    };
    const answer = await pushing
      .post(endpoint, { headers, body: encryptPush(text, keys), signal })
      .catch((error: unknown) => ({ error, status: 0, retryAfter: undefined }));
    if (signal.aborted) return "failed";
    const { status } = answer;
    if (status >= 200 && status < 300) return "sent";
    if (status === 404 || status === 410) return "gone";
    const pauseMs = pauseBefore(tries, answer, clock.now());
    // Who wants to be asked again when the question is over is not.
    if (pauseMs === undefined || pauseMs >= leftMs) {
      // The endpoint is a capability: its host is all that is said of it, and sentences of errors name addresses.
      const why = "error" in answer ? kindOf(answer.error) : `status ${status}`;
      const { host } = new URL(endpoint);
      log.warn("A phone could not be told of what waits", { host, why });
      return pauseMs === undefined && isRefusal(status) ? { refused: `${host} answered with ${why}` } : "failed";
    }
    await sleep(clock, pauseMs, signal).catch(() => undefined);
    if (signal.aborted) return "failed";
  }
}

/** Vendors say so of a key, a sender or a message that they never take. */
function isRefusal(status: number): boolean {
  return status >= 300 && status < 500 && status !== 408 && status !== 429;
}

function kindOf(error: unknown): string {
  if (isAppError(error)) return error.code;
  return error instanceof Error ? error.name : typeof error;
}

/** One for a kind and a page, which says neither to its vendor: up to 32 characters of base64url (RFC 8030), of whole bytes for Apple. */
function topicOf(kind: string, { auth }: PushTarget["keys"]): string {
  return createHmac("sha256", Buffer.from(auth, "base64url"))
    .update(`topic ${kind}`)
    .digest()
    .toString("base64url", 0, 24);
}

/** Undefined where another try is not worth it. */
function pauseBefore(
  tries: number,
  answer: { status: number; retryAfter?: string | undefined; error?: unknown },
  now: number,
): number | undefined {
  const { status, error, retryAfter } = answer;
  const isPassing =
    error === undefined
      ? status === 429 || status >= 500
      : isAppError(error) && (error.code === "unavailable" || error.code === "timed_out");
  const pauseMs = PAUSES_MS[tries];
  if (!isPassing || pauseMs === undefined) return undefined;
  return Math.max(pauseMs, wantedPause(retryAfter, now));
}

/** `Retry-After`, in seconds or as a date; 0 where it says neither. */
function wantedPause(retryAfter: string | undefined, now: number): number {
  if (retryAfter === undefined) return 0;
  if (/^\d{1,9}$/.test(retryAfter)) return Number(retryAfter) * 1000;
  const moment = Date.parse(retryAfter);
  return Number.isNaN(moment) ? 0 : moment - now;
}
