import { AppError } from "../../base/appError.ts";
import { type Clock, systemClock } from "../../base/clock.ts";
import { describeError } from "../../base/log.ts";
import { onAbort, sleep } from "../../base/wait.ts";
import { defined } from "../../base/defined.ts";
import type { ModelEvent } from "../../core/ports/provider.ts";
import { outage } from "../../core/ports/providerFault.ts";
import { isTooLate, overOpenConnection } from "../../net/keptConnections.ts";
import { HeldJson } from "./heldTurns.ts";
import { readRateLimits } from "./readRateLimits.ts";
import { type ErrorSource, readRefusal, type Refusal, toProviderError, toWaitMs } from "./providerError.ts";
import { withoutRedirect } from "./withoutRedirect.ts";
import { untilWhole } from "./untilWhole.ts";
import { goesBy, type OwnWay } from "./sdkClient.ts";
import { watchBody } from "./watchBody.ts";
import { asStream, type WholeAnswerReader } from "./wholeAnswer.ts";
import type { ProviderOptions } from "./providerKind.ts";

const OVER = new Error("The request is over");
const SILENCE_MS = 120_000;
// Of an answer that comes in one piece nothing is heard before.
const WHOLE_SILENCE_MS = 600_000;
const GRACE_MS = 5_000;
const MAX_RETRIES = 2;
// The SDKs have a limit of their own, of ten minutes, after which they would ask again: ours alone is to end a request.
const SDK_TIMEOUT_MS = 2 ** 31 - 1;
// A longer wait is the user's to decide; the SDKs would sit through an hour without a word.
const LONGEST_RETRY_WAIT_MS = 60_000;

/** The wire under one request of an SDK: watched for silence and damage, and closed for sure. */
export interface Connection {
  /** For the SDK in place of the global one. */
  fetch: typeof fetch;
  /** For the SDK: aborts with the caller's signal, at a fault, and when the request is over. */
  signal: AbortSignal;
  maxRetries: number;
  /** All of these, for one request of a client that many share. */
  request: { signal: AbortSignal; maxRetries: number; timeout: number; fetchOptions: OwnWay };
  /** Tells of the turns of the next request, in the order in which they are sent, and of its tools; those that are held are put into it. */
  send(turns: readonly unknown[], tools?: readonly unknown[]): void;
  /** The next answer comes in one piece, and may take as long as all of it does. */
  waitForWhole(): void;
  /** Waits for the SDK's answer, and tells of its retries and of the provider's rate limits meanwhile. */
  answer<T>(promise: PromiseLike<T>): AsyncGenerator<ModelEvent, T>;
  /** The events of that answer; see untilWhole. */
  read<T>(stream: AsyncIterable<T>, isWhole: () => boolean): AsyncGenerator<T>;
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
  const gone = onAbort(signal, () => abort(wire, signal.reason));
  try {
    for await (const event of ask(toConnection(wire))) yield event;
    check(wire);
  } catch (error) {
    // What a provider says went wrong costs nothing, also where it says so in an answer.
    if (wire.taken && readRefusal(error).status === undefined) yield { type: "taken" };
    check(wire);
    throw toReadError(wire, toProviderError(error, source, wire.refusal));
  } finally {
    gone.dispose();
    // With a reason of its own: making the default one costs a stack trace each time.
    wire.controller.abort(OVER);
  }
}

/** What an answer did to who read it, by parts that its API does not have or that are not what they should be: the log has where. */
function toReadError({ given, reading }: Wire, error: unknown): unknown {
  if (!reading || !(error instanceof TypeError || error instanceof RangeError)) return error;
  const { options, source } = given;
  options.log.warn("An answer cannot be read", { provider: options.id, error: describeError(error) });
  return new AppError("provider_error", `${source.title} sent an answer that cannot be read`, { cause: error });
}

