import OpenAI, { APIError } from "openai";
import { expect, test } from "vitest";
import { AppError } from "../../src/base/appError.ts";
import { call } from "../fakes/scriptedProvider.ts";
import { openGatewayBench, TOKEN, type GatewayBench, type GatewayBenchOptions } from "./bench.ts";

async function openDoor(options: GatewayBenchOptions = {}): Promise<GatewayBench & { openai: OpenAI }> {
  const bench = await openGatewayBench(options);
  const openai = new OpenAI({ baseURL: `${bench.gateway.url}/v1`, apiKey: TOKEN, maxRetries: 0 });
  return { ...bench, openai };
}

const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const hello = [{ role: "user" as const, content: "hello" }];

test("chat completions answer as OpenAI's do", async () => {
  const { openai, core } = await openDoor({ turns: [["Hello there"]] });
  const answer = await openai.chat.completions.create({ model: "pincer", messages: hello, temperature: 0.3 });
  expect(answer).toMatchObject({
    object: "chat.completion",
    model: "pincer",
    choices: [{ index: 0, message: { role: "assistant", content: "Hello there" }, finish_reason: "stop" }],
    usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15, prompt_tokens_details: { cached_tokens: 0 } },
  });
  expect(answer.id).toMatch(/^chatcmpl-/);
  expect(Math.abs(answer.created - Date.now() / 1000)).toBeLessThan(60);
  const { sessions } = await core.sessions.list({ limit: 10 });
  expect(sessions.map(({ kind, title }) => [kind, title])).toContainEqual(["isolated", "hello"]);
});

test("streamed chat completions hold the same words, usage only when it is asked for", async () => {
  const { openai } = await openDoor({ turns: [["Hel", "lo ", "there"], ["again"]] });
  const stream = await openai.chat.completions.create({
    model: "pincer",
    messages: hello,
    stream: true,
    stream_options: { include_usage: true },
  });
  const chunks = await collect(stream);
  expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toBe("Hello there");
  expect(chunks[0]!.choices[0]!.delta).toEqual({ role: "assistant", content: "" });
  expect(chunks.map((chunk) => chunk.choices[0]?.finish_reason ?? null).filter(Boolean)).toEqual(["stop"]);
  expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 10, completion_tokens: 5 } });
  expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);

  const plain = await collect(await openai.chat.completions.create({ model: "pincer", messages: hello, stream: true }));
  expect(plain.every((chunk) => chunk.usage === undefined)).toBe(true);
  expect(plain.every((chunk) => chunk.choices.length === 1)).toBe(true);
});

test("words around tool calls are all streamed", async () => {
  const { openai } = await openDoor({ turns: [["Let me add.", call("add", { a: 2, b: 3 })], ["It is 5."]] });
  const stream = await openai.chat.completions.create({ model: "pincer", messages: hello, stream: true });
  const text = (await collect(stream)).map((chunk) => chunk.choices[0]?.delta.content ?? "").join("");
  expect(text).toBe("Let me add.\n\nIt is 5.");
});

test("a fresh session is told what went before; a user's session goes on by itself", async () => {
  const { openai, model, core } = await openDoor({ turns: [["one"], ["two"], ["three"], ["four"]] });
  const messages = [
    { role: "system" as const, content: "Speak like a pirate." },
    { role: "user" as const, content: "What is 2+3?" },
    { role: "assistant" as const, content: "5" },
    { role: "user" as const, content: [{ type: "text" as const, text: "And 3+4?" }] },
  ];
  await openai.chat.completions.create({ model: "pincer", messages });
  const first = JSON.stringify(model.requests[0]);
  for (const words of ["Speak like a pirate.", "assistant: 5", "And 3+4?"]) expect(first).toContain(words);

  await openai.chat.completions.create({ model: "pincer", user: "alice", messages });
  const two = { role: "assistant" as const, content: "two" };
  await openai.chat.completions.create({ model: "pincer", user: "alice", messages: [...messages, two, ...hello] });
  await openai.chat.completions.create({ model: "pincer", user: "bob", messages: hello });
  const { sessions } = await core.sessions.list({ limit: 10, kinds: ["isolated"] });
  expect(sessions.map(({ title, messageCount }) => [title, messageCount]).toSorted()).toEqual([
    ["And 3+4?", 2],
    ["alice", 4],
    ["bob", 2],
  ]);
  // Only what is new is sent to a session that has the rest.
  const alice = sessions.find(({ title }) => title === "alice")!;
  const { messages: told } = await core.sessions.history(alice.key, { limit: 10, includeTools: false });
  expect(told.at(-2)).toMatchObject({ role: "user", text: "hello", origin: { via: "openai", id: "default" } });
});

