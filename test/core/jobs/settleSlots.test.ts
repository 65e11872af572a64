import { describe, expect, test } from "vitest";
import { settle } from "../../fakes/fakeClock.ts";
import { AppError } from "../../../src/base/appError.ts";
import type { Webhooks } from "../../../src/core/ports/outside/webhooks.ts";
import type { SlotRecord } from "../../../src/protocol/job.ts";
import type { Turn } from "../../fakes/scriptedProvider.ts";
import type { Store } from "../../../src/core/ports/store.ts";
import {
  DAY,
  failWrites,
  historyOf,
  HOUR,
  jobOf,
  MINUTE,
  openJobsBench,
  SECOND,
  START,
  user,
  openWebhooks,
} from "./jobsBench.ts";

const failure = (code: ConstructorParameters<typeof AppError>[0]): Turn => [
  { fail: new AppError(code, `It is ${code}`) },
];
const times = (count: number, turn: Turn): Turn[] => Array.from({ length: count }, () => turn);
const at = (ms: number) => ({ kind: "at", at: new Date(START + ms).toISOString() }) as const;
const daily = { kind: "cron", expr: "0 1 * * *", tz: "UTC" } as const;

describe("a failing job", () => {
  test("is tried again after 30 s, 1, 5, 15 and 60 minutes, and then at its next slot", async () => {
    const { core, clock, store } = await openJobsBench({ turns: times(6, failure("provider_error")) });
    const job = await core.jobs.add(jobOf({ schedule: daily }), user);
    await clock.advance(6 * HOUR);
    const starts = (await store.listSlots({ limit: 10 }))
      .toReversed()
      .map(({ startedAt }) => Date.parse(startedAt) - START - HOUR);
    expect(starts.map((ms) => ms / SECOND)).toEqual([0, 30, 90, 390, 1290, 4890]);
    expect((await historyOf(store)).slice(1).every((line) => line.endsWith("failed retry"))).toBe(true);
    expect(await core.jobs.get(job.id)).toMatchObject({
      enabled: true,
      lastStatus: "failed",
      nextRunAt: "2026-11-23T01:00:00.000Z",
      state: { consecutiveErrors: 6, lastError: "It is provider_error" },
    });
    await clock.advance(DAY);
    expect((await core.jobs.get(job.id)).state).toEqual({ consecutiveErrors: 0 });
  });

  test("that works again is not tried any more, and a slot that comes first takes the try's place", async () => {
    const { core, clock, store } = await openJobsBench({ turns: times(2, failure("provider_error")) });
    await core.jobs.add(jobOf({ schedule: { kind: "every", everyMs: 80 * SECOND } }), user);
    await clock.advance(4 * MINUTE);
    expect((await historyOf(store)).map((line) => line.slice(6))).toEqual([
      "failed schedule",
      "failed retry",
      "ok schedule",
      "ok schedule",
    ]);
  });

  test("whose fault lasts is turned off after the last try", async () => {
    const { core, clock } = await openJobsBench();
    const session = await core.sessions.create({ title: "Work" });
    const job = await core.jobs.add(
      jobOf({ schedule: { kind: "every", everyMs: DAY }, sessionTarget: session.key }),
      user,
    );
    await core.sessions.delete(session.key);
    await clock.advance(DAY + 3 * HOUR);
    const { enabled, nextRunAt, state } = await core.jobs.get(job.id);
    expect([enabled, nextRunAt, state.consecutiveErrors]).toEqual([false, null, 6]);
    expect(state.lastError).toBe(`No session "${session.key}" exists (turned off after 6 failures)`);
  });

  test("that has spent its budget, or was cancelled, waits for its next slot", async () => {
    const { core, clock, store } = await openJobsBench({
      turns: [failure("budget_exhausted"), [{ wait: new Promise(() => {}) }]],
    });
    const job = await core.jobs.add(jobOf(), user);
    await clock.advance(2 * HOUR + MINUTE);
    const [run] = await core.runs.list({ limit: 1 });
    await core.runs.cancel(run!.id);
    await settle();
    expect(await historyOf(store)).toEqual(["01:00 failed schedule", "02:00 failed schedule"]);
    expect(await core.jobs.get(job.id)).toMatchObject({ enabled: true, state: { lastError: "The run was cancelled" } });
    expect((await core.jobs.get(job.id)).state.retryAt).toBeUndefined();
  });

  test("that fires once is tried again for what may pass, and turned off for what lasts", async () => {
    const { core, clock, store } = await openJobsBench({
      turns: [failure("bad_request"), failure("rate_limited"), ["well"]],
    });
    const lasting = await core.jobs.add(jobOf({ schedule: at(HOUR) }), user);
    const passing = await core.jobs.add(jobOf({ schedule: at(2 * HOUR) }), user);
    await clock.advance(3 * HOUR);
    expect(await core.jobs.get(lasting.id)).toMatchObject({
      enabled: false,
      state: { consecutiveErrors: 1, lastError: "It is bad_request" },
    });
    expect(await core.jobs.get(passing.id)).toMatchObject({
      enabled: false,
      lastStatus: "ok",
      state: { consecutiveErrors: 0 },
    });
    expect(await historyOf(store)).toEqual(["01:00 failed schedule", "02:00 failed schedule", "02:00 ok retry"]);
  });

  test("gets another chance by whoever turns it on again", async () => {
    const { core, clock } = await openJobsBench({ turns: times(2, failure("provider_error")) });
    const job = await core.jobs.add(jobOf({ schedule: daily }), user);
    await clock.advance(HOUR + 40 * SECOND);
    expect((await core.jobs.get(job.id)).state.retryAt).toBeDefined();
    expect((await core.jobs.update(job.id, { enabled: false })).state.retryAt).toBeUndefined();
    expect((await core.jobs.update(job.id, { enabled: true })).state.consecutiveErrors).toBe(0);
  });
});

