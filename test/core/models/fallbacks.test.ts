import { expect, test } from "vitest";
import { AppError } from "../../../src/base/appError.ts";
import { outage, refusal } from "../../../src/core/ports/providerFault.ts";
import { createModelCatalog } from "../../../src/core/models/catalog.ts";
import { createFallbacks } from "../../../src/core/models/fallbacks.ts";
import type { AgentSettings } from "../../../src/core/ports/settings.ts";
import { createFakeClock } from "../../fakes/fakeClock.ts";
import { createScriptedProvider, call, type Piece } from "../../fakes/scriptedProvider.ts";
import { openBench, transcript } from "../bench.ts";

const origin = { via: "api" as const };
const settings = { fallbacks: ["gone/x", "second/m", "third/m"] };

/** A bench whose first model answers with `turns`, with two more to fall back to. */
async function openWithFallbacks(turns: Piece[][]) {
  const second = createScriptedProvider([], { id: "second" });
  const third = createScriptedProvider([], { id: "third" });
  const bench = await openBench({ turns, settings, others: [second, third] });
  const send = async (text = "go") => {
    const run = await bench.core.sessions.send({ text, origin, sessionKey: "main" });
    return { run, outcome: await run.outcome };
  };
  return { ...bench, second, third, send };
}

test.each([
  ["an outage", outage("Test failed (529: overloaded)")],
  ["a rate limit after retries", new AppError("rate_limited", "Test limits the rate of requests")],
  ["a missing key", new AppError("unavailable", "No API key is set for Test")],
])("%s before the first token goes to the next model, and is said", async (_, fault) => {
  const { send, second, third, events, core } = await openWithFallbacks([[{ fail: fault }]]);
  second.turns.push(["from the second"]);
  const { run, outcome } = await send();
  expect(outcome).toEqual({ type: "done", reply: "from the second" });
  expect(third.requests).toHaveLength(0);
  expect(transcript(events)).toEqual([
    "main 1 run.started",
    "main 2 message user: go",
    `main 3 run.notice test/m did not answer: ${fault.message}. Going on with second/m.`,
    "main 3+ text.delta from the second",
    "main 4 message assistant: from the second",
    "main 5 usage",
    "main 6 run.finished done",
  ]);
  const { messages } = await core.sessions.history("main", { limit: 5, includeTools: false });
  expect(messages.at(-1)).toMatchObject({ role: "assistant", model: "second/m" });
  expect(await core.runs.get(run.id)).toMatchObject({ model: "test/m", answeredBy: "second/m" });
  const { rows } = await core.usage.cost(1);
  expect(rows.map((row) => [row.model, row.requests])).toEqual([["second/m", 1]]);
});

test("a run stays with the model that answered, and the next run begins with the first again", async () => {
  const { send, model, second } = await openWithFallbacks([[{ fail: outage("down") }], ["back again"]]);
  second.turns.push([call("add", { a: 1, b: 2 })], ["three"]);
  expect((await send()).outcome).toEqual({ type: "done", reply: "three" });
  expect(model.requests).toHaveLength(1);
  expect(second.requests).toHaveLength(2);
  expect((await send()).outcome).toEqual({ type: "done", reply: "back again" });
});

test("the next model is asked with the history that the first one alone refused", async () => {
  const refused = refusal("Test refused the request (400: no)");
  const { send, model, second } = await openWithFallbacks([
    [call("add", { a: 1, b: 2 })],
    [{ fail: refused }],
    [{ fail: outage("down") }],
  ]);
  second.turns.push(["fine"]);
  expect((await send()).outcome).toEqual({ type: "done", reply: "fine" });
  const calls = [...model.requests, ...second.requests].map(({ messages }) =>
    messages.reduce((sum, message) => sum + (message.role === "assistant" ? message.toolCalls.length : 0), 0),
  );
  expect(calls).toEqual([0, 1, 0, 1]);
});

