import { describe, expect, test } from "vitest";
import type { SlotRecord } from "../../../src/protocol/job.ts";
import * as make from "../samples.ts";
import type { Subject } from "./subject.ts";

export function jobsSuite(subject: Subject): void {
  const claim = (slot: SlotRecord) => subject.store.commit({ claims: [slot] });

  describe("jobs and slots", () => {
    test("jobs in the order they were made", async () => {
      await subject.store.commit({
        jobs: [
          { put: make.jobOf("b", { createdAt: make.timeAt(1) }) },
          { put: make.jobOf("a", { createdAt: make.timeAt(2) }) },
        ],
      });
      await subject.store.commit({ jobs: [{ put: make.jobOf("b", { createdAt: make.timeAt(1), enabled: false }) }] });
      expect((await subject.store.listJobs()).map((job) => [job.id, job.enabled])).toEqual([
        ["b", false],
        ["a", true],
      ]);
      expect(await subject.store.getJob("c")).toBeUndefined();
    });

    test("a job that was changed meanwhile is not put over, and its version grows with each change", async () => {
      const { store } = subject;
      const put = (name: string, expect?: number) =>
        store.commit({ jobs: [{ put: make.jobOf("j", { name }), ...(expect === undefined ? {} : { expect }) }] });
      await expect(put("of no job", 1)).rejects.toMatchObject({ code: "conflict" });
      await put("first", 0);
      await expect(put("first again", 0)).rejects.toMatchObject({ code: "conflict" });
      await put("second", 1);
      await expect(put("from the first", 1)).rejects.toMatchObject({ code: "conflict" });
      expect(await store.getJob("j")).toEqual({ job: make.jobOf("j", { name: "second" }), version: 2 });
      await put("whatever it was");
      expect((await store.getJob("j"))?.version).toBe(3);
    });

    test("a slot's record that was changed meanwhile is not put over", async () => {
      const { store } = subject;
      const begun = make.slotOf("j", 1);
      await claim(begun);
      const end = (status: "ok" | "failed") =>
        store.commit({ slots: [{ put: { ...begun, status }, expect: begun }], jobs: [{ put: make.jobOf(status) }] });
      await end("ok");
      await expect(end("failed")).rejects.toMatchObject({ code: "conflict" });
      expect(await store.listSlots({ limit: 1 })).toMatchObject([{ status: "ok" }]);
      expect(await store.getJob("failed")).toBeUndefined();
    });

    test("a slot is claimed once", async () => {
      const claims = await Promise.allSettled(Array.from({ length: 20 }, () => claim(make.slotOf("j", 1))));
      expect(claims.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      await claim(make.slotOf("j", 2));
      await claim(make.slotOf("k", 1));
      await expect(claim(make.slotOf("k", 1))).rejects.toMatchObject({ code: "conflict" });
    });

    test("a claim that comes too late refuses the whole batch", async () => {
      await claim(make.slotOf("j", 1));
      const batch = {
        sessions: [make.sessionOf("s1")],
        runs: [make.runOf("r1", "s1")],
        jobs: [{ put: make.jobOf("j") }],
        claims: [make.slotOf("j", 2), make.slotOf("j", 1)],
      };
      await expect(subject.store.commit(make.batchOf(batch))).rejects.toMatchObject({ code: "conflict" });
      expect(await subject.store.listSlots({ limit: 10 })).toHaveLength(1);
      expect(await subject.store.getRun("r1")).toBeUndefined();
      expect(await subject.store.getJob("j")).toBeUndefined();
      expect(await subject.store.getSession("s1")).toBeUndefined();
    });

    test("old records go, what runs stays, and newer slots stay claimed", async () => {
      const ended = [1, 2, 3, 4, 5].map((n) => make.slotOf("j", n, { status: "ok" }));
      await subject.store.commit({ claims: [make.slotOf("j", 0), ...ended, make.slotOf("k", 1, { status: "ok" })] });
      await subject.store.pruneSlots({ keep: 2, claimsSince: make.timeAt(3) });
      const left = await subject.store.listSlots({ limit: 10 });
      expect(left.map(({ jobId, slot }) => [jobId, slot])).toEqual([
        ["j", make.timeAt(5)],
        ["j", make.timeAt(4)],
        ["k", make.timeAt(1)],
        ["j", make.timeAt(0)],
      ]);
      await expect(claim(make.slotOf("j", 3))).rejects.toMatchObject({ code: "conflict" });
      await claim(make.slotOf("j", 2));
    });

    test("slots newest first, by job and status", async () => {
      for (const n of [1, 3, 2]) await claim(make.slotOf("j", n));
      await claim(make.slotOf("k", 4));
      const done = make.slotOf("j", 2, { status: "ok", runId: "r1", finishedAt: make.timeAt(9) });
      await subject.store.commit({ slots: [{ put: done }] });
      const slotsOf = async (query: object) =>
        (await subject.store.listSlots({ limit: 10, ...query })).map((slot) => slot.slot);
      expect(await slotsOf({})).toEqual([4, 3, 2, 1].map(make.timeAt));
      expect(await slotsOf({ jobId: "j" })).toEqual([3, 2, 1].map(make.timeAt));
      expect(await slotsOf({ jobId: "j", status: "running" })).toEqual([3, 1].map(make.timeAt));
      expect(await slotsOf({ jobId: "j", slot: make.timeAt(2) })).toEqual([make.timeAt(2)]);
      expect(await slotsOf({ jobId: "k", slot: make.timeAt(2) })).toEqual([]);
      expect(await slotsOf({ limit: 1 })).toEqual([make.timeAt(4)]);
      expect(await subject.store.listSlots({ status: "ok", limit: 10 })).toEqual([done]);
      const [queued, refused] = (["queued", "refused"] as const).map((status, at) =>
        make.slotOf("k", 5 + at, { status: "ok", delivery: { status, channel: "telegram" } }),
      );
      await subject.store.commit({ slots: [{ put: queued! }, { put: refused! }] });
      expect(await subject.store.listSlots({ deliveries: ["queued", "pending"], limit: 10 })).toEqual([queued]);
      expect(await subject.store.listSlots({ deliveries: ["queued", "refused"], limit: 1 })).toEqual([refused]);
    });

    test("a deleted job takes its records along, and leaves its slots claimed", async () => {
      await subject.store.commit({ jobs: [{ put: make.jobOf("j") }] });
      await claim(make.slotOf("j", 1));
      await subject.store.deleteJob("j");
      expect(await subject.store.listJobs()).toEqual([]);
      expect(await subject.store.listSlots({ limit: 10 })).toEqual([]);
      await expect(claim(make.slotOf("j", 1))).rejects.toMatchObject({ code: "conflict" });
    });
  });
}
