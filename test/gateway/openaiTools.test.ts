import OpenAI from "openai";
import { zodFunction } from "openai/helpers/zod";
import { expect, test } from "vitest";
import * as z from "zod";
import type { Message } from "../../src/protocol/message.ts";
import { call, type Turn } from "../fakes/scriptedProvider.ts";
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

test("a call of a client's tool goes back to it, and its result goes on in the same session", async () => {
  const { openai, model, core } = await openDoor({
    turns: [["Let me see.", call("weather", { city: "Bonn" }, "w1")], ["It rains."]],
  });
  const first = await openai.chat.completions.create({ model: "pincer", messages: ask, tools: [weather] });
  const [{ message, finish_reason }] = first.choices as [OpenAI.Chat.ChatCompletion.Choice];
  expect(finish_reason).toBe("tool_calls");
  expect(message).toEqual({
    role: "assistant",
    content: "Let me see.",
    refusal: null,
    tool_calls: [
      {
        id: expect.stringMatching(/^call_[a-z0-9]+_0$/),
        type: "function",
        function: { name: "weather", arguments: '{"city":"Bonn"}' },
      },
    ],
  });
  expect(model.requests[0]!.tools.map(({ name }) => name)).toEqual(["add", "note", "weather"]);
  const result = { role: "tool" as const, tool_call_id: message.tool_calls![0]!.id, content: "rain" };
  const second = await openai.chat.completions.create({
    model: "pincer",
    messages: [...ask, message, result],
    tools: [weather],
  });
  expect(second.choices[0]).toMatchObject({ finish_reason: "stop", message: { content: "It rains." } });
  expect(told(model.requests[1]!.messages)).toEqual([
    "user How is the weather?",
    "assistant Let me see.",
    "tool w1: rain",
  ]);
  const { sessions } = await core.sessions.list({ kinds: ["isolated"], limit: 5 });
  expect(sessions).toMatchObject([{ messageCount: 4 }]);
});

test("the agent's own calls are made, and only the client's go back", async () => {
  const { openai, model } = await openDoor({
    turns: [
      [
        call("add", { a: 1, b: 2 }, "a1"),
        call("weather", { city: "Ulm" }, "w1"),
        call("weather", { city: "Bonn" }, "w2"),
      ],
      ["done"],
    ],
  });
  const first = await openai.responses.create({ model: "pincer", input: "go", tools: [weatherItem] });
  const calls = first.output.filter((item) => item.type === "function_call");
  expect(calls.map(({ name, arguments: written }) => [name, written])).toEqual([
    ["weather", '{"city":"Ulm"}'],
    ["weather", '{"city":"Bonn"}'],
  ]);
  expect(first.output).toHaveLength(2);
  const output = (at: number, text: string) => ({
    type: "function_call_output" as const,
    call_id: calls[at]!.call_id,
    output: text,
  });
  const next = { model: "pincer", previous_response_id: first.id, tools: [weatherItem] };
  const half = openai.responses.create({ ...next, input: [output(1, "sun")] });
  await expect(half).rejects.toMatchObject({
    status: 400,
    param: "input",
    message: expect.stringContaining(calls[0]!.call_id),
  });
  for (const input of ["and now?", [{ ...output(0, "x"), call_id: "call_wrong_0" }], [output(0, "a"), output(0, "b")]])
    await expect(openai.responses.create({ ...next, input }), JSON.stringify(input)).rejects.toMatchObject({
      status: 400,
    });
  const whole = await openai.responses.create({ ...next, input: [output(1, "sun"), output(0, "snow")] });
  expect(whole.output_text).toBe("done");
  expect(told(model.requests[1]!.messages).slice(2)).toEqual(["tool a1: 3", "tool w1: snow", "tool w2: sun"]);
  await expect(
    openai.responses.create({ ...next, input: [output(1, "sun"), output(0, "snow")] }),
  ).rejects.toMatchObject({ status: 409 });
  expect(model.requests).toHaveLength(2);
});

