import OpenAI from "openai";
import { zodResponseFormat, zodTextFormat } from "openai/helpers/zod";
import { expect, test } from "vitest";
import * as z from "zod";
import * as z3 from "zod/v3";
import { closedSchema } from "../../src/providers/shared/closedSchema.ts";
import { call } from "../fakes/scriptedProvider.ts";
import { openGatewayBench, TOKEN, type GatewayBench, type GatewayBenchOptions } from "./bench.ts";

type Door = GatewayBench & { openai: OpenAI };

async function openDoor(options: GatewayBenchOptions = {}): Promise<Door> {
  const bench = await openGatewayBench(options);
  return { ...bench, openai: new OpenAI({ baseURL: `${bench.gateway.url}/v1`, apiKey: TOKEN, maxRetries: 0 }) };
}

const ask = [{ role: "user" as const, content: "Go on." }];

const Sum = z.object({ sum: z.int(), note: z.string().nullable() });

test("parse of OpenAI's SDK gives the value, in either API, streamed or not", async () => {
  const good = '{"sum": 5, "note": null}';
  const { openai } = await openDoor({
    turns: [["```json\n", good, "\n```"], [good], [`Here: ${good}`], ['{"sum": "x"}'], [good]],
  });
  const format = { model: "pincer", messages: ask, response_format: zodResponseFormat(Sum, "sum") };
  const parsed = await openai.chat.completions.parse(format);
  expect(parsed.choices[0]!.message).toMatchObject({
    content: '{"sum":5,"note":null}',
    parsed: { sum: 5, note: null },
  });
  const response = await openai.responses.parse({
    model: "pincer",
    input: "go",
    text: { format: zodTextFormat(Sum, "sum") },
  });
  expect(response.output_parsed).toEqual({ sum: 5, note: null });
  const streamed = await openai.chat.completions.stream(format).finalChatCompletion();
  expect(streamed.choices[0]!.message).toMatchObject({ parsed: { sum: 5 } });
  // Nothing of the answer that had to be mended is told.
  const stream = await openai.responses.create({
    model: "pincer",
    input: "go",
    stream: true,
    text: { format: zodTextFormat(Sum, "sum") },
  });
  let text = "";
  for await (const event of stream) if (event.type === "response.output_text.delta") text += event.delta;
  expect(JSON.parse(text)).toEqual({ sum: 5, note: null });
});

test("what zod 3 lets be null may be, by the schema that OpenAI's SDK makes of it, in an answer and for the model's API", async () => {
  const Note = z3.object({ note: z3.string().nullable(), at: z3.string().time() });
  const good = '{"note": null, "at": "10:00:00"}';
  const { openai, model } = await openDoor({ turns: [[good], ["not asked again"]] });
  const format = { format: zodTextFormat(Note, "note") };
  const answer = await openai.responses.parse({ model: "pincer", input: "go", text: format });
  expect(answer.output_parsed).toEqual({ note: null, at: "10:00:00" });
  const { schema } = model.requests[0]!.output!;
  expect(schema).toMatchObject({ properties: { note: { type: "string", nullable: true } } });
  expect(closedSchema(schema)?.schema).toMatchObject({
    properties: { note: { anyOf: [{ type: "string" }, { type: "null" }] }, at: { type: "string" } },
  });
});

test("json_object is any object; what cannot be had is a 422, and cut answers are told as cut", async () => {
  const length = { type: "end" as const, usage: null, stop: "length" as const };
  const { openai, model } = await openDoor({
    turns: [['[{"a": 1}]'], ['{"a": 1}'], ["no"], ["never"], ["no"], ["no"], ['{"a": ', length]],
  });
  const object = { model: "pincer", messages: ask, response_format: { type: "json_object" as const } };
  expect((await openai.chat.completions.create(object)).choices[0]!.message.content).toBe('{"a":1}');
  await expect(openai.chat.completions.create(object)).rejects.toMatchObject({
    status: 422,
    code: "invalid_result",
    type: "server_error",
    param: null,
  });
  await expect(openai.chat.completions.create({ ...object, stream: true })).rejects.toMatchObject({ status: 422 });
  const cut = await openai.chat.completions.create({ ...object, max_completion_tokens: 3 });
  expect(cut.choices[0]).toMatchObject({ finish_reason: "length", message: { content: '{"a": ' } });
  expect(model.requests.at(-1)!.maxOutputTokens).toBe(3);
});

test("a stop ends the answer before it, wherever the pieces are cut", async () => {
  const { openai, model, core } = await openDoor({
    turns: [
      ["one T", "WO thr", "ee"],
      ["ab", "c"],
      ["x EN", "D y", call("add", { a: 1, b: 1 })],
    ],
  });
  const create = (stop: string | string[]) =>
    openai.chat.completions.create({ model: "pincer", messages: ask, stop, temperature: 0.1, seed: 7 });
  expect((await create(["TWO", "zzz"])).choices[0]).toMatchObject({
    finish_reason: "stop",
    message: { content: "one " },
  });
  expect((await create("cd")).choices[0]!.message.content).toBe("abc");
  expect((await create("END")).choices[0]!.message.content).toBe("x ");
  expect(model.requests).toHaveLength(3);
  expect(model.requests[0]).toMatchObject({ stop: ["TWO", "zzz"], temperature: 0.1, seed: 7 });
  const [run] = await core.runs.list({ limit: 1 });
  expect(run!.usage.outputTokens).toBeGreaterThan(0);
});

