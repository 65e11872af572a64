import OpenAI from "openai";
import { expect, test } from "vitest";
import { AppError } from "../../src/base/appError.ts";
import type { Message } from "../../src/protocol/message.ts";
import { call } from "../fakes/scriptedProvider.ts";
import { openGatewayBench, TOKEN, type GatewayBench, type GatewayBenchOptions } from "./bench.ts";

type Door = GatewayBench & { openai: OpenAI };

async function openDoor(options: GatewayBenchOptions = {}): Promise<Door> {
  const bench = await openGatewayBench(options);
  return { ...bench, openai: new OpenAI({ baseURL: `${bench.gateway.url}/v1`, apiKey: TOKEN, maxRetries: 0 }) };
}

const weather = {
  type: "function" as const,
  function: {
    name: "weather",
    description: "The weather of a city",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};
const weatherItem = { type: "function" as const, strict: false, ...weather.function };
const ask = [{ role: "user" as const, content: "How is the weather?" }];
const told = (messages: Message[]) =>
  messages.map((message) => `${message.role} ${message.role === "tool" ? `${message.callId}: ` : ""}${message.text}`);

test("the session waits over a restart, and what was kept can be read again", async () => {
  const door = await openDoor({ turns: [[call("weather", { city: "Bonn" }, "w1")]] });
  const first = await door.openai.responses.create({
    model: "pincer",
    input: "go",
    tools: [weatherItem],
    metadata: { a: "b" },
  });
  await door.gateway.close();
  const over = await door.kill([["It rains."]]);
  const { openai, model } = await openDoor({ over });
  const kept = await openai.responses.retrieve(first.id);
  expect(kept.output).toEqual(first.output);
  expect(kept).toMatchObject({ metadata: { a: "b" }, tools: [{ name: "weather" }], status: "completed" });
  const [called] = first.output as [OpenAI.Responses.ResponseFunctionToolCall];
  const result = {
    type: "function_call_output" as const,
    call_id: called.call_id,
    output: [{ type: "input_text" as const, text: "rain" }],
  };
  const second = await openai.responses.create({
    model: "pincer",
    input: [{ role: "user", content: "go" }, called, result],
    tools: [weatherItem],
  });
  expect(second.output_text).toBe("It rains.");
  expect(told(model.requests[0]!.messages)).toEqual(["user go", "assistant ", "tool w1: rain"]);
  const { data } = await openai.responses.inputItems.list(second.id);
  expect(data).toMatchObject([{ type: "function_call_output", call_id: called.call_id, output: "rain" }]);
  expect((await openai.responses.inputItems.list(first.id)).data).toMatchObject([
    { type: "message", role: "user", content: [{ text: "go" }] },
  ]);
});

test("a client that never answers holds nothing up, and comes too late", async () => {
  const { openai, core, model } = await openDoor({ turns: [[call("weather", { city: "Bonn" }, "w1")], ["on we go"]] });
  const first = await openai.chat.completions.create({ model: "pincer/main", messages: ask, tools: [weather] });
  const { message } = first.choices[0]!;
  expect(await core.sessions.get("main")).toMatchObject({ state: "idle" });
  const run = await core.sessions.send({ sessionKey: "main", text: "Something else", origin: { via: "panel" } });
  expect(await run.outcome).toMatchObject({ reply: "on we go" });
  const late = { role: "tool" as const, tool_call_id: message.tool_calls![0]!.id, content: "rain" };
  const again = { model: "pincer/main", messages: [...ask, message, late], tools: [weather] };
  await expect(openai.chat.completions.create(again)).rejects.toMatchObject({
    status: 409,
    message: expect.stringContaining("has gone on without them"),
  });
  expect(model.requests).toHaveLength(2);
  expect(await core.sessions.get("main")).toMatchObject({ state: "idle" });
});

test("calls that were made elsewhere are told as they went, and ids that fit nothing are refused", async () => {
  const { openai, model } = await openDoor({ turns: [["It rains."]] });
  const elsewhere = {
    role: "assistant" as const,
    content: null,
    tool_calls: [
      { id: "call_abc", type: "function" as const, function: { name: "weather", arguments: '{"city":"Bonn"}' } },
    ],
  };
  const result = (id: string) => ({ role: "tool" as const, tool_call_id: id, content: "rain" });
  await openai.chat.completions.create({
    model: "pincer",
    messages: [...ask, elsewhere, result("call_abc")],
    tools: [weather],
  });
  const words = model.requests[0]!.messages[0]!.text;
  expect(words).toContain(
    'user: How is the weather?\n\nassistant called weather (call_abc) with: {"city":"Bonn"}\n\nresult of weather (call_abc): rain',
  );
  const wrong: [object[], RegExp][] = [
    [[...ask, elsewhere], /there is none for "call_abc"/],
    [[...ask, elsewhere, ...ask], /there is none for "call_abc"/],
    [[...ask, elsewhere, result("call_x")], /result for the call "call_x", and no such call before it/],
    [[...ask, result("call_abc")], /no such call before it/],
    [[...ask, elsewhere, result("call_abc"), result("call_abc")], /has two results/],
  ];
  for (const [messages, why] of wrong)
    await expect(
      openai.chat.completions.create({ model: "pincer", messages: messages as never }),
    ).rejects.toMatchObject({ status: 400, message: expect.stringMatching(why) });
  expect(model.requests).toHaveLength(1);
});

test("one token's calls are not another's", async () => {
  const other = "An0ther-token-of-the-tests-0123456789abcdefghij";
  const tokens = [
    { name: "default", value: TOKEN, scope: "admin" as const },
    { name: "other", value: other, scope: "write" as const },
  ];
  const { openai, gateway, model } = await openDoor({
    gateway: { tokens },
    turns: [[call("weather", { city: "Bonn" })], ["told"]],
  });
  const first = await openai.chat.completions.create({ model: "pincer", messages: ask, tools: [weather] });
  const { message } = first.choices[0]!;
  const stranger = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: other, maxRetries: 0 });
  const result = { role: "tool" as const, tool_call_id: message.tool_calls![0]!.id, content: "rain" };
  await stranger.chat.completions.create({ model: "pincer", messages: [...ask, message, result] });
  expect(model.requests[1]!.messages).toHaveLength(1);
});