test("a server that is down, and so lists nothing, is asked all the same, and the next model goes on", async () => {
  const local = createScriptedProvider([[{ fail: outage("Nothing answers at http://127.0.0.1:11434") }]], {
    id: "local",
  });
  local.provider = { ...local.provider, listsFromServer: true, models: async () => [] };
  const { core } = await openBench({
    turns: [["from the next"]],
    settings: { model: "local/qwen3", fallbacks: ["test/m"] },
    others: [local],
  });
  const run = await core.sessions.send({ text: "go", origin, sessionKey: "main" });
  expect(await run.outcome).toEqual({ type: "done", reply: "from the next" });
  expect(local.requests).toHaveLength(1);
  expect(await core.sessions.status("main")).toMatchObject({ model: "local/qwen3" });
});

test("after the last model the run fails with what that one said", async () => {
  const { send, second, third } = await openWithFallbacks([[{ fail: outage("one") }]]);
  second.turns.push([{ fail: outage("two") }]);
  third.turns.push([{ fail: outage("three") }]);
  expect((await send()).outcome).toMatchObject({ type: "failed", error: { code: "provider_error", message: "three" } });
});

test("nothing falls back after the first token", async () => {
  const { send, second } = await openWithFallbacks([["begun", { fail: outage("broke off") }]]);
  expect((await send()).outcome).toMatchObject({ type: "failed", error: { message: "broke off" } });
  expect(second.requests).toHaveLength(0);
});

test.each([
  ["a refused key", new AppError("provider_error", "Test refused the API key")],
  ["a bad request", new AppError("bad_request", "no such tool")],
  ["a bug", new TypeError("x")],
])("%s does not fall back", async (_, fault) => {
  const { send, second } = await openWithFallbacks([[{ fail: fault }]]);
  expect((await send()).outcome.type).toBe("failed");
  expect(second.requests).toHaveLength(0);
});

test("a model that cannot be held to a budget in dollars is passed over, which the run says; without another the fault stands", async () => {
  const free = createScriptedProvider([], { id: "free", price: null });
  const second = createScriptedProvider([["from the second"]], { id: "second" });
  const {
    core,
    events,
    settings: own,
  } = await openBench({
    turns: [[{ fail: outage("down") }], [{ fail: outage("down again") }]],
    settings: { budgetUsd: 1, fallbacks: ["free/m", "second/m"] },
    others: [free, second],
  });
  const send = async () => (await core.sessions.send({ text: "go", origin, sessionKey: "main" })).outcome;
  expect(await send()).toEqual({ type: "done", reply: "from the second" });
  expect(transcript(events).filter((line) => line.includes("free/m"))).toEqual([
    expect.stringContaining(
      "run.notice free/m is passed over. The run has a budget of $1, to which free/m cannot be held",
    ),
  ]);
  own.fallbacks = ["free/m"];
  expect(await send()).toMatchObject({ type: "failed", error: { message: expect.stringContaining("down again") } });
  expect(free.requests).toHaveLength(0);
});

test("a model that another process alone can ask is passed over, and the next one goes on", async () => {
  const first = createScriptedProvider([]);
  const second = createScriptedProvider([], { id: "second" });
  const models = createModelCatalog({
    entries: () => [first, second],
    settings: () => ({ prices: {} }) as AgentSettings,
    clock: createFakeClock(),
    elsewhere: () => [{ id: "vscode/gpt-x", provider: "vscode", name: "gpt-x", ready: true, at: "another window" }],
  });
  const passedOver: string[] = [];
  const fallbacks = createFallbacks(
    "test/m",
    models,
    () => ["vscode/gpt-x", "second/m"],
    async ({ model }) => passedOver.push(model) < 0,
  );
  expect((await fallbacks.after(outage("down")))?.model).toBe("second/m");
  expect((await fallbacks.current()).model).toBe("second/m");
  expect(await fallbacks.after(outage("down, too"))).toBeUndefined();
  expect(passedOver).toEqual(["second/m"]);
});
