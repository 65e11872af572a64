import { expect, test } from "vitest";
import { AppError } from "../../src/base/appError.ts";
import { call, type Turn } from "../fakes/scriptedProvider.ts";
import { failWrites } from "../core/jobs/jobsBench.ts";
import { nextEvent } from "../core/bench.ts";
import { type Json, openGatewayBench } from "./bench.ts";
import { checkAnswer } from "./checkAnswer.ts";

const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mNk+M9Qz0AEYBxVSF+FABJADveWkH6oAAAAAElFTkSuQmCC";

test("send waits for the reply and tells what it took", async () => {
  const { get, post } = await openGatewayBench({ turns: [["It is ", "5."]] });
  const { status, body } = await post("/api/sessions/send", { message: "2+3?" });
  checkAnswer("sessions.send", status, body);
  expect({ status, ...body }).toEqual({
    status: "ok",
    runId: body.runId,
    sessionKey: "main",
    reply: "It is 5.",
    model: "test/m",
    usage: { inputTokens: 10, outputTokens: 5, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: 20 / 1e6 },
    durationMs: body.durationMs,
  });
  expect(status).toBe(200);
  const run = await get(`/api/runs/get?runId=${body.runId}`);
  checkAnswer("runs.get", run.status, run.body);
  expect(run.body.run).toMatchObject({
    state: "finished",
    origin: { via: "api", id: "default" },
    outcome: { type: "done", reply: "It is 5." },
  });
});

test("files are sent without words, and nothing else is; the session is called after the first words", async () => {
  const { get, post, model } = await openGatewayBench({ turns: [["A cat."], ["Tom."]] });
  const { sessionKey } = (await post("/api/sessions/create", {})).body;
  const attachments = [{ name: "cat.png", mediaType: "image/png", data: PNG }];
  for (const said of [{}, { message: " " }, { attachments: [] }])
    expect(await post("/api/sessions/send", { sessionKey, ...said })).toMatchObject({
      status: 400,
      body: { error: { message: "message: Expected some text, a prompt or attachments" } },
    });
  const sent = await post("/api/sessions/send", { sessionKey, attachments, message: "\n" });
  checkAnswer("sessions.send", sent.status, sent.body);
  expect(sent.body.reply).toBe("A cat.");
  const asked = model.requests.at(-1)!.messages.at(-1);
  expect(asked).toMatchObject({ role: "user", text: "", attachments });
  const history = await get(`/api/sessions/history?sessionKey=${sessionKey}`);
  checkAnswer("sessions.history", history.status, history.body);
  expect(history.body.messages[0]).toMatchObject({ role: "user", text: "", attachments });
  await post("/api/sessions/send", { sessionKey, message: "What is it called?" });
  const listed = (await get("/api/sessions/list")).body.sessions.find(({ key }: { key: string }) => key === sessionKey);
  expect(listed.title).toBe("What is it called?");
});

