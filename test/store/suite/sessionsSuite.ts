import { describe, expect, test } from "vitest";
import type { MessageQuery, SessionQuery } from "../../../src/core/ports/store.ts";
import * as make from "../samples.ts";
import type { Subject } from "./subject.ts";

export function sessionsSuite(subject: Subject): void {
  const keysOf = async (query: Partial<SessionQuery>) =>
    (await subject.store.listSessions({ limit: 50, ...query })).sessions.map((session) => session.key);

  const textsOf = async (key: string, query: Partial<MessageQuery> = {}) =>
    (await subject.store.listMessages(key, { limit: 50, ...query })).messages.map((message) => message.text);

  describe("sessions", () => {
    test("lists newest first, page by page, each once", async () => {
      const sessions = Array.from({ length: 23 }, (_, n) =>
        make.sessionOf(`s${n}`, { updatedAt: make.timeAt(Math.floor(n / 3)) }),
      );
      await subject.store.commit(make.batchOf({ sessions }));
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await subject.store.listSessions({ limit: 5, cursor });
        seen.push(...page.sessions.map((session) => session.key));
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      expect(seen).toHaveLength(23);
      expect(new Set(seen).size).toBe(23);
      const times = seen.map((key) => sessions.find((session) => session.key === key)!.updatedAt);
      expect(times).toEqual(times.toSorted().toReversed());
    });

    test("a page that ends with the last session has no next one", async () => {
      await subject.store.commit(make.batchOf({ sessions: [make.sessionOf("a"), make.sessionOf("b")] }));
      expect((await subject.store.listSessions({ limit: 2 })).nextCursor).toBeUndefined();
      expect((await subject.store.listSessions({ limit: 1 })).nextCursor).toBeDefined();
    });

    test("refuses a cursor it never gave", async () => {
      await expect(subject.store.listSessions({ limit: 5, cursor: "bm9uc2Vuc2U" })).rejects.toMatchObject({
        code: "bad_request",
      });
    });

    test("goes on behind a key, in an order that stays while sessions are used", async () => {
      const sessions = ["b", "c", "a"].map((key, n) => make.sessionOf(key, { updatedAt: make.timeAt(n) }));
      await subject.store.commit(make.batchOf({ sessions }));
      expect(await keysOf({ afterKey: "" })).toEqual(["a", "b", "c"]);
      expect(await keysOf({ afterKey: "a", limit: 1 })).toEqual(["b"]);
      expect(await keysOf({ afterKey: "c" })).toEqual([]);
    });

    test("filters by kind and parent", async () => {
      await subject.store.commit(
        make.batchOf({
          sessions: [
            make.sessionOf("main"),
            make.sessionOf("a", { parentKey: "main", title: "Harbour", updatedAt: make.timeAt(1) }),
            make.sessionOf("b", { parentKey: "main", title: "The harbour", updatedAt: make.timeAt(2) }),
            make.sessionOf("c", { kind: "channel", updatedAt: make.timeAt(3) }),
          ],
        }),
      );
      expect(await keysOf({ kinds: ["main", "channel"] })).toEqual(["c", "main"]);
      expect(await keysOf({ kinds: [] })).toEqual([]);
      expect(await keysOf({ title: "Harbour" })).toEqual(["a"]);
      expect(await keysOf({ title: "harbour" })).toEqual([]);
      expect(await keysOf({ parentKey: "main" })).toEqual(["b", "a"]);
      expect(await keysOf({ parentKey: "main", kinds: ["channel"] })).toEqual([]);
    });

    test("finds by title, key and what users and assistants wrote", async () => {
      await subject.store.commit(
        make.batchOf({
          sessions: [
            make.sessionOf("by-title", { title: "Über die Größe", updatedAt: make.timeAt(3) }),
            make.sessionOf("by-text", { updatedAt: make.timeAt(2) }),
            make.sessionOf("by-tool", { updatedAt: make.timeAt(1) }),
          ],
          events: [
            make.messageOf("by-text", 1, 1, make.userText('Say "Hello, Wörld" 100% of the time')),
            make.messageOf("by-text", 2, 2, make.assistantText("今天天气很好 ok")),
            make.messageOf("by-tool", 3, 1, make.toolText("secretive output")),
          ],
        }),
      );
      const found: Record<string, string[]> = {};
      const needles = [
        "ÜBER DIE",
        "größe",
        "BY-",
        "hello, wör",
        '"hello',
        "100%",
        "天气很",
        "天气",
        "好",
        "OK",
        "of",
        "secretive",
        "uber die grosse",
        "GRÖSSE",
        "wor",
        "wo\u0308r",
      ];
      for (const search of needles) found[search] = await keysOf({ search });
      expect(found).toEqual({
        "ÜBER DIE": ["by-title"],
        größe: ["by-title"],
        "BY-": ["by-title", "by-text", "by-tool"],
        "hello, wör": ["by-text"],
        '"hello': ["by-text"],
        "100%": ["by-text"],
        天气很: ["by-text"],
        天气: ["by-text"],
        好: ["by-text"],
        OK: ["by-text"],
        of: ["by-text"],
        secretive: [],
        // Accents and ß make no difference, on either side and however they are spelled.
        "uber die grosse": ["by-title"],
        GRÖSSE: ["by-title"],
        wor: ["by-text"],
        "wo\u0308r": ["by-text"],
      });
      expect(await keysOf({ search: "  " })).toHaveLength(3);
      expect(await keysOf({ search: "by-t", limit: 1 })).toEqual(["by-title"]);
    });

    test("a changed title is found by its new words only", async () => {
      await subject.store.commit(make.batchOf({ sessions: [make.sessionOf("a", { title: "Before" })] }));
      await subject.store.commit(make.batchOf({ sessions: [make.sessionOf("a", { title: "After" })] }));
      expect(await keysOf({ search: "before" })).toEqual([]);
      expect(await keysOf({ search: "after" })).toEqual(["a"]);
    });

    test("a deleted session goes with its descendants and all that hangs on them", async () => {
      const keys = ["top", "child", "grandchild", "other"];
      await subject.store.commit(
        make.batchOf({
          sessions: [
            make.sessionOf("top"),
            make.sessionOf("child", { parentKey: "top" }),
            make.sessionOf("grandchild", { parentKey: "child" }),
            make.sessionOf("other"),
          ],
          runs: keys.map((key) => make.runOf(`run-${key}`, key)),
          events: keys.map((key, n) => make.messageOf(key, n + 1, 1, make.userText("findable text"), `run-${key}`)),
          usage: keys.map((key) => make.usageOf("2026-11-22", key)),
        }),
      );
      for (const [n, key] of keys.entries())
        await subject.store.commit({ slots: [{ put: make.slotOf("job_1", n, { sessionKey: key }) }] });

      await subject.store.deleteSession("top");

      expect(await keysOf({})).toEqual(["other"]);
      expect(await keysOf({ search: "findable" })).toEqual(["other"]);
      expect((await subject.store.listEvents({ afterId: 0, limit: 10 })).map((event) => event.sessionKey)).toEqual([
        "other",
      ]);
      expect((await subject.store.listRuns({ limit: 10 })).map((run) => run.sessionKey)).toEqual(["other"]);
      expect((await subject.store.listSlots({ limit: 10 })).map((slot) => slot.sessionKey)).toEqual(["other"]);
      // Spent is spent.
      expect(await subject.store.listUsage({ sinceDay: "2026-11-22" })).toHaveLength(4);
      // A slot fires once, ever.
      await expect(subject.store.commit({ claims: [make.slotOf("job_1", 0)] })).rejects.toMatchObject({
        code: "conflict",
      });
    });

    test("sessions that are each other's parent are deleted too", async () => {
      await subject.store.commit(
        make.batchOf({
          sessions: [make.sessionOf("a", { parentKey: "b" }), make.sessionOf("b", { parentKey: "a" })],
        }),
      );
      await subject.store.deleteSession("a");
      expect(await keysOf({})).toEqual([]);
    });

    test("a cleared session stays, without history, and its children with theirs", async () => {
      await subject.store.commit(
        make.batchOf({
          sessions: [make.sessionOf("main", { title: "Kept" }), make.sessionOf("child", { parentKey: "main" })],
          runs: [make.runOf("run_1", "main", { state: "finished" }), make.runOf("run_2", "main")],
          events: [
            make.messageOf("child", 1, 1, make.userText("of the child")),
            make.messageOf("main", 2, 7, make.userText("findable")),
          ],
        }),
      );
      await subject.store.clearSession("main");
      expect((await subject.store.getSession("main"))?.title).toBe("Kept");
      expect(await textsOf("main")).toEqual([]);
      expect(await textsOf("child")).toEqual(["of the child"]);
      expect(await keysOf({ search: "findable" })).toEqual([]);
      // What waits was sent meanwhile, and is still to be worked on.
      expect((await subject.store.listRuns({ sessionKey: "main", limit: 9 })).map(({ id }) => id)).toEqual(["run_2"]);
      // No number is given twice.
      expect(await subject.store.newestEventId()).toBe(2);
      const { events } = await subject.store.commit(
        make.batchOf({ events: [make.messageOf("main", 3, 2, make.userText("after"))] }),
      );
      expect(events.map(({ id, seq }) => [id, seq])).toEqual([[3, 2]]);
    });

    test("deleting what is not there changes nothing", async () => {
      await subject.store.commit(make.batchOf({ sessions: [make.sessionOf("main")] }));
      await subject.store.deleteSession("nowhere");
      expect(await keysOf({})).toEqual(["main"]);
    });
  });
}
