import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startAnthropicServer } from "./anthropicServer.ts";
import type { ModelServer } from "../modelServer.ts";

const hello = { model: "claude-sonnet-5-5", max_tokens: 100, messages: [{ role: "user", content: "hi" }] };
const use = { role: "assistant", content: [{ type: "tool_use", id: "t1", name: "read", input: {} }] };
const result = (id: string) => ({ role: "user", content: [{ type: "tool_result", tool_use_id: id, content: "x" }] });
const user = { role: "user", content: "hi" };

describe("the fake Anthropic server", () => {
  let server: ModelServer;
  beforeAll(async () => {
    server = await startAnthropicServer();
  });
  afterAll(() => server.close());

  const post = async (body: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${server.url}/v1/messages`, {
      method: "POST",
      headers: { "x-api-key": "k", "anthropic-version": "2023-06-01", "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    return {
      status: response.status,
      body: (await response.json()) as { type: string; error?: { type: string; message: string }; content?: unknown },
    };
  };

  test.each<[string, object, number, RegExp]>([
    ["an unknown model", { model: "claude-9" }, 404, /model: claude-9/],
    ["no max_tokens", { max_tokens: undefined }, 400, /max_tokens: Field required/],
    ["no messages", { messages: [] }, 400, /at least one message/],
    [
      "an assistant first",
      { messages: [{ role: "assistant", content: "a" }, user] },
      400,
      /first message must use the "user" role/,
    ],
    ["an assistant last", { messages: [user, { role: "assistant", content: "a" }] }, 400, /prefill/],
    ["empty text", { messages: [{ role: "user", content: [{ type: "text", text: " " }] }] }, 400, /non-whitespace/],
    [
      "a call without a result",
      { messages: [user, use, user] },
      400,
      /`tool_use` ids were found without `tool_result` blocks immediately after: t1/,
    ],
    [
      "a result without a call",
      { messages: [user, { role: "assistant", content: "a" }, result("t9")] },
      400,
      /unexpected `tool_use_id`/,
    ],
    [
      "text before a result",
      { messages: [user, use, { role: "user", content: [{ type: "text", text: "a" }, ...result("t1").content] }] },
      400,
      /immediately after: t1/,
    ],
    ["the same id twice", { messages: [user, use, result("t1"), use, result("t1")] }, 400, /ids must be unique/],
    ["a sampling parameter", { temperature: 0.1 }, 400, /temperature/],
    [
      "a made-up signature",
      {
        messages: [
          user,
          {
            role: "assistant",
            content: [
              { type: "thinking", thinking: "a", signature: "b" },
              { type: "text", text: "a" },
            ],
          },
          user,
        ],
      },
      400,
      /Invalid `signature`/,
    ],
    ["an unknown field", { sytem: "a" }, 400, /sytem: Extra inputs are not permitted/],
  ])("refuses %s as the real one does", async (_name, change, status, message) => {
    const answer = await post({ ...hello, ...change });
    expect(answer.status).toBe(status);
    expect(answer.body.type).toBe("error");
    expect(answer.body.error?.message).toMatch(message);
  });

  test("wants a key and a version", async () => {
    expect((await post(hello, { "x-api-key": "" })).status).toBe(401);
    expect((await post(hello, { "anthropic-version": "" })).body.error?.message).toContain("anthropic-version");
  });

  test("echoes, and calls tools that it is offered", async () => {
    expect((await post(hello)).body.content).toEqual([{ type: "text", text: "Echo: hi" }]);
    const tools = [{ name: "read", input_schema: { type: "object" } }];
    const { body } = await post({
      ...hello,
      tools,
      messages: [{ role: "user", content: 'tool:read {"path":"a"} tool:read {"path":"b"}' }],
    });
    expect(body.content).toMatchObject([
      { type: "text" },
      { type: "tool_use", input: { path: "a" } },
      { type: "tool_use", input: { path: "b" } },
    ]);
  });
});
