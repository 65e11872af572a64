import { describe, expect, test } from "vitest";
import { settle } from "../../fakes/fakeClock.ts";
import { AppError } from "../../../src/base/appError.ts";
import type { Batch } from "../../../src/core/ports/batch.ts";
import type { Store } from "../../../src/core/ports/store.ts";
import type { Webhooks } from "../../../src/core/ports/outside/webhooks.ts";
import type { Turn } from "../../fakes/scriptedProvider.ts";
import { type Bench, openBench } from "../bench.ts";
import { DAY, HOUR, historyOf, jobOf, MINUTE, openJobsBench, user } from "./jobsBench.ts";

/** Two gateways over one store: one of them is only about to go, or has just come. */
async function openTwo(turns: Turn[] = []) {
  const one = await openJobsBench({ turns });
  const openSecond = () => openBench({ folder: one.folder, clock: one.clock, turns });
  return { one, clock: one.clock, openSecond };
}

/** Does something at the moment before the next batch that fits is stored. */
function before(store: Store, fits: (batch: Batch) => boolean, what: () => Promise<unknown>): void {
  const commit = store.commit.bind(store);
  let isDone = false;
  store.commit = async (batch) => {
    if (!isDone && fits(batch)) {
      isDone = true;
      await what();
    }
    return commit(batch);
  };
}

const changesJob = ({ jobs }: Batch) => jobs !== undefined && jobs.length > 0;
const announced = (bench: Bench) => bench.events.filter(({ type }) => type === "job.announced").length;

describe("with two gateways on one store", () => {
  test("a change of a job does not undo another that is made at the same time", async () => {
    const { one, openSecond } = await openTwo();
    const two = await openSecond();
    const { id } = await one.core.jobs.add(jobOf(), user);
    before(one.store, changesJob, () => two.core.jobs.update(id, { enabled: false }));
    await one.core.jobs.update(id, { name: "Renamed" });
    expect(await one.core.jobs.get(id)).toMatchObject({ name: "Renamed", enabled: false, nextRunAt: null });
  });

  test("a slot fires once, and what is changed in the job just then stays", async () => {
    const { one, clock } = await openTwo();
    const { id } = await one.core.jobs.add(jobOf(), user);
    before(
      one.store,
      ({ claims }) => claims !== undefined,
      async () => {
        const stored = await one.store.getJob(id);
        await one.store.commit({ jobs: [{ put: { ...stored!.job, name: "Renamed" } }] });
      },
    );
    await clock.advance(HOUR + MINUTE);
    await settle();
    expect(await historyOf(one.store, id)).toEqual(["01:00 ok schedule"]);
    expect(await one.core.jobs.get(id)).toMatchObject({ name: "Renamed", nextRunAt: "2026-11-22T02:00:00.000Z" });
  });

  test("the end of a firing that both follow is noted and announced once", async () => {
    const release = Promise.withResolvers<void>();
    const failing: Turn = [{ wait: release.promise }, { fail: new AppError("bad_request", "No") }];
    const { one, clock, openSecond } = await openTwo([failing, failing]);
    const { id } = await one.core.jobs.add(
      jobOf({ schedule: { kind: "every", everyMs: DAY }, delivery: { mode: "announce" } }),
      user,
    );
    await clock.advance(DAY);
    const two = await openSecond();
    release.resolve();
    for (let i = 0; i < 10; i++) {
      await settle();
      two.core.look();
      await clock.advance(1000);
    }
    expect(await historyOf(one.store, id)).toEqual(["00:00 failed schedule"]);
    const { state } = await one.core.jobs.get(id);
    expect(state.consecutiveErrors).toBe(1);
    const retried = state.retryAt !== undefined;
    expect(announced(one) + announced(two)).toBe(retried ? 0 : 1);
  });

  test("a result whose gateway dies when it has posted it and not said so is posted again, as the same delivery", async () => {
    const posted: { id: string; body: unknown }[] = [];
    const webhooks = (posting: () => Promise<void>): Webhooks => ({
      check: async () => {},
      async post({ id, body }) {
        posted.push({ id, body });
        await posting();
      },
    });
    const one = await openJobsBench({ turns: [["found"]], webhooks: webhooks(() => new Promise(() => {})) });
    const delivery = { mode: "webhook" as const, url: "https://example.com/hook" };
    const { id } = await one.core.jobs.add(jobOf({ schedule: { kind: "every", everyMs: DAY }, delivery }), user);
    await one.clock.advance(DAY);
    await expect.poll(() => posted.length).toBe(1);
    const two = await openBench({ folder: one.folder, clock: one.clock, webhooks: webhooks(async () => {}) });
    await expect
      .poll(async () => (await two.store.listSlots({ jobId: id, limit: 1 }))[0]?.delivery?.status)
      .toBe("delivered");
    expect(posted).toHaveLength(2);
    expect(posted[1]).toEqual(posted[0]);
    expect(posted[0]!.id).toMatch(new RegExp(`^${id}:2026-`));
  });

  test("the jobs of one file stay when another one is read, and can be removed where theirs is not", async () => {
    const { one, openSecond } = await openTwo();
    const [a, b] = ["/home/me/a.yml", "/home/me/b.yml"];
    const names = async () => (await one.core.jobs.list()).map(({ name, file }) => `${name} of ${file}`).toSorted();
    const declare = (bench: Bench, file: string, ...jobs: string[]) =>
      bench.core.jobs.declare([{ file, jobs: jobs.map((name) => jobOf({ name })) }]);
    await declare(one, a, "Report", "Own");
    const two = await openSecond();
    await declare(two, b, "Report");
    const all = [`Own of ${a}`, `Report of ${a}`, `Report of ${b}`];
    expect(await names()).toEqual(all);
    await declare(one, a, "Report", "Own");
    expect(await names()).toEqual(all);
    const own = (await one.core.jobs.list()).find(({ name }) => name === "Own")!;
    await expect(one.core.jobs.remove(own.id)).rejects.toMatchObject({ code: "conflict" });
    await expect(two.core.jobs.update(own.id, { enabled: false })).rejects.toMatchObject({ code: "conflict" });
    await two.core.jobs.remove(own.id);
    await declare(two, b);
    expect(await names()).toEqual([`Report of ${a}`]);
  });
});
