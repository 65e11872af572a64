import { describe, expect, test } from "vitest";
import * as make from "../samples.ts";
import type { Subject } from "./subject.ts";

export function runsSuite(subject: Subject): void {
  describe("runs", () => {
    test("newest first, by session, state and page", async () => {
      await subject.store.commit(
        make.batchOf({
          sessions: [make.sessionOf("main"), make.sessionOf("other")],
          runs: [
            make.runOf("r1", "main", {
              createdAt: make.timeAt(1),
              state: "finished",
              outcome: { type: "done", reply: "" },
            }),
            make.runOf("r2", "main", { createdAt: make.timeAt(2), state: "running" }),
            make.runOf("r3", "other", { createdAt: make.timeAt(2), state: "queued" }),
            make.runOf("r4", "main", {
              createdAt: make.timeAt(4),
              state: "finished",
              outcome: { type: "failed", error: { code: "internal", message: "x" } },
            }),
          ],
        }),
      );
      const idsOf = async (query: object) =>
        (await subject.store.listRuns({ limit: 10, ...query })).map((run) => run.id);
      expect(await idsOf({})).toEqual(["r4", "r3", "r2", "r1"]);
      expect(await idsOf({ sessionKey: "main" })).toEqual(["r4", "r2", "r1"]);
      expect(await idsOf({ states: ["queued", "running"] })).toEqual(["r3", "r2"]);
      expect(await idsOf({ states: ["running"], sessionKey: "main" })).toEqual(["r2"]);
      expect(await idsOf({ limit: 2 })).toEqual(["r4", "r3"]);
      expect(await idsOf({ limit: 2, cursor: "r3" })).toEqual(["r2", "r1"]);
      await expect(idsOf({ cursor: "r9" })).rejects.toMatchObject({ code: "bad_request" });
      expect(await subject.store.countRuns("main")).toEqual({ total: 3, failed: 1 });
      expect(await subject.store.countRuns("nowhere")).toEqual({ total: 0, failed: 0 });
    });

    test("of one millisecond come in the order they were put down in", async () => {
      await subject.store.commit(make.batchOf({ sessions: [make.sessionOf("main")] }));
      const ids = ["r9", "r2", "r7", "r1", "r5"];
      for (const id of ids) await subject.store.commit(make.batchOf({ runs: [make.runOf(id, "main")] }));
      await subject.store.commit({ runs: [{ id: "r7", patch: { model: "fake/two" } }] });
      const idsOf = async (query: object) =>
        (await subject.store.listRuns({ limit: 10, ...query })).map((run) => run.id);
      expect(await idsOf({})).toEqual(ids.toReversed());
      expect(await idsOf({ sessionKey: "main", states: ["queued"] })).toEqual(ids.toReversed());
      expect(await idsOf({ states: ["queued"], cursor: "r7" })).toEqual(["r2", "r9"]);
    });

    test("a run is changed field by field", async () => {
      await subject.store.commit(
        make.batchOf({ sessions: [make.sessionOf("main")], runs: [make.runOf("r1", "main")] }),
      );
      const patch = { state: "finished" as const, outcome: { type: "done" as const, reply: 'o"k' } };
      await subject.store.commit({
        runs: [
          { id: "r1", patch, expect: "queued" },
          { id: "gone", patch },
        ],
      });
      expect(await subject.store.getRun("r1")).toEqual(make.runOf("r1", "main", patch));
      const late = subject.store.commit({ runs: [{ id: "r1", patch: { state: "running" }, expect: "queued" }] });
      await expect(late).rejects.toMatchObject({ code: "conflict" });
      expect(await subject.store.countRuns("main")).toEqual({ total: 1, failed: 0 });
      const failed = { outcome: { type: "failed" as const, error: { code: "internal" as const, message: "x" } } };
      await subject.store.commit({ runs: [{ id: "r1", patch: failed }] });
      expect(await subject.store.countRuns("main")).toEqual({ total: 1, failed: 1 });
      expect(await subject.store.listRuns({ states: ["queued"], limit: 10 })).toEqual([]);
      expect(await subject.store.getRun("r2")).toBeUndefined();
    });
  });

  describe("usage", () => {
    test("is added up per day, session and model", async () => {
      await subject.store.commit({ usage: [make.usageOf("2026-11-21", "main"), make.usageOf("2026-11-22", "main")] });
      await subject.store.commit({
        usage: [make.usageOf("2026-11-22", "main", { requests: 2, costUsd: 0.5, unpriced: 1 })],
      });
      await subject.store.commit({
        usage: [make.usageOf("2026-11-22", "main", { model: "fake/two" }), make.usageOf("2026-11-22", "other")],
      });
      const sum = {
        ...make.usageOf("2026-11-22", "main"),
        requests: 3,
        inputTokens: 20,
        outputTokens: 10,
        cacheReadTokens: 6,
        cacheWriteTokens: 4,
        costUsd: 0.75,
        unpriced: 1,
      };
      const two = make.usageOf("2026-11-22", "main", { model: "fake/two" });
      expect(await subject.store.listUsage({ sinceDay: "2026-11-22", sessionKey: "main" })).toEqual([sum, two]);
      expect(await subject.store.listUsage({ sinceDay: "2026-11-22" })).toEqual([
        sum,
        two,
        make.usageOf("2026-11-22", "other"),
      ]);
      expect(await subject.store.listUsage({ sinceDay: "2026-11-01", sessionKey: "main" })).toHaveLength(3);
      expect(await subject.store.listUsage({ sinceDay: "2026-11-23" })).toEqual([]);
    });
  });
}