describe("a firing that was done", () => {
  const failEnds = (store: Store, times: number) =>
    failWrites(store, ({ runs = [] }) => runs.some(({ patch }) => patch.state === "finished"), times);

  test.each([daily, at(HOUR)])("is not done again where its end could not be stored at once", async (schedule) => {
    const { core, clock, store, model } = await openJobsBench({ turns: [["well"], ["again"]] });
    const job = await core.jobs.add(jobOf({ schedule }), user);
    failEnds(store, 3);
    await clock.advance(HOUR);
    expect(await historyOf(store)).toEqual(["01:00 running schedule"]);
    await clock.advance(2 * MINUTE);
    expect(await historyOf(store)).toEqual(["01:00 ok schedule"]);
    expect(model.requests).toHaveLength(1);
    expect(await core.jobs.get(job.id)).toMatchObject({ lastStatus: "ok", state: { consecutiveErrors: 0 } });
  });

  test("is not done again by the next gateway, which cannot read the store at once", async () => {
    let unread = 0;
    const seeStore = (store: Store) => {
      const getRun = store.getRun.bind(store);
      store.getRun = async (id) => {
        if (unread > 0 && unread--) throw new AppError("unavailable", "The store is locked");
        return getRun(id);
      };
      return store;
    };
    const bench = await openJobsBench({ turns: [["well"]], seeStore });
    await bench.core.jobs.add(jobOf({ schedule: daily }), user);
    failWrites(bench.store, ({ slots = [] }) => slots.length > 0, Infinity);
    await bench.clock.advance(HOUR);
    unread = 1;
    const { store, model } = await bench.restart([["again"]]);
    await bench.clock.advance(2 * MINUTE);
    expect(await historyOf(store)).toEqual(["01:00 ok schedule"]);
    expect(model.requests).toEqual([]);
  });
});

