import { expect, test } from "vitest";
import type { Webhooks } from "../../src/core/ports/outside/webhooks.ts";
import { checkAnswer } from "./checkAnswer.ts";
import { openGatewayBench } from "./bench.ts";

const outputSchema = { type: "object", properties: { ok: { type: "boolean" } }, required: ["ok"] };

test("sessions/send and sessions/spawn answer with a result beside the reply, and runs keep it", async () => {
  const { post, get } = await openGatewayBench({ turns: [['{"ok":true}'], ['Done: {"ok": false}']] });
  const sent = await post("/api/sessions/send", { message: "check", outputSchema });
  checkAnswer("sessions.send", sent.status, sent.body);
  expect(sent).toMatchObject({ status: 200, body: { reply: '{"ok":true}', result: { ok: true } } });
  const spawned = await post("/api/sessions/spawn", { task: "check", outputSchema });
  checkAnswer("sessions.spawn", spawned.status, spawned.body);
  expect(spawned.body).toMatchObject({ reply: 'Done: {"ok": false}', result: { ok: false } });
  for (const path of ["get", "wait"]) {
    const kept = await get(`/api/runs/${path}?runId=${spawned.body.runId}`);
    checkAnswer(`runs.${path}`, kept.status, kept.body);
    expect(kept.body.run.outcome).toEqual({ type: "done", reply: 'Done: {"ok": false}', result: { ok: false } });
  }
});

test("the stream of a run ends with its result", async () => {
  const { gateway, auth } = await openGatewayBench({ turns: [['{"ok":true}']] });
  const response = await fetch(`${gateway.url}/api/sessions/send`, {
    method: "POST",
    headers: { ...auth, "Content-Type": "application/json", Accept: "text/event-stream" },
    body: JSON.stringify({ message: "check", outputSchema }),
  });
  const last = (await response.text())
    .trim()
    .split("\n")
    .findLast((line) => line.startsWith("data: "))!;
  expect(JSON.parse(last.slice(6))).toMatchObject({ type: "run.finished", outcome: { result: { ok: true } } });
});

test("a result that cannot be had is a 422 with what was written; a bad schema is a 400 and no run", async () => {
  const { post, model } = await openGatewayBench({ turns: [["no"], ["never"]] });
  const failed = await post("/api/sessions/send", { message: "check", outputSchema });
  expect(failed).toMatchObject({
    status: 422,
    body: { error: { code: "invalid_result", reply: "never", details: [{ path: "" }] } },
  });
  for (const schema of [{ type: "x" }, { $ref: "https://example.com" }, { pattern: "(a+)+\\1" }, [], "x"])
    expect(await post("/api/sessions/send", { message: "check", outputSchema: schema })).toMatchObject({ status: 400 });
  expect(model.requests).toHaveLength(2);
});

test("one answer under a key, and one that is cached, hold the result, too", async () => {
  const { post, model } = await openGatewayBench({ turns: [['{"ok":true}'], ['{"ok":false}'], ["plain"]] });
  const keyed = () => post("/api/sessions/send", { message: "a", outputSchema }, { "Idempotency-Key": "k" });
  expect((await keyed()).body).toEqual((await keyed()).body);
  const cache = { ttlSeconds: 60 };
  const cached = () => post("/api/sessions/spawn", { task: "b", outputSchema, cache });
  await cached();
  expect((await cached()).body).toMatchObject({ cached: true, result: { ok: false } });
  expect((await post("/api/sessions/spawn", { task: "b", cache })).body).not.toHaveProperty("result");
  expect(model.requests).toHaveLength(3);
});

test("a job's result is in its firings and in what a webhook is posted", async () => {
  const posted: unknown[] = [];
  const webhooks = {
    check: async () => {},
    post: async ({ body }: { body: unknown }) => void posted.push(body),
  } as unknown as Webhooks;
  const { post, get, core } = await openGatewayBench({ turns: [['{"ok":true}']], webhooks });
  const job = {
    name: "nightly",
    schedule: { kind: "every", everyMs: 3_600_000 },
    payload: { kind: "agentTurn", message: "check" },
    sessionTarget: "isolated",
    delivery: { mode: "webhook", url: "http://127.0.0.1:9/x" },
    outputSchema,
  };
  const added = await post("/api/cron/add", { job });
  checkAnswer("cron.add", added.status, added.body);
  const { id } = added.body.job;
  await core.runs.wait((await post("/api/cron/run", { id })).body.runId, 5000);
  let slot: Record<string, unknown> = {};
  while (slot["status"] !== "ok" || posted.length === 0) {
    await new Promise((resolve) => setImmediate(resolve));
    [slot] = (await get(`/api/cron/runs?id=${id}`)).body.runs;
  }
  expect(slot).toMatchObject({ result: { ok: true } });
  expect(posted).toMatchObject([{ status: "ok", reply: '{"ok":true}', result: { ok: true } }]);
  const silent = await post("/api/cron/add", { job: { ...job, payload: { kind: "heartbeat" } } });
  expect(silent).toMatchObject({ status: 400, body: { error: { details: [{ path: "job.outputSchema" }] } } });
  const cleared = await post("/api/cron/update", { id, patch: { outputSchema: null } });
  expect(cleared.body.job).not.toHaveProperty("outputSchema");
  const refused = await post("/api/cron/add", { job: { ...job, outputSchema: { type: "x" } } });
  expect(refused).toMatchObject({ status: 400, body: { error: { details: [{ path: "job.outputSchema" }] } } });
  expect(await post("/api/cron/update", { id, patch: { outputSchema: { minimum: "1" } } })).toMatchObject({
    status: 400,
  });
});
