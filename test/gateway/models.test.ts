import { expect, test } from "vitest";
import { outage } from "../../src/core/ports/providerFault.ts";
import { createScriptedProvider } from "../fakes/scriptedProvider.ts";
import { openGatewayBench } from "./bench.ts";
import { checkAnswer } from "./checkAnswer.ts";

test("a request with `cache` is answered from an earlier one, and says so", async () => {
  const { core, model, post } = await openGatewayBench({ turns: [["first"], ["second"], ["third"]] });
  const body = { message: "What is the date format of ISO 8601?", cache: { ttlSeconds: 60 } };
  const first = await post("/api/sessions/send", body);
  expect(first.body).toMatchObject({ reply: "first" });
  expect(first.body).not.toHaveProperty("cached");
  const again = await post("/api/sessions/send", body);
  checkAnswer("sessions.send", again.status, again.body);
  expect(again).toMatchObject({
    status: 200,
    body: {
      status: "ok",
      cached: true,
      reply: "first",
      runId: first.body.runId,
      sessionKey: "main",
      model: "test/m",
      usage: { inputTokens: 0, outputTokens: 0, costUsd: 0 },
    },
  });
  expect(model.requests).toHaveLength(1);
  expect((await core.sessions.get("main")).messageCount).toBe(2);
  // Whoever does not ask for it gets a run, and so does another text.
  expect((await post("/api/sessions/send", { message: body.message })).body.reply).toBe("second");
  expect((await post("/api/sessions/send", { ...body, message: "Something else?" })).body.reply).toBe("third");
});

test("a spawned task with `cache` runs once, its session removed or not", async () => {
  const { core, model, post } = await openGatewayBench({ turns: [["done"]] });
  const body = { task: "Count the files", cleanup: "delete", cache: { ttlSeconds: 60 } };
  const first = await post("/api/sessions/spawn", body);
  expect(first.body).toMatchObject({ reply: "done" });
  const again = await post("/api/sessions/spawn", body);
  checkAnswer("sessions.spawn", again.status, again.body);
  expect(again.body).toMatchObject({ reply: "done", cached: true, childSessionKey: first.body.childSessionKey });
  expect(model.requests).toHaveLength(1);
  expect((await core.sessions.list({ limit: 10 })).sessions.map((session) => session.key)).toEqual(["main"]);
});

test("after a reset nothing is answered from what was erased", async () => {
  const { post } = await openGatewayBench({ turns: [["from before"], ["fresh"]] });
  const body = { message: "What did I say?", cache: { ttlSeconds: 60 } };
  expect((await post("/api/sessions/send", body)).body.reply).toBe("from before");
  await post("/api/sessions/reset", { sessionKey: "main" });
  const { body: again } = await post("/api/sessions/send", body);
  expect(again).toMatchObject({ reply: "fresh" });
  expect(again).not.toHaveProperty("cached");
});

test("equal requests at once ask once, each for as long as it waits", async () => {
  const go = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const { model, post } = await openGatewayBench({
    turns: [
      () => {
        begun.resolve();
        return [{ wait: go.promise }, "once"];
      },
    ],
  });
  const body = { message: "hi", cache: { ttlSeconds: 60 } };
  const all = Promise.all([1, 2, 3].map(() => post("/api/sessions/send", body)));
  await begun.promise;
  const impatient = await post("/api/sessions/send", { ...body, timeoutSeconds: 0 });
  go.resolve();
  const answers = await all;
  expect(answers.map(({ body: { reply } }) => reply)).toEqual(["once", "once", "once"]);
  expect(answers.filter(({ body: { cached } }) => cached)).toHaveLength(2);
  expect(new Set(answers.map(({ body: { runId } }) => runId))).toEqual(new Set([impatient.body.runId]));
  expect(impatient.status).toBe(202);
  expect(model.requests).toHaveLength(1);
});

test("equal requests share a failure, and the next one asks again", async () => {
  const { core, model } = await openGatewayBench({ turns: [[{ fail: outage("down") }], ["up"]] });
  const request = { text: "hi", origin: { via: "api" as const } };
  const ask = async () => {
    const asked = await core.responses.ask(request, 60_000, () => core.sessions.send(request));
    if ("found" in asked) return asked.found.reply;
    const outcome = await asked.run.outcome;
    await asked.stored;
    return outcome.type;
  };
  expect(await Promise.all([ask(), ask()])).toEqual(["failed", "failed"]);
  expect(await ask()).toBe("done");
  expect(await ask()).toBe("up");
  expect(model.requests).toHaveLength(2);
});

test("other instructions, another model or a failed run make a new answer", async () => {
  const other = createScriptedProvider([["from other"]], { id: "other" });
  const { settings, post } = await openGatewayBench({
    turns: [[{ fail: outage("down") }], ["one"], ["two"]],
    others: [other],
  });
  const ask = async (more = {}) =>
    (await post("/api/sessions/send", { message: "hi", cache: { ttlSeconds: 60 }, ...more })).body.reply;
  expect(await ask()).toBeUndefined();
  expect(await ask()).toBe("one");
  settings.instructions = "Be brief.";
  expect(await ask()).toBe("two");
  expect(await ask({ model: "other/m" })).toBe("from other");
  expect(await ask()).toBe("two");
});

