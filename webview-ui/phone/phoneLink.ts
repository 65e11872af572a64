import { signal } from "@preact/signals";
import { createParser } from "eventsource-parser";
import type { GatewayEvent } from "../../src/protocol/event.ts";
import type { Phone } from "../../src/protocol/outside/phone.ts";
import type { Gateway } from "../state/panelRoutes.ts";

/** What a phone calls, and how: all else is refused to it. */
const VERBS = {
  "approvals.answer": "POST",
  "approvals.list": "GET",
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

export type Line = "connecting" | "open" | "away";

export type PhoneLink = ReturnType<typeof createPhoneLink>;

export interface Following {
  query: string;
  /** Called each time it is open, before the first event. */
  onOpen(): void;
  onEvent(event: GatewayEvent): void;
  signal: AbortSignal;
}

// The gateway says something at least every 15 s.
const SILENT_MS = 40_000;
const LONGEST_PAUSE_MS = 15_000;

/** Calls the gateway that the page came from, with the phone's token. `onLost`: the token is none any more. */
export function createPhoneLink(token: () => string | undefined, onLost: () => void) {
  const line = signal<Line>("connecting");
  const listeners = new Set<(event: GatewayEvent) => void>();

  const ask = async (path: string, init: RequestInit): Promise<Response> => {
    const response = await fetch(path, {
      ...init,
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      headers: { ...init.headers, Authorization: `Bearer ${token() ?? ""}` },
    });
    if (response.ok) return response;
    if (response.status === 401) onLost();
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
    const response =
      verb === "GET"
        ? await ask(given.length > 0 ? `${path}?${query}` : path, {})
        : await ask(path, {
            method: "POST",
            body: JSON.stringify(input),
            headers: { "Content-Type": "application/json" },
          });
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

  /** Follows events until `signal` aborts, and opens the stream again whenever it ends. */
  const follow = async ({ query, onOpen, onEvent, signal }: Following): Promise<void> => {
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        await readStream(ask, `/api/events?${query}`, signal, {
          onOpen() {
            failures = 0;
            line.value = "open";
            onOpen();
          },
          onEvent,
        });
      } catch {
        // Said by the line's state; a token that is gone by `onLost`.
      }
      if (signal.aborted) return;
      line.value = "away";
      await pause(Math.min(LONGEST_PAUSE_MS, 500 * 2 ** failures), signal);
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

/** What a code gives. Rejects with the gateway's sentence. */
export async function enterByCode(code: string, name: string): Promise<{ token: string; phone: Phone }> {
  const response = await fetch("/phone/pair", {
    method: "POST",
    body: JSON.stringify({ code, name }),
    cache: "no-store",
    credentials: "omit",
    redirect: "error",
    headers: { "Content-Type": "application/json" },
  });
  if (!response.ok) throw await toError(response);
  return (await response.json()) as { token: string; phone: Phone };
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
  onOpen();
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

/** Ends early when the page is looked at again, or the network is back. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      removeEventListener("online", done);
      document.removeEventListener("visibilitychange", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
    addEventListener("online", done);
    document.addEventListener("visibilitychange", done);
  });
}
