import { describe, expect, test } from "vitest";
import { settle } from "../../fakes/fakeClock.ts";
import type { FilesSeen, WatchFiles } from "../../../src/core/ports/watchedFiles.ts";
import { AppError } from "../../../src/base/appError.ts";
import type { Schedule } from "../../../src/protocol/job.ts";
import { failWrites, historyOf, HOUR, jobOf, MINUTE, openJobsBench, SECOND, START, user } from "./jobsBench.ts";

const never = new Promise<void>(() => {});

/** Files that a test changes, and that are told of at once. */
function createTree(now: () => number) {
  const files = new Map<string, number>();
  const listeners = new Set<() => void>();
  let changes = 0;
  let newest = 0;
  let fault: AppError | undefined;
  const watchFiles: WatchFiles = (folder, _glob, onChange) => {
    listeners.add(onChange);
    return {
      look: async (): Promise<FilesSeen> => {
        if (fault) throw fault;
        const stamps = new Map([...files].map(([name, stamp]) => [name, String(stamp)]));
        return { digest: JSON.stringify([folder, ...files]), stamps, newest };
      },
      dispose: () => listeners.delete(onChange),
    };
  };
  return {
    watchFiles,
    listeners,
    failWith: (next: AppError | undefined) => void (fault = next),
    write(name: string) {
      files.set(name, ++changes);
      newest = now();
      for (const tell of listeners) tell();
    },
  };
}

const onFiles: Schedule = { kind: "file", glob: "src/**", debounceMs: 200 };

async function openTree(options: Parameters<typeof openJobsBench>[0] = {}) {
  let now = () => START;
  const tree = createTree(() => now());
  const bench = await openJobsBench({ ...options, watchFiles: tree.watchFiles });
  now = () => bench.clock.now();
  return { ...bench, tree };
}

