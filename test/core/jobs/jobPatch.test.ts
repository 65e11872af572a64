import { expect, test } from "vitest";
import { settle } from "../../fakes/fakeClock.ts";
import { CLEARABLE, jobPatchSchema } from "../../../src/schedule/jobSchema.ts";
import { jobOf, openJobsBench, user } from "./jobsBench.ts";

const full = {
  ...jobOf(),
  misfire: { policy: "skip" as const },
  timeoutSeconds: 5,
  model: "test/m",
  budgetUsd: 1,
  budgetTokens: 1000,
  condition: { command: "true" },
  grants: [],
  delivery: { mode: "announce" as const },
  jitterSeconds: 1,
  outputSchema: { type: "object" },
};

test("null takes any field away that a job may be without", async () => {
  const { core, folder } = await openJobsBench();
  const job = await core.jobs.add({ ...full, workspace: folder }, user);
  expect(CLEARABLE.filter((key) => !(key in job))).toEqual([]);
  for (const key of CLEARABLE) {
    const updated = await core.jobs.update(job.id, { [key]: null });
    expect(key in updated, key).toBe(false);
    expect(await core.jobs.get(job.id)).toEqual(updated);
  }
  const left = await core.jobs.get(job.id);
  expect(left).toMatchObject({ ...jobOf(), enabled: true, nextRunAt: "2026-11-22T01:00:00.000Z", lastRunAt: null });
  expect(left.grantedFor).toBeUndefined();
});

test.each(["name", "schedule", "payload", "sessionTarget", "enabled"])("but not %s", async (key) => {
  const { core } = await openJobsBench();
  const job = await core.jobs.add(full, user);
  await expect(core.jobs.update(job.id, { [key]: null })).rejects.toThrow(new RegExp(`^${key}: `));
  expect(jobPatchSchema.safeParse({ [key]: undefined }).success).toBe(true);
});

test("a firing has the job's ceiling in tokens", async () => {
  const { core, store } = await openJobsBench({ turns: [["one"], ["two"]] });
  const job = await core.jobs.add(jobOf({ budgetTokens: 1 }), user);
  const slot = await core.jobs.run(job.id);
  await settle();
  expect((await store.getRun(slot.runId!))!.budgetTokens).toBe(1);
  expect((await store.listSlots({ jobId: job.id, limit: 1 }))[0]).toMatchObject({ status: "failed" });
});