describe("announced", () => {
  test("results stand in the main session once it is free, and are told to whoever watches", async () => {
    const gate = Promise.withResolvers<void>();
    const { core, clock, events, store } = await openJobsBench({
      turns: [["thinking", { wait: gate.promise }], ["All is well"]],
    });
    const job = await core.jobs.add(jobOf({ delivery: { mode: "announce" } }), user);
    const talk = await core.sessions.send({ text: "hello", sessionKey: "main", origin: user });
    await clock.advance(HOUR);
    const [slot] = await store.listSlots({ limit: 1 });
    expect(slot).toMatchObject({ status: "ok", delivery: { status: "pending" } });
    expect(events.find(({ type }) => type === "job.announced")).toMatchObject({
      jobId: job.id,
      name: "Watch",
      status: "ok",
      text: "All is well",
      sessionKey: slot!.sessionKey,
    });
    gate.resolve();
    await talk.outcome;
    await settle();
    const { messages } = await core.sessions.history("main", { limit: 10, includeTools: true });
    expect(messages.map(({ role, text }) => [role, text])).toEqual([
      ["user", "hello"],
      ["assistant", "thinking"],
      ["system", 'The job "Watch" is done: All is well'],
    ]);
    expect((await store.listSlots({ limit: 1 }))[0]!.delivery).toEqual({ status: "delivered" });
    expect((await core.runs.list({ sessionKey: "main", limit: 10 })).length).toBe(1);
  });

  test("a reminder is shown at its time, though the model is away or says something else", async () => {
    for (const turns of [[["I will not say it."]], times(6, failure("provider_error"))]) {
      const { core, clock, events } = await openJobsBench({ turns });
      const payload = { kind: "systemEvent" as const, text: "Drink water" };
      await core.jobs.add(jobOf({ payload, sessionTarget: "main", delivery: { mode: "announce" } }), user);
      await clock.advance(HOUR);
      const told = events.filter((event) => event.type === "job.announced");
      expect(told).toMatchObject([{ name: "Watch", status: "ok", text: "Drink water", sessionKey: "main" }]);
    }
  });

  test("what a gateway had not handed over when it ended is, by the next, however many firings there were since", async () => {
    const bench = await openJobsBench();
    const quiet = await bench.core.jobs.add(jobOf({ delivery: { mode: "announce" } }), user);
    const busy = await bench.core.jobs.add(jobOf({ name: "Busy" }), user);
    const slotOf = (jobId: string, ms: number): SlotRecord => {
      const slot = new Date(START + ms).toISOString();
      return { jobId, slot, startedAt: slot, finishedAt: slot, status: "ok", cause: "schedule" };
    };
    await bench.store.commit({
      slots: [
        { put: { ...slotOf(quiet.id, 0), delivery: { status: "pending" } } },
        ...Array.from({ length: 1001 }, (_, at) => ({ put: slotOf(busy.id, 1 + at) })),
      ],
    });
    const { store } = await bench.restart();
    await settle();
    expect(await store.listSlots({ jobId: quiet.id, limit: 9 })).toMatchObject([{ delivery: { status: "delivered" } }]);
  });

  test("a failure is told when the last try has failed", async () => {
    const { core, clock, events } = await openJobsBench({ turns: times(6, failure("provider_error")) });
    await core.jobs.add(jobOf({ schedule: daily, delivery: { mode: "announce" } }), user);
    await clock.advance(2 * HOUR);
    expect(events.filter(({ type }) => type === "job.announced")).toEqual([]);
    await clock.advance(HOUR);
    expect(events.filter(({ type }) => type === "job.announced")).toMatchObject([
      { status: "failed", text: "It is provider_error" },
    ]);
  });
});

