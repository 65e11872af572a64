import { describe, expect, test } from "vitest";
import type { Batch } from "../../../src/core/ports/batch.ts";
import type { RunRecord } from "../../../src/protocol/run.ts";
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

    test("those of sub-agents are found below a session; what is detached is not", async () => {
      const spawnOf = (id: string, to: string, more = {}) => ({ spawn: { id, to, model: "fake/one", ...more } });
      const done = { state: "finished" as const, outcome: { type: "done" as const, reply: "" } };
      await subject.store.commit(
        make.batchOf({
          sessions: ["main", "a", "b", "c", "d"].map((key) => make.sessionOf(key)),
          runs: [
            make.runOf("main1", "main"),
            make.runOf("a1", "a", spawnOf("a1", "main")),
            make.runOf("b1", "b", spawnOf("b1", "a", { under: "a1" })),
            make.runOf("c1", "c", spawnOf("c1", "a", { detached: true })),
            make.runOf("d1", "d", spawnOf("d1", "c", { under: "c1" })),
            make.runOf("b2", "b"),
          ],
        }),
      );
      const below = async (key: string) => (await subject.store.listSpawned(key)).map(({ id }) => id);
      expect(await below("main")).toEqual(["a1", "b1"]);
      // Through one that has ended.
      await subject.store.commit({ runs: [{ id: "a1", patch: done }] });
      expect(await below("main")).toEqual(["b1"]);
      expect(await below("c")).toEqual(["d1"]);
    });

    test("sessions that go with them are found until nothing is left to do in them and below them, and are deleted then", async () => {
      const finished = { state: "finished" as const };
      await subject.store.commit(
        make.batchOf({
          sessions: [
            make.sessionOf("a", { cleanup: true }),
            make.sessionOf("b"),
            make.sessionOf("c", { cleanup: true }),
            make.sessionOf("d", { parentKey: "c" }),
            make.sessionOf("e", { parentKey: "d" }),
          ],
          runs: [
            make.runOf("a1", "a"),
            make.runOf("b1", "b"),
            make.runOf("c1", "c", { state: "running" }),
            make.runOf("e1", "e"),
          ],
        }),
      );
      const found = async () => (await subject.store.listCleanups()).toSorted();
      const end = (id: string, key: string, more: Batch = {}) =>
        subject.store.commit({
          ...more,
          sessions: [{ key, patch: {} }],
          runs: [{ id, patch: finished }],
          erasedAt: make.timeAt(9),
        });
      expect(await found()).toEqual(["a", "c"]);
      await end("b1", "b");
      expect((await end("a1", "a")).sessions).toMatchObject([{ key: "a", deleting: { at: make.timeAt(9), by: "a" } }]);
      expect((await subject.store.getSession("a"))!.cleanup).toBeUndefined();
      await end("c1", "c");
      expect(await found()).toEqual(["c"]);
      expect((await subject.store.getSession("c"))!.deleting).toBeUndefined();
      // What is brought to it with an end below it is something left to do.
      await end("e1", "e", { submits: [{ run: make.runOf("c2", "c") }] });
      expect(await found()).toEqual(["c"]);
      const { sessions } = await end("c2", "c");
      expect(sessions).toMatchObject([{ key: "c", deleting: { by: "c" } }]);
      expect(await found()).toEqual([]);
      expect((await subject.store.getSession("b"))!.deleting).toBeUndefined();
    });

    test("sessions at work are found with their workspaces, each once", async () => {
      const workspace = "/home/me/project";
      await subject.store.commit(
        make.batchOf({
          sessions: [make.sessionOf("a", { workspace }), ...["b", "c"].map((key) => make.sessionOf(key, {}))],
          runs: [
            make.runOf("a1", "a", { state: "running" }),
            make.runOf("b1", "b"),
            make.runOf("a2", "a"),
            make.runOf("c1", "c", { state: "finished" }),
          ],
        }),
      );
      const [a, b] = [{ sessionKey: "a", workspace }, { sessionKey: "b" }];
      expect(await subject.store.listAtWork()).toEqual([a, b]);
      await subject.store.commit({ runs: [{ id: "b1", patch: { state: "finished" } }] });
      expect(await subject.store.listAtWork()).toEqual([a]);
    });

    test("what has been used is found for a run and all that work for it", async () => {
      const used = (inputTokens: number) => ({ usage: { ...make.runOf("", "").usage, inputTokens } });
      const child = { via: "subagent" as const, id: "m1" };
      await subject.store.commit(
        make.batchOf({
          sessions: ["main", "a", "b"].map((key) => make.sessionOf(key)),
          runs: [
            make.runOf("m1", "main", used(1)),
            make.runOf("m2", "main", used(2)),
            make.runOf("a1", "a", { origin: child, ...used(10) }),
            make.runOf("b1", "b", { origin: { ...child, id: "a1" }, ...used(100) }),
            // A result's, which goes on for the run that it is for.
            make.runOf("m3", "main", { origin: { ...child, id: "a1" }, continues: "m1", ...used(1000) }),
          ],
        }),
      );
      const ids = (await subject.store.listSpent("m1")).map(({ id }) => id);
      expect(ids).toEqual(["m1", "a1", "b1", "m3"]);
      const of = async (id: string) =>
        (await subject.store.listSpent(id)).reduce((sum, { usage }) => sum + usage.inputTokens, 0);
      expect([await of("m1"), await of("a1"), await of("m2"), await of("gone")]).toEqual([1111, 110, 2, 0]);
      await subject.store.commit({ runs: [{ id: "b1", patch: used(200) }] });
      expect(await of("m1")).toBe(1211);
    });

    test("a result is put down with the last end of its spawn, and not where nobody is to read it", async () => {
      const done = { state: "finished" as const, outcome: { type: "done" as const, reply: "" } };
      const spawn = { id: "a1", to: "main", model: "fake/one" };
      const under = { id: "b1", to: "a", model: "fake/one", under: "a1" };
      const ends = (run: RunRecord, id: string) => ({
        runs: [{ id: run.id, patch: done }],
        results: [{ of: run, submit: { run: make.runOf(id, run.spawn!.to) } }],
      });
      const runs = [
        make.runOf("a1", "a", { spawn }),
        make.runOf("a2", "a", { spawn }),
        make.runOf("b1", "b", { spawn: under }),
        make.runOf("c1", "c", { spawn: { ...spawn, id: "c1" } }),
        make.runOf("d1", "d", { spawn: { ...spawn, id: "d1", to: "gone" } }),
      ];
      await subject.store.commit(
        make.batchOf({ sessions: ["main", "a", "b", "c", "d"].map((key) => make.sessionOf(key)), runs }),
      );
      const [a1, a2, b1, c1, d1] = runs as [RunRecord, RunRecord, RunRecord, RunRecord, RunRecord];
      const put = async (id: string) => (await subject.store.getRun(id)) !== undefined;
      await subject.store.commit(ends(a1, "r1"));
      expect(await put("r1")).toBe(false);
      await subject.store.commit(ends(a2, "r2"));
      expect(await put("r2")).toBe(false);
      await subject.store.commit(ends(b1, "r3"));
      expect(await put("r3")).toBe(true);
      await subject.store.commit({ runs: [{ id: "c1", patch: { stopped: true } }] });
      await subject.store.commit(ends(c1, "r4"));
      expect(await put("r4")).toBe(false);
      await subject.store.commit(ends(d1, "r5"));
      expect(await put("r5")).toBe(false);
      expect((await subject.store.getRun("d1"))!.state).toBe("finished");
    });

    test("a spawn goes on while anything below it does, through what has ended, and not for what is another's", async () => {
      const done = { state: "finished" as const, outcome: { type: "done" as const, reply: "" } };
      const spawnOf = (id: string, to: string, under?: string) => ({
        spawn: { id, to, model: "fake/one", ...(under ? { under } : {}) },
      });
      const runs = [
        make.runOf("a1", "a", spawnOf("a1", "main")),
        make.runOf("b1", "b", spawnOf("b1", "a", "a1")),
        make.runOf("c1", "c", spawnOf("c1", "b", "b1")),
        make.runOf("d1", "d", spawnOf("d1", "c", "c1")),
        // What others began in its session.
        make.runOf("e1", "e", spawnOf("e1", "a")),
        make.runOf("f1", "f", spawnOf("f1", "e", "e1")),
      ];
      await subject.store.commit(
        make.batchOf({ sessions: ["main", "a", "b", "c", "d", "e", "f"].map((key) => make.sessionOf(key)), runs }),
      );
      const [a1, b1, c1, d1] = runs as [RunRecord, RunRecord, RunRecord, RunRecord];
      const bring = (of: RunRecord, id: string) => ({ of, submit: { run: make.runOf(id, of.spawn!.to) } });
      const put = async (id: string) => (await subject.store.getRun(id)) !== undefined;
      for (const run of [c1, b1, a1]) {
        await subject.store.commit({ runs: [{ id: run.id, patch: done }], results: [bring(run, `of ${run.id}`)] });
        expect(await put(`of ${run.id}`)).toBe(false);
      }
      // Nothing ends here.
      await subject.store.commit({ results: [bring(b1, "too early")] });
      expect(await put("too early")).toBe(false);
      await subject.store.commit({ runs: [{ id: "d1", patch: { stopped: true } }], results: [bring(a1, "a is over")] });
      expect(await put("a is over")).toBe(true);
      await subject.store.commit({
        runs: [{ id: "d1", patch: done }],
        results: [bring(d1, "of d"), bring(a1, "again")],
      });
      expect([await put("of d"), await put("again")]).toEqual([false, false]);
    });

    test("those that may join another wait in their order, and are counted out of their tree", async () => {
      const place = { chain: 1, root: "root" };
      await subject.store.commit(
        make.batchOf({
          sessions: [make.sessionOf("main")],
          runs: [
            make.runOf("r3", "main", { joins: {}, continues: "root", place }),
            make.runOf("r2", "main", { place }),
            make.runOf("r1", "main", { joins: { runId: "x" } }),
          ],
        }),
      );
      expect((await subject.store.listJoining("main")).map(({ id }) => id)).toEqual(["r3", "r1"]);
      await subject.store.commit({ runs: [{ id: "r3", patch: { state: "finished" }, expect: "queued" }] });
      expect((await subject.store.listJoining("main")).map(({ id }) => id)).toEqual(["r1"]);
      const counts: unknown[] = [];
      const count = () => subject.store.commit({ admission: { root: "root", check: (now) => counts.push(now) } });
      await count();
      await subject.store.commit({ runs: [{ id: "r2", patch: { state: "running", waiting: true } }] });
      await count();
      await subject.store.commit({ runs: [{ id: "r2", patch: { waiting: false } }] });
      await count();
      expect(counts).toEqual([
        { total: 1, unfinished: 1 },
        { total: 1, unfinished: 0 },
        { total: 1, unfinished: 1 },
      ]);
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
