import { expect, test } from "vitest";
import type { Tool } from "../../src/core/ports/tool.ts";
import { cron } from "../../src/tools/cronTool.ts";
import { createMessageSend } from "../../src/tools/sessions/messageSendTool.ts";
import { type Bench, nextEvent } from "../core/bench.ts";
import { call } from "../fakes/scriptedProvider.ts";
import { ANNA, BORIS, openChat, poll } from "./chatBench.ts";

const origin = { via: "api" as const };

function report(name: string, delivery: object) {
  return {
    name,
    schedule: { kind: "at" as const, at: "2040-01-01T00:00:00.000Z" },
    payload: { kind: "agentTurn" as const, message: "report" },
    sessionTarget: "isolated",
    delivery: { mode: "announce" as const, ...delivery },
  };
}

test("a job's result goes to the chat that it names, once, without secrets, and is announced beside", async () => {
  const { bench, telegram } = await openChat({
    turns: [["All is **well**, sk-ant-1234567890abcdef"]],
    redact: (text) => text.replaceAll("sk-ant-1234567890abcdef", "[redacted]"),
  });
  const job = await bench.core.jobs.add(report("nightly", { channel: "telegram", to: String(ANNA) }), origin);
  await bench.core.jobs.run(job.id);
  const sent = await telegram.until(({ chat }) => chat === ANNA);
  expect(sent.text).toBe("nightly\n\nAll is well, [redacted]");
  await poll(async () => (await bench.core.jobs.firings({ jobId: job.id, limit: 1 }))[0]).toMatchObject({
    status: "ok",
    delivery: { status: "delivered", channel: "telegram" },
  });
  expect(bench.events.filter(({ type }) => type === "job.announced")).toHaveLength(1);
});

test("a secret is taken out of a result before it is cut", async () => {
  const secret = "sk-ant-1234567890abcdef";
  const { bench, telegram } = await openChat({
    turns: [[`${"x".repeat(3985)} ${secret} and more`]],
    redact: (text) => text.replaceAll(secret, "[redacted]"),
  });
  const job = await bench.core.jobs.add(report("nightly", { channel: "telegram", to: String(ANNA) }), origin);
  await bench.core.jobs.run(job.id);
  expect((await telegram.until(({ chat }) => chat === ANNA)).text).toBe(
    `nightly\n\n${"x".repeat(3985)} [redacted] an…`,
  );
});

/** On its way, while nobody takes it there. */
const WAITING = { status: "queued", channel: "telegram", why: "No gateway runs the channel telegram now" };

/** What the record of a job's only firing says of its result. */
async function fateOf({ core }: Pick<Bench, "core">, jobId: string) {
  return (await core.jobs.firings({ jobId, limit: 1 }))[0]?.delivery;
}

test("a firing's record says what the network made of its result: queued, then delivered, refused with its words, or in doubt", async () => {
  const { bench, telegram, close, run } = await openChat({ turns: [["one"], ["two"], ["three"], ["four"]] });
  await close();
  const job = await bench.core.jobs.add(report("nightly", { channel: "telegram", to: String(ANNA) }), origin);
  const fire = async () => {
    await bench.core.jobs.run(job.id);
    await poll(() => fateOf(bench, job.id)).toEqual(WAITING);
  };
  // Nobody takes it there: the job has ended all the same, and its result is on its way.
  await fire();
  expect((await bench.core.jobs.get(job.id)).lastStatus).toBe("ok");
  const told = bench.events.filter(({ type }) => type === "job.changed").length;
  run();
  await poll(() => fateOf(bench, job.id)).toEqual({ status: "delivered", channel: "telegram" });
  expect(bench.events.filter(({ type }) => type === "job.changed").length).toBeGreaterThan(told);
  for (const [fault, fate] of [
    [
      { status: 403, description: "Forbidden: bot was blocked by the user" },
      { status: "refused", error: "Telegram answered 403 to sendMessage: Forbidden: bot was blocked by the user" },
    ],
    [
      { status: 400, description: "Bad Request: chat not found" },
      { status: "refused", error: "Telegram answered 400 to sendMessage: Bad Request: chat not found" },
    ],
    [{ drop: "done" }, { status: "in doubt", error: expect.stringMatching(/^Telegram did not answer sendMessage/) }],
  ] as const) {
    await close();
    await fire();
    telegram.fail({ method: "sendMessage", ...fault });
    run();
    await poll(() => fateOf(bench, job.id)).toEqual({ ...fate, channel: "telegram" });
  }
  // Whoever reads there has it sent once more.
  telegram.say(ANNA, "/again");
  await poll(() => fateOf(bench, job.id)).toEqual({ status: "delivered", channel: "telegram" });
});

