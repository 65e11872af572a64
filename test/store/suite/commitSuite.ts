import { describe, expect, test } from "vitest";
import type { MessageQuery, SessionQuery } from "../../../src/core/ports/store.ts";
import * as make from "../samples.ts";
import type { Subject } from "./subject.ts";

export function commitSuite(subject: Subject): void {
  const keysOf = async (query: Partial<SessionQuery>) =>
    (await subject.store.listSessions({ limit: 50, ...query })).sessions.map((session) => session.key);

  const textsOf = async (key: string, query: Partial<MessageQuery> = {}) =>
    (await subject.store.listMessages(key, { limit: 50, ...query })).messages.map((message) => message.text);

  describe("commit", () => {
    test("keeps all parts of a batch", async () => {
      const session = make.sessionOf("main", { title: "First", workspace: "/w", model: "fake/one" });
      const run = make.runOf("run_1", "main");
      const job = make.jobOf("job_1");
      const answer = make.answerOf("k", { answer: { status: 200, body: { ok: true } } });
      const usage = make.usageOf("2026-11-22", "main");
      const event = make.messageOf("main", 1, 1, make.userText("hi"));
      await subject.store.commit(
        make.batchOf({
          sessions: [session],
          events: [event],
          runs: [run],
          jobs: [{ put: job }],
          usage: [usage],
          answers: [answer],
        }),
      );

      expect(await subject.store.getSession("main")).toEqual(session);
      expect(await subject.store.getRun("run_1")).toEqual(run);
      expect(await subject.store.getJob("job_1")).toEqual({ job, version: 1 });
      expect(await subject.store.getAnswer("k")).toEqual(answer);
      expect(await subject.store.listUsage({ sinceDay: "2026-11-01" })).toEqual([usage]);
      expect(await subject.store.listEvents({ afterId: 0, limit: 10 })).toEqual([event]);
    });

    test("keeps nothing of a batch with a part that cannot be kept", async () => {
      await subject.store.commit(
        make.batchOf({
          sessions: [make.sessionOf("main")],
          events: [make.messageOf("main", 1, 1, make.userText("a"))],
        }),
      );
      const again = subject.store.commit(
        make.batchOf({
          sessions: [make.sessionOf("main", { title: "Changed" }), make.sessionOf("new")],
          runs: [make.runOf("run_1", "main")],
          usage: [make.usageOf("2026-11-22", "main")],
          events: [
            make.messageOf("main", 2, 2, make.userText("b")),
            make.messageOf("gone", 3, 1, make.userText("of no session")),
          ],
        }),
      );
      await expect(again).rejects.toThrow();
      expect((await subject.store.getSession("main"))?.title).toBeUndefined();
      expect(await keysOf({})).toEqual(["main"]);
      expect(await subject.store.getRun("run_1")).toBeUndefined();
      expect(await subject.store.listUsage({ sinceDay: "2026-11-01" })).toEqual([]);
      expect(await textsOf("main")).toEqual(["a"]);
      await subject.store.commit(make.batchOf({ events: [make.messageOf("main", 2, 2, make.userText("after"))] }));
      expect(await textsOf("main")).toEqual(["a", "after"]);
    });

    test("two who change one session at once change only what they change", async () => {
      await subject.store.commit(
        make.batchOf({ sessions: [make.sessionOf("main", { title: "Before", model: "a/b" })] }),
      );
      const used = { inputTokens: 1, outputTokens: 2, cacheReadTokens: 3, cacheWriteTokens: 4, costUsd: 0.5 };
      const [renamed] = (
        await subject.store.commit({ sessions: [{ key: "main", patch: { title: "After", model: null } }] })
      ).sessions;
      expect(renamed).toEqual(make.sessionOf("main", { title: "After" }));
      const add = { key: "main", add: { usage: used, messageCount: 2 } };
      await subject.store.commit({ sessions: [add, { key: "main", patch: { state: "running" } }, add] });
      expect(await subject.store.getSession("main")).toMatchObject({
        title: "After",
        state: "running",
        messageCount: 4,
        usage: { inputTokens: 2, outputTokens: 4, cacheReadTokens: 6, cacheWriteTokens: 8, costUsd: null },
      });
      expect((await subject.store.getSession("main"))?.model).toBeUndefined();
    });

    test("a session that is there is not put again, and one that is not is not changed", async () => {
      await subject.store.commit({ sessions: [{ put: make.sessionOf("main", { title: "First" }) }] });
      const { sessions } = await subject.store.commit({
        sessions: [
          { put: make.sessionOf("main", { title: "Second" }) },
          { key: "gone", patch: { title: "Third" } },
          { put: make.sessionOf("new") },
          { key: "new", add: { messageCount: 1 } },
        ],
      });
      expect(sessions).toEqual([
        make.sessionOf("main", { title: "First" }),
        make.sessionOf("new", { messageCount: 1 }),
      ]);
      expect(await keysOf({})).toEqual(["new", "main"]);
    });

    test("an event of a deleted session is refused as not_found", async () => {
      const late = subject.store.commit(
        make.batchOf({ events: [make.messageOf("gone", 1, 1, make.userText("late"))] }),
      );
      await expect(late).rejects.toMatchObject({ code: "not_found" });
    });

    test.each([
      ["a lone surrogate", "a\ud800b"],
      ["NUL", "a\0b"],
      ["an emoji with a joiner", "\u{1F468}\u200D\u{1F469}"],
      ["line separators", "a\u2028b\u2029c\r\n"],
      ["quotes and markup", `'"\\</script>%_*`],
      ["invisible and bidi characters", "\u202Eabc\uFEFF\u200B"],
    ])("gives back %s as it came", async (_, text) => {
      const session = make.sessionOf("main", { title: text });
      const message = { ...make.assistantText(text), toolCalls: [{ id: "c", name: "n", input: { [text]: [text] } }] };
      const event = make.messageOf("main", 1, 1, message);
      await subject.store.commit(make.batchOf({ sessions: [session], events: [event] }));
      expect(await subject.store.getSession("main")).toEqual(session);
      expect(await subject.store.listEvents({ afterId: 0, limit: 10 })).toEqual([event]);
      expect(await textsOf("main")).toEqual([text]);
      expect(await keysOf({ search: text })).toEqual(["main"]);
    });
  });
}
