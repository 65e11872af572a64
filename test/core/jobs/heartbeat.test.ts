import { expect, test } from "vitest";
import { heartbeatNews } from "../../../src/core/jobs/heartbeat.ts";
import type { RunOutcome } from "../../../src/protocol/run.ts";
import type { Turn } from "../../fakes/scriptedProvider.ts";
import { threadMs } from "../../fakes/threadMs.ts";
import { nextEvent } from "../bench.ts";
import { jobByHand, openJobsBench, user } from "./jobsBench.ts";

test.each([
  ["HEARTBEAT_OK", ""],
  [" **HEARTBEAT_OK**. ", ""],
  ["", ""],
  ["`HEARTBEAT_OK`\n\n_The disk is full._ ", "The disk is full."],
  ["...Two tests fail: **a**, **b**", "Two tests fail: **a**, **b"],
])("of %j there is to tell %j", (reply, news) => {
  expect(heartbeatNews(reply)).toBe(news);
});

test("blanks within an answer cost their length, not its square", () => {
  const news = `a${" ".repeat(100_000)}b`;
  const before = threadMs();
  expect(heartbeatNews(news)).toBe(news);
  expect(threadMs() - before).toBeLessThan(1000);
});

test("one with nothing to say whose sub-agent is at work is removed when that has ended", async () => {
  const gate = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<{ key: string; end: Promise<RunOutcome> }>();
  const look: Turn = async ({ cacheKey: key }) => {
    const { end } = await core.sessions.send({ text: "mend it", origin: { via: "panel" }, parentKey: key! });
    begun.resolve({ key: key!, end });
    return ["HEARTBEAT_OK"];
  };
  const bench = await openJobsBench({ turns: [look, [{ wait: gate.promise }, "mended"]] });
  const { core } = bench;
  const job = await core.jobs.add(jobByHand({ payload: { kind: "heartbeat" } }), user);
  await core.jobs.run(job.id);
  const { key, end } = await begun.promise;
  await expect.poll(async () => (await bench.store.listSlots({ limit: 1 }))[0]!.status).toBe("ok");
  expect((await core.sessions.get(key)).key).toBe(key);
  const gone = nextEvent(core, "session.deleted");
  gate.resolve();
  expect(await end).toEqual({ type: "done", reply: "mended" });
  expect((await gone).sessionKey).toBe(key);
  expect((await bench.store.listSlots({ limit: 1 }))[0]).toMatchObject({ status: "ok", jobId: job.id });
});
