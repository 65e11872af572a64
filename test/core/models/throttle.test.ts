import { getEventListeners } from "node:events";
import { expect, onTestFinished, test, vi } from "vitest";
import type { OwnLimits } from "../../../src/core/models/rateLimiter.ts";
import { createThrottle } from "../../../src/core/models/throttle.ts";
import type { ModelEvent, ModelRequest } from "../../../src/core/ports/provider.ts";
import type { Usage } from "../../../src/protocol/usage.ts";
import { createFakeClock } from "../../fakes/fakeClock.ts";
import { createScriptedProvider, SOME_USAGE, type Turn } from "../../fakes/scriptedProvider.ts";

const noSignal = new AbortController().signal;

function openPace(limits: OwnLimits = {}, turns: Turn[] = []) {
  const clock = createFakeClock();
  const began = clock.now();
  const throttle = createThrottle(clock);
  const model = createScriptedProvider(turns);
  const log: string[] = [];
  const over = () => throttle.over(model.provider, limits);
  const ask = async (session: string, more: Partial<ModelRequest> & { signal?: AbortSignal } = {}) => {
    const { signal = noSignal, ...given } = more;
    const request: ModelRequest = { model: "m", system: "", messages: [], tools: [], cacheKey: session, ...given };
    for await (const event of over().stream(request, signal)) {
      if (event.type === "notice") log.push(`${session}: ${event.text}`);
    }
    log.push(`${session} done at ${(clock.now() - began) / 1000} s`);
  };
  return { clock, model, log, ask, over };
}

/** A prompt of about this many tokens. */
function prompt(tokens: number): Partial<ModelRequest> {
  return { messages: [{ role: "user", text: "x".repeat(tokens * 4), origin: { via: "api" } }] };
}

function end(usage: Partial<Usage>): ModelEvent {
  return { type: "end", usage: { ...SOME_USAGE, ...usage }, stop: "done" };
}

test("a session with many sub-agents takes turns with others as one", async () => {
  const { clock, log, ask } = openPace({ requestsPerMinute: 1 });
  const all = [ask("first")];
  for (const child of ["a1", "a2", "a3"]) all.push(ask(child, { turnKey: "a" }));
  all.push(ask("b"));
  await clock.advance(300_000);
  await Promise.all(all);
  const done = log.flatMap((line) => /^(\w+) done/.exec(line)?.[1] ?? []);
  expect(done).toEqual(["first", "a1", "b", "a2", "a3"]);
});

test("without a limit nothing waits", async () => {
  const { log, ask } = openPace();
  await Promise.all(Array.from({ length: 100 }, (_, index) => ask(`s${index}`)));
  expect(log).toHaveLength(100);
  expect(log.every((line) => line.endsWith("done at 0 s"))).toBe(true);
});

test("requestsPerMinute lets that many through in any minute, and says how long the others wait", async () => {
  const { clock, log, ask } = openPace({ requestsPerMinute: 2 });
  const all = [ask("a"), ask("b")];
  await clock.advance(20_000);
  all.push(ask("c"), ask("d"), ask("e"));
  await clock.advance(120_000);
  await Promise.all(all);
  expect(log).toEqual([
    "a done at 0 s",
    "b done at 0 s",
    "c: Waiting for the rate limit of test: 40 s",
    "d: Waiting for the rate limit of test: at least 40 s, 1 request is ahead",
    "e: Waiting for the rate limit of test: at least 40 s, 2 requests are ahead",
    "c done at 60 s",
    "d done at 60 s",
    "e done at 120 s",
  ]);
});

test("tokensPerMinute counts what was used, not what was read from a cache; a request over the limit goes alone", async () => {
  const { clock, log, ask } = openPace({ tokensPerMinute: 10_000 }, [
    [end({ inputTokens: 1000, cacheReadTokens: 50_000, outputTokens: 500 })],
    [end({ inputTokens: 2000, outputTokens: 0 })],
    [end({ inputTokens: 30_000 })],
  ]);
  const all = [ask("a", prompt(51_000))];
  await clock.advance(1000);
  // What "a" had cached is not expected to count again.
  all.push(ask("a", prompt(52_000)));
  await clock.advance(1000);
  all.push(ask("b", prompt(30_000)));
  await clock.advance(60_000);
  await Promise.all(all);
  expect(log).toEqual([
    "a done at 0 s",
    "a done at 1 s",
    "b: Waiting for the rate limit of test: 59 s",
    "b done at 61 s",
  ]);
});

