import { describe, expect, onTestFinished, test } from "vitest";
import { AppError } from "../../../src/base/appError.ts";
import type { NewJob } from "../../../src/protocol/job.ts";
import { type FakeClock, settle } from "../../fakes/fakeClock.ts";
import type { Turn } from "../../fakes/scriptedProvider.ts";
import type { Bench } from "../bench.ts";
import { DAY, historyOf, HOUR, jobOf, MINUTE, openJobsBench, SECOND, START, user } from "./jobsBench.ts";

const TOKYO = "Asia/Tokyo";
const NEW_YORK = "America/New_York";

const nightly = { kind: "cron", expr: "43 2 * * *" } as const;
const once = (at: string) => ({ kind: "at", at }) as const;
const at = (hours: number) => START + hours * HOUR;

/** Until the end of the test, or the next zone. */
function inZone(zone: string): void {
  const { TZ } = process.env;
  onTestFinished(() => {
    if (TZ === undefined) delete process.env["TZ"];
    else process.env["TZ"] = TZ;
  });
  process.env["TZ"] = zone;
}

/** A job that was made in one zone, and the gateway that starts at `hour` in another. */
async function moved(
  [from, to]: [from: string, to: string],
  hour: number,
  more: Partial<NewJob>,
): Promise<{ core: Bench["core"]; clock: FakeClock; id: string; lines: () => Promise<string[]> }> {
  inZone(from);
  const first = await openJobsBench();
  const { id } = await first.core.jobs.add(jobOf(more), user);
  const { clock } = first;
  await clock.advance(Math.min(hour, 8) * HOUR);
  await settle();
  await first.core.close();
  await clock.set(at(hour));
  inZone(to);
  const { core, store } = await first.restart();
  await settle();
  return { core, clock, id, lines: () => historyOf(store, id) };
}

const nextOf = async ({ core }: Pick<Bench, "core">, id: string) =>
  (await core.jobs.next({ id, count: 9 })).firings.map(({ at: time }) => time);

describe("a one-shot of the machine's zone", () => {
  test("fires once, at the time that its words say there, where that is later", async () => {
    const { core, clock, id, lines } = await moved([TOKYO, NEW_YORK], 1, { schedule: once("2026-11-22T16:50") });
    expect(await nextOf({ core }, id)).toEqual(["2026-11-22T21:50:00.000Z"]);
    await clock.advance(DAY);
    expect(await lines()).toEqual(["21:50 ok schedule"]);
    expect(await core.jobs.get(id)).toMatchObject({ enabled: false, nextRunAt: null });
  });

  test("whose time passed before the start, and is still to come there, fires then alone", async () => {
    const { clock, lines } = await moved([TOKYO, NEW_YORK], 9, { schedule: once("2026-11-22T17:30") });
    await clock.advance(DAY);
    expect(await lines()).toEqual(["22:30 ok schedule"]);
  });

  test("is caught up where that time has passed there", async () => {
    const { core, clock, id, lines } = await moved([NEW_YORK, TOKYO], 1, { schedule: once("2026-11-22T05:00") });
    await clock.advance(DAY);
    expect(await lines()).toEqual(["20:00 ok misfire"]);
    expect(await core.jobs.get(id)).toMatchObject({ enabled: false, nextRunAt: null });
  });

  test("of a moment with its offset stays at that moment", async () => {
    const { clock, lines } = await moved([TOKYO, NEW_YORK], 1, { schedule: once("2026-11-22T16:50:00+09:00") });
    await clock.advance(DAY);
    expect(await lines()).toEqual(["07:50 ok schedule"]);
  });

  test("that has fired fires no more there, also where a file declares it", async () => {
    inZone(TOKYO);
    const first = await openJobsBench();
    const files = [{ file: "/o.yml", jobs: [jobOf({ schedule: once("2026-11-22T16:50") })] }];
    await first.core.jobs.declare(files);
    await first.clock.advance(8 * HOUR);
    expect(await historyOf(first.store)).toEqual(["07:50 ok schedule"]);
    inZone(NEW_YORK);
    const second = await first.restart();
    await second.core.jobs.declare(files);
    await first.clock.advance(DAY);
    expect(await historyOf(second.store)).toEqual(["07:50 ok schedule"]);
    expect((await second.core.jobs.list())[0]).toMatchObject({ enabled: false, nextRunAt: null });
  });

  test("whose run goes on there, and fails, is tried again", async () => {
    inZone(TOKYO);
    const first = await openJobsBench({ turns: [[{ wait: new Promise(() => {}) }]] });
    await first.core.jobs.add(jobOf({ schedule: once("2026-11-22T16:50") }), user);
    await first.clock.advance(8 * HOUR);
    inZone(NEW_YORK);
    const away: Turn = [{ fail: new AppError("provider_error", "The model is away") }];
    const second = await first.kill([away, ["well"]]);
    await first.clock.advance(MINUTE);
    expect(await historyOf(second.store)).toEqual(["07:50 failed schedule", expect.stringMatching(/ ok retry$/)]);
  });
});

