import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { AppError } from "../../../src/base/appError.ts";
import { silentLog } from "../../../src/base/log.ts";
import { unmetCondition } from "../../../src/core/jobs/conditions/unmetCondition.ts";
import type { JobParts } from "../../../src/core/jobs/jobParts.ts";
import type { Job } from "../../../src/protocol/job.ts";
import { settle } from "../../fakes/fakeClock.ts";
import { exec } from "../../../src/tools/execTool.ts";
import { failWrites, historyOf, HOUR, jobOf, openJobsBench, SECOND, START, user } from "./jobsBench.ts";

const when = (command: string, more = {}) => jobOf({ condition: { command }, ...more });

test("a condition decides by how it ends, in the job's folder and under its grants", async () => {
  const { core, store, clock } = await openJobsBench({ tools: [exec], settings: { sandbox: "off" } });
  const held = await core.jobs.add(when("ls .", { grants: [{ allow: "exec", command: "ls ." }] }), user);
  const not = await core.jobs.add(when("ls nothing-here", { grants: [{ allow: "exec", command: "ls *" }] }), user);
  const refused = await core.jobs.add(when("node -e 0", { grants: [] }), user);
  const bare = await core.jobs.add(when("node -e 0"), user);
  await clock.advance(HOUR + SECOND);
  await expect.poll(async () => (await store.listSlots({ limit: 10 })).length).toBe(4);
  await expect.poll(() => historyOf(store, held.id)).toEqual(["01:00 ok schedule"]);
  const running = async () => (await store.listSlots({ status: "running", limit: 10 })).length;
  await expect.poll(running).toBe(0);
  const whyOf = async (id: string) => (await store.listSlots({ jobId: id, limit: 1 }))[0]!;
  expect((await whyOf(not.id)).status).toBe("skipped");
  expect((await whyOf(not.id)).error).toMatch(/^Its condition did not hold: .*nothing-here.* ⏎ \[exit code \d\]$/);
  expect((await whyOf(refused.id)).error).toMatch(/^Its condition was not allowed: .*node -e 0/);
  expect((await whyOf(bare.id)).error).toMatch(/^Its condition was not allowed: /);
  expect(await core.jobs.get(not.id)).toMatchObject({ enabled: true, nextRunAt: "2026-11-22T02:00:00.000Z" });
  // By hand nobody asks it.
  expect(await core.jobs.run(not.id)).toMatchObject({ status: "running", cause: "manual" });
});

test("a condition is asked apart: who fires it is answered, who changes it waits for nothing, and a kill loses nothing", async () => {
  const bench = await openJobsBench({ tools: [exec], settings: { sandbox: "off" } });
  const { core, store, clock } = bench;
  const grants = [{ allow: "exec" as const, command: "sleep *" }];
  const job = await core.jobs.add(jobOf({ name: "Slow", condition: { command: "sleep 30" }, grants }), user);
  const taken = await core.jobs.trigger("Slow");
  expect(taken).toMatchObject({ status: "running", cause: "webhook" });
  expect(taken.runId).toBeUndefined();
  expect(await core.jobs.trigger("Slow")).toMatchObject({
    status: "skipped",
    error: "It came while the job was running",
  });
  await core.jobs.update(job.id, { condition: { command: "sleep 0" }, grants });
  const again = await bench.restart();
  await expect.poll(async () => (await again.core.jobs.get(job.id)).state.retryAt).toBe("2026-11-22T00:00:30.000Z");
  await clock.advance(31 * SECOND);
  await expect
    .poll(() => historyOf(again.store, job.id))
    .toEqual(["00:00 failed webhook", "00:00 skipped webhook", "00:00 ok retry"]);
  expect(store).not.toBe(again.store);
});

test("a condition that lasts too long does not hold", async () => {
  const { core, store, clock } = await openJobsBench({ tools: [exec], settings: { sandbox: "off" } });
  const grants = [{ allow: "exec" as const, command: "sleep 60" }];
  await core.jobs.add(jobOf({ condition: { command: "sleep 60", timeoutSeconds: 0.3 }, grants }), user);
  await clock.advance(HOUR + SECOND);
  await expect.poll(async () => (await store.listSlots({ limit: 10 }))[0]?.error).toMatch(/time limit/);
});

test.each([
  ["changed", { condition: { command: "ls ." } }, "Its condition, or where it is asked, was changed meanwhile"],
  ["taken away", { condition: null }, "Its condition, or where it is asked, was changed meanwhile"],
  ["moved", { sessionTarget: "main" }, "Its condition, or where it is asked, was changed meanwhile"],
  ["turned off with its job", { enabled: false }, "The job was turned off while its condition was asked"],
])("a condition that is %s while it is asked begins nothing", async (_, patch, error) => {
  const { core, store, folder, model } = await openJobsBench({ tools: [exec], settings: { sandbox: "off" } });
  const grants = [{ allow: "exec" as const, command: "sh wait.sh" }];
  writeFileSync(join(folder, "wait.sh"), "until test -e go; do sleep 0.05; done\n");
  const job = await core.jobs.add(when("sh wait.sh", { grants }), user);
  await core.jobs.trigger(job.id);
  await core.jobs.update(job.id, patch);
  writeFileSync(join(folder, "go"), "");
  await expect.poll(async () => (await store.listSlots({ limit: 1 }))[0]!.status).toBe("skipped");
  expect((await store.listSlots({ limit: 1 }))[0]).toMatchObject({ error });
  expect(model.requests).toEqual([]);
});

