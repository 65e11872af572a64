import { describe, expect, onTestFinished, test } from "vitest";
import type { AssistantMessage, Message } from "../../src/protocol/message.ts";
import { anthropic } from "../../src/providers/anthropic.ts";
import { toAnthropicRequest } from "../../src/providers/anthropic/anthropicRequest.ts";
import { google } from "../../src/providers/google.ts";
import { toGoogleRequest } from "../../src/providers/google/googleRequest.ts";
import { openai } from "../../src/providers/openai.ts";
import { toOpenaiRequest } from "../../src/providers/openai/openaiRequest.ts";
import { openaiChat } from "../../src/providers/openaiChat.ts";
import { USUAL } from "../../src/providers/openaiChat/chatDialect.ts";
import { toChatRequest } from "../../src/providers/openaiChat/chatRequest.ts";
import { createHeldTurns, HeldJson, type HeldTurns, unheld } from "../../src/providers/shared/heldTurns.ts";
import { startAnthropicServer } from "../fakes/anthropic/anthropicServer.ts";
import { startGoogleServer } from "../fakes/googleServer.ts";
import { startOpenaiChatServer } from "../fakes/openaiChatServer.ts";
import { startOpenaiServer } from "../fakes/openaiServer.ts";
import { createRandom } from "../random.ts";
import { collect, failure, options, request, tool, toolResult, user } from "./collect.ts";

const signal = new AbortController().signal;
const server = { provider: "x", baseUrl: "", dialect: USUAL };
const KINDS = [
  {
    kind: anthropic,
    model: "claude-sonnet-5-5",
    start: startAnthropicServer,
    path: "",
    make: (messages: Message[], held?: HeldTurns): unknown[] =>
      toAnthropicRequest(request("claude-sonnet-5-5", messages), "x", held).messages,
  },
  {
    kind: openai,
    model: "gpt-6-luna",
    start: startOpenaiServer,
    path: "/v1",
    make: (messages: Message[], held?: HeldTurns) =>
      toOpenaiRequest(request("gpt-6-luna", messages), "x", held).input as unknown[],
  },
  {
    kind: openaiChat,
    model: "qwen3",
    start: startOpenaiChatServer,
    path: "/v1",
    make: (messages: Message[], held?: HeldTurns): unknown[] =>
      toChatRequest(request("qwen3", messages), server, held).messages,
  },
  {
    kind: google,
    model: "gemini-3.8-flash",
    start: startGoogleServer,
    path: "",
    make: (messages: Message[], held?: HeldTurns) =>
      toGoogleRequest(request("gemini-3.8-flash", messages), "x", signal, held).contents as unknown[],
  },
];
const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const image = { name: "a.png", mediaType: "image/png", data: PIXEL };

const says = (text: string, ...ids: string[]): AssistantMessage => ({
  role: "assistant",
  text,
  toolCalls: ids.map((id) => ({ id, name: "read", input: { of: text } })),
  model: "x/y",
});

/** Some messages of every kind that a history may have, those that are mended among them. */
function more(random: () => number, at: number): Message[] {
  const chance = Math.floor(random() * 9);
  if (chance === 0) return [user(`\ud83d half ${at}`), says(`Two in a row ${at}`), says(`after a stop ${at} "}]`)];
  // The same id again and again, one call without a result, one result without a call.
  if (chance === 1) return [says("", "same", "lost"), toolResult("same", "read", `read ${at}`)];
  if (chance === 2) return [toolResult("stray", "read", `of nobody ${at}`)];
  if (chance === 3) return [{ role: "system", kind: "event", text: `</system-event> {"messages":[${at}` }];
  if (chance === 4) return [says(" "), user("")];
  if (chance === 5) return [user("a text", { attachments: [{ name: "a.txt", mediaType: "text/plain", data: "é" }] })];
  return [user(`question ${at}`), says(`answer ${at}`)];
}