describe("a job of given hours, of the machine's zone", () => {
  test("fires at its next time there, not at the one before, where it was made meanwhile", async () => {
    const { core, clock, id, lines } = await moved([NEW_YORK, TOKYO], 6, { schedule: nightly });
    expect((await nextOf({ core }, id)).slice(0, 2)).toEqual(["2026-11-22T17:43:00.000Z", "2026-11-23T17:43:00.000Z"]);
    await clock.advance(DAY);
    expect(await lines()).toEqual(["17:43 ok schedule"]);
  });

  test.each([
    ["eastwards, in time for the next", [NEW_YORK, TOKYO], 10, undefined, ["07:43 ok schedule", "17:43 ok schedule"]],
    [
      "eastwards, over a time that nothing has fired for",
      [NEW_YORK, TOKYO],
      18,
      undefined,
      ["07:43 ok schedule", "17:43 ok misfire", "17:43 ok schedule"],
    ],
    [
      "eastwards, over a time that is not to be caught up",
      [NEW_YORK, TOKYO],
      18,
      { policy: "skip" },
      ["07:43 ok schedule", "17:43 missed misfire", "17:43 ok schedule"],
    ],
    ["westwards", [TOKYO, NEW_YORK], 1, undefined, ["07:43 ok schedule"]],
    [
      "westwards, over a time that was due",
      [TOKYO, NEW_YORK],
      20,
      undefined,
      ["17:43 ok misfire", "07:43 ok schedule"],
    ],
  ] as const)("goes on by the clock there: %s", async (_, [from, to], hour, misfire, history) => {
    const { clock, lines } = await moved([from, to], hour, { schedule: nightly, ...(misfire && { misfire }) });
    await clock.advance(DAY);
    expect(await lines()).toEqual(history);
  });

  test("of a zone of its own is not touched", async () => {
    const schedule = { ...nightly, tz: TOKYO };
    const { core, clock, id, lines } = await moved([NEW_YORK, TOKYO], 18, { schedule });
    expect(await core.jobs.get(id)).not.toHaveProperty("nextRunZone");
    await clock.advance(DAY);
    expect(await lines()).toEqual(["17:43 ok misfire", "17:43 ok schedule"]);
  });
});

test("open hours go on with the time that passes, whatever the zone", async () => {
  inZone(NEW_YORK);
  const first = await openJobsBench();
  const { id } = await first.core.jobs.add(jobOf({ schedule: { kind: "cron", expr: "0 * * * *" } }), user);
  await first.clock.advance(HOUR + 10 * MINUTE);
  inZone("Asia/Kolkata");
  const second = await first.restart();
  expect(await second.core.jobs.get(id)).toMatchObject({ nextRunAt: "2026-11-22T01:30:00.000Z" });
  await first.clock.advance(80 * MINUTE + SECOND);
  expect(await historyOf(second.store)).toEqual(["01:00 ok schedule", "01:30 ok schedule", "02:30 ok schedule"]);
});

test("a zone that this program does not know keeps no gateway from starting", async () => {
  const first = await openJobsBench();
  const { id } = await first.core.jobs.add(jobOf({ schedule: nightly }), user);
  const stored = (await first.store.getJob(id))!;
  const far = { ...stored.job, nextRunZone: "Europe/Nowhere", nextRunAt: new Date(START + DAY + 1).toISOString() };
  await first.store.commit({ jobs: [{ put: far, expect: stored.version }] });
  const second = await first.restart();
  expect(await second.core.jobs.get(id)).toEqual(stored.job);
});
