import { beforeEach, describe, expect, test } from "vitest";
import type { EventQuery, MessageQuery } from "../../../src/core/ports/store.ts";
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
      await subject.store.commit(
        make.batchOf({
          sessions: [make.sessionOf("main"), make.sessionOf("other")],
          events: [
            ...messages.flatMap((message, n) => [
              make.messageOf("main", 2 * n + 1, 2 * n + 1, message, `run_${n % 2}`),
              make.eventOf("main", 2 * n + 2, 2 * n + 2, { type: "run.notice", text: "n" }, `run_${n % 2}`),
            ]),
            make.messageOf("other", 21, 1, make.userText("elsewhere"), "run_9"),
          ],
        }),
      );
    });

    test("the newest messages, oldest first", async () => {
      expect(await subject.store.listMessages("main", { limit: 3 })).toMatchObject({
        messages: [
          { id: 15, seq: 15, text: "m7" },
          { id: 17, seq: 17, text: "m8", runId: "run_0", sessionKey: "main", createdAt: make.START },
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

    test("from a place on", async () => {
      expect(await textsOf("main", { from: 15 })).toEqual(["m7", "m8", "m9"]);
      expect(await textsOf("main", { from: 15, before: 19 })).toEqual(["m7", "m8"]);
      expect(await textsOf("main", { from: 20 })).toEqual([]);
      expect((await subject.store.listMessages("main", { limit: 2, from: 15 })).hasMore).toBe(true);
    });

    test("by role", async () => {
      expect(await textsOf("main", { roles: ["user", "assistant"], limit: 2 })).toEqual(["m6", "m8"]);
      expect(await textsOf("main", { roles: [] })).toEqual([]);
    });

    test("events after an id, of all, a session, a run, a type", async () => {
      const idsOf = async (query: Partial<EventQuery>) =>
        (await subject.store.listEvents({ afterId: 16, limit: 50, ...query })).map((event) => event.id);
      expect(await idsOf({})).toEqual([17, 18, 19, 20, 21]);
      expect(await idsOf({ limit: 2 })).toEqual([17, 18]);
      expect(await idsOf({ sessionKey: "main" })).toEqual([17, 18, 19, 20]);
      expect(await idsOf({ runId: "run_1" })).toEqual([19, 20]);
      expect(await idsOf({ sessionKey: "other", runId: "run_1" })).toEqual([]);
      expect(await idsOf({ runId: "run_1", type: "message" })).toEqual([19]);
      expect(await idsOf({ runId: "run_1", type: "usage" })).toEqual([]);
    });
  });

  describe("numbers", () => {
    const write = async (sessionKey: string, texts: string[], runId = "run_1") => {
      const facts = texts.map((text) => ({ type: "message" as const, message: make.userText(text) }));
      const { events } = await subject.store.commit({ facts: [{ source: { runId, sessionKey }, facts }] });
      return events.map(({ id, seq }) => `${id} ${sessionKey} ${seq}`);
    };

    test("are given by the store: ids over all, seqs in each session", async () => {
      expect(await subject.store.newestEventId()).toBe(0);
      await subject.store.commit(make.batchOf({ sessions: [make.sessionOf("a"), make.sessionOf("b")] }));
      expect(await write("a", ["1", "2"])).toEqual(["1 a 1", "2 a 2"]);
      expect(await write("b", ["3"])).toEqual(["3 b 1"]);
      expect(await write("a", ["4"])).toEqual(["4 a 3"]);
      expect(await subject.store.newestEventId()).toBe(4);
    });

    test("of one batch over several sessions and runs are in its order", async () => {
      await subject.store.commit(make.batchOf({ sessions: [make.sessionOf("a"), make.sessionOf("b")] }));
      const fact = { type: "run.resumed" as const };
      const { events } = await subject.store.commit({
        facts: [
          { source: { runId: "r1", sessionKey: "a" }, facts: [fact, fact] },
          { source: { runId: "r2", sessionKey: "b" }, facts: [fact] },
          { source: { runId: "r3", sessionKey: "a" }, facts: [fact] },
        ],
      });
      expect(events.map(({ id, sessionKey, seq, runId }) => `${id} ${sessionKey} ${seq} ${runId}`)).toEqual([
        "1 a 1 r1",
        "2 a 2 r1",
        "3 b 1 r2",
        "4 a 3 r3",
      ]);
      expect(await subject.store.listEvents({ afterId: 0, limit: 10 })).toEqual(events);
    });

    test("are not used up by a batch that is refused", async () => {
      await subject.store.commit(make.batchOf({ sessions: [make.sessionOf("a")] }));
      await write("a", ["1"]);
      await expect(
        subject.store.commit(
          make.batchOf({
            events: [make.messageOf("a", 0, 0, make.userText("x")), make.messageOf("gone", 0, 0, make.userText("x"))],
          }),
        ),
      ).rejects.toMatchObject({ code: "not_found" });
      expect(await write("a", ["2"])).toEqual(["2 a 2"]);
    });

    test("survive the deletion of the newest events", async () => {
      await subject.store.commit(make.batchOf({ sessions: [make.sessionOf("a")] }));
      await write("a", ["1", "2"]);
      await subject.store.deleteSession("a");
      expect(await subject.store.newestEventId()).toBe(2);
      await subject.store.commit(make.batchOf({ sessions: [make.sessionOf("a")] }));
      expect(await write("a", ["3"])).toEqual(["3 a 3"]);
    });
  });
}