test("pincer/SESSION is that session; others are refused in OpenAI's words", async () => {
  const { openai, core } = await openDoor({ turns: [["in main"]] });
  const answer = await openai.chat.completions.create({ model: "pincer/main", messages: hello });
  expect(answer).toMatchObject({ model: "pincer/main", choices: [{ message: { content: "in main" } }] });
  expect((await core.sessions.get("main")).messageCount).toBe(2);

  const refused: [object, number, string, string | null][] = [
    [{ model: "gpt-9", messages: hello }, 400, "bad_request", "model"],
    [{ model: "pincer/nowhere", messages: hello }, 404, "not_found", null],
    [{ model: "pincer" }, 400, "bad_request", "messages"],
    [{ model: "pincer", messages: [{ role: "system", content: "x" }] }, 400, "bad_request", "messages"],
    [{ model: "pincer", messages: "x" }, 400, "bad_request", "messages"],
    [{ model: "pincer", messages: hello, tools: [{ type: "web_search" }] }, 400, "bad_request", "tools.0"],
    [{ model: "pincer", messages: hello, n: 2 }, 400, "bad_request", "n"],
    [
      { model: "pincer", messages: hello, response_format: { type: "grammar" } },
      400,
      "bad_request",
      "response_format.type",
    ],
  ];
  for (const [body, status, code, param] of refused) {
    const error = await openai.chat.completions.create(body as never).catch((caught: unknown) => caught as APIError);
    expect(error, JSON.stringify(body)).toBeInstanceOf(APIError);
    expect(error, JSON.stringify(body)).toMatchObject({ status, code, param });
  }
  const stranger = new OpenAI({ baseURL: openai.baseURL, apiKey: "wrong", maxRetries: 0 });
  await expect(stranger.models.list()).rejects.toMatchObject({ status: 401, type: "authentication_error" });
});

test("a run that fails is an error with its status, and is not tried again by the client", async () => {
  const { gateway, model } = await openDoor({
    turns: [[{ fail: new Error("bug") }], ["Hel", { fail: new Error("bug") }]],
  });
  const openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: TOKEN, maxRetries: 2 });
  await expect(openai.chat.completions.create({ model: "pincer", messages: hello })).rejects.toMatchObject({
    status: 500,
    type: "server_error",
  });
  const stream = await openai.chat.completions.create({ model: "pincer", messages: hello, stream: true });
  await expect(collect(stream)).rejects.toThrow(/went wrong/);
  expect(model.requests).toHaveLength(2);
});

