import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../../src/base/clock.ts";
import { flat } from "../../../src/base/flat.ts";
import { silentLog } from "../../../src/base/log.ts";
import type { EventBus, EventFilter } from "../../../src/core/ports/eventBus.ts";
import type { Store } from "../../../src/core/ports/store.ts";
import type { GatewayEvent, RunFact } from "../../../src/protocol/event.ts";
import { isRunEvent, placeOf } from "../../../src/protocol/eventKind.ts";
import * as make from "../../store/samples.ts";

export interface BusPair {
  /** Two stores of one place, each with its bus, as two processes have them. */
  stores: [Store, Store];
  buses: [EventBus, EventBus];
  close(): Promise<void>;
}

const ROUNDS = 20;

/** What holds for every EventBus. `open` gives an empty pair each time. */
export function eventBusSuite(name: string, open: () => Promise<BusPair>): void {
  describe(name, () => {
    let pair: BusPair;
    let ending: AbortController;
    beforeEach(async () => {
      pair = await open();
      ending = new AbortController();
      const sessions = ["a", "b"].map((key) => make.sessionOf(key));
      await pair.stores[0].commit(make.batchOf({ sessions }));
    });
    afterEach(async () => {
      ending.abort();
      await pair.close();
    });

    const notice = (text: string): RunFact => ({ type: "run.notice", text });
    const source = (sessionKey: string) => ({ runId: `run-${sessionKey}`, sessionKey });

    /** Stores in one process and tells its own bus. Returns the newest id. */
    const write = async (side: 0 | 1, sessionKey: string, ...facts: RunFact[]) => {
      const { events } = await pair.stores[side].commit({ facts: [{ source: source(sessionKey), facts }] });
      pair.buses[side].committed(events);
      return events.at(-1)!.id;
    };

    /** What a reader gets until it has seen `count` events, as "41 a.3 text" or "41.7 a.3 text". */
    const read = async (side: 0 | 1, filter: EventFilter, count: number) => {
      const lines: string[] = [];
      for await (const event of flat(pair.buses[side].subscribe(filter, ending.signal))) {
        if (isRunEvent(event) && "text" in event)
          lines.push(`${placeOf(event)} ${event.sessionKey}.${event.seq} ${event.text}`);
        else lines.push(`${placeOf(event)} ${event.type}`);
        if (lines.length >= count) break;
      }
      return lines;
    };

    test("deltas come between the stored events, in order, and a reader resumes after any of them", async () => {
      const [bus] = pair.buses;
      const told: string[] = [];
      bus.on((event) => told.push(placeOf(event)));
      const first = await write(0, "a", notice("one"));
      // Each of a run of its own: what one run tells in a row may come as one.
      for (const text of ["x", "y"]) bus.delta({ ...source("a"), runId: text }, { type: "text.delta", text }, first);
      const second = await write(0, "b", notice("two"));
      bus.delta({ ...source("a"), runId: "z" }, { type: "text.delta", text: "z" }, first);
      bus.tell({ type: "gateway.changed", reason: "test" });
      bus.delta(source("b"), { type: "text.delta", text: "w" }, second);
      const all = ["1 a.1 one", "1.1 a.1 x", "1.2 a.1 y", "2 b.1 two", "2.3 a.1 z", "2.4 b.1 w"];
      expect(told).toEqual(["1", "1.1", "1.2", "2", "2.3", "2.3", "2.4"]);
      expect(await read(0, { afterId: 0 }, 6)).toEqual(all);
      for (const [index, line] of all.slice(0, -1).entries()) {
        const [id, part] = line.split(" ")[0]!.split(".").map(Number);
        expect(await read(0, { afterId: id, afterPart: part }, all.length - index - 1)).toEqual(all.slice(index + 1));
      }
    });

    test("a piece of an answer that comes when the answer is there is told no more, and the next answer's are", async () => {
      const [bus] = pair.buses;
      const first = await write(0, "a", notice("one"));
      const message = { role: "assistant" as const, text: "xy", toolCalls: [], model: "x/y" };
      const said = await write(0, "a", { type: "message", message });
      const next = new Promise((resolve) => bus.on((event) => resolve("text" in event ? event.text : event.type)));
      bus.delta(source("a"), { type: "text.delta", text: "y" }, first);
      bus.delta(source("a"), { type: "text.delta", text: "z" }, said);
      expect(await next).toBe("z");
    });

    test("a delta that is told before the event it follows waits for it", async () => {
      const { events } = await pair.stores[0].commit({ facts: [{ source: source("a"), facts: [notice("one")] }] });
      pair.buses[0].delta(source("a"), { type: "text.delta", text: "x" }, events[0]!.id);
      const reading = read(0, {}, 2);
      pair.buses[0].committed(events);
      expect(await reading).toEqual(["1 a.1 one", "1.1 a.1 x"]);
    });

    test(`two who write at once: every reader gets all, once and in order, ${ROUNDS} times`, async () => {
      for (let round = 0; round < ROUNDS; round++) {
        const from = pair.buses[0].lastId();
        const readers = [0, 1].flatMap((side) => [
          read(side as 0 | 1, { afterId: from }, 40),
          read(side as 0 | 1, {}, 40),
        ]);
        const writing = Array.from({ length: 40 }, async (_, n) => {
          await new Promise((resolve) => setTimeout(resolve, Math.random() * 5));
          await write((n % 2) as 0 | 1, n % 3 ? "a" : "b", notice(`n${n}`));
        });
        await Promise.all(writing);
        // What the other one wrote last is told when this one looks.
        for (const bus of pair.buses) bus.committed([]);
        const stored = await pair.stores[0].listEvents({ afterId: from, limit: 100 });
        const lines = stored.map(
          (event) => `${event.id} ${event.sessionKey}.${event.seq} ${"text" in event && event.text}`,
        );
        expect(lines).toHaveLength(40);
        for (const seen of await Promise.all(readers)) expect(seen).toEqual(lines);
      }
    });

    test("a reader that lags loses nothing that is stored, nor the words of an answer that is not", async () => {
      const [bus] = pair.buses;
      const events = bus.subscribe({}, ending.signal)[Symbol.asyncIterator]();
      const first = events.next();
      const seen: string[] = [];
      const note = (batch: GatewayEvent[]) => {
        for (const event of batch) seen.push("text" in event ? event.text : event.type);
        return batch.length;
      };
      const begin = await write(0, "a", notice("begin"));
      note((await first).value!);
      // It is not asked for more: what waits is let go of, long before all of this is told.
      const stored = Array.from({ length: 3000 }, (_, n) => notice(`n${n}`));
      let newest = begin;
      for (let at = 0; at < stored.length; at += 100) newest = await write(0, "a", ...stored.slice(at, at + 100));
      const words = Array.from({ length: 40 }, (_, n) => `word ${n} ${"x".repeat(10_000)}`);
      // Each of a run of its own: what one run tells in a row may come as one.
      for (const text of words) bus.delta({ ...source("b"), runId: text }, { type: "text.delta", text }, newest);
      bus.tell({ type: "gateway.changed", reason: "test" });
      const all = ["begin", ...stored.map((fact) => (fact as { text: string }).text), ...words, "gateway.changed"];
      let mostAtOnce = 0;
      while (seen.length < all.length) mostAtOnce = Math.max(mostAtOnce, note((await events.next()).value!));
      expect(seen).toEqual(all);
      expect(mostAtOnce).toBeLessThanOrEqual(1000);
      await write(0, "a", notice("end"));
      note((await events.next()).value!);
      expect(seen.at(-1)).toBe("end");
    });

    test("a commit that is told late is told in its place", async () => {
      const commit = (text: string) =>
        pair.stores[0].commit({ facts: [{ source: source("a"), facts: [notice(text)] }] });
      const early = await commit("early");
      const late = await commit("late");
      const reading = read(0, {}, 2);
      pair.buses[0].committed(late.events);
      pair.buses[0].committed(early.events);
      expect(await reading).toEqual(["1 a.1 early", "2 a.2 late"]);
    });
  });
}

export const quiet = { clock: systemClock, log: silentLog };
