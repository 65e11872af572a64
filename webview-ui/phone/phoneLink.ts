import { createParser } from "eventsource-parser";
import { onAbort } from "../../src/base/wait.ts";
import type { ErrorCode } from "../../src/protocol/error.ts";
import type { GatewayEvent } from "../../src/protocol/event.ts";
import type { Phone } from "../../src/protocol/outside/phone.ts";
import type { Gateway } from "../state/panelRoutes.ts";
import { createPhoneLine } from "./phoneLine.ts";

/** What a phone calls, and how: all else is refused to it. */
const VERBS = {
  "approvals.answer": "POST",
  "approvals.list": "GET",
  "mcp.answer": "POST",
  "mcp.questions": "GET",
  "phones.leave": "POST",
  "phones.self": "GET",
  "phones.subscribe": "POST",
  "phones.unsubscribe": "POST",
  "runs.cancel": "POST",
  "runs.list": "GET",
  "sessions.history": "GET",
  "sessions.list": "GET",
  "sessions.send": "POST",
  "sessions.steer": "POST",
} as const;

export type PhoneLink = ReturnType<typeof createPhoneLink>;

export interface Following {
  query: string;
  /** Called each time it is open, before the first event. False: it is to be opened anew. */
  onOpen(): Promise<boolean>;
  onEvent(event: GatewayEvent): void;
  signal: AbortSignal;
}

// The gateway says something at least every 15 s.
const SILENT_MS = 40_000;
const LONGEST_PAUSE_MS = 15_000;
// A computer that sleeps answers nothing, and a network says so after minutes.
const ANSWER_MS = 20_000;

/** Calls the gateway that the page came from, with the phone's token. `onLost` hears of one that is none any more, and may find another. */
export function createPhoneLink(token: () => string | undefined, onLost: (token: string) => Promise<void>) {
  const { line, put, drop } = createPhoneLine();
  const listeners = new Set<(event: GatewayEvent) => void>();

  const ask = async (path: string, init: RequestInit): Promise<Response> => {
    const used = token() ?? "";
    const response = await fetch(path, {
      ...init,
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      headers: { ...init.headers, Authorization: `Bearer ${used}` },
    });
    if (response.ok) return response;
    if (response.status === 401) {
      await onLost(used);
      // Another page of this browser came in anew; by the token of before nothing was done.
      const now = token();
      if (now !== undefined && now !== used) return ask(path, init);
    }
    throw await toError(response);
  };

  const call = async (name: string, input: Record<string, unknown>): Promise<unknown> => {
    // All of it is told by the stream of the home screen.
    if (name === "events.subscribe") return { subscriptionId: "", lastEventId: 0 };
    const verb = (VERBS as Record<string, "GET" | "POST" | undefined>)[name];
    if (!verb) throw new Error(`A phone may not call ${name}`);
    const path = `/api/${name.replaceAll(".", "/")}`;
    const given = Object.entries(input).filter(([, value]) => value !== undefined);
    const query = new URLSearchParams(given.map(([key, value]): [string, string] => [key, String(value)]));
    const signal = AbortSignal.timeout(ANSWER_MS);
    const response =
      verb === "GET"
        ? await ask(given.length > 0 ? `${path}?${query}` : path, { signal })
        : await ask(path, { method: "POST", body: JSON.stringify(input), headers: JSON_BODY, signal });
    return response.json();
  };

  const gateway = {
    call,
    onEvent(listener: (event: GatewayEvent) => void) {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
    onClose: () => ({ dispose() {} }),
    close() {},
  } as unknown as Gateway;

  /**
   * Follows events until `signal` aborts, and opens the stream again whenever it ends. While nobody looks there is none: a phone
   * cuts it unseen, and of all pages a browser has six connections to one gateway. Rejects where the gateway has nothing there.
   */
  const follow = (following: Following): Promise<void> => keepOpen(following).finally(() => drop(following));

  const keepOpen = async (following: Following): Promise<void> => {
    const { query, onOpen, onEvent, signal } = following;
    for (let failures = 0; !signal.aborted; failures++) {
      await untilSeen(signal);
      const seen = whileSeen();
      try {
        await readStream(ask, `/api/events?${query}`, AbortSignal.any([signal, seen.signal]), {
          onOpen() {
            put(following, "open");
            return onOpen().then((isRead) => {
              if (isRead) failures = 0;
              return isRead;
            });
          },
          onEvent,
        });
      } catch (error) {
        if (codeOf(error) === "not_found") throw error;
        // Else said by the line's state; a token that is gone by `onLost`.
      } finally {
        seen.dispose();
      }
      if (signal.aborted) return;
      put(following, seen.signal.aborted ? "connecting" : "away");
      if (seen.signal.aborted) failures = -1;
      else await pause(Math.min(LONGEST_PAUSE_MS, 500 * 2 ** failures), signal);
    }
  };

  return {
    line,
    gateway,
    follow,
    tell: (event: GatewayEvent) => {
      for (const listener of [...listeners]) listener(event);
    },
  };
}

const JSON_BODY = { "Content-Type": "application/json" };

/** What a code gives. Rejects with the gateway's sentence. */
export async function enterByCode(code: string, name: string): Promise<{ token: string; phone: Phone }> {
  const response = await post("/phone/pair", { code, name }, JSON_BODY);
  if (!response.ok) throw await toError(response);
  return (await response.json()) as { token: string; phone: Phone };
}

/** Tells the gateway that a token is not needed any more; nothing where it cannot be reached. */
export async function giveBack(token: string): Promise<void> {
  await post("/api/phones/leave", {}, { ...JSON_BODY, Authorization: `Bearer ${token}` }).catch(() => undefined);
}

function post(path: string, body: object, headers: Record<string, string>): Promise<Response> {
  const signal = AbortSignal.timeout(ANSWER_MS);
  const sent = { method: "POST", body: JSON.stringify(body), headers, signal };
  return fetch(path, { ...sent, cache: "no-store", credentials: "omit", redirect: "error" });
}

/** The gateway's word for what went wrong; undefined where it said nothing. */
export function codeOf(error: unknown): ErrorCode | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  // What a browser throws has a number there.
  return typeof code === "string" ? (code as ErrorCode) : undefined;
}

