import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { silentLog } from "../../../src/base/log.ts";
import type { OwnLimits } from "../../../src/core/models/rateLimiter.ts";
import { createThrottle } from "../../../src/core/models/throttle.ts";
import { createSharedHolds } from "../../../src/core/state/sharedHolds.ts";
import { openNewStore } from "../../store/newStore.ts";
import { createFakeClock } from "../../fakes/fakeClock.ts";
import { createScriptedProvider, SOME_USAGE, type Turn } from "../../fakes/scriptedProvider.ts";
import { tempFolder } from "../../tools/toolContext.ts";

/** Processes with one store, each with its own throttle in front of the same provider. */
async function openProcesses(count: number, limits: OwnLimits, turns: Turn[] = []) {
  const clock = createFakeClock();
  const began = clock.now();
  const path = join(tempFolder(), "pincer.db");
  const log: string[] = [];
  const model = createScriptedProvider(turns);
  const processes = [];
  for (let at = 0; at < count; at++) {
    const store = await openNewStore({ path, clock, log: silentLog });
    onTestFinished(() => store.close());
    const throttle = createThrottle(clock, createSharedHolds({ store, owner: `worker ${at}`, log: silentLog }));
    processes.push(async (session: string, tokens = 1) => {
      const messages = [{ role: "user" as const, text: "x".repeat(tokens * 4), origin: { via: "api" as const } }];
      const request = { model: "m", system: "", messages, tools: [], cacheKey: session };
      const { signal } = new AbortController();
      for await (const event of throttle.over(model.provider, limits).stream(request, signal))
        if (event.type === "notice") log.push(`${session}: ${event.text}`);
      log.push(`${session} done at ${(clock.now() - began) / 1000} s`);
    });
  }
  return { clock, log, processes };
}

test("three processes together ask no more in a minute than the limit, twenty times", async () => {
  for (let round = 0; round < 20; round++) {
    const { clock, log, processes } = await openProcesses(3, { requestsPerMinute: 2 });
    const all = processes.flatMap((ask, at) => [ask(`a${at}`), ask(`b${at}`)]);
    await clock.advance(1000);
    expect(log.filter((line) => line.includes("done"))).toHaveLength(2);
    expect(log.filter((line) => line.includes("Waiting for the rate limit of test"))).not.toHaveLength(0);
    await clock.advance(60_000);
    expect(log.filter((line) => line.includes("done"))).toHaveLength(4);
    await clock.advance(60_000);
    await Promise.all(all);
    expect(log.filter((line) => line.includes("done"))).toHaveLength(6);
  }
});

test("tokens count as they were used, in every process", async () => {
  const end = (inputTokens: number): Turn => [
    { type: "end", usage: { ...SOME_USAGE, inputTokens, outputTokens: 0 }, stop: "done" },
  ];
  const { clock, log, processes } = await openProcesses(2, { tokensPerMinute: 10_000 }, [end(500), end(9000), end(1)]);
  const [one, two] = processes;
  // Expected to take 8,000 and taking 500.
  const first = one!("one", 8000);
  await clock.advance(1000);
  await first;
  const second = two!("two", 8000);
  await clock.advance(1000);
  await second;
  const third = one!("three", 4000);
  await clock.advance(60_000);
  await third;
  expect(log).toEqual([
    "one done at 0 s",
    "two done at 1 s",
    "three: Waiting for the rate limit of test: 59 s",
    "three done at 61 s",
  ]);
});

test("what a provider reports as nearly used up is known in every process, and so is what was asked since", async () => {
  const limits = { requests: { limit: 100, left: 1, resetMs: 60_000 } };
  const reports: Turn = ["ok", { type: "limits", limits }];
  const { clock, log, processes } = await openProcesses(3, {}, [reports, ["ok"], ["ok"]]);
  const [one, two, three] = processes;
  const first = one!("one");
  await clock.advance(100);
  await first;
  const all = [two!("two"), three!("three")];
  await clock.advance(100);
  expect(log.filter((line) => line.includes("done"))).toHaveLength(2);
  await clock.advance(60_000);
  await Promise.all(all);
  expect(log.filter((line) => line.includes("Waiting"))).toHaveLength(1);
});

test("a clock that is set back holds up no process for longer than a minute", async () => {
  const { clock, log, processes } = await openProcesses(2, { requestsPerMinute: 1 });
  const [one, two] = processes;
  const first = one!("one");
  await clock.advance(100);
  await first;
  await clock.set(clock.now() - 3_600_000);
  const all = [one!("three"), two!("two")];
  await clock.advance(130_000);
  await Promise.all(all);
  expect(log.filter((line) => line.includes("done"))).toHaveLength(3);
});