/** One request of an SDK, each of its tries, and what is known of it so far. */
interface Wire {
  given: ConnectionOptions;
  clock: Clock;
  maxRetries: number;
  silenceMs: number;
  graceMs: number;
  /** Aborts what is under way. */
  controller: AbortController;
  /** Events that wait until `answer` is asked for the next. */
  told: ModelEvent[];
  /** Calls `answer` back: something was told, failed or settled. */
  wake(): void;
  attempts: number;
  /** No try before this time. */
  retryAt: number;
  /** What is put into the body of each try. */
  held: HeldJson[];
  fault?: AppError;
  refusal?: Refusal | undefined;
  ended: boolean;
  /** An answer has begun: what fails from here on is its form, where it is not the connection. */
  reading: boolean;
  /** The newest try is at work there: its answer has begun, or kept us waiting for longer than to connect takes. */
  taken: boolean;
}

function openWire(given: ConnectionOptions): Wire {
  const { clock = systemClock, timing } = given.options;
  const { maxRetries = MAX_RETRIES, silenceMs = SILENCE_MS, graceMs = GRACE_MS } = timing ?? {};
  return {
    ...{ given, clock, maxRetries, silenceMs, graceMs, controller: new AbortController() },
    ...{ told: [], wake() {}, attempts: 0, retryAt: 0, held: [], ended: false, reading: false, taken: false },
  };
}

function toConnection(wire: Wire): Connection {
  const fetch: typeof globalThis.fetch = (input, init) => watchedFetch(wire, input, init);
  const { maxRetries, controller } = wire;
  const { signal } = controller;
  return {
    ...{ fetch, signal, maxRetries },
    request: { signal, maxRetries, timeout: SDK_TIMEOUT_MS, fetchOptions: goesBy(fetch) },
    send(turns, tools = []) {
      wire.given.source.sent = turns;
      wire.held = [tools, turns].flatMap((all) => all.find((one) => one instanceof HeldJson) ?? []);
    },
    waitForWhole: () => void (wire.silenceMs = Math.max(wire.silenceMs, WHOLE_SILENCE_MS)),
    answer: (promise) => answer(wire, promise),
    read(stream, isWhole) {
      wire.reading = true;
      return untilWhole(stream, isWhole, wire);
    },
    ended: () => wire.ended,
    check: () => check(wire),
  };
}

function abort(wire: Wire, reason: unknown): void {
  wire.controller.abort(reason);
  wire.wake();
}

function fail(wire: Wire, error: AppError): void {
  wire.fault ??= error;
  abort(wire, wire.fault);
}

function check({ given, fault }: Wire): void {
  if (given.signal.aborted) throw given.signal.reason;
  if (fault) throw fault;
}

function notice(wire: Wire, text: string): void {
  const { log, id } = wire.given.options;
  log.info(text, { provider: id });
  wire.told.push({ type: "notice", text });
  wire.wake();
}

type Asked = Parameters<typeof fetch>;

function filled({ held }: Wire, init: Asked[1]): Asked[1] {
  if (held.length === 0) return init;
  return { ...init, body: held.reduce<unknown>((body, one) => one.fill(body), init?.body) as string };
}

/** One try: tells of it, and of what its answer says in its headers. */
async function watchedFetch(wire: Wire, input: Asked[0], init: Asked[1]): Promise<Response> {
  const { clock, controller, given, maxRetries, silenceMs } = wire;
  const { title } = given.source;
  check(wire);
  // Not every SDK heeds retry-after; those that do have waited already.
  if (wire.retryAt > clock.now()) await sleep(clock, wire.retryAt - clock.now(), controller.signal);
  if (wire.attempts === 0) wire.told.push({ type: "sent" });
  wire.attempts += 1;
  wire.refusal = undefined;
  wire.ended = false;
  wire.reading = false;
  wire.taken = false;
  wire.wake();
  const timer = clock.at(clock.now() + silenceMs, () => {
    wire.taken = true;
    fail(wire, outage(`${title} did not answer within ${silenceMs / 1000} s`));
  });
  try {
    const { fetch = globalThis.fetch } = given.options;
    const response = await overOpenConnection(() => withoutRedirect(fetch, input, filled(wire, init)));
    timer.dispose();
    wire.taken = response.ok;
    const limits = readRateLimits(response.headers);
    if (limits) wire.told.push({ type: "limits", limits });
    if (!response.ok) noteRefusal(wire, response);
    return await watchedResponse(wire, response);
  } catch (error) {
    if (isTooLate(error)) {
      // Who did not begin in so long would begin anew.
      wire.taken = true;
      fail(wire, outage(`${title} did not answer in time at ${given.source.baseUrl}`));
    }
    const wasTaken = wire.taken && !controller.signal.aborted;
    if (wasTaken) {
      wire.taken = false;
      wire.told.push({ type: "taken" });
    }
    if (!controller.signal.aborted && wire.attempts <= maxRetries)
      notice(wire, `${title} cannot be reached; trying again (${wire.attempts} of ${maxRetries})`);
    throw error;
  } finally {
    timer.dispose();
  }
}

