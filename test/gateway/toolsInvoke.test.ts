import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { AppError } from "../../src/base/appError.ts";
import { nextEvent } from "../core/bench.ts";
import { createFakeClock } from "../fakes/fakeClock.ts";
import { type Json, openGatewayBench, TOKEN } from "./bench.ts";

interface Recorded {
  name: string;
  request: { method: string; path: string; headers?: Record<string, string>; body: Json };
  response: { status: number; body: Json };
}

const folder = new URL("../golden/openclaw/", import.meta.url);
const pairs = readdirSync(folder).map((file) => JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Recorded);

/** Recorded values that are of their own kind only: ids, times, texts of a card or a model. */
const OWN_WORDS = new Set(["runId", "childSessionKey", "note", "statusText", "bytes"]);
/** Recorded fields that hold what Pincer has no such thing for. */
const ABSENT = new Set(["contentTruncated", "contentRedacted", "pendingInputs", "childSessions", "sentBeforeError"]);

test.each(pairs)("answers as OpenClaw was recorded to: $name", async ({ name, request, response }) => {
  const failing = new AppError("provider_error", "the provider rejected the request");
  const turns = { "sessions_send-fail400": [[{ fail: failing }]], "sessions_send-text": [["NO_REPLY"]] }[name];
  const { gateway, model } = await openGatewayBench({ turns: turns ?? [["Hello from the mock model."]] });
  const { body } = request;
  const answer = await fetch(`${gateway.url}${request.path}`, {
    method: request.method,
    headers: { Authorization: `Bearer ${TOKEN}`, "Content-Type": "application/json", ...toHeaders(request.headers) },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const given = (await answer.json()) as Json;
  expect(answer.status, JSON.stringify(given)).toBe(response.status);
  expect(given.ok).toBe(response.body.ok ?? false);
  if (response.status >= 400) {
    expect(given.error.message).toBeTypeOf("string");
    const { type, message } = response.body.error;
    // The gate speaks before the door, in its own words.
    if (response.body.ok === false) expect(given.error).toEqual({ type, message });
    else expect(given.error.type).toBe(type === "invalid_request_error" ? "invalid_request" : type);
    return;
  }
  const { content, details } = given.result;
  if (!name.startsWith("session_status")) expect(JSON.parse(content[0].text)).toEqual(details);
  else expect(content).toEqual([{ type: "text", text: details.statusText }]);
  const recorded = response.body.result.details;
  for (const key of Object.keys(recorded).filter((field) => !ABSENT.has(field) && !OWN_WORDS.has(field)))
    expect(details, key).toHaveProperty(key);
  for (const key of ["status", "reply", "mode", "targetDisposition", "delivery", "role", "changedModel", "ok"])
    if (key in recorded) expect(details[key], key).toEqual(recorded[key]);
  for (const key of Object.keys(recorded.sessions?.[0] ?? {}).filter(
    (field) => !ABSENT.has(field) && field !== "messages",
  ))
    expect(details.sessions[0], key).toHaveProperty(key);
  // A spawn's result wakes the session that asked.
  expect(model.requests.length).toBeLessThan(name.startsWith("sessions_spawn") ? 3 : 2);
});

test("sessions, jobs and tools are driven through it", async () => {
  const { post, core, store } = await openGatewayBench({ turns: [["to you"], ["child says"]] });
  const invoke = async (tool: string, args: object = {}, more: object = {}) => {
    const { status, body } = await post("/tools/invoke", { tool, args, ...more });
    expect(status, JSON.stringify(body)).toBe(200);
    return body.result.details;
  };
  expect(await invoke("sessions_send", { sessionKey: "agent:main:main", message: "hi" })).toMatchObject({
    status: "ok",
    reply: "to you",
  });
  const spawned = await invoke("sessions_spawn", { task: "look", label: "research" }, { sessionKey: "main" });
  expect(spawned).toMatchObject({ status: "accepted", resolvedModel: "test/m", modelApplied: true });
  await core.runs.wait(spawned.runId, 60_000);
  const history = await invoke("sessions_history", { sessionKey: spawned.childSessionKey });
  expect(history.messages).toMatchObject([
    { role: "user", content: "look" },
    { role: "assistant", content: [{ type: "text", text: "child says" }], provider: "test", model: "m" },
  ]);
  expect((await core.sessions.get(spawned.childSessionKey)).parentKey).toBe("main");
  const byTitle = await invoke("sessions_send", { label: "research", message: "more", timeoutSeconds: 10 });
  expect(byTitle).toMatchObject({ status: "ok", sessionKey: spawned.childSessionKey });

  const job = {
    name: "n",
    wakeMode: "now",
    schedule: { kind: "every", everyMs: 3_600_000 },
    payload: { kind: "systemEvent", text: "t" },
    sessionTarget: "main",
  };
  const added = await invoke("cron", { job }, { action: "add" });
  expect(added).toMatchObject({ name: "n", wakeMode: "now", state: { nextRunAtMs: Date.parse(added.nextRunAt) } });
  expect(await invoke("cron", { action: "list" })).toMatchObject({ jobs: [{ id: added.id }] });
  expect(await invoke("cron", { action: "update", jobId: added.id, patch: { enabled: false } })).toMatchObject({
    enabled: false,
  });
  expect(await invoke("cron", { action: "remove", jobId: added.id })).toEqual({ ok: true, removed: true });
  expect((await post("/tools/invoke", { tool: "cron", args: { action: "get", id: added.id } })).status).toBe(404);

  const own = await post("/tools/invoke", { name: "add", args: { a: 2, b: 3 } });
  expect(own.body).toEqual({ ok: true, result: { content: [{ type: "text", text: "5" }], details: { text: "5" } } });
  const events = await store.listEvents({ afterId: 0, limit: 1000 });
  expect(events.filter(({ type }) => type === "tool.finished")).toMatchObject([
    { name: "add", origin: { via: "api", id: "default" } },
  ]);
});

test("sessions are listed by their kinds and by when they were used last", async () => {
  const clock = createFakeClock();
  const { post, core } = await openGatewayBench({ clock });
  await core.sessions.create({ title: "Old" });
  await clock.advance(10 * 60_000);
  await core.sessions.create({ title: "New" });
  const list = async (args: object) => {
    const { sessions, count, hasMore } = (await post("/tools/invoke", { tool: "sessions_list", args })).body.result
      .details;
    expect(count).toBe(sessions.length);
    return [sessions.map(({ displayName }: Json) => displayName), hasMore];
  };
  expect(await list({ kinds: ["cron", "group"] })).toEqual([[], false]);
  expect(await list({ kinds: ["isolated", "cron"] })).toEqual([["New", "Old"], false]);
  expect(await list({ kinds: ["isolated"], activeMinutes: 5 })).toEqual([["New"], false]);
  expect(await list({ kinds: ["isolated"], activeMinutes: 10 })).toEqual([["New", "Old"], false]);
  expect(await list({ kinds: ["isolated"], activeMinutes: 5, limit: 1 })).toEqual([["New"], true]);
  expect(await list({ kinds: ["isolated"], activeMinutes: "soon" })).toEqual([["New", "Old"], false]);
});

test("a session is found by its label beside any number of newer ones, and told as it stands in lists", async () => {
  const { post, core } = await openGatewayBench({ turns: [["here"]] });
  const { key } = await core.sessions.create({ title: "Deploy" });
  await core.sessions.update(key, { pinned: true, archived: true });
  for (let nth = 0; nth < 101; nth += 1) await core.sessions.create({ title: `Deploy ${nth}` });
  await core.sessions.create({ key: "telegram-dm-42", kind: "channel", title: "Ann (Telegram)" });
  const invoke = async (tool: string, args: object) =>
    (await post("/tools/invoke", { tool, args })).body.result.details;
  const { sessions } = await invoke("sessions_list", { limit: 200 });
  const told = (sessionKey: string) => sessions.find((session: Json) => session.key === sessionKey);
  expect(told(key)).toMatchObject({ pinned: true, archived: true, channel: "unknown" });
  expect(told("telegram-dm-42")).toMatchObject({ pinned: false, archived: false, channel: "telegram" });
  const sent = await invoke("sessions_send", { label: "Deploy", message: "go", timeoutSeconds: 10 });
  expect(sent).toMatchObject({ status: "ok", sessionKey: key });
});

test("what a token may not do, no tool does for it", async () => {
  const tokens = (["admin", "write", "read"] as const).map((scope) => ({ name: scope, value: TOKEN + scope, scope }));
  const { post } = await openGatewayBench({ gateway: { tokens } });
  const reader = { Authorization: `Bearer ${TOKEN}read` };
  const ask = (tool: string, args: object = {}) => post("/tools/invoke", { tool, args }, reader);
  for (const [tool, args] of [
    ["sessions_list", {}],
    ["sessions_history", { sessionKey: "main" }],
    ["session_status", {}],
    ["cron", { action: "list" }],
    ["add", { a: 1, b: 1 }],
  ] as const)
    expect((await ask(tool, args)).status, tool).toBe(200);
  for (const [tool, args] of [
    ["sessions_send", { sessionKey: "main", message: "x" }],
    ["sessions_spawn", { task: "x" }],
    ["session_status", { model: "test/m" }],
    ["cron", { action: "remove", id: "x" }],
    ["cron", { action: "run", id: "x", runMode: "due" }],
    ["note", { text: "x" }],
  ] as const) {
    const { status, body } = await ask(tool, args);
    expect([status, body.error.type], tool).toEqual([403, "forbidden"]);
  }
});

test("one idempotency key is one call", async () => {
  const { post, model } = await openGatewayBench({ turns: [["once"]] });
  const ask = () =>
    post(
      "/tools/invoke",
      { tool: "sessions_send", args: { sessionKey: "main", message: "x" } },
      { "Idempotency-Key": "k" },
    );
  const [one, two] = [await ask(), await ask()];
  expect(two.body).toEqual(one.body);
  expect(model.requests).toHaveLength(1);
});

test("a tool that changes something waits for the user's word", async () => {
  const { post, core } = await openGatewayBench();
  core.events.on((event) => {
    if (event.type === "approval.asked") void core.approvals.answer(event.approval.id, "deny", "panel");
  });
  const { status, body } = await post("/tools/invoke", { tool: "note", args: { text: "x" } });
  expect([status, body.ok, body.error.type]).toEqual([400, false, "tool_error"]);
});

function toHeaders(recorded: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(recorded).map(([name, value]) => [name === "authorization" ? "Authorization" : name, value]),
  );
}

test("jobs in OpenClaw's own forms are taken, and what has no effect is named", async () => {
  const { post } = await openGatewayBench();
  const add = async (job: object) => {
    const { status, body } = await post("/tools/invoke", { tool: "cron", action: "add", args: { job } });
    return { status, details: body.result?.details, error: body.error };
  };
  const turn = { kind: "agentTurn", message: "Look at the inbox\nand sort it" };
  const every = { kind: "every", everyMs: 3_600_000 };
  const at = Date.parse("2099-01-02T03:04:05.000Z");
  const cases: [object, object][] = [
    [
      { schedule: every, payload: turn },
      { name: "Look at the inbox", sessionTarget: "isolated", payload: turn },
    ],
    [
      { schedule: { kind: "at", atMs: at }, payload: { kind: "systemEvent", text: "now" } },
      { sessionTarget: "main", schedule: { kind: "at", at: "2099-01-02T03:04:05.000Z" } },
    ],
    [
      {
        name: "n",
        schedule: every,
        payload: { ...turn, timeoutSeconds: 90, model: "test/m", thinking: "high", deliver: true, channel: "last" },
      },
      {
        timeoutSeconds: 90,
        model: "test/m",
        payload: turn,
        delivery: { mode: "announce" },
        dropped: ["payload.thinking", "payload.channel"],
      },
    ],
    [
      { name: "n", schedule: every, payload: turn, wakeMode: "next-heartbeat", agentId: "main", deleteAfterRun: true },
      { dropped: ["wakeMode", "deleteAfterRun"] },
    ],
    [
      {
        name: "n",
        schedule: every,
        payload: turn,
        delivery: { mode: "webhook", to: "https://example.org/x", bestEffort: true },
      },
      { delivery: { mode: "webhook", url: "https://example.org/x" }, dropped: ["delivery.bestEffort"] },
    ],
  ];
  for (const [job, expected] of cases) {
    const { status, details, error } = await add(job);
    expect(status, JSON.stringify(error)).toBe(200);
    expect(details).toMatchObject(expected);
    if (!("dropped" in expected)) expect(details).not.toHaveProperty("dropped");
  }
  const far = { mode: "announce", channel: "whatsapp", to: "+49" };
  expect((await add({ schedule: every, payload: turn, delivery: far })).details).toMatchObject({
    delivery: { mode: "announce" },
    dropped: ["delivery.channel", "delivery.to"],
  });
  expect((await add({ schedule: { kind: "at", atMs: 9e99 }, payload: turn })).error.message).toContain("schedule.atMs");
  expect((await add({ schedule: every, payload: { ...turn, colour: "red" } })).error.message).toContain("colour");
});

test("a job that is to run only if it is due is not fired before, or while it is off", async () => {
  const { post, get } = await openGatewayBench({ turns: [["ran"]] });
  const cron = async (args: object) => (await post("/tools/invoke", { tool: "cron", args })).body.result.details;
  const schedule = { kind: "every", everyMs: 3_600_000 };
  const { id } = await cron({ action: "add", job: { schedule, payload: { kind: "agentTurn", message: "x" } } });
  const due = { action: "run", jobId: id, runMode: "due" };
  const notDue = { ok: true, ran: false, reason: "not-due" };
  expect(await cron(due)).toEqual(notDue);
  await cron({ action: "update", id, patch: { enabled: false } });
  expect(await cron(due)).toEqual(notDue);
  expect((await get("/api/cron/runs")).body.runs).toEqual([]);
  expect((await post("/tools/invoke", { tool: "cron", args: { ...due, jobId: "nope" } })).status).toBe(404);
  expect(await cron({ ...due, runMode: "force" })).toMatchObject({ ok: true, enqueued: true });
  expect((await get("/api/cron/runs")).body.runs).toHaveLength(1);
});

test("a job that is due, and to run only then, is its schedule's to fire, once", async () => {
  const clock = createFakeClock();
  const { post, get, core, model } = await openGatewayBench({ turns: [["ran"], ["again"]], clock, idle: true });
  const cron = async (args: object) => (await post("/tools/invoke", { tool: "cron", args })).body.result.details;
  const schedule = { kind: "every", everyMs: 3_600_000 };
  const { id } = await cron({ action: "add", job: { schedule, payload: { kind: "agentTurn", message: "x" } } });
  const due = { action: "run", jobId: id, runMode: "due" };
  await clock.advance(schedule.everyMs);
  // Nothing fires jobs yet.
  expect(await cron(due)).toEqual({ ok: true, enqueued: true, runId: null });
  expect((await get("/api/cron/runs")).body.runs).toEqual([]);
  const ended = nextEvent(core, "run.finished");
  await core.start();
  const { runId } = await ended;
  expect(await cron(due)).toEqual({ ok: true, ran: false, reason: "not-due" });
  expect((await get("/api/cron/runs")).body.runs).toMatchObject([{ jobId: id, runId }]);
  expect(model.requests).toHaveLength(1);
});

test("a job keeps its chat, in OpenClaw's forms and when what was listed is given back", async () => {
  const one = { id: "telegram", allow: ["1"], chats: {}, maxFileBytes: 1000 };
  const two = { ...one, id: "discord" };
  const { post } = await openGatewayBench({ channels: () => [one as never, two as never] });
  const cron = async (args: object) => (await post("/tools/invoke", { tool: "cron", args })).body.result.details;
  const schedule = { kind: "every", everyMs: 3_600_000 };
  const payload = { kind: "agentTurn", message: "x" };
  const delivery = { mode: "announce", channel: "telegram", to: "1" };
  const added = await cron({ action: "add", job: { schedule, payload, delivery } });
  expect(added).toMatchObject({ delivery });
  expect(added).not.toHaveProperty("dropped");
  const [listed] = (await cron({ action: "list" })).jobs;
  const updated = await cron({ action: "update", id: listed.id, patch: { name: "Now", delivery: listed.delivery } });
  expect(updated).toMatchObject({ name: "Now", delivery });
  for (const to of [null, ""])
    expect(await cron({ action: "add", job: { schedule, payload, delivery: { ...delivery, to } } })).toMatchObject({
      delivery: { mode: "announce", channel: "telegram" },
    });
  const older = { ...payload, deliver: true, channel: "discord", to: "channel:1" };
  expect(await cron({ action: "add", job: { schedule, payload: older } })).toMatchObject({
    delivery: { mode: "announce", channel: "discord", to: "1" },
  });
});