test("sessions go by turns, and what somebody waits for in the editor goes first", async () => {
  const { clock, log, ask } = openPace({ requestsPerMinute: 1 });
  const all = [ask("start"), ...["one", "two", "three"].map(() => ask("busy")), ask("other")];
  await clock.advance(30_000);
  all.push(ask("panel", { attended: true }), ask("busy"), ask("other"));
  await clock.advance(10 * 60_000);
  await Promise.all(all);
  expect(log.filter((line) => line.includes("done")).map((line) => line.split(" ")[0])).toEqual([
    "start",
    "panel",
    "busy",
    "other",
    "busy",
    "other",
    "busy",
    "busy",
  ]);
});

test("five sub-agents that never stop asking do not starve the panel", async () => {
  const { clock, log, ask } = openPace({ requestsPerMinute: 1 });
  const stop = new AbortController();
  const agent = async (name: string) => {
    while (!stop.signal.aborted) await ask(name, { signal: stop.signal });
  };
  const agents = ["a1", "a2", "a3", "a4", "a5"].map((name) => agent(name).catch(() => {}));
  await clock.advance(5 * 60_000 + 1000);
  log.length = 0;
  const panel = ask("panel", { attended: true });
  await clock.advance(60_000);
  await panel;
  expect(log.find((line) => line.includes("done"))).toBe("panel done at 360 s");
  stop.abort();
  await Promise.all(agents);
  expect(clock.waiting()).toBe(0);
});

test("a wait can be aborted, and leaves its place to the next", async () => {
  const { clock, log, model, ask } = openPace({ requestsPerMinute: 1 });
  await ask("a");
  const stop = new AbortController();
  const gone = ask("b", { signal: stop.signal });
  const next = ask("c");
  await clock.advance(1000);
  stop.abort(new Error("cancelled"));
  await expect(gone).rejects.toThrow("cancelled");
  await clock.advance(59_000);
  await next;
  expect(log.at(-1)).toBe("c done at 60 s");
  expect(model.requests).toHaveLength(2);
});

test("whoever stops reading while it waits leaves its place to the next", async () => {
  const { clock, log, ask, over } = openPace({ requestsPerMinute: 1 });
  await ask("a");
  const request: ModelRequest = { model: "m", system: "", messages: [], tools: [], cacheKey: "b" };
  const { signal } = new AbortController();
  for await (const event of over().stream(request, signal)) {
    expect(event.type).toBe("notice");
    break;
  }
  expect(getEventListeners(signal, "abort")).toEqual([]);
  const next = ask("c");
  await clock.advance(60_000);
  await next;
  expect(log).toEqual(["a done at 0 s", "c: Waiting for the rate limit of test: 60 s", "c done at 60 s"]);
});

test("one that goes at once makes no signal, and leaves no listener", async () => {
  const { ask } = openPace();
  const any = vi.spyOn(AbortSignal, "any");
  const abort = vi.spyOn(AbortController.prototype, "abort");
  onTestFinished(() => void vi.restoreAllMocks());
  const { signal } = new AbortController();
  await ask("a", { signal });
  expect([any.mock.calls.length, abort.mock.calls.length]).toEqual([0, 0]);
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test("when a provider says that nothing is left, requests wait for its own limit to fill up again", async () => {
  const { clock, log, ask } = openPace({}, [
    [{ type: "limits", limits: { requests: { limit: 10, left: 0, resetMs: 30_000 } } }],
    [],
    [{ type: "limits", limits: { tokens: { limit: 10_000, left: 1000, resetMs: 27_000 } } }],
  ]);
  await ask("a");
  // One of ten is back after a tenth of the time.
  const second = ask("b");
  await clock.advance(3000);
  await second;
  const third = ask("c");
  await clock.advance(3000);
  await third;
  const fourth = ask("d", prompt(3500));
  await clock.advance(60_000);
  await fourth;
  expect(log).toEqual([
    "a done at 0 s",
    "b: Waiting for the rate limit of test: 3 s",
    "b done at 3 s",
    "c: Waiting for the rate limit of test: 3 s",
    "c done at 6 s",
    "d: Waiting for the rate limit of test: 10 s",
    "d done at 15.015 s",
  ]);
});

test("a limit that takes longer than a minute to fill is left to the provider's refusal", async () => {
  const { clock, log, ask } = openPace({}, [
    [{ type: "limits", limits: { requests: { limit: 100, left: 0, resetMs: 24 * 3_600_000 } } }],
  ]);
  await ask("a");
  const second = ask("b");
  await clock.advance(60_000);
  await second;
  expect(log.at(-1)).toBe("b done at 60 s");
});

test("plenty left means no wait", async () => {
  const { log, ask } = openPace({}, [
    [
      {
        type: "limits",
        limits: { requests: { limit: 50, left: 49, resetMs: 1000 }, tokens: { limit: 9e5, left: 8e5, resetMs: 9000 } },
      },
    ],
  ]);
  await ask("a");
  await ask("b");
  expect(log).toEqual(["a done at 0 s", "b done at 0 s"]);
});