async function readStream(
  ask: (path: string, init: RequestInit) => Promise<Response>,
  path: string,
  signal: AbortSignal,
  { onOpen, onEvent }: Pick<Following, "onOpen" | "onEvent">,
): Promise<void> {
  const ending = new AbortController();
  // A phone that slept does not hear that the connection is gone.
  let timer = setTimeout(() => ending.abort(), SILENT_MS);
  const response = await ask(path, { signal: AbortSignal.any([signal, ending.signal]) });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  const parser = createParser({ onEvent: ({ data }) => onEvent(JSON.parse(data) as GatewayEvent) });
  // What was missed and cannot be read is not to be guessed from what follows.
  void onOpen().then((isRead) => isRead || ending.abort());
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      clearTimeout(timer);
      timer = setTimeout(() => ending.abort(), SILENT_MS);
      parser.feed(next.value);
    }
  } finally {
    clearTimeout(timer);
  }
}

async function toError(response: Response): Promise<Error> {
  const body = (await response.json().catch(() => undefined)) as
    | { error?: { message?: string; code?: string } }
    | undefined;
  return Object.assign(new Error(body?.error?.message ?? response.statusText), { code: body?.error?.code });
}

/** Resolves when the page is in sight, or `signal` aborts. */
function untilSeen(signal: AbortSignal): Promise<void> {
  if (document.visibilityState === "visible" || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const look = () => {
      if (document.visibilityState !== "visible" && !signal.aborted) return;
      document.removeEventListener("visibilitychange", look);
      gone.dispose();
      resolve();
    };
    document.addEventListener("visibilitychange", look);
    const gone = onAbort(signal, look);
  });
}

/** Aborts when the page is out of sight. */
function whileSeen(): { signal: AbortSignal; dispose(): void } {
  const ending = new AbortController();
  const look = () => document.visibilityState !== "visible" && ending.abort();
  document.addEventListener("visibilitychange", look);
  return { signal: ending.signal, dispose: () => document.removeEventListener("visibilitychange", look) };
}

/** Ends early when the page is looked at again, or the network is back. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      gone.dispose();
      removeEventListener("online", done);
      document.removeEventListener("visibilitychange", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    const gone = onAbort(signal, done);
    addEventListener("online", done);
    document.addEventListener("visibilitychange", done);
  });
}