test("results are given again after a try that came to no answer, and go on in a fresh session after one that did", async () => {
  const never = new Promise<void>(() => {});
  const { openai, core, model } = await openDoor({
    turns: [
      [call("weather", { city: "Bonn" }, "w1")],
      ["It ra", { wait: never }],
      [{ fail: new AppError("provider_error", "down") }],
      ["It rains."],
      ["It rains again."],
    ],
  });
  const first = await openai.chat.completions.create({ model: "pincer", messages: ask, tools: [weather] });
  const { message } = first.choices[0]!;
  const result = { role: "tool" as const, tool_call_id: message.tool_calls![0]!.id, content: "rain" };
  const next = { model: "pincer", messages: [...ask, message, result], tools: [weather] };
  const gone = new AbortController();
  const left = openai.chat.completions.create(next, { signal: gone.signal });
  while (model.requests.length < 2) await new Promise((resolve) => setImmediate(resolve));
  gone.abort();
  await expect(left).rejects.toThrow();
  const [run] = await core.runs.list({ limit: 1 });
  await core.runs.wait(run!.id, 60_000);
  await expect(openai.chat.completions.create(next)).rejects.toMatchObject({ status: 502 });
  const again = await openai.chat.completions.create(next);
  expect(again.choices[0]!.message.content).toBe("It rains.");
  expect(told(model.requests[3]!.messages).filter((line) => line.startsWith("tool"))).toEqual(["tool w1: rain"]);
  const fresh = await openai.chat.completions.create(next);
  expect(fresh.choices[0]!.message.content).toBe("It rains again.");
  expect(model.requests[4]!.messages).toHaveLength(1);
  expect((await core.sessions.list({ kinds: ["isolated"], limit: 5 })).sessions).toHaveLength(2);
});

test("results with a message after them are given again after a try that came to no answer", async () => {
  const down = { fail: new AppError("provider_error", "down") };
  const { openai, model } = await openDoor({
    turns: [[call("weather", { city: "Bonn" }, "w1")], [down], ["It rains."]],
  });
  const first = await openai.responses.create({ model: "pincer", input: "go", tools: [weatherItem] });
  const [called] = first.output as [OpenAI.Responses.ResponseFunctionToolCall];
  const file_data = `data:application/pdf;base64,${Buffer.from("%PDF-1.7 x").toString("base64")}`;
  const output = [{ type: "input_file" as const, filename: "a.pdf", file_data }];
  const result = { type: "function_call_output" as const, call_id: called.call_id, output };
  const give = (more: { role: "user"; content: string }[] = []) =>
    openai.responses.create({ model: "pincer", previous_response_id: first.id, input: [result, ...more] });
  await expect(give()).rejects.toMatchObject({ status: 502 });
  await expect(give([{ role: "user", content: "Other words" }])).rejects.toMatchObject({ status: 409 });
  expect((await give()).output_text).toBe("It rains.");
  expect(model.requests.at(-1)!.messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "user"]);
});

test("of two requests with the same results one goes on", async () => {
  const { openai, model } = await openDoor({ turns: [[call("weather", { city: "Bonn" }, "w1")], ["a"], ["b"]] });
  const first = await openai.responses.create({ model: "pincer", input: "go", tools: [weatherItem] });
  const [called] = first.output as [OpenAI.Responses.ResponseFunctionToolCall];
  const input = [{ type: "function_call_output" as const, call_id: called.call_id, output: "rain" }];
  const both = [1, 2].map(() => openai.responses.create({ model: "pincer", previous_response_id: first.id, input }));
  const ends = await Promise.allSettled(both);
  expect(
    ends.map((end) => (end.status === "fulfilled" ? 200 : (end.reason as { status: number }).status)).toSorted(),
  ).toEqual([200, 409]);
  expect(model.requests).toHaveLength(2);
});

test("a session that is not to be kept waits for its results, and goes with its last answer", async () => {
  const { openai, core } = await openDoor({ turns: [[call("weather", { city: "Bonn" }, "w1")], ["done"]] });
  const first = await openai.chat.completions.create({
    model: "pincer",
    messages: ask,
    tools: [weather],
    store: false,
  });
  const { message } = first.choices[0]!;
  const removed = new Promise<void>((resolve) => {
    core.events.on(({ type }) => type === "session.deleted" && resolve());
  });
  const result = { role: "tool" as const, tool_call_id: message.tool_calls![0]!.id, content: "x".repeat(200_000) };
  const second = await openai.chat.completions.create({
    model: "pincer",
    messages: [...ask, message, result],
    store: false,
  });
  expect(second.choices[0]!.message.content).toBe("done");
  await removed;
  expect((await core.sessions.list({ kinds: ["isolated"], limit: 5 })).sessions).toEqual([]);
});
