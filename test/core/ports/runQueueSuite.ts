import { getEventListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Claim, RunQueue } from "../../../src/core/ports/runQueue.ts";
import type { Store } from "../../../src/core/ports/store.ts";
import { placesSuite } from "./placesSuite.ts";
import * as make from "../../store/samples.ts";

/** One process: its store over the common place, and its queue. */
export interface Party {
  store: Store;
  queue: RunQueue;
  /** What its queue is called. */
  worker: string;
  /** Ends as a killed process does: it has what it had, and shows no life any more. */
  die(): void;
  close(): Promise<void>;
}

const ROUNDS = 20;

/** What holds for every RunQueue. `open` gives one more process over the same place; `reset` a new, empty place. */
export function runQueueSuite(name: string, place: { reset(): void; open(): Promise<Party> }): void {
  describe(name, () => {
    let parties: Party[];
    beforeEach(() => {
      place.reset();
      parties = [];
    });
    afterEach(async () => {
      for (const party of parties) await party.close();
    });

    const open = async () => {
      const party = await place.open();
      parties.push(party);
      return party;
    };

    const sessions = (keys: string[]) => make.batchOf({ sessions: keys.map((key) => make.sessionOf(key)) });
    const submit = ({ store }: Party, id: string, sessionKey: string) =>
      store.commit(make.batchOf({ runs: [make.runOf(id, sessionKey)] }));
    const end = ({ store }: Party, { run, fence }: Claim) =>
      store.commit({
        fence,
        runs: [{ id: run.id, patch: { state: "finished", outcome: { type: "done", reply: "" } } }],
      });
    const pause = () => new Promise((resolve) => setTimeout(resolve, Math.random() * 3));

    test("a run waits for a worker, and the next one for it", async () => {
      const one = await open();
      await one.store.commit(sessions(["a", "b"]));
      for (const id of ["r1", "r2"]) await submit(one, id, "a");
      const begun: string[] = [];
      const gates = new Map(["r1", "r2", "r3"].map((id) => [id, Promise.withResolvers<void>()]));
      const allEnded = Promise.withResolvers<void>();
      one.queue.work({}, async (claim) => {
        begun.push(claim.run.id);
        expect(claim).toMatchObject({ starts: 1, fence: { sessionKey: claim.run.sessionKey } });
        expect(claim.isHeld()).toBe(true);
        await gates.get(claim.run.id)!.promise;
        await end(one, claim);
        if (claim.run.id === "r2") allEnded.resolve();
      });
      await submit(one, "r3", "b");
      expect(begun).toEqual(["r1", "r3"]);
      for (const { resolve } of gates.values()) resolve();
      await allEnded.promise;
      expect(begun).toEqual(["r1", "r3", "r2"]);
    });

    test(`eight submitters on four sessions, two workers: each once, one at a time, in order, ${ROUNDS} times`, async () => {
      for (let round = 0; round < ROUNDS; round++) {
        place.reset();
        const [one, two] = [await open(), await open()];
        const keys = ["a", "b", "c", "d"];
        await one.store.commit(sessions(keys));
        const done: string[] = [];
        const busy = new Set<string>();
        const all = Promise.withResolvers<void>();
        for (const party of [one, two]) {
          party.queue.work({}, async (claim) => {
            const { sessionKey, id } = claim.run;
            expect(busy.has(sessionKey)).toBe(false);
            busy.add(sessionKey);
            await pause();
            done.push(id);
            busy.delete(sessionKey);
            await end(party, claim);
            if (done.length === 40) all.resolve();
          });
        }
        await Promise.all(
          Array.from({ length: 8 }, async (_, n) => {
            for (let m = 0; m < 5; m++) {
              await pause();
              await submit(n % 2 ? one : two, `r${n}.${m}`, keys[(n + m) % 4]!);
            }
          }),
        );
        await all.promise;
        expect(done).toHaveLength(40);
        expect(new Set(done).size).toBe(40);
        const rows = (await one.store.listRuns({ limit: 100 })).toReversed();
        for (const key of keys) {
          const inOrder = rows.filter((run) => run.sessionKey === key).map((run) => run.id);
          expect(done.filter((id) => inOrder.includes(id))).toEqual(inOrder);
        }
        for (const party of parties.splice(0)) await party.close();
      }
    });

    test("a run is begun in the step that puts it down where it can be worked on at once; else it says where it stands", async () => {
      const [one, two] = [await open(), await open()];
      await one.store.commit(sessions(["a"]));
      const source = (id: string) => ({ runId: id, sessionKey: "a" });
      const notice = (id: string, text: string) => ({
        facts: [{ source: source(id), facts: [{ type: "run.notice" as const, text }] }],
      });
      const put = ({ store }: Party, id: string) => {
        const begun = { ...notice(id, "begun"), run: { state: "running" as const } };
        const run = make.runOf(id, "a");
        return store.commit({ submits: [{ run, begun, next: notice(id, "next"), behind: notice(id, "behind") }] });
      };
      const seen: Claim[] = [];
      const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const over = Promise.withResolvers<void>();
      // Nobody works yet.
      await put(one, "r1");
      one.queue.work({}, async (claim) => {
        seen.push(claim);
        await gates[seen.length - 1]?.promise;
        await end(one, claim);
        if (claim.run.id === "r3") over.resolve();
      });
      await put(two, "r2");
      gates[0]!.resolve();
      while (seen.length < 2) await new Promise((resolve) => setImmediate(resolve));
      gates[1]!.resolve();
      while ((await one.store.getRun("r2"))!.state !== "finished")
        await new Promise((resolve) => setImmediate(resolve));
      await put(one, "r3");
      await over.promise;
      expect(seen.map(({ run, starts, opened }) => [run.id, run.state, starts, opened?.events.length])).toEqual([
        ["r1", "queued", 1, undefined],
        ["r2", "queued", 1, undefined],
        ["r3", "running", 1, 1],
      ]);
      const told = await two.store.listEvents({ afterId: 0, limit: 10 });
      expect(told.map((event) => "text" in event && `${event.runId} ${event.text}`)).toEqual([
        "r1 next",
        "r2 behind",
        "r3 begun",
      ]);
    });

    test("one that was begun in that step goes to another when its worker dies, as one under way", async () => {
      const [one, two] = [await open(), await open()];
      await one.store.commit(sessions(["a"]));
      one.queue.work({}, (claim) => new Promise((resolve) => claim.signal.addEventListener("abort", () => resolve())));
      const begun = { run: { state: "running" as const } };
      await one.store.commit({ submits: [{ run: make.runOf("r1", "a"), begun }] });
      one.die();
      const taken = Promise.withResolvers<Claim>();
      two.queue.work({}, async (claim) => {
        taken.resolve(claim);
        await end(two, claim);
      });
      const { run, starts, opened } = await taken.promise;
      expect([run.id, run.state, starts, opened]).toEqual(["r1", "running", 2, undefined]);
    });

    test("what a dead worker had goes to another, and the dead one writes no more", async () => {
      const one = await open();
      await one.store.commit(sessions(["a"]));
      const first = Promise.withResolvers<Claim>();
      one.queue.work({}, async (claim) => {
        first.resolve(claim);
        await new Promise<void>((resolve) => claim.signal.addEventListener("abort", () => resolve()));
      });
      await submit(one, "r1", "a");
      const lost = await first.promise;
      const two = await open();
      const second = Promise.withResolvers<Claim>();
      one.die();
      two.queue.work({}, async (claim) => {
        second.resolve(claim);
        await end(two, claim);
      });
      const taken = await second.promise;
      expect(taken).toMatchObject({ run: { id: "r1" }, starts: 2 });
      expect(taken.fence.value).toBeGreaterThan(lost.fence.value);
      const fact = { type: "run.notice" as const, text: "late" };
      const late = one.store.commit({
        fence: lost.fence,
        facts: [{ source: { runId: "r1", sessionKey: "a" }, facts: [fact] }],
      });
      await expect(late).rejects.toMatchObject({ code: "conflict" });
      expect(await one.store.listEvents({ afterId: 0, limit: 10 })).toEqual([]);
    });

    test("a run that takes its workers down is given out with its count, and the lane is free once it has ended", async () => {
      let party = await open();
      await party.store.commit(sessions(["a"]));
      await submit(party, "poison", "a");
      await submit(party, "next", "a");
      for (const starts of [1, 2, 3]) {
        const claimed = Promise.withResolvers<Claim>();
        party.queue.work({}, async (claim) => {
          claimed.resolve(claim);
          await new Promise<void>((resolve) => claim.signal.addEventListener("abort", () => resolve()));
        });
        expect(await claimed.promise).toMatchObject({ run: { id: "poison" }, starts });
        party.die();
        party = await open();
      }
      const last = party;
      const seen: string[] = [];
      const over = Promise.withResolvers<void>();
      last.queue.work({}, async (claim) => {
        seen.push(`${claim.run.id} ${claim.starts}`);
        await end(last, claim);
        if (claim.run.id === "next") over.resolve();
      });
      await over.promise;
      expect(seen).toEqual(["poison 4", "next 1"]);
    });

    test("a call that is under way is its owner's while that one lives; what it puts later is refused", async () => {
      const [one, two] = [await open(), await open()];
      for (const { queue } of [one, two]) queue.work({}, async () => {});
      const claimOf = ({ worker }: Party, more = {}) =>
        make.answerOf("k", { owner: worker, createdAt: new Date().toISOString(), ...more });
      expect(await one.store.claimAnswer(claimOf(one))).toBe(true);
      expect(await two.store.claimAnswer(claimOf(two))).toBe(false);
      one.die();
      expect(await two.store.claimAnswer(claimOf(two, { digest: "other" }))).toBe(false);
      expect(await two.store.claimAnswer(claimOf(two))).toBe(true);
      const late = claimOf(one, { answer: { status: 200, body: "late" } });
      await expect(one.store.putAnswer(late)).rejects.toMatchObject({ code: "conflict" });
      const sessions = [{ put: make.sessionOf("late") }];
      await expect(one.store.commit({ sessions, answers: [late] })).rejects.toMatchObject({ code: "conflict" });
      expect(await one.store.getSession("late")).toBeUndefined();
      await one.store.deleteAnswer("k", one.worker);
      const done = claimOf(two, { answer: { status: 200, body: "done" } });
      await two.store.putAnswer(done);
      expect(await one.store.getAnswer("k")).toEqual(done);
      expect(await one.store.claimAnswer(claimOf(one))).toBe(false);
    });

    test("a shutdown gives back what was under way, uncounted", async () => {
      const one = await open();
      await one.store.commit(sessions(["a"]));
      const stop = Promise.withResolvers<void>();
      const working = one.queue.work({}, () => stop.promise);
      await submit(one, "r1", "a");
      const closed = working.close();
      stop.resolve();
      await closed;
      const two = await open();
      const again = Promise.withResolvers<Claim>();
      two.queue.work({}, async (claim) => {
        again.resolve(claim);
        await end(two, claim);
      });
      expect(await again.promise).toMatchObject({ run: { id: "r1" }, starts: 1 });
    });

    test("between two runs, before those that wait, and not during one", async () => {
      const one = await open();
      await one.store.commit(sessions(["a"]));
      const order: string[] = [];
      const gate = Promise.withResolvers<void>();
      const over = Promise.withResolvers<void>();
      one.queue.work({}, async (claim) => {
        order.push(`begin ${claim.run.id}`);
        await gate.promise;
        order.push(`end ${claim.run.id}`);
        await end(one, claim);
        if (claim.run.id === "r2") over.resolve();
      });
      for (const id of ["r1", "r2"]) await submit(one, id, "a");
      const two = await open();
      const mine = one.queue.between("a", async () => order.push("between"));
      const failing = one.queue.between("a", async () => Promise.reject(new Error("no")));
      const theirs = two.queue.between("a", async () => order.push("elsewhere"));
      const given = new AbortController();
      const up = one.queue.between("a", async () => order.push("never"), given.signal);
      given.abort(new Error("given up"));
      await expect(up).rejects.toThrow("given up");
      expect(order).toEqual(["begin r1"]);
      gate.resolve();
      await mine;
      await expect(failing).rejects.toThrow("no");
      await over.promise;
      await theirs;
      expect(order.filter((line) => line !== "elsewhere")).toEqual([
        "begin r1",
        "end r1",
        "between",
        "begin r2",
        "end r2",
      ]);
    });

    test("a turn that began lets go of the signal it might have ended by", async () => {
      const one = await open();
      await one.store.commit(sessions(["a"]));
      const { signal } = new AbortController();
      for (let turn = 0; turn < 3; turn += 1) await one.queue.between("a", async () => {}, signal);
      expect(getEventListeners(signal, "abort")).toEqual([]);
      await expect(one.queue.between("a", async () => {}, AbortSignal.abort(new Error("closed")))).rejects.toThrow(
        "closed",
      );
    });

    test("whoever has a run hears that it is cancelled", async () => {
      const [one, two] = [await open(), await open()];
      await one.store.commit(sessions(["a"]));
      const heard = Promise.withResolvers<unknown>();
      one.queue.work({}, async (claim) => {
        await new Promise<void>((resolve) => claim.signal.addEventListener("abort", () => resolve()));
        await end(one, claim);
        heard.resolve(claim.signal.reason);
      });
      expect(await two.queue.cancel("r1")).toBe(false);
      await submit(one, "r1", "a");
      expect(await two.queue.cancel("r1")).toBe(true);
      expect(await heard.promise).toBe("cancelled");
      expect(await two.queue.cancel("r1")).toBe(false);
    });

    placesSuite({
      open,
      end,
      renew: async () => {
        for (const party of parties.splice(0)) await party.close();
        place.reset();
      },
    });
  });
}