test("one part that is refused is what there is to tell, and a slow network holds up no job", async () => {
  const long = `See\n\n\`\`\`\n${"x".repeat(3600)}\n\`\`\``;
  const { bench, telegram } = await openChat({ turns: [[long], ["quick"]] });
  telegram.fail({ method: "sendMessage", chat: BORIS, status: 429, retryAfter: 3600, times: 1 });
  const slow = await bench.core.jobs.add(report("slow", { channel: "telegram", to: String(BORIS) }), origin);
  await bench.core.jobs.run(slow.id);
  await poll(() => telegram.calls.filter(({ method }) => method === "sendMessage").length).toBe(1);
  await poll(() => fateOf(bench, slow.id)).toEqual({
    status: "queued",
    channel: "telegram",
    why: "Telegram answered 429 to sendMessage: Bad Request: as the test says",
    retryAt: expect.any(String),
  });
  const next = await bench.core.jobs.add(report("next", { channel: "telegram", to: String(ANNA) }), origin);
  await bench.core.jobs.run(next.id);
  await poll(() => fateOf(bench, next.id)).toMatchObject({ status: "delivered" });
  const rows = await bench.store.listOutbox({ channel: "telegram", states: ["waiting"], limit: 9 });
  expect(rows).toHaveLength(2);
  // As the network would: the first arrives.
  for (const [at, { key }] of rows.entries())
    await bench.store.commit({
      channels: [{ send: key, expect: "waiting", state: at === 1 ? "failed" : "sent", error: "Forbidden" }],
    });
  bench.core.channels.settled(rows.at(-1)!.key);
  await poll(() => fateOf(bench, slow.id)).toEqual({ status: "refused", channel: "telegram", error: "Forbidden" });
});

test("what was on its way when the gateway ended is noted by the next, and by one that comes after it was sent", async () => {
  const { bench, telegram, close } = await openChat({ turns: [["one"]] });
  await close();
  const job = await bench.core.jobs.add(report("nightly", { channel: "telegram", to: String(ANNA) }), origin);
  await bench.core.jobs.run(job.id);
  await poll(() => fateOf(bench, job.id)).toEqual(WAITING);
  // It is killed while it sends, and after it has: nobody of it notes anything.
  const [whole] = await bench.store.listOutbox({ channel: "telegram", states: ["whole"], limit: 1 });
  await bench.store.commit({ channels: [{ send: whole!.key, expect: "whole", state: "sent" }] });
  const second = await bench.kill();
  await poll(() => fateOf(second, job.id)).toEqual({ status: "delivered", channel: "telegram" });
  expect(telegram.sent).toEqual([]);
});

test("it is noted however many firings there were since", async () => {
  const { bench, telegram, close, run } = await openChat({ turns: [["one"], ["two"]] });
  await close();
  const [slow, busy] = await Promise.all(
    ["slow", "busy"].map((name) => bench.core.jobs.add(report(name, { channel: "telegram" }), origin)),
  );
  await bench.core.jobs.run(slow!.id);
  await poll(() => fateOf(bench, slow!.id)).toMatchObject({ status: "queued" });
  await bench.store.commit({
    slots: Array.from({ length: 1001 }, (_, at) => {
      const slot = new Date(Date.now() + 1000 + at).toISOString();
      return { put: { jobId: busy!.id, slot, startedAt: slot, status: "ok" as const, cause: "schedule" as const } };
    }),
  });
  const second = await bench.kill();
  run({ agent: second.core });
  await telegram.until(({ text }) => /one/.test(text));
  await poll(() => fateOf(second, slow!.id)).toEqual({ status: "delivered", channel: "telegram" });
});

