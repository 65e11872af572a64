import { beforeEach, describe, expect, test } from "vitest";
import type { MessageQuery } from "../../../src/core/ports/store.ts";
import * as make from "../samples.ts";
import type { Subject } from "./subject.ts";

export function eventsSuite(subject: Subject): void {
  const textsOf = async (key: string, query: Partial<MessageQuery> = {}) =>
    (await subject.store.listMessages(key, { limit: 50, ...query })).messages.map((message) => message.text);

  describe("messages and events", () => {
    beforeEach(async () => {
      const messages = Array.from({ length: 10 }, (_, n) =>
        n % 2 === 0 ? make.userText(`m${n}`) : make.toolText(`m${n}`),
      );
      await subject.store.commit({
        sessions: [make.sessionOf("main"), make.sessionOf("other")],
        events: [
          ...messages.map((message, n) => make.messageOf("main", 2 * n + 1, 2 * n + 1, message, `run_${n % 2}`)),
          ...messages.map((_, n) =>
            make.eventOf("main", 2 * n + 2, 2 * n + 2, { type: "run.notice", text: "n" }, `run_${n % 2}`),
          ),
          make.messageOf("other", 21, 1, make.userText("elsewhere"), "run_9"),
        ],
      });
    });

    test("the newest messages, oldest first", async () => {
      expect(await subject.store.listMessages("main", { limit: 3 })).toMatchObject({
        messages: [
          { id: 15, seq: 15, text: "m7" },
          { id: 17, seq: 17, text: "m8", runId: "run_0", sessionKey: "main", createdAt: make.timeAt(17) },
          { id: 19, seq: 19, text: "m9" },
        ],
        hasMore: true,
      });
    });

    test("pages back to the first", async () => {
      expect(await textsOf("main", { limit: 3, before: 7 })).toEqual(["m0", "m1", "m2"]);
      expect((await subject.store.listMessages("main", { limit: 3, before: 7 })).hasMore).toBe(false);
      expect((await subject.store.listMessages("main", { limit: 3, before: 8 })).hasMore).toBe(true);
      expect(await textsOf("main", { before: 1 })).toEqual([]);
    });

    test("by role", async () => {
      expect(await textsOf("main", { roles: ["user", "assistant"], limit: 2 })).toEqual(["m6", "m8"]);
      expect(await textsOf("main", { roles: [] })).toEqual([]);
    });

    test("events after an id, of all, a session, a run", async () => {
      const idsOf = async (query: { sessionKey?: string; runId?: string; limit?: number }) =>
        (await subject.store.listEvents({ afterId: 16, limit: 50, ...query })).map((event) => event.id);
      expect(await idsOf({})).toEqual([17, 18, 19, 20, 21]);
      expect(await idsOf({ limit: 2 })).toEqual([17, 18]);
      expect(await idsOf({ sessionKey: "main" })).toEqual([17, 18, 19, 20]);
      expect(await idsOf({ runId: "run_1" })).toEqual([19, 20]);
      expect(await idsOf({ sessionKey: "other", runId: "run_1" })).toEqual([]);
    });

    test("an id or seq is taken once", async () => {
      await expect(
        subject.store.commit({ events: [make.messageOf("main", 1, 99, make.userText("x"))] }),
      ).rejects.toThrow();
      await expect(
        subject.store.commit({ events: [make.messageOf("main", 99, 1, make.userText("x"))] }),
      ).rejects.toThrow();
    });
  });

  describe("numbers handed out", () => {
    test("start at 0 and follow the events", async () => {
      expect(await subject.store.counters()).toEqual({ eventId: 0 });
      expect(await subject.store.lastSeq("main")).toBe(0);
      await subject.store.commit({
        sessions: [make.sessionOf("main")],
        events: [make.messageOf("main", 41, 7, make.userText("x"))],
      });
      expect(await subject.store.counters()).toEqual({ eventId: 41 });
      expect(await subject.store.lastSeq("main")).toBe(7);
    });

    test("count what is reserved, and never go back", async () => {
      await subject.store.reserve({ eventId: 100, sessionKey: "main", seq: 50 });
      await subject.store.reserve({ eventId: 90, sessionKey: "main", seq: 40 });
      expect(await subject.store.counters()).toEqual({ eventId: 100 });
      expect(await subject.store.lastSeq("main")).toBe(50);
      expect(await subject.store.lastSeq("other")).toBe(0);
    });

    test("survive the deletion of the newest events", async () => {
      await subject.store.commit({
        sessions: [make.sessionOf("a")],
        events: [make.messageOf("a", 41, 7, make.userText("x"))],
      });
      await subject.store.deleteSession("a");
      expect(await subject.store.counters()).toEqual({ eventId: 41 });
      expect(await subject.store.lastSeq("a")).toBe(7);
    });
  });
}
