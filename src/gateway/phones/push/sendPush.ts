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
// Who asks for more gets nothing: by then most questions are over.
const LONGEST_PAUSE_MS = 60_000;

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
  /** An https address of this gateway. */
  contact: string;
  /** Aborts when it need not be told any more. */
  signal: AbortSignal;
}

/** Seals a text for a page and has it told: "gone" when nobody is there any more, "failed" when it could not be. */
export async function sendPush(
  { endpoint, keys }: PushTarget,
  text: string,
  { signal, clock, log, ...pushing }: Pushing,
): Promise<"sent" | "gone" | "failed"> {
  for (let tries = 0; ; tries++) {
    const headers = {
      "content-type": "application/octet-stream",
      "content-encoding": "aes128gcm",
      ttl: "300",
      urgency: "high",
      authorization: pushing.keys.authorize(endpoint, pushing.contact, clock.now()),
    };
    const answer = await pushing
      .post(endpoint, { headers, body: encryptPush(text, keys), signal })
      .catch((error: unknown) => ({ error, status: 0, retryAfter: undefined }));
    if (signal.aborted) return "failed";
    const { status } = answer;
    if (status >= 200 && status < 300) return "sent";
    if (status === 404 || status === 410) return "gone";
    const pauseMs = pauseBefore(tries, answer);
    if (pauseMs === undefined) {
      // The endpoint is a capability: its host is all that is said of it, and sentences of errors name addresses.
      const why = "error" in answer ? kindOf(answer.error) : `status ${status}`;
      log.warn("A phone could not be told of what waits", { host: new URL(endpoint).host, why });
      return "failed";
    }
    await sleep(clock, pauseMs, signal).catch(() => undefined);
    if (signal.aborted) return "failed";
  }
}

function kindOf(error: unknown): string {
  if (isAppError(error)) return error.code;
  return error instanceof Error ? error.name : typeof error;
}

/** Undefined where another try is not worth it. */
function pauseBefore(
  tries: number,
  answer: { status: number; retryAfter?: string | undefined; error?: unknown },
): number | undefined {
  const { status, error, retryAfter } = answer;
  const isPassing =
    error === undefined
      ? status === 429 || status >= 500
      : isAppError(error) && (error.code === "unavailable" || error.code === "timed_out");
  const pauseMs = PAUSES_MS[tries];
  if (!isPassing || pauseMs === undefined) return undefined;
  const wanted = retryAfter !== undefined && /^\d{1,9}$/.test(retryAfter) ? Number(retryAfter) * 1000 : pauseMs;
  return wanted > LONGEST_PAUSE_MS ? undefined : Math.max(wanted, pauseMs);
}