test("files of a result are read where they are text, and go along with the message after it where they are not", async () => {
  const { openai, model } = await openDoor({
    turns: [[call("weather", { city: "Ulm" }, "w1")], [call("weather", { city: "Ulm" }, "w2")], ["done"]],
  });
  const ask1 = { model: "pincer", tools: [weatherItem] };
  const pdf = Buffer.from("%PDF-1.7 x").toString("base64");
  const file = (filename: string, type: string, data: string | Buffer) => ({
    type: "input_file" as const,
    filename,
    file_data: `data:${type};base64,${Buffer.from(data).toString("base64")}`,
  });
  const goOn = async (before: OpenAI.Responses.Response, more: object[] = []) => {
    const made = before.output.find((item) => item.type === "function_call")!;
    const output = [file("a.ts", "video/mp2t", "let a = 1;"), file("", "application/pdf", "%PDF-1.7 x")];
    const result = { type: "function_call_output" as const, call_id: made.call_id, output };
    return openai.responses.create({ ...ask1, previous_response_id: before.id, input: [result, ...more] as never });
  };
  const first = await openai.responses.create({ ...ask1, input: "go" });
  const second = await goOn(first);
  const words = "a.ts:\nlet a = 1;\n\n[file-1 comes with the message after this]";
  const [result, message] = model.requests[1]!.messages.slice(-2);
  expect(result).toMatchObject({ role: "tool", text: expect.stringContaining(words) });
  const attached = { name: "file-1", mediaType: "application/pdf", data: pdf };
  expect(message).toMatchObject({ role: "user", text: "", attachments: [attached] });
  const user = { role: "user", content: [file("b.pdf", "application/pdf", "%PDF-1.7 x")] };
  await goOn(second, [user]);
  expect(model.requests[2]!.messages.at(-1)).toMatchObject({
    role: "user",
    attachments: [attached, { ...attached, name: "b.pdf" }],
  });
});

test("streamed calls come in the deltas that clients put together", async () => {
  const city = "é😀".repeat(300);
  const turns: Turn[] = [["Let me ", "see.", call("weather", { city }), call("weather", { city: "b" }, "w2")]];
  const chat = await openDoor({ turns: [...turns] });
  const runner = chat.openai.chat.completions.stream({
    model: "pincer",
    messages: ask,
    tools: [weather],
    stream_options: { include_usage: true },
  });
  const final = await runner.finalChatCompletion();
  expect(final.choices[0]).toMatchObject({
    finish_reason: "tool_calls",
    message: {
      content: "Let me see.",
      tool_calls: [{ function: { arguments: JSON.stringify({ city }) } }, { function: { name: "weather" } }],
    },
  });
  expect(final.usage).toMatchObject({ prompt_tokens: 10 });

  const responses = await openDoor({ turns: [...turns] });
  const events: OpenAI.Responses.ResponseStreamEvent[] = [];
  const stream = responses.openai.responses.stream({ model: "pincer", input: "go", tools: [weatherItem] });
  for await (const event of stream) events.push(event);
  const types = events.map(({ type }) => type).filter((type, at, all) => type !== all[at - 1]);
  const called = [
    "response.output_item.added",
    "response.function_call_arguments.delta",
    "response.function_call_arguments.done",
    "response.output_item.done",
  ];
  expect(types).toEqual([
    "response.created",
    "response.in_progress",
    "response.output_item.added",
    "response.content_part.added",
    "response.output_text.delta",
    "response.output_text.done",
    "response.content_part.done",
    "response.output_item.done",
    ...called,
    ...called,
    "response.completed",
  ]);
  expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, at) => at));
  const { output } = await stream.finalResponse();
  expect(output.map(({ type }) => type)).toEqual(["message", "function_call", "function_call"]);
  expect(output[1]).toMatchObject({ arguments: JSON.stringify({ city }) });
});

test("runTools of OpenAI's SDK works to its end", async () => {
  const { openai, model } = await openDoor({
    turns: [
      [call("weather", { city: "Bonn" }, "1"), call("weather", { city: "Ulm" }, "2")],
      [call("weather", { city: "Aalen" }, "3")],
      ["All rain."],
    ],
  });
  const asked: string[] = [];
  const tool = zodFunction({
    name: "weather",
    parameters: z.object({ city: z.string() }),
    function: ({ city }) => {
      asked.push(city);
      return "rain";
    },
  });
  const runner = openai.chat.completions.runTools({ model: "pincer", messages: ask, tools: [tool] });
  expect(await runner.finalContent()).toBe("All rain.");
  expect(asked).toEqual(["Bonn", "Ulm", "Aalen"]);
  expect(told(model.requests[2]!.messages).slice(1)).toEqual([
    "assistant ",
    "tool 1: rain",
    "tool 2: rain",
    "assistant ",
    "tool 3: rain",
  ]);
});

