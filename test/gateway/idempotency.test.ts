import { expect, test } from "vitest";
import { AppError } from "../../src/base/appError.ts";
import { createGateway } from "../../src/gateway/createGateway.ts";
import { silentLog } from "../../src/base/log.ts";
import { nextEvent } from "../core/bench.ts";
import { type Json, openGatewayBench, TOKEN } from "./bench.ts";

const key = { "Idempotency-Key": "k-1" };

test("the first answer is replayed, for the same call only", async () => {
  const { get, post } = await openGatewayBench({ turns: [["one"], ["two"]] });
  const first = await post("/api/sessions/send", { message: "hi" }, key);
  const again = await post("/api/sessions/send", { timeoutSeconds: 120, message: "hi" }, key);
  const byField = await post("/api/sessions/send", { message: "hi", idempotencyKey: "k-1" });
  expect([again.body, byField.body]).toEqual([first.body, first.body]);
  expect((await get("/api/runs/list")).body.count).toBe(1);
  expect(await post("/api/sessions/send", { message: "other" }, key)).toMatchObject({
    status: 409,
    body: { error: { code: "conflict" } },
  });
  expect(await post("/api/cron/wake", { text: "hi" }, key)).toMatchObject({ status: 409 });
  expect(await post("/api/sessions/send", { message: "hi" }, { "Idempotency-Key": "k-2" })).toMatchObject({
    body: { reply: "two" },
  });
});

