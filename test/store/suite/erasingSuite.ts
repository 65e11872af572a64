import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import * as make from "../samples.ts";
import type { Subject } from "./subject.ts";

export function erasingSuite(subject: Subject): void {
  const usage = (inputTokens: number, costUsd: number | null) => ({
    usage: { ...make.runOf("", "").usage, inputTokens, costUsd },
  });
  const worksFor = (id: string) => ({ origin: { via: "subagent" as const, id } });

  /** As many messages, in runs of two. */
  async function fill(key: string, messages: number): Promise<void> {
    const runIds = Array.from({ length: messages / 2 }, (_, n) => `${key}-${n}`);
    await subject.store.commit(
      make.batchOf({
        sessions: [make.sessionOf(key)],
        runs: runIds.map((id) => make.runOf(id, key, { state: "finished" })),
        events: runIds.flatMap((id, n) => [
          make.messageOf(key, 0, 0, make.userText(`findable ${n}`), id),
          make.messageOf(key, 0, 0, make.assistantText("findable"), id),
        ]),
      }),
    );
  }

  /** How often others had a turn meanwhile. */
  async function turnsOf(work: Promise<unknown>): Promise<number> {
    const over = new AbortController();
    void work.finally(() => over.abort());
    let turns = 0;
    for (; !over.signal.aborted; turns++) await setImmediate();
    await work;
    return turns;
  }

  const left = async (sessionKey: string) => ({
    events: (await subject.store.listEvents({ afterId: 0, sessionKey, limit: 10_000 })).length,
    runs: (await subject.store.listRuns({ sessionKey, limit: 10_000 })).length,
    found: (await subject.store.searchMessages({ text: "findable", limit: 10 })).found.length,
  });

  describe("erasing", () => {
    test.each(["deleteSession", "clearSession"] as const)(
      "%s of many messages lets others have their turns, and leaves nothing",
      async (what) => {
        await fill("long", 3000);
        await subject.store.searchMessages({ text: "findable", limit: 1 });
        expect(await turnsOf(subject.store[what]("long"))).toBeGreaterThan(5);
        expect(await left("long")).toEqual({ events: 0, runs: 0, found: 0 });
        // No number is given twice, in its next life either.
        const [next] = (
          await subject.store.commit(
            make.batchOf({
              sessions: [make.sessionOf("long")],
              events: [make.messageOf("long", 0, 0, make.userText("anew"))],
            }),
          )
        ).events;
        expect(next).toMatchObject({ id: 3001, seq: 3001 });
      },
    );

    test("what is not there yet goes from the newest on, and a whole history is left at each moment", async () => {
      await fill("long", 3000);
      const deleting = subject.store.deleteSession("long");
      const seen: number[] = [];
      const over = new AbortController();
      void deleting.finally(() => over.abort());
      while (!over.signal.aborted) {
        const events = await subject.store.listEvents({ afterId: 0, sessionKey: "long", limit: 10_000 });
        expect(events.map(({ seq }) => seq)).toEqual(events.map((_, n) => n + 1));
        seen.push(events.length);
        await setImmediate();
      }
      expect(new Set(seen).size).toBeGreaterThan(3);
      expect(await deleting).toBe(true);
    });

    test("what deleted runs have used stays counted for those they worked for", async () => {
      const spent = async (id: string) => {
        const rows = await subject.store.listSpent(id);
        return rows.reduce(
          (sum, { usage: own, gone }) => ({
            usd: sum.usd + (own.costUsd ?? 0) + (gone?.usd ?? 0),
            tokens: sum.tokens + own.inputTokens + (gone?.tokens ?? 0),
          }),
          { usd: 0, tokens: 0 },
        );
      };
      const counted = { usage: usage(50, null).usage, countedUsd: 0.25 };
      await subject.store.commit(
        make.batchOf({
          sessions: [
            make.sessionOf("main"),
            make.sessionOf("a", { parentKey: "main" }),
            make.sessionOf("b", { parentKey: "a" }),
          ],
          runs: [
            make.runOf("m", "main", { state: "running", ...usage(1, 1) }),
            make.runOf("a1", "a", { ...worksFor("m"), state: "finished", ...usage(10, 0.5) }),
            make.runOf("b1", "b", { ...worksFor("a1"), state: "finished", ...usage(100, null) }),
            // It goes on for the run that was woken by a result.
            make.runOf("a2", "a", { continues: "a1", state: "finished", ...usage(1000, 2) }),
          ],
          events: [
            make.eventOf("b", 0, 0, { type: "usage", contextTokens: 0, ...counted }, "b1"),
            make.eventOf("b", 0, 0, { type: "usage", contextTokens: 0, ...usage(50, 0.125) }, "b1"),
          ],
        }),
      );
      await subject.store.deleteSession("b");
      expect(await spent("a1")).toEqual({ usd: 2.875, tokens: 1110 });
      await subject.store.deleteSession("a");
      expect(await spent("m")).toEqual({ usd: 3.875, tokens: 1111 });
      // Its own changes leave it.
      await subject.store.commit({ runs: [{ id: "m", patch: usage(2, 2) }] });
      expect(await spent("m")).toEqual({ usd: 4.875, tokens: 1112 });
      expect(await subject.store.listSpent("gone")).toEqual([]);
    });

    test("with a time it goes only where nobody used it since, nothing waits and nothing is below it", async () => {
      const since = { unusedSince: make.timeAt(10) };
      await subject.store.commit(
        make.batchOf({
          sessions: [
            make.sessionOf("old"),
            make.sessionOf("used", { updatedAt: make.timeAt(10) }),
            make.sessionOf("waits"),
            make.sessionOf("above"),
            make.sessionOf("below", { parentKey: "above" }),
          ],
          runs: [make.runOf("w", "waits")],
        }),
      );
      const gone = async (key: string) => {
        const told = await subject.store.deleteSession(key, since);
        expect((await subject.store.getSession(key)) === undefined).toBe(told);
        return told;
      };
      expect(await gone("old")).toBe(true);
      for (const key of ["used", "waits", "above"]) expect(await gone(key), key).toBe(false);
      expect(await gone("below")).toBe(true);
      expect(await gone("above")).toBe(true);
    });

    test("a message that comes while an unused session goes is kept, and so is the session", async () => {
      await fill("long", 3000);
      const deleting = subject.store.deleteSession("long", { unusedSince: make.timeAt(10) });
      await setImmediate();
      await subject.store.commit(make.batchOf({ runs: [make.runOf("late", "long")] }));
      expect(await deleting).toBe(false);
      expect((await subject.store.getRun("late"))?.state).toBe("queued");
      expect(await subject.store.getSession("long")).toBeDefined();
    });
  });
}
