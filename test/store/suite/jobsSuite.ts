import { describe, expect, test } from "vitest";
import * as make from "../samples.ts";
import type { Subject } from "./subject.ts";

export function jobsSuite(subject: Subject): void {
  describe("jobs and slots", () => {
    test("jobs in the order they were made", async () => {
      await subject.store.commit({
        jobs: [make.jobOf("b", { createdAt: make.timeAt(1) }), make.jobOf("a", { createdAt: make.timeAt(2) })],
      });
      await subject.store.commit({ jobs: [make.jobOf("b", { createdAt: make.timeAt(1), enabled: false })] });
      expect((await subject.store.listJobs()).map((job) => [job.id, job.enabled])).toEqual([
        ["b", false],
        ["a", true],
      ]);
      expect(await subject.store.getJob("c")).toBeUndefined();
    });

    test("a slot is claimed once", async () => {
      const claims = await Promise.all(Array.from({ length: 20 }, () => subject.store.claimSlot(make.slotOf("j", 1))));
      expect(claims.filter(Boolean)).toHaveLength(1);
      expect(await subject.store.claimSlot(make.slotOf("j", 2))).toBe(true);
      expect(await subject.store.claimSlot(make.slotOf("k", 1))).toBe(true);
    });

    test("slots newest first, by job and status", async () => {
      for (const n of [1, 3, 2]) await subject.store.claimSlot(make.slotOf("j", n));
      await subject.store.claimSlot(make.slotOf("k", 4));
      const done = make.slotOf("j", 2, { status: "ok", runId: "r1", finishedAt: make.timeAt(9) });
      await subject.store.putSlot(done);
      const slotsOf = async (query: object) =>
        (await subject.store.listSlots({ limit: 10, ...query })).map((slot) => slot.slot);
      expect(await slotsOf({})).toEqual([4, 3, 2, 1].map(make.timeAt));
      expect(await slotsOf({ jobId: "j" })).toEqual([3, 2, 1].map(make.timeAt));
      expect(await slotsOf({ jobId: "j", status: "running" })).toEqual([3, 1].map(make.timeAt));
      expect(await slotsOf({ limit: 1 })).toEqual([make.timeAt(4)]);
      expect(await subject.store.listSlots({ status: "ok", limit: 10 })).toEqual([done]);
    });

    test("a deleted job takes its records along, and leaves its slots claimed", async () => {
      await subject.store.commit({ jobs: [make.jobOf("j")] });
      await subject.store.claimSlot(make.slotOf("j", 1));
      await subject.store.deleteJob("j");
      expect(await subject.store.listJobs()).toEqual([]);
      expect(await subject.store.listSlots({ limit: 10 })).toEqual([]);
      expect(await subject.store.claimSlot(make.slotOf("j", 1))).toBe(false);
    });
  });
}