describe("files", () => {
  test("a thousand changes in a second are one firing, when it is quiet again", async () => {
    const { core, store, clock, model, tree } = await openTree();
    const job = await core.jobs.add(jobOf({ schedule: onFiles }), user);
    expect(job).toMatchObject({ enabled: true, nextRunAt: null });
    await settle();
    for (let n = 0; n < 1000; n += 1) {
      tree.write(`src/${n % 7}.ts`);
      await clock.advance(1);
    }
    expect(model.requests).toHaveLength(0);
    await clock.advance(SECOND);
    await settle();
    expect(await store.listSlots({ limit: 10 })).toMatchObject([
      { cause: "file", status: "ok", started: "changed: src/0.ts, src/1.ts, src/2.ts, src/3.ts, src/4.ts and 2 more" },
    ]);
    expect(await core.jobs.get(job.id)).toMatchObject({ enabled: true, nextRunAt: null, lastStatus: "ok" });
    await clock.advance(HOUR);
    expect(model.requests).toHaveLength(1);
  });

  test("who writes without a pause does not keep it from firing", async () => {
    const { core, clock, model, tree } = await openTree();
    await core.jobs.add(jobOf({ schedule: onFiles }), user);
    for (let n = 0; n < 110; n += 1) {
      tree.write("src/log");
      await clock.advance(100);
    }
    expect(model.requests.length).toBeGreaterThanOrEqual(1);
    expect(model.requests.length).toBeLessThanOrEqual(3);
  });

  test("what a job writes while it runs is no news to it; what somebody writes then is told as skipped", async () => {
    const turn = Promise.withResolvers<void>();
    const { core, store, clock, model, tree } = await openTree({ turns: [[{ wait: turn.promise }, "done"]] });
    await core.jobs.add(jobOf({ schedule: onFiles }), user);
    await settle();
    tree.write("src/a");
    await clock.advance(SECOND);
    expect(model.requests).toHaveLength(1);
    for (let n = 0; n < 20; n += 1) {
      tree.write("src/own");
      await clock.advance(SECOND);
    }
    tree.write("src/own");
    turn.resolve();
    await settle();
    await clock.advance(HOUR);
    await settle();
    expect(model.requests).toHaveLength(1);
    expect(
      (await store.listSlots({ limit: 10 })).map(({ status, cause, started }) => [status, cause, started]),
    ).toEqual([
      ["skipped", "file", "changed: src/own"],
      ["ok", "file", "changed: src/a"],
    ]);
    tree.write("src/own");
    await clock.advance(SECOND);
    await settle();
    expect(model.requests).toHaveLength(2);
  });

  test.each([
    ["once", "misfire ok"],
    ["skip", "misfire missed"],
  ] as const)(
    "what changed while nothing ran is caught up by the rules of missed slots: %s",
    async (policy, outcome) => {
      const bench = await openTree();
      const { clock, tree } = bench;
      await bench.core.jobs.add(jobOf({ schedule: onFiles, misfire: { policy } }), user);
      await bench.core.close();
      tree.write("src/a");
      await clock.advance(HOUR);
      const again = await bench.restart();
      await clock.advance(SECOND);
      await settle();
      const slots = await again.store.listSlots({ limit: 10 });
      expect(slots.map(({ cause, status }) => `${cause} ${status}`)).toEqual([outcome]);
      expect(slots[0]!.slot).toBe(new Date(START).toISOString());
      // And no second time.
      const third = await again.restart();
      await clock.advance(HOUR);
      await settle();
      expect(await third.store.listSlots({ limit: 10 })).toHaveLength(1);
    },
  );

  test("two gateways on one store fire one change once, and a store that fails loses none", async () => {
    const first = await openTree();
    const { clock, tree } = first;
    const second = await openJobsBench({ folder: first.folder, watchFiles: tree.watchFiles });
    await first.core.jobs.add(jobOf({ schedule: onFiles }), user);
    second.core.look();
    await settle();
    await clock.advance(2 * MINUTE);
    failWrites(first.store, (batch) => batch.claims !== undefined, 2);
    tree.write("src/a");
    for (let n = 0; n < 4; n += 1) {
      await clock.advance(MINUTE);
      await second.clock.advance(MINUTE);
      await settle();
    }
    expect((await first.store.listSlots({ limit: 10 })).map(({ status }) => status)).toEqual(["ok"]);
  });

  test("that cannot be looked at are told of in the job, once, until they can be, and what changed meanwhile fires it", async () => {
    const bench = await openTree();
    const { core, clock, tree, events } = bench;
    const { id } = await core.jobs.add(jobOf({ schedule: onFiles }), user);
    await settle();
    const changes = events.length;
    tree.failWith(new AppError("bad_request", "More than 20000 files fit src/**: name fewer of them"));
    for (let n = 0; n < 5; n += 1) {
      tree.write("src/a");
      await clock.advance(10 * MINUTE);
    }
    const lookFault = "More than 20000 files fit src/**: name fewer of them";
    const notes = [`Its files cannot be looked at, so it does not fire for them: ${lookFault}`];
    expect(await core.jobs.list()).toMatchObject([{ id, enabled: true, state: { lookFault } }]);
    const told = events.slice(changes);
    expect(told).toHaveLength(1);
    expect(told).toMatchObject([{ type: "job.changed", job: { notes } }]);
    expect(await core.jobs.run(id)).toMatchObject({ status: "running" });
    await settle();
    expect((await core.jobs.get(id)).state.lookFault).toBe(lookFault);
    const again = await bench.restart();
    await clock.advance(MINUTE);
    expect((await again.core.jobs.get(id)).state.lookFault).toBe(lookFault);
    tree.failWith(undefined);
    await clock.advance(10 * MINUTE);
    expect((await again.core.jobs.get(id)).state).toEqual({ consecutiveErrors: 0 });
    expect((await historyOf(again.store, id)).map((line) => line.slice(6))).toEqual(["ok manual", "ok misfire"]);
  });

  test("nothing is watched for a job that is off, gone or of another kind by now", async () => {
    const { core, clock, model, tree } = await openTree();
    const job = await core.jobs.add(jobOf({ schedule: onFiles }), user);
    await settle();
    expect(tree.listeners.size).toBe(1);
    await core.jobs.update(job.id, { enabled: false });
    await settle();
    expect(tree.listeners.size).toBe(0);
    tree.write("src/a");
    await core.jobs.update(job.id, { enabled: true });
    await clock.advance(HOUR);
    expect(model.requests).toHaveLength(0);
    await core.jobs.update(job.id, { schedule: { kind: "every", everyMs: HOUR } });
    await settle();
    expect(tree.listeners.size).toBe(0);
    await core.jobs.update(job.id, { schedule: onFiles });
    await core.jobs.remove(job.id);
    await settle();
    expect(tree.listeners.size).toBe(0);
  });

  test("a declared job that gets another folder begins to wait there", async () => {
    const { core, clock, model, tree } = await openTree();
    const file = "/o.yml";
    core.workspaces.offer(["/elsewhere"]);
    await core.jobs.declare([{ file, jobs: [jobOf({ schedule: onFiles })] }]);
    await settle();
    await core.jobs.declare([{ file, jobs: [jobOf({ schedule: onFiles, workspace: "/elsewhere" })] }]);
    await settle();
    await clock.advance(HOUR);
    expect(model.requests).toEqual([]);
    tree.write("src/a");
    await clock.advance(SECOND);
    await settle();
    expect(model.requests).toHaveLength(1);
  });

  test.each(["/etc/*", "../x/*", "~/x", "C:\\x", "a/../../b", "!src/**", " ", "./"])("%s is refused", async (glob) => {
    const { core } = await openTree();
    await expect(core.jobs.add(jobOf({ schedule: { kind: "file", glob } }), user)).rejects.toThrow(/schedule.glob: /);
  });
});