test("a rehearsal's result says the same", async () => {
  const { bench, telegram } = await openChat({ turns: [["rehearsed"]] });
  const job = await bench.core.jobs.add(report("nightly", { channel: "telegram", to: String(ANNA) }), origin);
  telegram.fail({ method: "sendMessage", status: 403, description: "Forbidden: bot was blocked by the user" });
  await bench.core.jobs.rehearse(job.id, { deliver: true });
  await poll(async () => (await bench.core.jobs.get(job.id)).rehearsal?.delivery).toEqual({
    ...{ status: "refused", channel: "telegram" },
    error: "Telegram answered 403 to sendMessage: Forbidden: bot was blocked by the user",
  });
  expect((await bench.core.jobs.rehearsal({ id: job.id })).delivery).toMatchObject({ status: "refused" });
});

test("a reminder goes to its chat in its own words", async () => {
  const { bench, telegram } = await openChat({ turns: [["I shall remember"]] });
  const job = await bench.core.jobs.add(
    {
      ...report("tea", { channel: "telegram", to: String(ANNA) }),
      payload: { kind: "systemEvent" as const, text: "Drink tea" },
    },
    origin,
  );
  await bench.core.jobs.run(job.id);
  expect((await telegram.until(({ chat }) => chat === ANNA)).text).toBe("tea\n\nDrink tea");
  expect(bench.events.filter(({ type }) => type === "job.announced")).toHaveLength(1);
});

test("where it cannot go is said when the job is made, and of its firing when that was so later", async () => {
  const { bench, telegram, settings } = await openChat({ turns: [["a"]] });
  await expect(bench.core.jobs.add(report("a", { channel: "pager" }), origin)).rejects.toThrow(
    'delivery.channel: "pager" is not set up; without it, results go to the editor',
  );
  await expect(bench.core.jobs.add(report("a", { channel: "telegram", to: "31337" }), origin)).rejects.toThrow(
    'delivery.to: Nobody who may talk on telegram has a chat "31337"',
  );
  const job = await bench.core.jobs.add(report("a", { channel: "telegram", to: String(BORIS) }), origin);
  settings.allow.pop();
  await bench.core.jobs.run(job.id);
  await poll(async () => (await bench.core.jobs.firings({ jobId: job.id, limit: 1 }))[0]).toMatchObject({
    status: "ok",
    delivery: { status: "failed", error: expect.stringMatching(/Nobody who may talk/) },
  });
  expect(telegram.sent).toEqual([]);
});

test("what keeps the agent from a chat keeps its jobs from it, too, and no person's", async () => {
  const { bench, telegram } = await openChat({
    turns: [["of a person"]],
    agent: { rules: [{ deny: "message", channel: "telegram", to: String(ANNA) }] },
  });
  const { jobs } = bench.core;
  const session = await bench.core.sessions.create({ title: "Work" });
  const agent = { via: "subagent" as const, id: session.key };
  const [denied, other] = [ANNA, BORIS].map((to) => ({ channel: "telegram", to: String(to) }));
  const refused = {
    code: "bad_request",
    message: `delivery.to: A rule keeps the agent from the chat "${ANNA}" on telegram`,
  };
  await expect(jobs.add(report("mine", denied!), agent)).rejects.toMatchObject(refused);
  const { id } = await jobs.add(report("mine", other!), agent);
  const patch = { delivery: { mode: "announce" as const, ...denied } };
  await expect(jobs.update(id, patch, agent)).rejects.toMatchObject(refused);
  const theirs = await jobs.add(report("theirs", other!), origin);
  await expect(jobs.update(theirs.id, patch, agent)).rejects.toMatchObject(refused);
  await jobs.update(theirs.id, patch, origin);
  await jobs.run(theirs.id);
  expect(await telegram.until(({ chat }) => chat === ANNA)).toMatchObject({ text: "theirs\n\nof a person" });
});