test("send is accepted when the wait ends first, and the run goes on", async () => {
  const gate = Promise.withResolvers<void>();
  const { get, post, model } = await openGatewayBench({ turns: [[{ wait: gate.promise }, "late"]] });
  const startedAt = Date.now();
  const sent = await post("/api/sessions/send", { message: "hi", timeoutSeconds: 0.2 });
  expect(Date.now() - startedAt).toBeGreaterThanOrEqual(190);
  expect(sent).toMatchObject({ status: 202, body: { status: "accepted", sessionKey: "main", reply: null } });
  checkAnswer("sessions.send", 202, sent.body);
  // On a busy machine the wait may end before the run has begun.
  while (model.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(await post("/api/sessions/send", { message: "again", timeoutSeconds: 0 })).toMatchObject({ status: 202 });
  const waiting = await get(`/api/runs/wait?id=${sent.body.runId}&timeoutSeconds=0`);
  expect(waiting).toMatchObject({
    status: 202,
    body: { status: "accepted", run: { state: "running", outcome: null } },
  });
  checkAnswer("runs.wait", 202, waiting.body);
  gate.resolve();
  const waited = await get(`/api/runs/wait?runId=${sent.body.runId}`);
  expect(waited).toMatchObject({
    status: 200,
    body: { status: "ok", run: { outcome: { type: "done", reply: "late" } } },
  });
});

test("how a run failed is told by status and code", async () => {
  const gate = Promise.withResolvers<void>();
  const failures = [
    new AppError("provider_error", "The key was refused"),
    new AppError("rate_limited", "Too fast", { retryAfterMs: 2500 }),
    new AppError("unavailable", "The disk is full"),
  ];
  const { core, post } = await openGatewayBench({
    turns: [...failures.map((fail) => [{ fail }]), [{ wait: gate.promise }]],
  });
  const answers = [];
  for (const _ of failures) {
    const { status, headers, body } = await post("/api/sessions/send", { message: "hi" });
    checkAnswer("sessions.send", status, body);
    answers.push([status, body.error.code, headers.get("retry-after")]);
  }
  expect(answers).toEqual([
    [502, "provider_error", null],
    [429, "rate_limited", "3"],
    [503, "unavailable", null],
  ]);
  const started = nextEvent(core, "run.started");
  const cancelled = post("/api/sessions/send", { message: "hi" });
  await started;
  expect(await post("/api/sessions/abort", { sessionKey: "main" })).toMatchObject({
    status: 200,
    body: { aborted: 1 },
  });
  expect(await cancelled).toMatchObject({ status: 409, body: { error: { code: "conflict" } } });
});

test("spawn runs a task in a session of its own", async () => {
  const { get, post } = await openGatewayBench({ turns: [["found it"]] });
  const { status, body } = await post("/api/sessions/spawn", {
    task: "look",
    label: "Search",
    parentSessionKey: "main",
  });
  checkAnswer("sessions.spawn", status, body);
  expect(body).toMatchObject({ status: "ok", reply: "found it", model: "test/m" });
  expect(body.childSessionKey).toBe(body.sessionKey);
  const statusOfMain = await get("/api/session/status");
  checkAnswer("session.status", 200, statusOfMain.body);
  expect(statusOfMain.body.subagents).toMatchObject([
    { key: body.sessionKey, title: "Search", kind: "isolated", parentKey: "main" },
  ]);
});

test("a spawned run that passes its limit is a 504, and five run side by side", async () => {
  const gate = Promise.withResolvers<void>();
  let asked = 0;
  // The late one may be over before its model is asked.
  const turn: Turn = ({ messages }) => {
    if (messages.at(-1)!.text === "too long") return [{ wait: new Promise(() => {}) }];
    asked += 1;
    if (asked === 5) gate.resolve();
    return [{ wait: gate.promise }, "done"];
  };
  const { post } = await openGatewayBench({ turns: Array.from({ length: 6 }, () => turn) });
  const late = await post("/api/sessions/spawn", { task: "too long", runTimeoutSeconds: 0.2 });
  expect(late).toMatchObject({ status: 504, body: { error: { code: "timed_out" } } });
  const five = Array.from({ length: 5 }, (_, index) => post("/api/sessions/spawn", { task: `task ${index}` }));
  for (const answer of await Promise.all(five)) expect(answer).toMatchObject({ status: 200, body: { reply: "done" } });
});

test("spawn without waiting, and with the session gone after the answer", async () => {
  const { core, get, post } = await openGatewayBench({ turns: [["one"], ["two"]] });
  const firstGone = nextEvent(core, "session.deleted");
  const first = await post("/api/sessions/spawn", { task: "one", cleanup: "delete" });
  expect(first).toMatchObject({ status: 200, body: { reply: "one" } });
  expect((await firstGone).sessionKey).toBe(first.body.childSessionKey);
  const secondGone = nextEvent(core, "session.deleted");
  const second = await post("/api/sessions/spawn", { task: "two", wait: false, cleanup: "delete" });
  expect(second).toMatchObject({ status: 202, body: { status: "accepted", reply: null } });
  checkAnswer("sessions.spawn", 202, second.body);
  expect((await secondGone).sessionKey).toBe(second.body.childSessionKey);
  expect(await get(`/api/sessions/history?sessionKey=${second.body.childSessionKey}`)).toMatchObject({ status: 404 });
});

test("a spawned session goes after its result was told, though its gateway was killed in the run", async () => {
  const first = await openGatewayBench({ turns: [[{ wait: new Promise(() => {}) }]] });
  const body = { task: "one", wait: false, cleanup: "delete", deliver: true, parentSessionKey: "main" };
  const { runId, childSessionKey } = (await first.post("/api/sessions/spawn", body)).body;
  await expect.poll(() => first.model.requests.length).toBe(1);
  const { core, model } = await first.kill([["found it"], ["thanks"]]);
  const gone = nextEvent(core, "session.deleted");
  expect(await core.runs.wait(runId, 60_000)).toMatchObject({ outcome: { type: "done", reply: "found it" } });
  expect((await gone).sessionKey).toBe(childSessionKey);
  await expect(core.sessions.get(childSessionKey)).rejects.toMatchObject({ code: "not_found" });
  await expect.poll(() => model.requests.length).toBe(2);
  expect(model.requests[1]!.messages.at(-1)!.text).toContain("found it");
});

test("a spawned session goes though its end could not be stored at once", async () => {
  const { core, store, post } = await openGatewayBench({ turns: [["one"]] });
  failWrites(store, ({ runs = [] }) => runs.some(({ patch }) => patch.state === "finished"), 2);
  const gone = nextEvent(core, "session.deleted");
  const { body } = await post("/api/sessions/spawn", { task: "one", wait: false, cleanup: "delete" });
  expect((await gone).sessionKey).toBe(body.childSessionKey);
  await expect(core.sessions.get(body.childSessionKey)).rejects.toMatchObject({ code: "not_found" });
});

test("history is told oldest first, with tools when asked, and never in the provider's own form", async () => {
  const native = {
    type: "end" as const,
    usage: { inputTokens: 1, outputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: null },
    stop: "tool_calls" as const,
    native: { secret: "form" },
  };
  const { get, post } = await openGatewayBench({ turns: [["let me add", call("add", { a: 2, b: 3 }), native], ["5"]] });
  await post("/api/sessions/send", { message: "2+3?" });
  const plain = await get("/api/sessions/history");
  checkAnswer("sessions.history", 200, plain.body);
  expect(plain.body.messages.map((message: Json) => [message.role, message.text, message.toolCalls])).toEqual([
    ["user", "2+3?", undefined],
    ["assistant", "let me add", undefined],
    ["assistant", "5", undefined],
  ]);
  const full = await get("/api/sessions/history?includeTools=True");
  checkAnswer("sessions.history", 200, full.body);
  expect(
    full.body.messages.map((message: Json) => [message.role, message.toolCalls?.[0]?.name ?? message.name]),
  ).toEqual([
    ["user", undefined],
    ["assistant", "add"],
    ["tool", "add"],
    ["assistant", undefined],
  ]);
  expect(JSON.stringify(full.body)).not.toContain("secret");
  const { seq } = full.body.messages[2];
  const before = await get(`/api/sessions/history?limit=1&before=${seq}`);
  expect(before.body).toMatchObject({ hasMore: true, messages: [{ text: "let me add" }] });
  const listed = await get("/api/sessions/list?messageLimit=2");
  checkAnswer("sessions.list", 200, listed.body);
  expect(listed.body.sessions[0].messages).toHaveLength(2);
});

test("a session's life: made, renamed, changed, forked, reset, deleted", async () => {
  const { get, post } = await openGatewayBench({ turns: [["hello"]] });
  const answers: [string, unknown][] = [];
  const run = async (name: string, input: unknown) => {
    const { status, body } = await post(`/api/${name.replaceAll(".", "/")}`, input);
    checkAnswer(name, status, body);
    answers.push([name, status]);
    return body;
  };
  const { sessionKey } = await run("sessions.create", { title: "A" });
  await run("sessions.send", { message: "hi", sessionKey });
  expect((await run("sessions.rename", { sessionKey, title: "B" })).session.title).toBe("B");
  expect((await run("sessions.update", { sessionKey, title: null, model: "test/m" })).session).toMatchObject({
    title: "A",
    model: "test/m",
  });
  const fork = await run("sessions.fork", { sessionKey, title: "C" });
  expect(fork).toMatchObject({ forkedFrom: sessionKey, session: { title: "C", messageCount: 2 } });
  expect((await run("sessions.compact", { sessionKey })).session.key).toBe(sessionKey);
  expect((await run("sessions.reset", { sessionKey })).session.messageCount).toBe(0);
  expect(await run("sessions.abort", { sessionKey })).toEqual({ sessionKey, aborted: 0 });
  expect((await run("sessions.update", { sessionKey, pinned: true, archived: true })).session).toMatchObject({
    pinned: true,
    archived: true,
  });
  const keysOf = async (query: string) =>
    (await get(`/api/sessions/list?${query}`)).body.sessions.map(({ key }: Json) => key);
  expect(await keysOf("pinned=true")).toEqual([sessionKey]);
  expect(await keysOf("archived=false")).not.toContain(sessionKey);
  const { erasedAt, ...told } = await run("sessions.delete", { sessionKey, undoSeconds: 60 });
  expect([told, Date.parse(erasedAt) > Date.now()]).toEqual([{ sessionKey, deleted: true }, true]);
  expect(await keysOf("archived=true")).toEqual([]);
  expect((await run("sessions.restore", { sessionKey })).session).toMatchObject({ key: sessionKey, pinned: true });
  expect((await post("/api/sessions/restore", { sessionKey })).status).toBe(404);
  expect(await run("sessions.delete", { sessionKey })).toEqual({ sessionKey, deleted: true });
  expect(await run("sessions.delete", { sessionKey: "main" })).toEqual({ sessionKey: "main", deleted: false });
  expect(answers.map(([, status]) => status)).toEqual(answers.map(() => 200));
  const { body } = await get("/api/sessions/list");
  expect(body.sessions.map((session: Json) => session.key)).toEqual(expect.arrayContaining([fork.sessionKey, "main"]));
  expect(body.count).toBe(2);
});

test("an approval waits in the list, and its answer lets the tool run", async () => {
  const { core, get, post } = await openGatewayBench({ turns: [[call("note", { text: "buy milk" })], ["noted"]] });
  const asked = nextEvent(core, "approval.asked");
  const sent = post("/api/sessions/send", { message: "note it" });
  await asked;
  const listed = await get("/api/approvals/list?sessionKey=main");
  checkAnswer("approvals.list", 200, listed.body);
  expect(listed.body).toMatchObject({ count: 1, approvals: [{ summary: "note buy milk", tool: "note" }] });
  expect((await get("/api/session/status")).body.state).toBe("waiting");
  const answered = nextEvent(core, "approval.answered");
  const answer = await post("/api/approvals/answer", { id: listed.body.approvals[0].id, decision: "allow" });
  checkAnswer("approvals.answer", answer.status, answer.body);
  expect(await answered).toMatchObject({ decision: "allow", by: "api:default" });
  expect(await sent).toMatchObject({ status: 200, body: { reply: "noted" } });
  expect((await get("/api/approvals/list")).body.count).toBe(0);
});

test("models, cost and the gateway's own state", async () => {
  const { get, post, gateway } = await openGatewayBench();
  await post("/api/sessions/send", { message: "hi" });
  const models = await get("/api/models/list");
  checkAnswer("models.list", 200, models.body);
  expect(models.body.models).toMatchObject([{ id: "test/m", ready: true }]);
  const cost = await get("/api/usage/cost?days=7");
  checkAnswer("usage.cost", 200, cost.body);
  expect(cost.body).toMatchObject({ days: 7, total: { requests: 1, inputTokens: 10, outputTokens: 5 } });
  const status = await get("/api/gateway/status");
  checkAnswer("gateway.status", 200, status.body);
  expect(status.body).toMatchObject({
    status: "ok",
    url: gateway.url,
    version: "0.0.0-test",
    runs: { active: 0, queued: 0 },
  });
  const runs = await get("/api/runs/list?states=finished");
  checkAnswer("runs.list", 200, runs.body);
  expect(runs.body.count).toBe(1);
});

test("a run that is queued is listed with what it answers, until it begins", async () => {
  const { core, post, get } = await openGatewayBench({ turns: [["on it", { wait: new Promise<void>(() => {}) }]] });
  const begun = nextEvent(core, "text.delta");
  await post("/api/sessions/send", { message: "first", timeoutSeconds: 0 });
  await begun;
  await post("/api/sessions/send", { message: "then this", timeoutSeconds: 0 });
  const { runs } = (await get("/api/runs/list")).body;
  expect(runs.map(({ state, queued }: Record<string, unknown>) => [state, queued])).toEqual([
    ["queued", "then this"],
    ["running", undefined],
  ]);
});

test("the gateway's status counts all runs that wait, however many", async () => {
  const { core, get } = await openGatewayBench({ turns: [["on it", { wait: new Promise<void>(() => {}) }]] });
  const begun = nextEvent(core, "text.delta");
  const send = () => core.sessions.send({ text: "go", origin: { via: "api" }, sessionKey: "main" });
  await send();
  await begun;
  await Promise.all(Array.from({ length: 501 }, send));
  expect((await get("/api/gateway/status")).body.runs).toEqual({ active: 1, queued: 501 });
});