test("a file is text by its bytes, in its own encoding, whatever its name and type say; what is no base64 is refused", async () => {
  const { openai, model } = await openDoor();
  const files: [string, string, Buffer][] = [
    ["a.csv", "data:text/csv;base64,", Buffer.from("\ufeffName\tStadt\n", "utf16le")],
    ["a.txt", "data:text/plain;base64,", Buffer.from("Gr\u00f6\u00dfe", "latin1")],
    ["main.py", "", Buffer.from("print(1)")],
    ["a.ts", "data:video/mp2t;base64,", Buffer.from("let a = 1;")],
    ["a.bin", "", Buffer.from([0, 1, 2])],
  ];
  const content = files.map(([filename, head, bytes]) => ({
    type: "input_file" as const,
    filename,
    file_data: head + bytes.toString("base64"),
  }));
  await openai.responses.create({ model: "pincer", input: [{ role: "user", content }] });
  const [message] = model.requests[0]!.messages;
  expect(message).toMatchObject({
    attachments: [
      { mediaType: "text/csv", data: "Name\tStadt\n" },
      { mediaType: "text/plain", data: "Gr\u00f6\u00dfe" },
      { mediaType: "text/plain", data: "print(1)" },
      { mediaType: "text/plain", data: "let a = 1;" },
      { mediaType: "application/octet-stream", data: "AAEC" },
    ],
  });
  const wrong = [{ type: "input_file" as const, filename: "a.txt", file_data: "just a text." }];
  await expect(
    openai.responses.create({ model: "pincer", input: [{ role: "user", content: wrong }] }),
  ).rejects.toMatchObject({ status: 400, message: expect.stringContaining("must be base64") });
});

test("items of every kind are read, or refused by name", async () => {
  const LONG = "x".repeat(20_000);
  const { openai, model, get } = await openDoor({ turns: [["ok"], ["ok"], ["ok"], [LONG], ["ok"]] });
  const pdf = Buffer.from("%PDF-1.7 x").toString("base64");
  await openai.responses.create({
    model: "pincer",
    input: [
      { role: "developer", content: "Be brief." },
      {
        type: "reasoning",
        id: "rs_1",
        summary: [{ type: "summary_text", text: "I thought of rain." }],
        encrypted_content: "xyz",
      },
      { type: "function_call", call_id: "c1", name: "weather", arguments: "{}" },
      { type: "function_call_output", call_id: "c1", output: "rain" },
      { role: "assistant", content: [{ type: "output_text", text: "Rain.", annotations: [] }] } as never,
      {
        role: "user",
        content: [
          { type: "input_file", filename: "a.pdf", file_data: `data:application/pdf;base64,${pdf}` },
          { type: "input_file", filename: "a.md", file_data: Buffer.from("# é").toString("base64") },
          { type: "input_text", text: "And this?" },
        ],
      },
    ],
  });
  const [message] = model.requests[0]!.messages;
  expect(message).toMatchObject({
    attachments: [
      { name: "a.pdf", mediaType: "application/pdf", data: pdf },
      { name: "a.md", mediaType: "text/plain", data: "# é" },
    ],
  });
  expect(message!.text).toBe(
    "Instructions of this conversation:\n\nBe brief.\n\nThe conversation so far:\n\nassistant thought: I thought of rain.\n\nassistant called weather (c1) with: {}\n\nresult of weather (c1): rain\n\nassistant: Rain.\n\nThe message to answer:\n\nAnd this?",
  );
  const first = await openai.responses.create({ model: "pincer", input: "one" });
  const reference = { type: "item_reference" as const, id: first.output[0]!.id! };
  await openai.responses.create({ model: "pincer", input: [reference, { role: "user", content: "two" }] });
  expect(model.requests.at(-1)!.messages[0]!.text).toContain("assistant: ok");
  const user = { role: "user" as const, content: "x" };
  const long = await openai.responses.create({ model: "pincer", input: "long" });
  const sessions = (await get("/api/sessions/list")).body.count;
  const references = Array.from({ length: 200 }, () => ({ ...reference, id: long.output[0]!.id! }));
  await openai.responses.create({ model: "pincer", input: [...references.slice(0, 5), user] });
  expect(model.requests.at(-1)!.messages[0]!.text.length).toBeGreaterThan(5 * LONG.length);
  await expect(openai.responses.create({ model: "pincer", input: [...references, user] })).rejects.toMatchObject({
    status: 413,
    message: expect.stringContaining("The items that `input` refers to have more than 1048576 characters"),
  });
  expect((await get("/api/sessions/list")).body.count).toBe(sessions + 1);
  const wrong: [unknown[], number, RegExp][] = [
    [[{ type: "web_search_call", id: "w", status: "completed" }, user], 400, /type "web_search_call" is not taken/],
    [[{ type: "item_reference", id: "msg_nothing" }, user], 404, /no item "msg_nothing"/],
    [[{ role: "user", content: [{ type: "input_image", file_id: "f" }] }], 400, /kept elsewhere/],
    [[{ role: "user", content: [{ type: "input_image", image_url: "https://x/y.png" }] }], 400, /data: URLs/],
    [[{ role: "user", content: [{ type: "input_file", file_url: "https://x/y.pdf" }] }], 400, /none is fetched/],
    [
      [{ role: "user", content: [{ type: "input_audio", input_audio: {} }] }],
      400,
      /input\.0\.content\.0\.type: Expect/,
    ],
    [[{ type: "function_call", name: "x" }, user], 400, /input\.0\.call_id/],
    [[{ type: "function_call_output", call_id: "c", output: "x" }], 400, /no such call before it/],
  ];
  for (const [input, status, why] of wrong)
    await expect(
      openai.responses.create({ model: "pincer", input: input as never }),
      JSON.stringify(input),
    ).rejects.toMatchObject({ status, message: expect.stringMatching(why) });
});