describe("after another job", () => {
  const after = (jobId: string, on: "ok" | "failed" = "ok", more = {}) =>
    jobOf({ name: "Next", schedule: { kind: "after", jobId, on }, ...more });

  test("fires once for each end of that kind, by that one's id or name", async () => {
    const { core, store, clock } = await openJobsBench({
      turns: [["fine"], ["seen"], [{ fail: new AppError("bad_request", "no") }], ["seen"]],
    });
    const first = await core.jobs.add(jobOf({ name: "First" }), user);
    const next = await core.jobs.add(after("First"), user);
    expect(next.schedule).toEqual({ kind: "after", jobId: first.id, on: "ok" });
    await clock.advance(HOUR + SECOND);
    await settle();
    expect(await historyOf(store, next.id)).toEqual(["01:00 ok after"]);
    expect(await store.listSlots({ jobId: next.id, limit: 1 })).toMatchObject([{ started: "First ended well" }]);
    await clock.advance(30 * MINUTE);
    expect(await historyOf(store, next.id)).toHaveLength(1);
    await core.jobs.run(first.id);
    await settle();
    // That one failed.
    expect(await historyOf(store, next.id)).toHaveLength(1);
  });

  test("a failure counts when its last try has failed", async () => {
    const fault = new AppError("provider_error", "away");
    const { core, store, clock } = await openJobsBench({ turns: Array.from({ length: 6 }, () => [{ fail: fault }]) });
    const first = await core.jobs.add(
      jobOf({ name: "First", schedule: { kind: "cron", expr: "0 1 22 11 *", tz: "UTC" } }),
      user,
    );
    const next = await core.jobs.add(after(first.id, "failed"), user);
    await clock.advance(HOUR + 10 * MINUTE);
    await settle();
    expect((await historyOf(store, first.id)).length).toBeGreaterThan(1);
    expect(await historyOf(store, next.id)).toEqual([]);
    await clock.advance(3 * HOUR);
    await settle();
    expect(await historyOf(store, first.id)).toHaveLength(6);
    expect((await historyOf(store, next.id)).map((line) => line.slice(6))).toEqual(["ok after"]);
  });

  test("a job whose predecessor is removed does not wait for ever, and says why", async () => {
    const { core } = await openJobsBench();
    const first = await core.jobs.add(jobOf({ name: "First" }), user);
    const other = await core.jobs.add(jobOf({ name: "Other" }), user);
    const next = await core.jobs.add(after(first.id), user);
    const elsewhere = await core.jobs.add(after(other.id, "ok", { name: "Elsewhere" }), user);
    await core.jobs.remove(first.id);
    expect(await core.jobs.get(next.id)).toMatchObject({
      enabled: false,
      state: { lastError: 'The job "First" that it follows was removed' },
    });
    expect((await core.jobs.get(elsewhere.id)).enabled).toBe(true);
    await expect(core.jobs.update(next.id, { enabled: true }, user)).rejects.toMatchObject({ code: "bad_request" });
  });

  test("nor does one of the API whose predecessor goes from its file, nor one of a file whose predecessor is the API's", async () => {
    const { core } = await openJobsBench();
    const file = "/o.yml";
    const first = await core.jobs.add(jobOf({ name: "First" }), user);
    const declared = [jobOf({ name: "Old" }), after("First", "ok", { name: "Declared" })];
    await core.jobs.declare([{ file, jobs: declared }]);
    const next = await core.jobs.add(after("Old"), user);
    await core.jobs.declare([{ file, jobs: [{ ...declared[0]!, name: "New" }, declared[1]!] }]);
    expect(await core.jobs.get(next.id)).toMatchObject({
      enabled: false,
      state: { lastError: 'The job "Old" that it follows was removed' },
    });
    await core.jobs.remove(first.id);
    expect(await core.jobs.get("Declared")).toMatchObject({
      enabled: false,
      state: { lastError: 'The job "First" that it follows was removed' },
    });
    await core.jobs.add(jobOf({ name: "First" }), user);
    await core.jobs.declare([{ file, jobs: [declared[1]!] }]);
    expect(await core.jobs.get("Declared")).toMatchObject({ enabled: true, state: { consecutiveErrors: 0 } });
  });

  test("is caught up after a kill between the end and the firing, as one", async () => {
    const bench = await openJobsBench();
    const { clock } = bench;
    const first = await bench.core.jobs.add(jobOf({ name: "First" }), user);
    const next = await bench.core.jobs.add(after(first.id), user);
    // Whatever it would fire cannot be stored any more.
    failWrites(bench.store, (batch) => batch.claims?.[0]?.jobId === next.id, Infinity);
    await clock.advance(3 * HOUR + SECOND);
    await settle();
    expect(await historyOf(bench.store, next.id)).toEqual([]);
    const again = await bench.restart();
    await clock.advance(SECOND);
    await settle();
    expect(await historyOf(again.store, next.id)).toEqual(["03:00 ok after after 2"]);
  });

  test("skips what comes while it runs, and what is skipped is over", async () => {
    const { core, store, clock } = await openJobsBench({ turns: [["fine"], [{ wait: never }], ["fine"]] });
    const first = await core.jobs.add(jobOf({ name: "First" }), user);
    const next = await core.jobs.add(after(first.id, "ok", { timeoutSeconds: 7200 }), user);
    await clock.advance(2 * HOUR + SECOND);
    await settle();
    expect(await historyOf(store, next.id)).toEqual(["01:00 running after", "02:00 skipped after"]);
  });

  test("no job follows itself, nor one that is not there", async () => {
    const { core } = await openJobsBench();
    const a = await core.jobs.add(jobOf({ name: "A" }), user);
    const b = await core.jobs.add(after("A", "ok", { name: "B" }), user);
    const c = await core.jobs.add(after("B", "failed", { name: "C" }), user);
    const toC: Schedule = { kind: "after", jobId: c.id, on: "ok" };
    await expect(core.jobs.update(a.id, { schedule: toC })).rejects.toThrow(
      "schedule.jobId: This job would follow itself: A follows C follows B follows A",
    );
    await expect(core.jobs.update(b.id, { schedule: { ...toC, jobId: "B" } })).rejects.toThrow(/would follow itself/);
    await expect(core.jobs.add(after("nothing"), user)).rejects.toThrow(
      'schedule.jobId: No job has the id or the name "nothing"',
    );
    await expect(core.jobs.add(after("Self", "ok", { name: "Self" }), user)).rejects.toThrow(/No job/);
    expect((await core.jobs.get(a.id)).schedule.kind).toBe("cron");
  });

  test("rings in a file are off, and say why", async () => {
    const { core } = await openJobsBench();
    const file = { file: "/o.yml", jobs: [after("Two", "ok", { name: "One" }), after("One", "ok", { name: "Two" })] };
    await core.jobs.declare([file]);
    const jobs = await core.jobs.list();
    expect(jobs.map(({ enabled }) => enabled)).toContain(false);
    expect(jobs.find(({ enabled }) => !enabled)!.state.lastError).toMatch(/This job would follow itself: /);
    await core.jobs.declare([{ file: "/o.yml", jobs: [jobOf({ name: "One" }), after("One", "ok", { name: "Two" })] }]);
    expect((await core.jobs.list()).map(({ enabled, state }) => [enabled, state.lastError])).toEqual([
      [true, undefined],
      [true, undefined],
    ]);
  });
});