function watchedResponse(wire: Wire, response: Response): Promise<Response> | Response {
  const { clock, given, silenceMs } = wire;
  if (!response.body) {
    // The SDKs take a success without a body for a fault of ours.
    return response.ok ? new Response("", { headers: { "content-type": "text/event-stream" } }) : response;
  }
  const guard = {
    fail: (message: string) => fail(wire, outage(message)),
    failAstray(message: string) {
      wire.taken = false;
      fail(wire, outage(message));
    },
    ended: () => void (wire.ended = true),
    toFrames: given.toFrames,
    title: given.source.title,
    clock,
    silenceMs,
  };
  return asStream(response, watchBody(response.body, guard), guard);
}

/** What the SDK will try again is told; a wait that is too long for it ends the request. */
function noteRefusal(wire: Wire, { headers, status }: Response): void {
  const { attempts, maxRetries, given, clock } = wire;
  const { title } = given.source;
  const retryAfterMs = toRetryAfterMs(headers, clock.now());
  wire.refusal = { status, ...defined({ retryAfterMs }) };
  if (attempts > maxRetries || !isRetried(status)) return;
  if (retryAfterMs !== undefined && retryAfterMs > LONGEST_RETRY_WAIT_MS)
    return fail(wire, toLongWait(title, status, retryAfterMs));
  wire.retryAt = clock.now() + (retryAfterMs ?? 0);
  const wait = retryAfterMs ? ` in ${Math.ceil(retryAfterMs / 1000)} s` : "";
  notice(wire, `${title} answered ${status}; trying again${wait} (${attempts} of ${maxRetries})`);
}

function toLongWait(title: string, status: number, retryAfterMs: number): AppError {
  const seconds = Math.ceil(retryAfterMs / 1000);
  if (status !== 429) return outage(`${title} failed (${status}) and asks to wait ${seconds} s`, { retryAfterMs });
  const sentence = `${title} limits the rate of requests. Try again in ${seconds} s.`;
  return new AppError("rate_limited", sentence, { retryAfterMs });
}

async function* answer<T>(wire: Wire, promise: PromiseLike<T>): AsyncGenerator<ModelEvent, T> {
  let settled = false;
  const done = Promise.resolve(promise).finally(() => {
    settled = true;
    wire.wake();
  });
  // Awaited below; a fault or an abort may leave first.
  done.catch(() => {});
  for (;;) {
    check(wire);
    for (const event of wire.told.splice(0)) yield event;
    if (settled) return await done;
    await new Promise<void>((resolve) => {
      wire.wake = resolve;
      if (settled || wire.told.length > 0 || wire.controller.signal.aborted) resolve();
    });
  }
}

function isRetried(status: number): boolean {
  return status === 408 || status === 409 || status === 429 || status >= 500;
}

/** Milliseconds that a response asks to wait, at most a day: retry-after-ms, or retry-after in seconds or as a date. */
export function toRetryAfterMs(headers: Headers, now = Date.now()): number | undefined {
  const ms = Number.parseFloat(headers.get("retry-after-ms") ?? "");
  if (ms >= 0) return toWaitMs(ms);
  const text = headers.get("retry-after");
  if (!text) return undefined;
  const wait = /^\s*[\d.]+\s*$/.test(text) ? Number.parseFloat(text) * 1000 : Date.parse(text) - now;
  return Number.isNaN(wait) ? undefined : toWaitMs(wait);
}