test("a one-shot whose condition is changed while it is asked goes by the new one, as its time comes once", async () => {
  const { core, store, clock, folder } = await openJobsBench({ tools: [exec], settings: { sandbox: "off" } });
  const schedule = { kind: "at", at: new Date(START + HOUR).toISOString() } as const;
  const grants = ["sh wait.sh", "ls .", "ls nothing-here"].map((command) => ({ allow: "exec" as const, command }));
  writeFileSync(join(folder, "wait.sh"), "until test -e go; do sleep 0.05; done\n");
  const held = await core.jobs.add(when("sh wait.sh", { schedule, grants }), user);
  const not = await core.jobs.add(when("sh wait.sh", { schedule, grants }), user);
  await clock.advance(HOUR);
  await core.jobs.update(held.id, { condition: { command: "ls ." }, grants });
  await core.jobs.update(not.id, { condition: { command: "ls nothing-here" }, grants });
  writeFileSync(join(folder, "go"), "");
  await expect.poll(() => historyOf(store, held.id)).toEqual(["01:00 ok schedule"]);
  await expect.poll(() => historyOf(store, not.id)).toEqual(["01:00 skipped schedule"]);
  expect((await store.listSlots({ jobId: not.id, limit: 1 }))[0]?.error).toMatch(/^Its condition did not hold: /);
});

test("a one-shot, which is off from its time on, begins by its condition all the same", async () => {
  const { core, store, clock } = await openJobsBench({ tools: [exec], settings: { sandbox: "off" } });
  const schedule = { kind: "at", at: new Date(START + HOUR).toISOString() } as const;
  await core.jobs.add(when("ls .", { schedule, grants: [{ allow: "exec", command: "ls ." }] }), user);
  await clock.advance(HOUR);
  await expect.poll(() => historyOf(store)).toEqual(["01:00 ok schedule"]);
});

test("what a condition said is put down though the store fails twice, and it is asked no second time", async () => {
  const { core, store, clock, folder } = await openJobsBench({ tools: [exec], settings: { sandbox: "off" } });
  const grants = [{ allow: "exec" as const, command: "sh once.sh" }];
  writeFileSync(join(folder, "once.sh"), "mkdir asked\n");
  const schedule = { kind: "at", at: new Date(START + HOUR).toISOString() } as const;
  await core.jobs.add(when("sh once.sh", { schedule, grants }), user);
  let failures = 2;
  failWrites(store, (batch) => (batch.submits ?? batch.slots) !== undefined && failures-- > 0, failures);
  await clock.advance(HOUR);
  await expect.poll(() => failures).toBeLessThanOrEqual(0);
  await settle();
  await clock.advance(20 * SECOND);
  await expect.poll(() => historyOf(store)).toEqual(["01:00 ok schedule"]);
});

test("a condition whose command has run is not asked again where its end could not be stored", async () => {
  const bench = await openJobsBench({ tools: [exec], settings: { sandbox: "off" } });
  const { core, store, clock, folder, model } = bench;
  const grants = [{ allow: "exec" as const, command: "sh count.sh" }];
  writeFileSync(join(folder, "count.sh"), "echo asked >> asked\n");
  const job = await core.jobs.add(when("sh count.sh", { grants }), user);
  const ends = (batch: Parameters<typeof store.commit>[0]) =>
    batch.facts?.some(({ facts }) => facts.some(({ type }) => type === "tool.finished")) ?? false;
  failWrites(store, ends, 2);
  await clock.advance(HOUR);
  const slot = async () => (await store.listSlots({ jobId: job.id, limit: 1 }))[0]!;
  await expect.poll(async () => (await clock.advance(20 * SECOND), (await slot()).status)).toBe("skipped");
  expect((await slot()).error).toMatch(/^Whether its condition holds is not known: The call of exec had begun/);
  expect(readFileSync(join(folder, "asked"), "utf8")).toBe("asked\n");
  expect(model.requests).toEqual([]);
});

test("a condition is asked again where it is known not to have begun, and nowhere else", async () => {
  const job = { ...when("ls ."), id: "job_1", workspace: "/w" } as unknown as Job;
  const told = (error: unknown) =>
    unmetCondition(job, false, { tryCondition: () => Promise.reject(error), log: silentLog } as unknown as JobParts);
  const gone = new AppError("unavailable", "The disk is full");
  await expect(told(gone)).rejects.toBe(gone);
  const late = "Whether its condition holds is not known: there was no answer within 60 s";
  expect(await told(new DOMException("The operation was aborted due to timeout", "TimeoutError"))).toBe(late);
  expect(await told(new TypeError("x is not a function"))).toMatch(/^Whether its condition holds is not known: /);
  const missing = new AppError("not_found", "Tool not available: exec");
  expect(await told(missing)).toBe("Its condition could not be tried: Tool not available: exec");
});