test("going away cancels the run, streaming or not", async () => {
  const never = new Promise<void>(() => {});
  const { openai, core, model } = await openDoor({ turns: [[{ wait: never }], ["some", { wait: never }]] });
  const controller = new AbortController();
  const waiting = openai.chat.completions.create({ model: "pincer", messages: hello }, { signal: controller.signal });
  while (model.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
  controller.abort();
  await expect(waiting).rejects.toThrow();

  const stream = await openai.chat.completions.create({ model: "pincer", messages: hello, stream: true });
  for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
  stream.controller.abort();
  for (const { id } of await core.runs.list({ limit: 10 }))
    expect((await core.runs.wait(id, 60_000)).outcome?.type).toBe("cancelled");
});

test("one idempotency key is one run, streamed or not", async () => {
  const { openai, model } = await openDoor({ turns: [["first"], ["second"]] });
  const options = { headers: { "Idempotency-Key": "k-1" } };
  const ask = () => openai.chat.completions.create({ model: "pincer", messages: hello }, options);
  const [one, two] = [await ask(), await ask()];
  expect(two).toEqual(one);
  const request = { model: "pincer", messages: hello, stream: true as const };
  const say = async () => {
    const stream = await openai.chat.completions.create(request, { headers: { "Idempotency-Key": "k-2" } });
    return (await collect(stream)).map((chunk) => chunk.choices[0]?.delta.content ?? "").join("");
  };
  expect([await say(), await say()]).toEqual(["second", "second"]);
  expect(model.requests).toHaveLength(2);
});

test("what cannot be done is refused by name, and what has no effect is named", async () => {
  const { openai, gateway, auth, model } = await openDoor();
  const refused: Record<string, unknown> = {
    functions: [{ name: "f" }],
    max_tool_calls: 3,
    logit_bias: { 50256: -100 },
    logprobs: true,
    top_logprobs: 2,
  };
  for (const [param, value] of Object.entries(refused)) {
    const body = { model: "pincer", messages: hello, [param]: value };
    const error = await openai.chat.completions.create(body as never).catch((caught: unknown) => caught as APIError);
    expect(error, param).toMatchObject({ status: 400, type: "invalid_request_error", param });
    expect((error as APIError).message).toContain(`\`${param}\` is not taken`);
  }
  const later = { model: "pincer", input: "hello", background: true };
  await expect(openai.responses.create(later)).rejects.toMatchObject({ status: 400, param: "background" });
  expect(model.requests).toHaveLength(0);

  const init = { method: "POST", headers: { ...auth, "Content-Type": "application/json" } };
  const send = (more: object) =>
    fetch(`${gateway.url}/v1/chat/completions`, {
      ...init,
      body: JSON.stringify({ model: "pincer", messages: hello, max_tokens: null, stop: [], logprobs: false, ...more }),
    });
  expect((await send({})).headers.get("x-pincer-ignored")).toBeNull();
  expect((await send({ temperature: 0, top_p: 1, seed: 4 })).headers.get("x-pincer-ignored")).toBeNull();
  const coloured = {
    reasoning_effort: "low",
    stream_options: { include_obfuscation: true },
    text: { verbosity: "low" },
  };
  expect((await send(coloured)).headers.get("x-pincer-ignored")).toBe(
    "reasoning_effort, text, stream_options.include_obfuscation",
  );
  const others = { input: "hi", stop: "x", seed: 4, text: { verbosity: "low" }, max_tokens: 9 };
  const response = await fetch(`${gateway.url}/v1/responses`, { ...init, body: JSON.stringify(others) });
  expect(response.headers.get("x-pincer-ignored")).toBe("stop, seed, max_tokens, text.verbosity");
  expect((await send({ instructions: "Be brief" })).headers.get("x-pincer-ignored")).toBe("instructions");
  const unknown = {
    foo: 1,
    tool_choice: "none",
    metadata: { a: "b" },
    store: true,
    "a\r\nB: c": 1,
    ["x".repeat(99)]: 1,
  };
  expect((await send(unknown)).headers.get("x-pincer-ignored")).toBe("foo");
});

test("a session that has a history is told instructions that are new, and none twice", async () => {
  const { openai, core } = await openDoor();
  const say = (text: string, system?: string) =>
    openai.chat.completions.create({
      model: "pincer",
      user: "alice",
      messages: [...(system ? [{ role: "system" as const, content: system }] : []), { role: "user", content: text }],
    });
  await say("one", "Be brief.");
  await say("two", "Be brief.");
  await say("three", "Be long.");
  await say("four", "Be long.");
  const { sessions } = await core.sessions.list({ limit: 1, kinds: ["isolated"] });
  const { messages } = await core.sessions.history(sessions[0]!.key, { limit: 20, includeTools: false });
  const told = (rule: string, text: string) =>
    `Instructions of this conversation:\n\n${rule}\n\nThe message to answer:\n\n${text}`;
  expect(messages.filter(({ role }) => role === "user").map(({ text }) => text)).toEqual([
    told("Be brief.", "one"),
    "two",
    told("Be long.", "three"),
    "four",
  ]);
  await openai.responses.create({ model: "pincer/main", input: "x", instructions: "Only here." });
  await openai.responses.create({ model: "pincer/main", input: "y", instructions: "Now this." });
  const main = await core.sessions.history("main", { limit: 20, includeTools: false });
  expect(main.messages.filter(({ role }) => role === "user").at(-1)!.text).toBe(told("Now this.", "y"));
});

test("images of earlier turns go along, each named where it was shown", async () => {
  const { openai, model } = await openDoor();
  const url = `data:image/png;base64,${PNG}`;
  const shown = (text: string) => [
    { type: "text" as const, text },
    { type: "image_url" as const, image_url: { url } },
  ];
  await openai.chat.completions.create({
    model: "pincer",
    messages: [
      { role: "user", content: shown("Look at this.") },
      { role: "assistant", content: "A dot." },
      { role: "user", content: shown("And this?") },
    ],
  });
  const told = model.requests[0]!.messages.at(-1)!;
  expect(told.text).toContain("user: Look at this. [image-1.png]\n\nassistant: A dot.");
  expect(told.role === "user" && told.attachments?.map(({ name }) => name)).toEqual(["image-1.png", "image-2.png"]);
});

test("one model by its name", async () => {
  const { openai, core } = await openDoor();
  const { key } = await core.sessions.create({ title: "Notes" });
  const listed = (await openai.models.list()).data.map(({ id }) => id);
  expect(listed).toContain(`pincer/${key}`);
  const others = ["openclaw", "openclaw/default", "openclaw/main", `openclaw/${key}`];
  for (const id of [...listed, ...others])
    expect(await openai.models.retrieve(id)).toMatchObject({ id, object: "model", owned_by: "pincer" });
  for (const id of ["gpt-9", "pincer/nowhere", "openclaw/nowhere", "pincer/", "%"])
    await expect(openai.models.retrieve(id), id).rejects.toMatchObject({ status: 404 });
});

test("an answer is read again by its id, and taken away", async () => {
  const never = new Promise<void>(() => {});
  const failing = { fail: new AppError("provider_error", "no") };
  const { openai, core, model } = await openDoor({ turns: [["Hello"], ["again"], [failing], [{ wait: never }]] });
  const first = await openai.responses.create({ model: "pincer", input: "hello" });
  const { output_text, status, usage, output } = await openai.responses.retrieve(first.id);
  expect({ output_text, status, usage }).toEqual({ output_text: "Hello", status: "completed", usage: first.usage });
  expect(output).toMatchObject([{ role: "assistant", content: [{ type: "output_text", text: "Hello" }] }]);

  const second = await openai.responses.create({ model: "pincer", input: "x", previous_response_id: first.id });
  await expect(openai.responses.delete(first.id)).rejects.toMatchObject({ status: 409 });
  expect(await openai.responses.retrieve(second.id)).toMatchObject({ output_text: "again" });

  await expect(openai.responses.create({ model: "pincer", input: "x" })).rejects.toMatchObject({ status: 502 });
  const [failed] = await core.runs.list({ limit: 1 });
  expect(await openai.responses.retrieve(`resp_${failed!.id}`)).toMatchObject({
    status: "failed",
    error: { code: "provider_error" },
  });
  await openai.responses.delete(`resp_${failed!.id}`);
  await expect(openai.responses.retrieve(`resp_${failed!.id}`)).rejects.toMatchObject({ status: 404 });
  await expect(core.sessions.get(failed!.sessionKey)).rejects.toMatchObject({ code: "not_found" });

  const controller = new AbortController();
  const waiting = openai.responses.create({ model: "pincer", input: "x" }, { signal: controller.signal });
  while (model.requests.length < 4) await new Promise((resolve) => setImmediate(resolve));
  const [running] = await core.runs.list({ limit: 1 });
  expect(await openai.responses.retrieve(`resp_${running!.id}`)).toMatchObject({ status: "in_progress", output: [] });
  controller.abort();
  await expect(waiting).rejects.toThrow();
  await core.runs.wait(running!.id, 60_000);
  expect(await openai.responses.retrieve(`resp_${running!.id}`)).toMatchObject({ status: "cancelled" });

  const elsewhere = await core.sessions.send({ text: "x", origin: { via: "api" } });
  for (const id of ["resp_nothing", "x", `resp_${elsewhere.id}`])
    await expect(openai.responses.retrieve(id), id).rejects.toMatchObject({ status: 404 });
});

test("a session goes with its answer where that is asked for", async () => {
  const { openai, core, settings } = await openDoor();
  const ask = (more: object = {}) => openai.chat.completions.create({ model: "pincer", messages: hello, ...more });
  const left = async () =>
    (await core.sessions.list({ limit: 50, kinds: ["isolated"] })).sessions.map(({ key }) => key);
  const gone = () =>
    new Promise<void>((resolve) => {
      const seen = core.events.on((event) => event.type === "session.deleted" && (seen.dispose(), resolve()));
    });
  await ask();
  const kept = await left();
  expect(kept).toHaveLength(1);
  for (const stored of [
    () => ask({ store: false }),
    () => openai.responses.create({ model: "pincer", input: "x", store: false }),
    () => ((settings.retention = { openaiDays: 0 }), ask()),
  ]) {
    const removed = gone();
    await stored();
    await removed;
  }
  expect(await left()).toEqual(kept);
});

test("models are the agent and its sessions", async () => {
  const { openai, core } = await openDoor();
  const { key } = await core.sessions.create({ title: "Notes" });
  const ids = (await openai.models.list()).data.map(({ id }) => id);
  expect(ids).toEqual(["pincer", "pincer/main", `pincer/${key}`]);
});

test("responses answer as OpenAI's do, and go on by their id", async () => {
  const { openai, core } = await openDoor({ turns: [["Hello"], ["again"]] });
  const first = await openai.responses.create({ model: "pincer", input: "hello", instructions: "Be brief." });
  expect(first).toMatchObject({
    object: "response",
    status: "completed",
    output_text: "Hello",
    output: [{ type: "message", role: "assistant", content: [{ type: "output_text", text: "Hello" }] }],
    usage: { input_tokens: 10, output_tokens: 5, total_tokens: 15 },
  });
  const next = await openai.responses.create({
    model: "pincer",
    previous_response_id: first.id,
    input: [{ role: "user", content: [{ type: "input_text", text: "more" }] }],
  });
  expect(next.output_text).toBe("again");
  const { sessions } = await core.sessions.list({ limit: 10, kinds: ["isolated"] });
  expect(sessions).toMatchObject([{ messageCount: 4 }]);
  const refused: [object, number][] = [
    [{ model: "pincer", input: "x", previous_response_id: "resp_none" }, 404],
    [{ model: "pincer", input: "x", previous_response_id: "none" }, 404],
    [{ model: "pincer" }, 400],
    [{ model: "pincer", input: [] }, 400],
    [{ model: "pincer", input: "x", tools: [{ type: "web_search" }] }, 400],
    [{ model: "pincer", input: "x", text: { format: { type: "json_schema", name: "x", schema: { type: 1 } } } }, 400],
    [{ model: "pincer", input: "x", text: { format: { type: "json_schema", schema: {} } } }, 400],
  ];
  for (const [body, status] of refused)
    await expect(openai.responses.create(body as never), JSON.stringify(body)).rejects.toMatchObject({ status });
});

test("streamed responses come in the steps that clients expect", async () => {
  const { openai } = await openDoor({ turns: [["Hel", "lo"]] });
  const events = await collect(await openai.responses.create({ model: "pincer", input: "hi", stream: true }));
  expect(events.map(({ type }) => type)).toEqual([
    "response.created",
    "response.in_progress",
    "response.output_item.added",
    "response.content_part.added",
    "response.output_text.delta",
    "response.output_text.delta",
    "response.output_text.done",
    "response.content_part.done",
    "response.output_item.done",
    "response.completed",
  ]);
  expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index));
  expect(events.at(-1)).toMatchObject({ response: { status: "completed", output_text: "Hello" } });

  const helper = await openDoor({ turns: [["one", " two"]] });
  const final = await helper.openai.responses.stream({ model: "pincer", input: "hi" }).finalResponse();
  expect(final.output_text).toBe("one two");
});

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}
