import { describe, expect, test } from "vitest";
import { settle } from "../../fakes/fakeClock.ts";
import type { NewJob } from "../../../src/protocol/job.ts";
import { call } from "../../fakes/scriptedProvider.ts";
import { cron } from "../../../src/tools/cronTool.ts";
import { DAY, historyOf, HOUR, jobOf, openJobsBench, START, user } from "./jobsBench.ts";

describe("a job that a session makes", () => {
  test("fires into new sessions of its folder, itself, and sessions below", async () => {
    const { core, folder } = await openJobsBench();
    const { key } = await core.sessions.create({ title: "Parent", workspace: folder });
    const child = await core.sessions.create({ title: "Child", parentKey: key });
    const creator = { via: "subagent" as const, id: key };
    expect(await core.jobs.add(jobOf(), creator)).toMatchObject({ workspace: folder, createdBy: creator });
    for (const sessionTarget of [key, child.key]) await core.jobs.add(jobOf({ sessionTarget }), creator);
    for (const sessionTarget of ["main"]) {
      await expect(core.jobs.add(jobOf({ sessionTarget }), creator)).rejects.toMatchObject({ code: "forbidden" });
    }
    const [mine] = await core.jobs.list();
    await expect(core.jobs.update(mine!.id, { sessionTarget: "main" }, creator)).rejects.toMatchObject({
      code: "forbidden",
    });
    await expect(core.jobs.update(mine!.id, { workspace: "/" }, creator)).rejects.toMatchObject({ code: "forbidden" });
    const users = await core.jobs.add(jobOf({ sessionTarget: "main" }), user);
    await expect(
      core.jobs.update(users.id, { payload: { kind: "agentTurn", message: "mine now" } }, creator),
    ).rejects.toMatchObject({ code: "forbidden" });
    expect(await core.jobs.update(users.id, { enabled: false }, creator)).toMatchObject({ enabled: false });
  });

  test("is checked like any other, whatever the model wrote", async () => {
    const job = {
      name: "x",
      schedule: { kind: "cron", expr: "0 9 * * *" },
      payload: { kind: "agentTurn" },
      sessionTarget: "main",
    };
    const { core } = await openJobsBench({
      tools: [cron],
      settings: { approvals: "auto" },
      turns: [[call("cron", { action: "add", job })], ["gave up"]],
    });
    await (
      await core.sessions.send({ text: "go", sessionKey: "main", origin: user })
    ).outcome;
    const { messages } = await core.sessions.history("main", { limit: 10, includeTools: true });
    expect(messages.find(({ role }) => role === "tool")).toMatchObject({
      isError: true,
      text: expect.stringMatching(/^payload\.message: /),
    });
    expect(await core.jobs.list()).toEqual([]);
  });
});

test("what cannot work is refused with a sentence that says why", async () => {
  const { core } = await openJobsBench();
  const refusal = (more: Partial<NewJob>) =>
    core.jobs.add(jobOf(more), user).then(
      () => "taken",
      (error: Error & { code?: string }) => `${error.code}: ${error.message}`,
    );
  expect(await refusal({ name: " " })).toBe("bad_request: name: Expected some text, but it is blank");
  expect(await refusal({ name: "x".repeat(201) })).toMatch(/^bad_request: /);
  expect(await refusal({ sessionTarget: "nowhere" })).toMatch(/^bad_request: sessionTarget: "nowhere" is neither/);
  expect(await refusal({ schedule: { kind: "at", at: new Date(START - 1).toISOString() } })).toMatch(
    /has passed already$/,
  );
  expect(await refusal({ schedule: { kind: "cron", expr: "0 0 L-30 2 *" } })).toMatch(/never fires$/);
  expect(await refusal({ workspace: "/elsewhere" })).toMatch(/^bad_request: workspace: The folder "\/elsewhere"/);
  expect(await refusal({ delivery: { mode: "announce", channel: "pager" } })).toMatch(
    /^bad_request: delivery.channel: "pager"/,
  );
  expect(await refusal({ model: "none/such" })).toMatch(/^bad_request: No model "none\/such"/);
  expect(await core.jobs.list()).toEqual([]);
});

test("there is an end to how many there are", async () => {
  const { core, store } = await openJobsBench();
  const one = await core.jobs.add(jobOf({ enabled: false }), user);
  const more = Array.from({ length: 999 }, (_, i) => ({ ...one, id: `job_${i}` }));
  await store.commit({ jobs: more.map((put) => ({ put })) });
  await expect(core.jobs.add(jobOf({ enabled: false }), user)).rejects.toMatchObject({ code: "conflict" });
});