describe("webhooks", () => {
  test("a webhook that nothing can be posted to is refused at the door", async () => {
    const check = async ({ url }: { url: string }) => {
      if (url.includes("10.0.0.1")) throw new AppError("forbidden", "10.0.0.1 is not on the public internet");
    };
    const { core } = await openJobsBench({ webhooks: { check, post: async () => {} } });
    const delivery = (url: string) => ({ delivery: { mode: "webhook" as const, url } });
    const refused = { code: "bad_request", message: "delivery.url: 10.0.0.1 is not on the public internet" };
    await expect(core.jobs.add(jobOf(delivery("http://10.0.0.1/")), user)).rejects.toMatchObject(refused);
    const job = await core.jobs.add(jobOf(delivery("https://example.org/")), user);
    await expect(core.jobs.update(job.id, delivery("http://10.0.0.1/"))).rejects.toMatchObject(refused);
  });

  test("an address of this machine is for what people made: an agent gives none to a job of theirs", async () => {
    const check: Webhooks["check"] = async ({ allowLoopback }) => {
      if (!allowLoopback) throw new AppError("forbidden", "127.0.0.1 is this machine");
    };
    const { core } = await openJobsBench({ webhooks: { check, post: async () => {} } });
    const { key: id } = await core.sessions.create({ title: "Work" });
    const agent = { via: "subagent", id } as const;
    const delivery = { mode: "webhook" as const, url: "http://127.0.0.1/" };
    const refused = { code: "bad_request", message: "delivery.url: 127.0.0.1 is this machine" };
    await expect(core.jobs.add(jobOf({ delivery }), agent)).rejects.toMatchObject(refused);
    const job = await core.jobs.add(jobOf(), user);
    await expect(core.jobs.update(job.id, { delivery }, agent)).rejects.toMatchObject(refused);
    expect((await core.jobs.get(job.id)).delivery).toBeUndefined();
    const theirs = await core.jobs.update(job.id, { delivery }, user);
    expect(theirs.delivery).toEqual(delivery);
    // What is there already is not the agent's.
    expect(await core.jobs.update(job.id, { name: "Renamed" }, agent)).toMatchObject({ name: "Renamed", delivery });
  });

  const delivery = { mode: "webhook", url: "https://example.com/hook" } as const;

  test("get the result, again after a while when they were down", async () => {
    const { posts, webhooks } = openWebhooks([new AppError("unavailable", "down"), undefined]);
    const { core, clock, store } = await openJobsBench({ turns: [["Fine"]], webhooks });
    const job = await core.jobs.add(jobOf({ delivery, schedule: daily }), user);
    await clock.advance(HOUR + MINUTE);
    expect(posts).toHaveLength(2);
    const [slot] = await store.listSlots({ limit: 1 });
    expect(posts[1]).toEqual({
      id: `${job.id}:2026-11-22T01:00:00.000Z`,
      url: delivery.url,
      allowLoopback: true,
      body: {
        job: { id: job.id, name: "Watch" },
        slot: "2026-11-22T01:00:00.000Z",
        status: "ok",
        cause: "schedule",
        runId: slot!.runId,
        sessionKey: slot!.sessionKey,
        reply: "Fine",
        error: null,
        startedAt: slot!.startedAt,
        finishedAt: slot!.finishedAt,
      },
    });
    expect(slot!.delivery).toEqual({ status: "delivered" });
  });

  test("and announcements hold a report where the job says so; of a failure too, and without secrets", async () => {
    const { posts, webhooks } = openWebhooks([]);
    const { core, clock, events, store } = await openJobsBench({
      turns: [["Fine, hush-hush"], ["Fine, hush-hush"], failure("bad_request")],
      webhooks,
      redact: (text) => text.replaceAll("hush-hush", "[redacted]"),
    });
    const announced = { mode: "announce", content: "report" } as const;
    await core.jobs.add(jobOf({ schedule: at(HOUR), delivery: { ...delivery, content: "report" } }), user);
    await clock.advance(HOUR + SECOND);
    const body = posts[0]!.body as { reply: string; report: string; runId: string };
    expect(body.reply).toBe("Fine, [redacted]");
    expect(body.report).toContain(`# Report of run ${body.runId.replaceAll("_", "\\_")}`);
    expect(JSON.stringify(body)).not.toContain("hush");
    await core.jobs.add(jobOf({ delivery: announced, schedule: at(3 * HOUR) }), user);
    await core.jobs.add(jobOf({ delivery: announced, schedule: at(4 * HOUR) }), user);
    await clock.advance(6 * HOUR);
    const said = events.flatMap((event) => (event.type === "job.announced" ? [event] : []));
    expect(said.map(({ status, text }) => [status, /## (?:Answer|Error)/.exec(text)?.[0]])).toEqual([
      ["ok", "## Answer"],
      ["failed", "## Error"],
    ]);
    for (const { text } of said) expect(text.length).toBeLessThanOrEqual(4000);
    const { messages } = await store.listMessages("main", { limit: 10 });
    expect(messages.map(({ text }) => text.includes("# Report of run"))).toEqual([true, true]);
  });

  test("beside a report a value is without secrets as well", async () => {
    const { posts, webhooks } = openWebhooks([]);
    const { core, clock } = await openJobsBench({
      turns: [['{"said": ["hush-hush", 1, null, {"hush-hush": true}]}']],
      webhooks,
      redact: (text) => text.replaceAll("hush-hush", "[redacted]"),
    });
    const outputSchema = { type: "object", properties: { said: { type: "array" } }, required: ["said"] };
    await core.jobs.add(
      jobOf({ schedule: at(HOUR), delivery: { ...delivery, content: "report" }, outputSchema }),
      user,
    );
    await clock.advance(HOUR + SECOND);
    const body = posts[0]!.body as { result: unknown };
    expect(body.result).toEqual({ said: ["[redacted]", 1, null, { "[redacted]": true }] });
    expect(JSON.stringify(body)).not.toContain("hush");
  });

  test.each([
    [[new AppError("bad_request", "status 404")], 1, "status 404"],
    [times(4, []).map(() => new AppError("unavailable", "down")), 4, "down"],
  ])("that do not take it leave their error in the slot", async (answers, count, error) => {
    const { posts, webhooks } = openWebhooks(answers);
    const { core, clock, store } = await openJobsBench({ webhooks });
    const job = await core.jobs.add(jobOf({ delivery, schedule: daily }), user);
    await clock.advance(HOUR + 20 * MINUTE);
    expect(posts).toHaveLength(count);
    expect((await store.listSlots({ limit: 1 }))[0]).toMatchObject({
      status: "ok",
      delivery: { status: "failed", error },
    });
    expect((await core.jobs.get(job.id)).lastStatus).toBe("ok");
  });

  test("what was not delivered when the gateway closed is delivered by the next", async () => {
    const { posts, webhooks } = openWebhooks([new AppError("unavailable", "down"), undefined]);
    const first = await openJobsBench({ turns: [["Fine"]], webhooks });
    await first.core.jobs.add(jobOf({ delivery, schedule: daily }), user);
    await first.clock.advance(HOUR);
    const second = await first.restart();
    await settle();
    expect(posts.map(({ body }) => (body as { reply: string }).reply)).toEqual(["Fine", "Fine"]);
    expect((await second.store.listSlots({ limit: 1 }))[0]!.delivery).toEqual({ status: "delivered" });
  });
});

describe("a heartbeat", () => {
  const heartbeat = jobOf({
    name: "Heartbeat",
    schedule: { kind: "every", everyMs: HOUR },
    payload: { kind: "heartbeat", instructions: "See whether the build is green." },
  });

  test("leaves nothing behind when there is nothing to say, and speaks up when there is", async () => {
    const { core, clock, events, model, store } = await openJobsBench({
      turns: [["HEARTBEAT_OK"], ["The build is red."]],
    });
    await core.jobs.add(heartbeat, user);
    await clock.advance(HOUR);
    expect(model.requests[0]!.messages[0]).toMatchObject({
      text: expect.stringContaining("See whether the build is green."),
    });
    expect((await core.sessions.list({ limit: 10 })).sessions.map(({ key }) => key)).toEqual(["main"]);
    expect(await historyOf(store)).toEqual(["01:00 ok schedule"]);
    expect(events.some(({ type }) => type === "job.announced")).toBe(false);
    await clock.advance(HOUR);
    expect(events.find(({ type }) => type === "job.announced")).toMatchObject({ text: "The build is red." });
    expect((await core.sessions.list({ limit: 10 })).sessions).toHaveLength(2);
  });

  test("has a session of its own", async () => {
    const { core } = await openJobsBench();
    await expect(core.jobs.add({ ...heartbeat, sessionTarget: "main" }, user)).rejects.toMatchObject({
      code: "bad_request",
    });
  });
});
