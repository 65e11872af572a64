import { expect, onTestFinished, test } from "vitest";
import { openaiChat } from "../../src/providers/openaiChat.ts";
import { startOpenaiChatServer } from "../fakes/openaiChatServer.ts";
import { collect, failure, options, request, toolResult, user } from "./collect.ts";
import { beImpatient } from "./impatient.ts";
import { providerSuite } from "./providerSuite.ts";

providerSuite({
  kind: openaiChat,
  model: "qwen3",
  startServer: startOpenaiChatServer,
  basePath: "/v1",
  needsKey: false,
  replays: false,
});

test("without a key none is sent, and one from when there is one", async () => {
  const server = await startOpenaiChatServer();
  onTestFinished(() => server.close());
  const keys = [undefined, undefined, "key", undefined];
  const apiKey = () => Promise.resolve(keys[server.requests.length]);
  const provider = openaiChat.create(options({ baseUrl: `${server.url}/v1`, apiKey }));
  for (const _ of keys) await collect(provider, request("qwen3", [user("hi")]));
  const sent = server.requests.map(({ headers }) => headers["authorization"]);
  expect(sent).toEqual([undefined, undefined, "Bearer key", undefined]);
});

test("a server on this machine may take longer to begin than Node's own fetch waits", async () => {
  const gate = Promise.withResolvers<void>();
  const server = await startOpenaiChatServer({ script: () => gate.promise.then(() => ({ text: "there" })) });
  onTestFinished(() => server.close());
  onTestFinished(beImpatient());
  const provider = openaiChat.create(options({ baseUrl: `${server.url}/v1` }));
  const asked = collect(provider, request("qwen3", [user("hi")]));
  await server.received(1);
  const body = JSON.stringify({ model: "qwen3", messages: [{ role: "user", content: "hi" }] });
  const headers = { authorization: "Bearer test-key", "content-type": "application/json" };
  const other = await failure(fetch(`${server.url}/v1/chat/completions`, { method: "POST", headers, body }));
  expect(other).toMatchObject({ cause: { code: "UND_ERR_HEADERS_TIMEOUT" } });
  gate.resolve();
  expect((await asked).text).toBe("there");
});

interface SentAnswer {
  role: string;
  reasoning_details?: unknown;
  tool_calls?: { id: string; extra_content?: unknown }[];
}

/** A server that answers with `answers` in turn, a text with a refusal; and the assistant messages of each request. */
function scripted(answers: (object[] | string)[]) {
  const sent: SentAnswer[][] = [];
  const fetch: typeof globalThis.fetch = (_url, init) => {
    const { messages } = JSON.parse(init!.body as string) as { messages: SentAnswer[] };
    sent.push(messages.filter(({ role }) => role === "assistant"));
    const answer = answers.shift()!;
    if (typeof answer === "string")
      return Promise.resolve(Response.json({ error: { message: answer, code: 400 } }, { status: 400 }));
    const frames = answer.map((delta) => `data: ${JSON.stringify({ choices: [{ index: 0, delta }] })}\n\n`);
    const end = `data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] })}\n\n`;
    const headers = { "content-type": "text/event-stream" };
    return Promise.resolve(new Response([...frames, end, "data: [DONE]\n\n"].join(""), { headers }));
  };
  return { provider: openaiChat.create(options({ baseUrl: "http://far.example/v1", fetch })), sent };
}

const piece = (index: number, more: object = {}) => ({
  tool_calls: [{ index, id: `call_${index}`, function: { name: "read", arguments: "{}" }, ...more }],
});
const signed = (signature: string) => ({ extra_content: { google: { thought_signature: signature } } });
const FINE = [{ content: "Fine." }];

test("what Gemini signs goes back with the call, as it came", async () => {
  const { provider, sent } = scripted([[piece(0, signed("SIG")), piece(1)], FINE, FINE]);
  const { message } = await collect(provider, request("gemini-3.8-flash", [user("go")]));
  const results = message.toolCalls.map(({ id }) => toolResult(id, "read", "one"));
  await collect(provider, request("gemini-3.8-flash", [user("go"), message, ...results]));
  // Ids that were there before get others, and are the same calls.
  await collect(provider, request("gemini-3.8-flash", [user("go"), message, ...results, message, ...results]));
  const extras = sent.map((answers) => answers.map((one) => one.tool_calls!.map((made) => made.extra_content)));
  const own = [signed("SIG").extra_content, undefined];
  expect(extras).toEqual([[], [own], [own, own]]);
});

test("reasoning in details goes back to the model that it came from, its words joined", async () => {
  const detail = (more: object) => ({ reasoning_details: [{ type: "reasoning.text", index: 0, ...more }] });
  const data = { type: "reasoning.encrypted", data: "SIG", id: "call_0", format: "google-gemini-v1", index: 0 };
  const { provider, sent } = scripted([
    [detail({ text: "I " }), detail({ text: "read." }), detail({ signature: "S", text: null })],
    FINE,
    FINE,
  ]);
  const model = "google/gemini-3.8-flash";
  const first = await collect(provider, request(model, [user("go")]));
  expect(first.thinking).toBe("I read.");
  const { message } = await collect(
    scripted([[{ reasoning_details: [data, null, "odd"] }, piece(0)]]).provider,
    request(model, [user("go")]),
  );
  const history = [
    user("go"),
    { ...first.message, text: "Yes." },
    user("on"),
    message,
    toolResult("call_0", "read", "one"),
  ];
  await collect(provider, request(model, history));
  expect(sent.at(-1)!.map((one) => one.reasoning_details)).toEqual([
    [{ type: "reasoning.text", index: 0, text: "I read.", signature: "S" }],
    [data],
  ]);
  expect(sent.at(-1)![1]!.tool_calls![0]).not.toHaveProperty("extra_content");
  await collect(provider, request("other/model", history));
  expect(JSON.stringify(sent.at(-1))).not.toContain("SIG");
});

test("a call that Gemini did not sign goes with what stands in for it, and one that it no longer takes does too", async () => {
  const skip = signed("skip_thought_signature_validator").extra_content;
  const { provider, sent } = scripted([
    [piece(0, signed("OLD"))],
    ...["Thought signature is not valid", FINE, FINE, "Unknown field: extra_content", FINE],
  ]);
  const { message } = await collect(provider, request("gemini-3.8-flash", [user("go")]));
  const history = [user("go"), message, toolResult("call_0", "read", "one")];
  const extra = () => sent.map(([answer]) => answer?.tool_calls?.[0]!.extra_content).slice(1);
  await collect(provider, request("gemini-3.8-flash", history));
  expect(extra()).toEqual([signed("OLD").extra_content, skip]);
  await collect(provider, request("gemini-2.5-pro", history));
  await collect(provider, request("gemini-pro-latest", history));
  expect(extra().slice(2)).toEqual([undefined, skip, undefined]);
});
