import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Clock } from "../../src/base/clock.ts";
import type { MessageQuery, SessionQuery, Store } from "../../src/core/ports/store.ts";
import { createFakeClock, type FakeClock } from "../fakes/fakeClock.ts";
import * as make from "./samples.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** What holds for every Store. `open` gives an empty one each time. */
export function storeSuite(name: string, open: (clock: Clock) => Promise<Store>): void {
  let store: Store;
  let clock: FakeClock;

  beforeEach(async () => {
    clock = createFakeClock(Date.parse(make.START));
    store = await open(clock);
  });
  afterEach(() => store.close());

  const keysOf = async (query: Partial<SessionQuery>) =>
    (await store.listSessions({ limit: 50, ...query })).sessions.map((session) => session.key);

  const textsOf = async (key: string, query: Partial<MessageQuery> = {}) =>
    (await store.listMessages(key, { limit: 50, ...query })).messages.map((message) => message.text);

  describe(`${name}: commit`, () => {
    test("keeps all parts of a batch", async () => {
      const session = make.sessionOf("main", { title: "First", workspace: "/w", model: "fake/one" });
      const run = make.runOf("run_1", "main");
      const job = make.jobOf("job_1");
      const answer = make.answerOf("k", { answer: { status: 200, body: { ok: true } } });
      const usage = make.usageOf("2026-11-22", "main");
      const event = make.messageOf("main", 1, 1, make.userText("hi"));
      await store.commit({
        sessions: [session],
        events: [event],
        runs: [run],
        jobs: [job],
        usage: [usage],
        answers: [answer],
      });

      expect(await store.getSession("main")).toEqual(session);
      expect(await store.getRun("run_1")).toEqual(run);
      expect(await store.getJob("job_1")).toEqual(job);
      expect(await store.getAnswer("k")).toEqual(answer);
      expect(await store.listUsage({ sinceDay: "2026-11-01" })).toEqual([usage]);
      expect(await store.listEvents({ afterId: 0, limit: 10 })).toEqual([event]);
    });

    test("keeps nothing of a batch with a part that cannot be kept", async () => {
      await store.commit({
        sessions: [make.sessionOf("main")],
        events: [make.messageOf("main", 1, 1, make.userText("a"))],
      });
      const again = store.commit({
        sessions: [make.sessionOf("main", { title: "Changed" }), make.sessionOf("new")],
        runs: [make.runOf("run_1", "main")],
        usage: [make.usageOf("2026-11-22", "main")],
        events: [
          make.messageOf("main", 2, 2, make.userText("b")),
          make.messageOf("main", 3, 1, make.userText("seq taken")),
        ],
      });
      await expect(again).rejects.toThrow();
      expect((await store.getSession("main"))?.title).toBeUndefined();
      expect(await keysOf({})).toEqual(["main"]);
      expect(await store.getRun("run_1")).toBeUndefined();
      expect(await store.listUsage({ sinceDay: "2026-11-01" })).toEqual([]);
      expect(await textsOf("main")).toEqual(["a"]);
      await store.commit({ events: [make.messageOf("main", 2, 2, make.userText("after"))] });
      expect(await textsOf("main")).toEqual(["a", "after"]);
    });

    test("an event of a deleted session is refused as not_found", async () => {
      const late = store.commit({ events: [make.messageOf("gone", 1, 1, make.userText("late"))] });
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
      await store.commit({ sessions: [session], events: [event] });
      expect(await store.getSession("main")).toEqual(session);
      expect(await store.listEvents({ afterId: 0, limit: 10 })).toEqual([event]);
      expect(await textsOf("main")).toEqual([text]);
      expect(await keysOf({ search: text })).toEqual(["main"]);
    });
  });

  describe(`${name}: sessions`, () => {
    test("lists newest first, page by page, each once", async () => {
      const sessions = Array.from({ length: 23 }, (_, n) =>
        make.sessionOf(`s${n}`, { updatedAt: make.timeAt(Math.floor(n / 3)) }),
      );
      await store.commit({ sessions });
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await store.listSessions({ limit: 5, cursor });
        seen.push(...page.sessions.map((session) => session.key));
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      expect(seen).toHaveLength(23);
      expect(new Set(seen).size).toBe(23);
      const times = seen.map((key) => sessions.find((session) => session.key === key)!.updatedAt);
      expect(times).toEqual(times.toSorted().toReversed());
    });

    test("a page that ends with the last session has no next one", async () => {
      await store.commit({ sessions: [make.sessionOf("a"), make.sessionOf("b")] });
      expect((await store.listSessions({ limit: 2 })).nextCursor).toBeUndefined();
      expect((await store.listSessions({ limit: 1 })).nextCursor).toBeDefined();
    });

    test("refuses a cursor it never gave", async () => {
      await expect(store.listSessions({ limit: 5, cursor: "bm9uc2Vuc2U" })).rejects.toMatchObject({
        code: "bad_request",
      });
    });

    test("filters by kind and parent", async () => {
      await store.commit({
        sessions: [
          make.sessionOf("main"),
          make.sessionOf("a", { parentKey: "main", updatedAt: make.timeAt(1) }),
          make.sessionOf("b", { parentKey: "main", updatedAt: make.timeAt(2) }),
          make.sessionOf("c", { kind: "channel", updatedAt: make.timeAt(3) }),
        ],
      });
      expect(await keysOf({ kinds: ["main", "channel"] })).toEqual(["c", "main"]);
      expect(await keysOf({ kinds: [] })).toEqual([]);
      expect(await keysOf({ parentKey: "main" })).toEqual(["b", "a"]);
      expect(await keysOf({ parentKey: "main", kinds: ["channel"] })).toEqual([]);
    });

    test("finds by title, key and what users and assistants wrote", async () => {
      await store.commit({
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
      });
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
      });
      expect(await keysOf({ search: "  " })).toHaveLength(3);
      expect(await keysOf({ search: "by-t", limit: 1 })).toEqual(["by-title"]);
    });

    test("a changed title is found by its new words only", async () => {
      await store.commit({ sessions: [make.sessionOf("a", { title: "Before" })] });
      await store.commit({ sessions: [make.sessionOf("a", { title: "After" })] });
      expect(await keysOf({ search: "before" })).toEqual([]);
      expect(await keysOf({ search: "after" })).toEqual(["a"]);
    });

    test("a deleted session goes with its descendants and all that hangs on them", async () => {
      const keys = ["top", "child", "grandchild", "other"];
      await store.commit({
        sessions: [
          make.sessionOf("top"),
          make.sessionOf("child", { parentKey: "top" }),
          make.sessionOf("grandchild", { parentKey: "child" }),
          make.sessionOf("other"),
        ],
        runs: keys.map((key) => make.runOf(`run-${key}`, key)),
        events: keys.map((key, n) => make.messageOf(key, n + 1, 1, make.userText("findable text"), `run-${key}`)),
        usage: keys.map((key) => make.usageOf("2026-11-22", key)),
      });
      for (const [n, key] of keys.entries()) await store.putSlot(make.slotOf("job_1", n, { sessionKey: key }));

      await store.deleteSession("top");

      expect(await keysOf({})).toEqual(["other"]);
      expect(await keysOf({ search: "findable" })).toEqual(["other"]);
      expect((await store.listEvents({ afterId: 0, limit: 10 })).map((event) => event.sessionKey)).toEqual(["other"]);
      expect((await store.listRuns({ limit: 10 })).map((run) => run.sessionKey)).toEqual(["other"]);
      expect((await store.listSlots({ limit: 10 })).map((slot) => slot.sessionKey)).toEqual(["other"]);
      // Spent is spent.
      expect(await store.listUsage({ sinceDay: "2026-11-22" })).toHaveLength(4);
      // A slot fires once, ever.
      expect(await store.claimSlot(make.slotOf("job_1", 0))).toBe(false);
    });

    test("sessions that are each other's parent are deleted too", async () => {
      await store.commit({
        sessions: [make.sessionOf("a", { parentKey: "b" }), make.sessionOf("b", { parentKey: "a" })],
      });
      await store.deleteSession("a");
      expect(await keysOf({})).toEqual([]);
    });

    test("a cleared session stays, without history, and its children with theirs", async () => {
      await store.commit({
        sessions: [make.sessionOf("main", { title: "Kept" }), make.sessionOf("child", { parentKey: "main" })],
        runs: [make.runOf("run_1", "main")],
        events: [
          make.messageOf("child", 1, 1, make.userText("of the child")),
          make.messageOf("main", 2, 7, make.userText("findable")),
        ],
      });
      await store.clearSession("main");
      expect((await store.getSession("main"))?.title).toBe("Kept");
      expect(await textsOf("main")).toEqual([]);
      expect(await textsOf("child")).toEqual(["of the child"]);
      expect(await keysOf({ search: "findable" })).toEqual([]);
      expect(await store.countRuns("main")).toEqual({ total: 0, failed: 0 });
      expect(await store.lastSeq("main")).toBe(7);
      expect(await store.counters()).toEqual({ eventId: 2 });
    });

    test("deleting what is not there changes nothing", async () => {
      await store.commit({ sessions: [make.sessionOf("main")] });
      await store.deleteSession("nowhere");
      expect(await keysOf({})).toEqual(["main"]);
    });
  });

  describe(`${name}: messages and events`, () => {
    beforeEach(async () => {
      const messages = Array.from({ length: 10 }, (_, n) =>
        n % 2 === 0 ? make.userText(`m${n}`) : make.toolText(`m${n}`),
      );
      await store.commit({
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
      expect(await store.listMessages("main", { limit: 3 })).toMatchObject({
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
      expect((await store.listMessages("main", { limit: 3, before: 7 })).hasMore).toBe(false);
      expect((await store.listMessages("main", { limit: 3, before: 8 })).hasMore).toBe(true);
      expect(await textsOf("main", { before: 1 })).toEqual([]);
    });

    test("by role", async () => {
      expect(await textsOf("main", { roles: ["user", "assistant"], limit: 2 })).toEqual(["m6", "m8"]);
      expect(await textsOf("main", { roles: [] })).toEqual([]);
    });

    test("events after an id, of all, a session, a run", async () => {
      const idsOf = async (query: { sessionKey?: string; runId?: string; limit?: number }) =>
        (await store.listEvents({ afterId: 16, limit: 50, ...query })).map((event) => event.id);
      expect(await idsOf({})).toEqual([17, 18, 19, 20, 21]);
      expect(await idsOf({ limit: 2 })).toEqual([17, 18]);
      expect(await idsOf({ sessionKey: "main" })).toEqual([17, 18, 19, 20]);
      expect(await idsOf({ runId: "run_1" })).toEqual([19, 20]);
      expect(await idsOf({ sessionKey: "other", runId: "run_1" })).toEqual([]);
    });

    test("an id or seq is taken once", async () => {
      await expect(store.commit({ events: [make.messageOf("main", 1, 99, make.userText("x"))] })).rejects.toThrow();
      await expect(store.commit({ events: [make.messageOf("main", 99, 1, make.userText("x"))] })).rejects.toThrow();
    });
  });

  describe(`${name}: numbers handed out`, () => {
    test("start at 0 and follow the events", async () => {
      expect(await store.counters()).toEqual({ eventId: 0 });
      expect(await store.lastSeq("main")).toBe(0);
      await store.commit({
        sessions: [make.sessionOf("main")],
        events: [make.messageOf("main", 41, 7, make.userText("x"))],
      });
      expect(await store.counters()).toEqual({ eventId: 41 });
      expect(await store.lastSeq("main")).toBe(7);
    });

    test("count what is reserved, and never go back", async () => {
      await store.reserve({ eventId: 100, sessionKey: "main", seq: 50 });
      await store.reserve({ eventId: 90, sessionKey: "main", seq: 40 });
      expect(await store.counters()).toEqual({ eventId: 100 });
      expect(await store.lastSeq("main")).toBe(50);
      expect(await store.lastSeq("other")).toBe(0);
    });

    test("survive the deletion of the newest events", async () => {
      await store.commit({ sessions: [make.sessionOf("a")], events: [make.messageOf("a", 41, 7, make.userText("x"))] });
      await store.deleteSession("a");
      expect(await store.counters()).toEqual({ eventId: 41 });
      expect(await store.lastSeq("a")).toBe(7);
    });
  });

  describe(`${name}: runs`, () => {
    test("newest first, by session, state and page", async () => {
      await store.commit({
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
      });
      const idsOf = async (query: object) => (await store.listRuns({ limit: 10, ...query })).map((run) => run.id);
      expect(await idsOf({})).toEqual(["r4", "r3", "r2", "r1"]);
      expect(await idsOf({ sessionKey: "main" })).toEqual(["r4", "r2", "r1"]);
      expect(await idsOf({ states: ["queued", "running"] })).toEqual(["r3", "r2"]);
      expect(await idsOf({ states: ["running"], sessionKey: "main" })).toEqual(["r2"]);
      expect(await idsOf({ limit: 2 })).toEqual(["r4", "r3"]);
      expect(await idsOf({ limit: 2, cursor: "r3" })).toEqual(["r2", "r1"]);
      await expect(idsOf({ cursor: "r9" })).rejects.toMatchObject({ code: "bad_request" });
      expect(await store.countRuns("main")).toEqual({ total: 3, failed: 1 });
      expect(await store.countRuns("nowhere")).toEqual({ total: 0, failed: 0 });
    });

    test("a run put again is replaced", async () => {
      await store.commit({ sessions: [make.sessionOf("main")], runs: [make.runOf("r1", "main")] });
      const finished = make.runOf("r1", "main", { state: "finished", outcome: { type: "done", reply: "ok" } });
      await store.commit({ runs: [finished] });
      expect(await store.getRun("r1")).toEqual(finished);
      expect(await store.listRuns({ states: ["queued"], limit: 10 })).toEqual([]);
      expect(await store.getRun("r2")).toBeUndefined();
    });
  });

  describe(`${name}: jobs and slots`, () => {
    test("jobs in the order they were made", async () => {
      await store.commit({
        jobs: [make.jobOf("b", { createdAt: make.timeAt(1) }), make.jobOf("a", { createdAt: make.timeAt(2) })],
      });
      await store.commit({ jobs: [make.jobOf("b", { createdAt: make.timeAt(1), enabled: false })] });
      expect((await store.listJobs()).map((job) => [job.id, job.enabled])).toEqual([
        ["b", false],
        ["a", true],
      ]);
      expect(await store.getJob("c")).toBeUndefined();
    });

    test("a slot is claimed once", async () => {
      const claims = await Promise.all(Array.from({ length: 20 }, () => store.claimSlot(make.slotOf("j", 1))));
      expect(claims.filter(Boolean)).toHaveLength(1);
      expect(await store.claimSlot(make.slotOf("j", 2))).toBe(true);
      expect(await store.claimSlot(make.slotOf("k", 1))).toBe(true);
    });

    test("slots newest first, by job and status", async () => {
      for (const n of [1, 3, 2]) await store.claimSlot(make.slotOf("j", n));
      await store.claimSlot(make.slotOf("k", 4));
      const done = make.slotOf("j", 2, { status: "ok", runId: "r1", finishedAt: make.timeAt(9) });
      await store.putSlot(done);
      const slotsOf = async (query: object) =>
        (await store.listSlots({ limit: 10, ...query })).map((slot) => slot.slot);
      expect(await slotsOf({})).toEqual([4, 3, 2, 1].map(make.timeAt));
      expect(await slotsOf({ jobId: "j" })).toEqual([3, 2, 1].map(make.timeAt));
      expect(await slotsOf({ jobId: "j", status: "running" })).toEqual([3, 1].map(make.timeAt));
      expect(await slotsOf({ limit: 1 })).toEqual([make.timeAt(4)]);
      expect(await store.listSlots({ status: "ok", limit: 10 })).toEqual([done]);
    });

    test("a deleted job takes its records along, and leaves its slots claimed", async () => {
      await store.commit({ jobs: [make.jobOf("j")] });
      await store.claimSlot(make.slotOf("j", 1));
      await store.deleteJob("j");
      expect(await store.listJobs()).toEqual([]);
      expect(await store.listSlots({ limit: 10 })).toEqual([]);
      expect(await store.claimSlot(make.slotOf("j", 1))).toBe(false);
    });
  });

  describe(`${name}: answers`, () => {
    test("the first caller owns the key", async () => {
      expect(await store.claimAnswer(make.answerOf("k"))).toBe(true);
      expect(await store.claimAnswer(make.answerOf("k", { digest: "d2" }))).toBe(false);
      expect(await store.getAnswer("k")).toEqual(make.answerOf("k"));
      const answered = make.answerOf("k", { answer: { status: 202, body: null } });
      await store.putAnswer(answered);
      expect(await store.getAnswer("k")).toEqual(answered);
      await store.deleteAnswer("k");
      expect(await store.getAnswer("k")).toBeUndefined();
      expect(await store.claimAnswer(make.answerOf("k", { digest: "d2" }))).toBe(true);
    });

    test("is forgotten after 24 h", async () => {
      await store.claimAnswer(make.answerOf("k"));
      await clock.advance(DAY_MS - 1);
      expect(await store.getAnswer("k")).toBeDefined();
      expect(await store.claimAnswer(make.answerOf("k"))).toBe(false);
      await clock.advance(1);
      expect(await store.getAnswer("k")).toBeUndefined();
      const fresh = make.answerOf("k", { createdAt: new Date(clock.now()).toISOString() });
      expect(await store.claimAnswer(fresh)).toBe(true);
      expect(await store.getAnswer("k")).toEqual(fresh);
    });
  });

  describe(`${name}: lease`, () => {
    test("goes to the first, and to another when it expired or was dropped", async () => {
      const now = clock.now();
      const first = make.leaseOf("a", now);
      expect(await store.holdLease(first, now)).toEqual(first);
      expect(await store.holdLease(make.leaseOf("b", now), now)).toEqual(first);
      const renewed = make.leaseOf("a", now + 1000);
      expect(await store.holdLease(renewed, now + 1000)).toEqual(renewed);
      expect(await store.holdLease(make.leaseOf("b", now + 5999), now + 5999)).toEqual(renewed);
      const second = make.leaseOf("b", now + 6000);
      expect(await store.holdLease(second, now + 6000)).toEqual(second);
      await store.dropLease("a");
      expect(await store.holdLease(make.leaseOf("c", now + 6001), now + 6001)).toEqual(second);
      await store.dropLease("b");
      const third = make.leaseOf("c", now + 6002);
      expect(await store.holdLease(third, now + 6002)).toEqual(third);
    });
  });

  describe(`${name}: usage`, () => {
    test("is added up per day, session and model", async () => {
      await store.commit({ usage: [make.usageOf("2026-11-21", "main"), make.usageOf("2026-11-22", "main")] });
      await store.commit({ usage: [make.usageOf("2026-11-22", "main", { requests: 2, costUsd: 0.5, unpriced: 1 })] });
      await store.commit({
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
      expect(await store.listUsage({ sinceDay: "2026-11-22", sessionKey: "main" })).toEqual([sum, two]);
      expect(await store.listUsage({ sinceDay: "2026-11-22" })).toEqual([
        sum,
        two,
        make.usageOf("2026-11-22", "other"),
      ]);
      expect(await store.listUsage({ sinceDay: "2026-11-01", sessionKey: "main" })).toHaveLength(3);
      expect(await store.listUsage({ sinceDay: "2026-11-23" })).toEqual([]);
    });
  });

  test(`${name}: a closed store says so, and closes twice`, async () => {
    await store.close();
    await store.close();
    await expect(store.getSession("main")).rejects.toMatchObject({ code: "unavailable" });
    await expect(store.commit({})).rejects.toMatchObject({ code: "unavailable" });
  });
}
