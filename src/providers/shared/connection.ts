import { AppError } from "../../base/appError.ts";
import { systemClock } from "../../base/clock.ts";
import { onAbort, sleep } from "../../base/wait.ts";
import { defined } from "../../base/defined.ts";
import type { ModelEvent } from "../../core/ports/provider.ts";
import { outage } from "../../core/ports/providerFault.ts";
import { readRateLimits } from "./readRateLimits.ts";
import { type ErrorSource, type Refusal, toProviderError } from "./providerError.ts";
import { watchBody } from "./watchBody.ts";
import { asStream, type WholeAnswerReader } from "./wholeAnswer.ts";
import type { ProviderOptions } from "./providerKind.ts";

const OVER = new Error("The request is over");
const SILENCE_MS = 120_000;
const MAX_RETRIES = 2;
// A longer wait is the user's to decide; the SDKs would sit through an hour without a word.
const LONGEST_RETRY_WAIT_MS = 60_000;

/** The wire under one request of an SDK: watched for silence and damage, and closed for sure. */
export interface Connection {
  /** For the SDK in place of the global one. */
  fetch: typeof fetch;
  /** For the SDK: aborts with the caller's signal, at a fault, and when the request is over. */
  signal: AbortSignal;
  maxRetries: number;
  /** Waits for the SDK's answer, and tells of its retries and of the provider's rate limits meanwhile. */
  answer<T>(promise: PromiseLike<T>): AsyncGenerator<ModelEvent, T>;
  /** The newest answer said that it was over: `data: [DONE]`. */
  ended(): boolean;
  /** Throws the fault or the caller's reason when one of them ended the stream; the SDKs end it without a word. */
  check(): void;
}

export interface ConnectionOptions {
  options: ProviderOptions;
  source: ErrorSource;
  signal: AbortSignal;
  /** The events that an answer in one piece, or an error, stands for. */
  toFrames: WholeAnswerReader["toFrames"];
}

/** Runs one request over a connection of its own. Errors come out as AppErrors, an abort as the signal's reason. */
export async function* overConnection(
  given: ConnectionOptions,
  ask: (connection: Connection) => AsyncIterable<ModelEvent>,
): AsyncGenerator<ModelEvent> {
  const { source, signal } = given;
  signal.throwIfAborted();
  const wire = openWire(given);
  try {
    for await (const event of ask(wire.connection)) yield event;
    wire.connection.check();
  } catch (error) {
    wire.connection.check();
    throw toProviderError(error, source, wire.refusal());
  } finally {
    wire.close();
  }
}

function openWire({ options, source, signal: caller, toFrames }: ConnectionOptions) {
  const controller = new AbortController();
  const maxRetries = options.timing?.maxRetries ?? MAX_RETRIES;
  const silenceMs = options.timing?.silenceMs ?? SILENCE_MS;
  const told: ModelEvent[] = [];
  let fault: AppError | undefined;
  let attempts = 0;
  let refusal: Refusal | undefined;
  let retryAt = 0;
  let sent = false;
  let ended = false;
  let wake = () => {};

  const fail = (error: AppError) => {
    fault ??= error;
    controller.abort(fault);
    wake();
  };
  const gone = onAbort(caller, () => {
    controller.abort(caller.reason);
    wake();
  });
  const notice = (text: string) => {
    options.log.info(text, { provider: options.id });
    told.push({ type: "notice", text });
    wake();
  };

  const check = () => {
    if (caller.aborted) throw caller.reason;
    if (fault) throw fault;
  };
  const guard = {
    fail: (message: string) => fail(outage(message)),
    ended: () => void (ended = true),
    toFrames,
    title: source.title,
    silenceMs,
  };

  const noteRefusal = (response: Response) => {
    const retryAfterMs = toRetryAfterMs(response.headers);
    refusal = { status: response.status, ...defined({ retryAfterMs }) };
    if (attempts > maxRetries || !isRetried(response.status)) return;
    if (retryAfterMs !== undefined && retryAfterMs > LONGEST_RETRY_WAIT_MS) {
      const seconds = Math.ceil(retryAfterMs / 1000);
      if (response.status === 429)
        fail(
          new AppError("rate_limited", `${source.title} limits the rate of requests. Try again in ${seconds} s.`, {
            retryAfterMs,
          }),
        );
      else fail(outage(`${source.title} failed (${response.status}) and asks to wait ${seconds} s`, { retryAfterMs }));
      return;
    }
    retryAt = Date.now() + (retryAfterMs ?? 0);
    const wait = retryAfterMs ? ` in ${Math.ceil(retryAfterMs / 1000)} s` : "";
    notice(`${source.title} answered ${response.status}; trying again${wait} (${attempts} of ${maxRetries})`);
  };

  const watchedFetch: typeof fetch = async (input, init) => {
    check();
    // Not every SDK heeds retry-after; those that do have waited already.
    if (retryAt > Date.now()) await sleep(systemClock, retryAt - Date.now(), controller.signal);
    attempts += 1;
    refusal = undefined;
    ended = false;
    if (!sent) told.push({ type: "sent" });
    sent = true;
    wake();
    const timer = setTimeout(
      () => guard.fail(`${source.title} did not answer within ${silenceMs / 1000} s`),
      silenceMs,
    );
    try {
      const response = await (options.fetch ?? globalThis.fetch)(input, init);
      clearTimeout(timer);
      const limits = readRateLimits(response.headers);
      if (limits) told.push({ type: "limits", limits });
      if (!response.ok) noteRefusal(response);
      if (!response.body) {
        // The SDKs take a success without a body for a fault of ours.
        return response.ok ? new Response("", { headers: { "content-type": "text/event-stream" } }) : response;
      }
      return await asStream(new Response(watchBody(response.body, guard), response), guard);
    } catch (error) {
      if (!controller.signal.aborted && attempts <= maxRetries) {
        notice(`${source.title} cannot be reached; trying again (${attempts} of ${maxRetries})`);
      }
      throw error;
    } finally {
      clearTimeout(timer);
    }
  };

  async function* answer<T>(promise: PromiseLike<T>): AsyncGenerator<ModelEvent, T> {
    let settled = false;
    const done = Promise.resolve(promise).finally(() => {
      settled = true;
      wake();
    });
    // Awaited below; a fault or an abort may leave first.
    done.catch(() => {});
    for (;;) {
      check();
      for (const event of told.splice(0)) yield event;
      if (settled) return await done;
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (settled || told.length > 0 || controller.signal.aborted) resolve();
      });
    }
  }

  return {
    connection: {
      fetch: watchedFetch,
      signal: controller.signal,
      maxRetries,
      answer,
      ended: () => ended,
      check,
    } satisfies Connection,
    refusal: () => refusal,
    close() {
      gone.dispose();
      // With a reason of its own: making the default one costs a stack trace each time.
      controller.abort(OVER);
    },
  };
}

function isRetried(status: number): boolean {
  return status === 408 || status === 409 || status === 429 || status >= 500;
}

/** Milliseconds that a response asks to wait: retry-after-ms, or retry-after in seconds or as a date. */
export function toRetryAfterMs(headers: Headers, now = Date.now()): number | undefined {
  const ms = Number.parseFloat(headers.get("retry-after-ms") ?? "");
  if (ms >= 0) return ms;
  const text = headers.get("retry-after");
  if (!text) return undefined;
  const wait = /^\s*[\d.]+\s*$/.test(text) ? Number.parseFloat(text) * 1000 : Date.parse(text) - now;
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}