describe("declared jobs", () => {
  const FILE = "/home/me/.pincer/openclaw.yml";
  const hourly = jobOf({ name: "Hourly" });

  test("come, change and go with their file, and keep their history", async () => {
    const { core, clock, store } = await openJobsBench();
    const users = await core.jobs.add(jobOf({ name: "Mine", enabled: false }), user);
    await core.jobs.declare([{ file: FILE, jobs: [hourly, jobOf({ name: "Other" })] }]);
    const first = (await core.jobs.list()).find(({ name }) => name === "Hourly");
    expect(first).toMatchObject({ name: "Hourly", ownedByFile: true, nextRunAt: "2026-11-22T01:00:00.000Z" });
    await clock.advance(HOUR);
    const before = await core.jobs.get(first!.id);
    await core.jobs.declare([{ file: FILE, jobs: [hourly] }]);
    expect(await core.jobs.get(first!.id)).toEqual(before);
    expect((await core.jobs.list()).map(({ name }) => name).sort()).toEqual(["Hourly", "Mine"]);
    await core.jobs.declare([{ file: FILE, jobs: [{ ...hourly, schedule: { kind: "every", everyMs: DAY } }] }]);
    expect(await core.jobs.get(first!.id)).toMatchObject({
      nextRunAt: new Date(START + HOUR + DAY).toISOString(),
      lastStatus: "ok",
    });
    expect(await historyOf(store, first!.id)).toHaveLength(1);
    await core.jobs.declare([{ file: FILE, jobs: [] }]);
    expect(await core.jobs.list()).toMatchObject([{ id: users.id }]);
  });

  test("are changed there, and run from anywhere", async () => {
    const { core } = await openJobsBench();
    await core.jobs.declare([{ file: FILE, jobs: [hourly] }]);
    const [job] = await core.jobs.list();
    const message = `The job "Hourly" is declared in ${FILE}; change it there`;
    await expect(core.jobs.update(job!.id, { enabled: false })).rejects.toMatchObject({ code: "conflict", message });
    await expect(core.jobs.remove(job!.id)).rejects.toMatchObject({ code: "conflict", message });
    expect(await core.jobs.run(job!.id)).toMatchObject({ cause: "manual" });
    await settle();
  });

  test("an interval goes on over reloads, and a one-shot does not fire again", async () => {
    const { core, clock, store } = await openJobsBench();
    const jobs = [
      jobOf({ name: "Often", schedule: { kind: "every", everyMs: HOUR } }),
      jobOf({ name: "Once", schedule: { kind: "at", at: new Date(START + 30 * 60_000).toISOString() } }),
    ];
    for (let i = 0; i < 8; i++) {
      await core.jobs.declare([{ file: FILE, jobs: jobs }]);
      await clock.advance(HOUR / 4);
    }
    expect(await historyOf(store)).toEqual(["00:30 ok schedule", "01:00 ok schedule", "02:00 ok schedule"]);
  });

  test("a one-shot that is over fires again where the file gives it another time, and not where it says that it is off", async () => {
    const { core, clock, store } = await openJobsBench();
    const declare = async (after: number, more: Partial<NewJob> = {}) => {
      const schedule = { kind: "at", at: new Date(START + after).toISOString() } as const;
      await core.jobs.declare([{ file: FILE, jobs: [jobOf({ name: "Once", schedule, ...more })] }]);
    };
    await declare(HOUR);
    await clock.advance(HOUR);
    await declare(2 * HOUR, { enabled: false });
    await clock.advance(HOUR);
    await declare(3 * HOUR);
    await clock.advance(HOUR);
    await settle();
    expect(await historyOf(store)).toEqual(["01:00 ok schedule", "03:00 ok schedule"]);
  });

  test("one whose time has passed before it was declared is there, off, and says why", async () => {
    const { core, clock } = await openJobsBench();
    const at = new Date(START - HOUR).toISOString();
    const jobs = [jobOf({ name: "Once", schedule: { kind: "at", at } })];
    const told = { enabled: false, nextRunAt: null, state: { lastError: `${at} has passed already` } };
    for (let round = 0; round < 2; round += 1) {
      await core.jobs.declare([{ file: FILE, jobs }]);
      expect(await core.jobs.list()).toMatchObject([told]);
      await clock.advance(HOUR);
    }
  });

  test("one that cannot work is there, off, and says why", async () => {
    const { core } = await openJobsBench();
    await core.jobs.declare([{ file: FILE, jobs: [{ ...hourly, workspace: "/elsewhere" }, jobOf({ name: "Good" })] }]);
    const jobs = await core.jobs.list();
    expect(jobs.find(({ name }) => name === "Hourly")).toMatchObject({
      enabled: false,
      state: { lastError: expect.stringContaining("/elsewhere") },
    });
    expect(jobs.find(({ name }) => name === "Good")).toMatchObject({ enabled: true });
  });

  test("one that gets a folder in which it cannot work is off, and says why, until it can", async () => {
    const { core } = await openJobsBench();
    const declare = async (more: Partial<NewJob> = {}) => {
      await core.jobs.declare([{ file: FILE, jobs: [{ ...hourly, ...more }] }]);
      return (await core.jobs.list())[0];
    };
    expect(await declare()).toMatchObject({ enabled: true });
    expect(await declare({ workspace: "/elsewhere" })).toMatchObject({
      enabled: false,
      nextRunAt: null,
      state: { lastError: expect.stringContaining("/elsewhere") },
    });
    expect(await declare()).toMatchObject({ enabled: true, nextRunAt: "2026-11-22T01:00:00.000Z" });
  });

  test("a one-shot that gets such a folder fires at its time when it has a good one again", async () => {
    const { core, clock, store } = await openJobsBench();
    const once = jobOf({ name: "Once", schedule: { kind: "at", at: new Date(START + HOUR).toISOString() } });
    for (const more of [{}, { workspace: "/elsewhere" }, {}])
      await core.jobs.declare([{ file: FILE, jobs: [{ ...once, ...more }] }]);
    await clock.advance(HOUR);
    await core.jobs.declare([{ file: FILE, jobs: [{ ...once, model: "fake/one" }] }]);
    await clock.advance(HOUR);
    expect(await historyOf(store)).toEqual(["01:00 ok schedule"]);
  });

  test("one that is changed otherwise while the window of its folder is closed stays on", async () => {
    const { core, store, folder } = await openJobsBench();
    const job = { ...hourly, workspace: folder };
    await core.jobs.declare([{ file: FILE, jobs: [job] }]);
    const [known] = await core.jobs.list();
    const there = { ...known!, workspace: "/closed" };
    await store.commit({ jobs: [{ put: there, expect: (await store.getJob(known!.id))!.version }] });
    await core.jobs.declare([{ file: FILE, jobs: [{ ...job, workspace: "/closed", model: "fake/one" }] }]);
    const { nextRunAt } = known!;
    expect((await core.jobs.list())[0]).toMatchObject({ model: "fake/one", enabled: true, nextRunAt });
  });

  test("stay while what their file says now waits for the user's word: those it no longer names go, those it changed are off", async () => {
    const { core } = await openJobsBench();
    const [same, other, gone, added] = ["Same", "Other", "Gone", "New"].map((name) => jobOf({ name }));
    const changedJob = { ...other!, payload: { kind: "agentTurn" as const, message: "something else" } };
    const list = async () => (await core.jobs.list()).toSorted((a, b) => a.name.localeCompare(b.name));
    await core.jobs.declare([{ file: FILE, jobs: [same!, other!, gone!] }]);
    const before = await list();
    await core.jobs.declare([{ file: FILE, jobs: [same!, changedJob, added!], isWaiting: true }]);
    const [held, kept, ...more] = await list();
    expect(more).toEqual([]);
    expect(kept).toEqual(before.find(({ name }) => name === "Same"));
    expect(held).toMatchObject({
      id: before.find(({ name }) => name === "Other")!.id,
      payload: other!.payload,
      enabled: false,
      nextRunAt: null,
      state: { lastError: `${FILE} says something else of it now, which waits for your word; it is off until then` },
    });
    await core.jobs.declare([{ file: FILE, jobs: [same!, changedJob, added!] }]);
    expect((await list()).map(({ name, enabled }) => `${name} ${enabled}`)).toEqual([
      "New true",
      "Other true",
      "Same true",
    ]);
    expect((await list())[1]).toMatchObject({ payload: changedJob.payload, state: { consecutiveErrors: 0 } });
  });

  test("that cannot work say why, also while their file waits for the user's word", async () => {
    const { core } = await openJobsBench();
    const lost = jobOf({ workspace: "/nowhere/at/all" });
    await core.jobs.declare([{ file: FILE, jobs: [lost] }]);
    const before = await core.jobs.list();
    expect(before).toMatchObject([{ enabled: false, state: { lastError: expect.any(String) } }]);
    await core.jobs.declare([{ file: FILE, jobs: [lost], isWaiting: true }]);
    expect(await core.jobs.list()).toEqual(before);
  });
});
