import { expect, onTestFinished, test } from "vitest";
import type { ModelEvent } from "../../src/core/ports/provider.ts";
import { createFakeClock } from "../fakes/fakeClock.ts";
import type { Fault } from "../fakes/modelTurn.ts";
import { collect, failure, noSignal, options, request, user } from "./collect.ts";
import { impatientFetch } from "./impatient.ts";
import { KINDS, WAYS } from "./kinds.ts";

type Way = (typeof WAYS)[number];

/** The kinds of what a request told that failed so. */
async function told({ kind, model, start, path, fetch }: Way, fault: Fault): Promise<string[]> {
  const server = await start({ script: () => ({ text: "This answer is long enough to be cut in two.", fault }) });
  onTestFinished(() => server.close());
  const clock = createFakeClock();
  const answered = Promise.withResolvers<void>();
  const watched: typeof globalThis.fetch = async (...given) => {
    const response = await fetch(...given);
    answered.resolve();
    return response;
  };
  const provider = kind.create(options({ baseUrl: server.url + path, fetch: watched, clock }));
  const events: ModelEvent[] = [];
  const read = async () => {
    for await (const event of provider.stream(request(model, [user("hi")]), noSignal)) events.push(event);
  };
  const failed = failure(read());
  if (fault.kind === "stall") {
    await (fault.at === "headers" ? server.received(1) : answered.promise);
    await clock.advance(600_000);
  }
  await failed;
  return events.map(({ type }) => type).filter((type) => type !== "limits" && type !== "notice");
}

test.each(WAYS)(
  "$kind.api, $by: one that the provider had begun to answer, or kept waiting, was taken in",
  async (way) => {
    const faults: Fault[] = [
      { kind: "stall", at: "headers" },
      { kind: "stall", at: "body" },
      { kind: "cut", at: "body" },
    ];
    for (const fault of faults) expect(await told(way, fault)).toEqual(["sent", "taken"]);
  },
);

test.each(WAYS)("$kind.api, $by: one that was refused, or whose connection broke before, was not", async (way) => {
  const faults: Fault[] = [
    { kind: "status", status: 400 },
    { kind: "status", status: 408 },
    { kind: "status", status: 529 },
    { kind: "reset", at: "headers" },
  ];
  for (const fault of faults) expect(await told(way, fault)).toEqual(["sent"]);
});

test.each(WAYS)("$kind.api, $by: nor one that was refused in its answer", async (way) => {
  expect(await told(way, { kind: "streamError", message: "Overloaded" })).not.toContain("taken");
});

test.each(WAYS)("$kind.api, $by: nor one that a web page answered", async (way) => {
  const page = "<html><body>Sign in to this network</body></html>";
  expect(await told(way, { kind: "status", status: 200, body: page })).toEqual(["sent"]);
});

test.each(KINDS)("$kind.api: each try that was taken in is told, though the next one is not", async (kind) => {
  let tries = 0;
  const fetch = () => {
    tries += 1;
    const body = new ReadableStream({ start: (stream) => stream.error(new TypeError("terminated")) });
    return tries < 3 ? Promise.resolve(new Response(body)) : Promise.reject(new TypeError("fetch failed"));
  };
  const timing = { maxRetries: 2 };
  const provider = kind.kind.create(options({ fetch, timing }));
  const events: string[] = [];
  const read = async () => {
    for await (const { type } of provider.stream(request(kind.model, [user("hi")]), noSignal)) events.push(type);
  };
  await failure(read());
  expect(events.filter((type) => type !== "notice")).toEqual(["sent", "taken", "taken"]);
});

test.each(KINDS)(
  "$kind.api: one that Node's own fetch waits for no longer was taken in, and is not asked again",
  async (kind) => {
    const server = await kind.start({ script: () => ({ fault: { kind: "stall", at: "headers" } }) });
    onTestFinished(() => server.close());
    const timing = { maxRetries: 2 };
    const provider = kind.kind.create(options({ baseUrl: server.url + kind.path, fetch: impatientFetch, timing }));
    const events: string[] = [];
    const read = async () => {
      for await (const { type } of provider.stream(request(kind.model, [user("hi")]), noSignal)) events.push(type);
    };
    expect(String(await failure(read()))).toMatch(/did not answer in time/);
    expect(events).toEqual(["sent", "taken"]);
    await server.received(1);
    expect(server.requests).toHaveLength(1);
  },
);

test.each(KINDS)("$kind.api: no limit of its SDK comes before ours", async ({ kind, model }) => {
  const limits: number[] = [];
  const setTimeout = globalThis.setTimeout;
  const noted = (fn: () => void, ms = 0) => {
    limits.push(ms);
    return setTimeout(fn, ms);
  };
  onTestFinished(() => void (globalThis.setTimeout = setTimeout));
  globalThis.setTimeout = noted as typeof setTimeout;
  const fetch = () => Promise.reject(new TypeError("fetch failed"));
  // Ours are the clock's.
  const provider = kind.create(options({ fetch, clock: createFakeClock() }));
  await failure(collect(provider, request(model, [user("hi")])));
  expect(limits.filter((ms) => ms > 30_000 && ms < 24 * 3_600_000)).toEqual([]);
});