describe.each(KINDS)("what $kind.api was sent before", ({ kind, model, start, path, make }) => {
  const begin = async () => {
    const server = await start({ script: () => ({ text: "Fine." }) });
    onTestFinished(() => server.close());
    const create = () => kind.create(options({ baseUrl: server.url + path }));
    const sent = (provider: ReturnType<typeof create>, messages: Message[]) =>
      collect(provider, request(model, messages));
    return { server, create, sent };
  };

  test("is made again as it was, however the history grows, is read anew, shortened or shown with images", () => {
    const random = createRandom(3);
    const held = createHeldTurns();
    let messages: Message[] = [user("first")];
    let times = 0;
    for (let at = 0; at < 1500; at += 1) {
      messages = [...messages, ...more(random, at)];
      const chance = random();
      if (at === 1200) messages = [...messages, user("see", { attachments: [image] })];
      // What a run said comes from the store in the next.
      if (chance < 0.1) messages = [...messages.slice(0, -5), ...messages.slice(-5).map((one) => ({ ...one }))];
      if (chance > 0.98) messages = messages.slice(0, -Math.floor(random() * 80));
      if (chance > 0.5 && chance < 0.51) messages = messages.with(20, user(`another ${at}`));
      if (at % 10 !== 0 && at < 1400) continue;
      const turns = make(messages, held);
      times += Number(turns.some((turn) => turn instanceof HeldJson));
      expect(JSON.stringify(unheld(turns))).toBe(JSON.stringify(make(messages)));
    }
    expect(times).toBeGreaterThan(200);
    const system = { role: "system" as const, kind: "summary" as const, text: "What was said." };
    messages = [system, ...messages.slice(50)];
    expect(JSON.stringify(unheld(make(messages, held)))).toBe(JSON.stringify(make(messages)));
  });

  test("is sent again as it was", async () => {
    const { server, create, sent } = await begin();
    const random = createRandom(4);
    const provider = create();
    let messages: Message[] = [user("first")];
    for (let at = 0; messages.length < 120; at += 1) messages = [...messages, ...more(random, at)];
    for (let at = 0; at < 4; at += 1) {
      messages = [...messages, user(`one more ${at} "`), says("so be it")];
      await sent(provider, messages);
      // No history of before begins with this very message.
      await sent(provider, [{ ...messages[0]! }, ...messages.slice(1)]);
      expect(server.requests.at(-2)!.body).toEqual(server.requests.at(-1)!.body);
    }
  });

  test("is not looked at again: a turn costs what is new in it", async () => {
    const { create, sent } = await begin();
    let reads = 0;
    const counted = <T extends Message>(message: T): T =>
      Object.defineProperty({ ...message }, "text", { enumerable: true, get: () => ((reads += 1), message.text) });
    const provider = create();
    let messages: Message[] = [];
    const costs: number[] = [];
    for (let turn = 0; turn < 500; turn += 1) {
      messages = [...messages, counted(user(`question ${turn}`))];
      reads = 0;
      if (turn % 50 === 49 || turn > 490) await sent(provider, messages);
      costs.push(reads);
      messages = [...messages, counted(says(`answer ${turn}`))];
    }
    const late = Math.max(...costs.slice(492));
    expect(late).toBeGreaterThan(0);
    // Less than a message of each turn that there was.
    expect(late).toBeLessThan(400);
    expect(messages).toHaveLength(1000);
  });

  test("is named where the provider refuses it", async () => {
    const { server, create, sent } = await begin();
    const provider = create();
    const messages = Array.from({ length: 100 }, (_, at) => (at % 2 ? says(`answer ${at}`) : user(`question ${at}`)));
    const asked = [...messages, user("last")];
    await sent(provider, asked);
    const name = kind === openai ? "input" : kind === google ? "contents" : "messages";
    const place = kind === openaiChat ? 5 : 4;
    server.next({ fault: { kind: "status", status: 400, message: `${name}.${place}: no` } });
    expect(String(await failure(sent(provider, asked)))).toMatch(/number \d of the request, of user: "question 4"/);
  });
});

test.each(KINDS.filter(({ kind }) => kind !== google))(
  "$kind.api: the same tools are written once, and sent with every request",
  async ({ kind, model, start, path }) => {
    const server = await start({ script: () => ({ text: "Fine." }) });
    onTestFinished(() => server.close());
    const provider = kind.create(options({ baseUrl: server.url + path }));
    let reads = 0;
    const plain = tool("add", { a: { type: "number" } });
    const counted = Object.defineProperty({ ...plain }, "description", {
      enumerable: true,
      get: () => ((reads += 1), plain.description),
    });
    const tools = [counted, tool("read")];
    for (let at = 0; at < 3; at += 1) {
      await collect(provider, request(model, [user(`hi ${at}`)], { tools }));
      if (at === 0) reads = 0;
    }
    expect(reads).toBe(0);
    await collect(provider, request(model, [user("hi")], { tools: [plain, tool("read")] }));
    const sent = server.requests.map(({ body }) => body.tools);
    expect(sent).toEqual([sent[3], sent[3], sent[3], sent[3]]);
    expect(server.requests[0]!.tools).toEqual(["add", "read"]);
  },
);