test("a client's tool goes before the agent's of the same name, in that run alone", async () => {
  const { openai, model, core } = await openDoor({
    turns: [[call("add", { x: "y" }, "c")], ["fine"], [call("add", { a: 1, b: 2 })], ["3"]],
  });
  const mine = {
    type: "function" as const,
    function: {
      name: "add",
      description: "mine",
      parameters: { type: "object", properties: { x: { type: "string" } } },
    },
  };
  const first = await openai.chat.completions.create({ model: "pincer/main", messages: ask, tools: [mine] });
  expect(model.requests[0]!.tools).toMatchObject([{ name: "add", description: "mine" }, { name: "note" }]);
  const { message } = first.choices[0]!;
  const result = { role: "tool" as const, tool_call_id: message.tool_calls![0]!.id, content: "z" };
  await openai.chat.completions.create({ model: "pincer/main", messages: [...ask, message, result], tools: [mine] });
  const run = await core.sessions.send({ sessionKey: "main", text: "add", origin: { via: "panel" } });
  expect(await run.outcome).toMatchObject({ reply: "3" });
});

test("which call is to be made, and how many, is held to", async () => {
  const other = { type: "function" as const, function: { name: "other", parameters: {} } };
  const tools = [weather, other];
  const { openai, model } = await openDoor({
    turns: [
      ["No need."],
      [call("weather", { city: "Bonn" }, "1")],
      ["a"],
      [call("weather", { city: "Bonn" }, "2"), call("other", {}, "3")],
      ["No."],
      ["No!"],
      [call("weather", { town: 1 }, "4")],
      [call("weather", { city: "Bonn" }, "5")],
    ],
  });
  const create = (more: object) => openai.chat.completions.create({ model: "pincer", messages: ask, tools, ...more });
  const named = await create({ tool_choice: { type: "function", function: { name: "weather" } } });
  expect(named.choices[0]!.message.tool_calls).toMatchObject([{ function: { name: "weather" } }]);
  expect(model.requests[0]!.messages[0]!.text).toContain("[Your answer is to end with a call of weather.]");
  expect((await create({ tool_choice: "none" })).choices[0]!.message.content).toBe("a");
  expect(model.requests[2]!.tools.map(({ name }) => name)).toEqual(["add", "note"]);
  const one = await create({ parallel_tool_calls: false });
  expect(one.choices[0]!.message.tool_calls).toHaveLength(1);
  await expect(create({ tool_choice: "required" })).rejects.toMatchObject({ status: 422 });
  // What is called with the wrong input is for the model to mend.
  expect((await create({})).choices[0]!.message.tool_calls).toMatchObject([
    { function: { arguments: '{"city":"Bonn"}' } },
  ]);
  expect(told(model.requests.at(-1)!.messages).at(-1)).toBe(
    'tool 4: The input of weather is not valid:\n: The property "city" is missing',
  );
  const wrong: [object, string][] = [
    [{ tool_choice: { type: "function", function: { name: "nowhere" } } }, "tool_choice"],
    [{ tools: [weather, weather] }, "tools"],
    [{ tools: [{ type: "function", function: { name: "a b" } }] }, "tools.0.function.name"],
    [{ tools: [], tool_choice: "required" }, "tool_choice"],
    [{ tools: [{ type: "custom", custom: { name: "x" } }] }, "tools.0"],
  ];
  for (const [more, param] of wrong)
    await expect(create(more), JSON.stringify(more)).rejects.toMatchObject({ status: 400, param });
  const allowed = {
    type: "allowed_tools",
    allowed_tools: { mode: "auto", tools: [{ type: "function", function: { name: "other" } }] },
  };
  await create({ tool_choice: allowed });
  expect(model.requests.at(-1)!.tools.map(({ name }) => name)).toEqual(["add", "note", "other"]);
});