test.each([{ ttlSeconds: 0 }, { ttlSeconds: 90_000 }, { seconds: 5 }, true])("cache %j is refused", async (cache) => {
  const { post } = await openGatewayBench();
  expect(await post("/api/sessions/send", { message: "hi", cache })).toMatchObject({ status: 400 });
});

test("a kept answer cannot be streamed", async () => {
  const { model, post } = await openGatewayBench();
  const body = { message: "hi", cache: { ttlSeconds: 5 } };
  const refused = await post("/api/sessions/send", body, { Accept: "text/event-stream" });
  expect(refused).toMatchObject({ status: 400, body: { error: { message: expect.stringContaining("cache") } } });
  expect(model.requests).toHaveLength(0);
});

test("a budget in the request ends its run with 402", async () => {
  const { post, model } = await openGatewayBench();
  const answer = await post("/api/sessions/send", { message: "hi", budgetTokens: 5 });
  expect(answer).toMatchObject({ status: 402, body: { error: { code: "budget_exhausted" } } });
  expect((await post("/api/sessions/spawn", { task: "hi", budgetUsd: 0 })).status).toBe(402);
  expect(model.requests).toHaveLength(0);
});

test("models.list tells what each offers and what a session without a model uses", async () => {
  const price = {
    inputPerMTok: 1,
    outputPerMTok: 2,
    longPrompt: { aboveTokens: 9, inputPerMTok: 3, outputPerMTok: 4 },
  };
  const second = createScriptedProvider([], { id: "second", price });
  const { get, settings } = await openGatewayBench({ others: [second] });
  const listed = await get("/api/models/list?refresh=true");
  checkAnswer("models.list", listed.status, listed.body);
  expect(listed.body).toMatchObject({
    count: 2,
    default: "test/m",
    models: [
      { id: "test/m", windowTokens: 100_000, ready: true },
      { id: "second/m", price },
    ],
  });
  settings.model = "second/m";
  expect((await get("/api/models/list")).body.default).toBe("second/m");
});

test("a fallback shows in the reply and in the run", async () => {
  const second = createScriptedProvider([["hello"]], { id: "second" });
  const bench = await openGatewayBench({
    turns: [[{ fail: outage("down") }]],
    others: [second],
    settings: { fallbacks: ["second/m"] },
  });
  const { body } = await bench.post("/api/sessions/send", { message: "hi" });
  expect(body).toMatchObject({ reply: "hello", model: "second/m" });
  expect((await bench.get(`/api/runs/get?runId=${body.runId}`)).body.run.model).toBe("second/m");
});

test("usage.cost has a row for each day, session and model, and null where no price is known", async () => {
  const free = createScriptedProvider([], { id: "local", price: null });
  const { get, post } = await openGatewayBench({ others: [free] });
  await post("/api/sessions/send", { message: "hi" });
  await post("/api/sessions/send", { message: "hi", model: "local/m" });
  const { status, body } = await get("/api/usage/cost?days=1");
  checkAnswer("usage.cost", status, body);
  const tokens = { inputTokens: 10, outputTokens: 5, cacheReadTokens: 0, cacheWriteTokens: 0 };
  expect(body.rows).toEqual([
    {
      day: expect.any(String),
      sessionKey: "main",
      model: "local/m",
      requests: 1,
      ...tokens,
      costUsd: null,
      unpriced: 1,
    },
    {
      day: expect.any(String),
      sessionKey: "main",
      model: "test/m",
      requests: 1,
      ...tokens,
      costUsd: 20 / 1e6,
      unpriced: 0,
    },
  ]);
  expect(body.total).toMatchObject({ requests: 2, inputTokens: 20, outputTokens: 10, costUsd: null });
});

test("a budget in dollars and a model without a price: told in the status, and refused at every door before the model is asked", async () => {
  const free = createScriptedProvider([], { id: "local", price: null });
  const { post, get, settings } = await openGatewayBench({ others: [free] });
  Object.assign(settings, { model: "local/m", budgetUsd: 1 });
  const sentence = expect.stringMatching(/local\/m cannot be held: its price is not known\. Set it under prices/);
  expect((await get("/api/session/status")).body.budgetProblem).toEqual(sentence);
  const { statusText } = (await post("/tools/invoke", { tool: "session_status" })).body.result.details;
  expect(statusText).toEqual(sentence);
  const messages = [{ role: "user", content: "hi" }];
  const doors: [path: string, body: object][] = [
    ["/api/sessions/send", { message: "hi" }],
    ["/api/sessions/spawn", { task: "hi" }],
    ["/v1/chat/completions", { model: "pincer", messages }],
    ["/v1/responses", { model: "pincer", input: "hi" }],
  ];
  for (const [path, body] of doors) {
    const answer = await post(path, body);
    expect([path, answer.status, answer.body.error.message]).toEqual([path, 402, sentence]);
  }
  expect(free.requests).toHaveLength(0);
});
