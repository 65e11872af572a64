import { expect, test } from "vitest";
import { systemClock } from "../../../src/base/clock.ts";
import { silentLog } from "../../../src/base/log.ts";
import { openNewStore } from "../../store/newStore.ts";
import { openBench, transcript } from "../bench.ts";

const origin = { via: "api" as const };

test("a run that was stopped, and whose worker did not live to hear it, is ended by the next one", async () => {
  const first = await openBench({ turns: [[{ wait: new Promise(() => {}) }]] });
  const run = await first.core.sessions.send({ text: "go", origin, sessionKey: "main" });
  const elsewhere = await openNewStore({
    path: first.storePath,
    clock: systemClock,
    log: silentLog,
  });
  expect(await elsewhere.queue("elsewhere").cancel(run.id)).toBe(true);
  await elsewhere.close();
  const second = await first.kill([["never asked"]]);
  await second.core.runs.wait(run.id, 60_000);
  expect(await second.store.getRun(run.id)).toMatchObject({ state: "finished", outcome: { type: "cancelled" } });
  expect(second.model.requests).toEqual([]);
  await expect.poll(() => transcript(second.events)).toEqual(["main 3 run.finished cancelled"]);
});