test("a duplicate that comes meanwhile waits for the first", async () => {
  const gate = Promise.withResolvers<void>();
  const { get, post, model } = await openGatewayBench({ turns: [[{ wait: gate.promise }, "one"]] });
  const calls = Array.from({ length: 5 }, () => post("/api/sessions/send", { message: "hi" }, key));
  while (model.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(await post("/api/sessions/send", { message: "other" }, key)).toMatchObject({ status: 409 });
  gate.resolve();
  const bodies = (await Promise.all(calls)).map(({ body }) => body);
  expect(new Set(bodies.map((body) => body.runId)).size).toBe(1);
  expect((await get("/api/runs/list")).body.count).toBe(1);
});

test("failures of ours are not kept, those of the caller are, and bad input does not take the key", async () => {
  const { post } = await openGatewayBench({
    turns: [[{ fail: new AppError("provider_error", "down") }], ["up again"]],
  });
  expect((await post("/api/sessions/send", { message: 1 }, key)).status).toBe(400);
  expect((await post("/api/sessions/send", { message: "hi" }, key)).status).toBe(502);
  expect(await post("/api/sessions/send", { message: "hi" }, key)).toMatchObject({
    status: 200,
    body: { reply: "up again" },
  });
  const unknown = { sessionKey: "nowhere", title: "x" };
  const first = await post("/api/sessions/rename", unknown, { "Idempotency-Key": "k-3" });
  expect(first.status).toBe(404);
  expect((await post("/api/sessions/rename", unknown, { "Idempotency-Key": "k-3" })).body).toEqual(first.body);
});

test("keys are checked, and are the token's own", async () => {
  const tokens = ["a", "b"].map((name) => ({ name, value: `${name}-${TOKEN}`, scope: "admin" as const }));
  const { post } = await openGatewayBench({ gateway: { tokens } });
  const as = (name: string, extra: Record<string, string>) => ({ Authorization: `Bearer ${name}-${TOKEN}`, ...extra });
  const one = await post("/api/sessions/create", {}, as("a", key));
  const other = await post("/api/sessions/create", {}, as("b", key));
  expect(other.body.sessionKey).not.toBe(one.body.sessionKey);
  expect((await post("/api/sessions/create", {}, as("a", { "Idempotency-Key": "x".repeat(256) }))).status).toBe(400);
  expect((await post("/api/sessions/create", { idempotencyKey: 5 }, as("a", {}))).status).toBe(400);
  expect((await post("/api/sessions/create", { idempotencyKey: "y" }, as("a", key))).status).toBe(400);
});

test("a new token is never replayed", async () => {
  const { post, gateway } = await openGatewayBench();
  const { body } = await post("/api/gateway/token/rotate", {}, key);
  const again = await post("/api/gateway/token/rotate", {}, { ...key, Authorization: `Bearer ${body.token}` });
  expect(again.status).toBe(200);
  expect(again.body.token).toBe(gateway.tokens.value());
  expect(again.body.token).not.toBe(body.token);
});

const hi = { message: "hi" };

test.each([
  { path: "/api/sessions/send", body: hi, pick: (answer: Json) => answer },
  { path: "/api/sessions/spawn", body: { task: "hi" }, pick: (answer: Json) => answer },
  { path: "/api/plans/accept", body: {}, pick: (answer: Json) => answer },
  {
    path: "/tools/invoke",
    body: { tool: "sessions_send", args: { sessionKey: "main", ...hi } },
    pick: (answer: Json) => answer.result.details,
  },
])("the key of a client that left while it waited stands for the reply: $path", async ({ path, body, pick }) => {
  const gate = Promise.withResolvers<void>();
  const isPlan = path.includes("plans");
  const turns = [...(isPlan ? [["# Plan"]] : []), [{ wait: gate.promise }, "late"]];
  const bench = await openGatewayBench({ turns });
  const { core, gateway, auth, post, model } = bench;
  if (isPlan) await post("/api/sessions/send", { ...hi, mode: "plan" });
  const asked = model.requests.length;
  const call = (signal?: AbortSignal) =>
    fetch(gateway.url + path, {
      method: "POST",
      headers: { ...auth, "Content-Type": "application/json", ...key },
      body: JSON.stringify(body),
      ...(signal ? { signal } : {}),
    });
  const leave = async (leaving: AbortController, left: Promise<unknown>) => {
    leaving.abort();
    await left.catch(() => {});
    // The gateway has seen it go by the time that it answers another one.
    await bench.get("/health");
  };
  const first = new AbortController();
  const begun = nextEvent(core, "run.started");
  const cut = call(first.signal);
  const { runId } = await begun;
  // One that came with it goes on waiting, one that comes later joins it.
  const beside = call();
  await bench.get("/health");
  await leave(first, cut);
  const second = new AbortController();
  await leave(second, call(second.signal));
  const after = call();
  gate.resolve();
  const answers = await Promise.all([beside, after].map(async (answer) => (await (await answer).json()) as Json));
  for (const answer of [...answers, (await post(path, body, key)).body])
    expect(pick(answer)).toMatchObject({ status: "ok", reply: "late", runId });
  expect(model.requests).toHaveLength(asked + 1);
});

test("after a crash in the middle of a call, its key leads to the run it made", async () => {
  const gate = Promise.withResolvers<void>();
  const { core, folder, post, gateway, get } = await openGatewayBench({ turns: [[{ wait: gate.promise }, "late"]] });
  const lost = post("/api/sessions/send", { message: "hi" }, key).catch(() => undefined);
  let runs = [];
  while (runs.length === 0) runs = (await get("/api/runs/list")).body.runs;
  // Another gateway over the same store, as after a restart: the first one's call is not its own.
  const next = await createGateway({
    core,
    host: "127.0.0.1",
    port: 0,
    stateDir: folder,
    tokens: [{ name: "default", value: TOKEN, scope: "admin" }],
    log: silentLog,
    clock: core.clock,
    version: "2",
  });
  const retried = fetch(`${next.url}/api/sessions/send`, {
    method: "POST",
    headers: { Authorization: `Bearer ${TOKEN}`, "Content-Type": "application/json", ...key },
    body: JSON.stringify({ message: "hi" }),
  });
  gate.resolve();
  expect((await retried).status).toBe(200);
  expect(await (await retried).json()).toMatchObject({ status: "ok", runId: runs[0].runId, reply: "late" });
  await lost;
  await next.close();
  await gateway.close();
});

test("what is replayed after a crash is put down with the run itself", async () => {
  const gate = Promise.withResolvers<void>();
  const { core, store, post } = await openGatewayBench({ turns: [[{ wait: gate.promise }, "done"]] });
  const kept = new Promise<unknown>((resolve) => {
    core.events.on((event) => {
      // The first that is told of the run, and so the first that is stored.
      if (event.type === "run.started") void store.getAnswer("default:k-1").then((found) => resolve(found?.answer));
    });
  });
  const sent = post("/api/sessions/send", { message: "hi" }, { "Idempotency-Key": "k-1" });
  expect(await kept).toMatchObject({ status: 202, body: { status: "accepted", sessionKey: "main", reply: null } });
  gate.resolve();
  expect((await sent).body).toMatchObject({ status: "ok", reply: "done" });
});

test("an answer that cannot be put down is given all the same, and what was done is not done once more", async () => {
  let isFull = true;
  const { get, post } = await openGatewayBench({
    seeStore: (store) => ({
      ...store,
      async putAnswer(answer) {
        if (isFull) throw new AppError("unavailable", "The disk is full; nothing was stored");
        await store.putAnswer(answer);
      },
    }),
  });
  const { length } = (await get("/api/sessions/list")).body.sessions;
  const first = await post("/api/sessions/create", { title: "one" }, key);
  expect(first.status).toBe(200);
  isFull = false;
  expect((await post("/api/sessions/create", { title: "one" }, key)).body).toEqual(first.body);
  expect((await get("/api/sessions/list")).body.sessions).toHaveLength(length + 1);
});