test("the agent writes to a chat when a person has allowed exactly that, and never to a stranger's", async () => {
  const input = { channel: "telegram", text: "The build is red" };
  const messageSend = createMessageSend(
    () => chat.bench.core.channels,
    () => ["telegram"],
  );
  const chat = await openChat({
    turns: [[call("message_send", input)], ["told"], [call("message_send", { ...input, to: "31337" })], ["not told"]],
    tools: [messageSend as Tool],
  });
  const { bench, telegram } = chat;
  const asked = nextEvent(bench.core, "approval.asked");
  const run = await bench.core.sessions.send({ text: "tell them", origin: { via: "panel" }, sessionKey: "main" });
  const { approval } = await asked;
  expect(approval).toMatchObject({
    subject: { type: "other", text: `send to telegram ${ANNA}:\nThe build is red` },
    offers: [
      { decision: "allow" },
      { decision: "allow_session", words: `send messages to ${ANNA} on telegram, in this session` },
      { decision: "deny" },
    ],
  });
  await bench.core.approvals.answer(approval.id, "allow", "panel");
  expect(await run.outcome).toMatchObject({ type: "done", reply: "told" });
  expect(await telegram.until(({ text }) => text === "The build is red")).toMatchObject({ chat: ANNA });
  const second = await bench.core.sessions.send({ text: "others", origin: { via: "panel" }, sessionKey: "main" });
  await second.outcome;
  const { messages } = await bench.core.sessions.history("main", { limit: 9, includeTools: true });
  expect(messages.filter(({ role }) => role === "tool").at(-1)!.text).toMatch(
    /Nobody who may talk on telegram has a chat "31337"/,
  );
  expect(telegram.sent).toHaveLength(1);
});

test("what somebody wants done later in a chat comes back there, as the question says, and elsewhere when that is said", async () => {
  const job = {
    name: "tea",
    schedule: { kind: "at", at: "2040-01-01T00:00:00.000Z" },
    payload: { kind: "systemEvent", text: "Drink tea" },
    sessionTarget: "main",
  };
  const add = (more: object) => call("cron", { action: "add", job: { ...job, ...more } });
  const { bench, telegram } = await openChat({
    turns: [
      [add({})],
      ["yes"],
      ["I shall remember"],
      [add({ name: "quiet", delivery: { mode: "none" } })],
      ["yes"],
      [add({})],
      ["yes"],
    ],
    tools: [cron as Tool],
    settings: { session: "main" },
  });
  telegram.say(BORIS, "remind me of tea", { topic: 7 });
  const ask = await telegram.until(({ buttons }) => buttons.length > 0);
  expect(ask.text).toMatch(/"delivery": \{\s+"mode": "announce",\s+"channel": "telegram",\s+"to": "222:7"/);
  telegram.press(BORIS, ask, "Allow once");
  await telegram.until(({ text }) => text === "yes");
  const [made] = await bench.core.jobs.list();
  await bench.core.jobs.run(made!.id);
  expect(await telegram.until(({ text }) => text === "tea\n\nDrink tea")).toMatchObject({ chat: BORIS, topic: 7 });

  telegram.say(BORIS, "and quietly");
  const second = await telegram.until(({ buttons, topic }) => buttons.length > 0 && topic === undefined);
  telegram.press(BORIS, second, "Allow once");
  await poll(async () => (await bench.core.jobs.list()).map(({ delivery }) => delivery?.mode)).toEqual([
    "announce",
    "none",
  ]);
  const asked = nextEvent(bench.core, "approval.asked");
  await bench.core.sessions.send({ text: "not from a chat", origin: { via: "panel" }, sessionKey: "main" });
  expect((await asked).approval.subject).not.toMatchObject({ text: expect.stringContaining("delivery") });
});
