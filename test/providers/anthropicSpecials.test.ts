import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Message } from "../../src/protocol/message.ts";
import { anthropic } from "../../src/providers/anthropic.ts";
import { startAnthropicServer } from "../fakes/anthropic/anthropicServer.ts";
import type { ModelServer } from "../fakes/modelServer.ts";
import { collect, options, request, toolResult, user } from "./collect.ts";

const MODEL = "claude-sonnet-5-5";

interface Sent {
  system: { cache_control?: unknown }[];
  messages: { role: string; content: { type: string; cache_control?: unknown }[] }[];
  thinking?: unknown;
}

describe("anthropic", () => {
  let server: ModelServer;
  beforeEach(async () => {
    server = await startAnthropicServer();
  });
  afterEach(() => server.close());
  const create = () => anthropic.create(options({ id: "anthropic", baseUrl: server.url }));
  const sent = (index = 0) => server.requests[index]!.body as unknown as Sent;

  test("marks the stable prefix and the two newest user turns for the cache", async () => {
    const history: Message[] = [1, 2, 3].flatMap((n): Message[] => [
      user(`ask ${n}`),
      { role: "assistant", text: `answer ${n}`, toolCalls: [], model: "x/y" },
    ]);
    await collect(create(), request(MODEL, [...history, user("now")]));
    expect(sent().system[0]!.cache_control).toEqual({ type: "ephemeral" });
    const marked = sent().messages.map((turn) => turn.content.some((block) => block.cache_control));
    expect(marked).toEqual([false, false, false, false, true, false, true]);
  });

  test("results of several calls and the next words make one user turn", async () => {
    const provider = create();
    server.next({
      toolCalls: [
        { name: "add", input: {} },
        { name: "read", input: {} },
      ],
    });
    const first = await collect(provider, request(MODEL, [user("hi")]));
    const results = first.calls.map((call) => toolResult(call.id, call.name, ""));
    await collect(provider, request(MODEL, [user("hi"), first.message, ...results, user("and now?")]));
    expect(sent(1).messages.map((turn) => turn.content.map((block) => block.type).join())).toEqual([
      "text",
      "tool_use,tool_use",
      "tool_result,tool_result,text",
    ]);
  });

  test("a history that was cut short drops signed thinking instead of being refused", async () => {
    const provider = create();
    server.next({ thinking: "Signed.", text: "One." });
    const first = await collect(
      provider,
      request(MODEL, [user("a"), { role: "assistant", text: "b", toolCalls: [], model: "x/y" }, user("c")]),
    );
    const got = await collect(
      provider,
      request(MODEL, [{ role: "system", kind: "summary", text: "a, b, c" }, first.message, user("d")]),
    );
    expect(got.text).toBe("Echo: d");
    expect(server.requests[1]!.headers["anthropic-beta"]).toContain("thinking-binding-controls-2026-08-01");
  });

  test("a model that thinks within a budget goes on with calls that another one made, and thinks again after them", async () => {
    const provider = create();
    const ask = (history: Message[]) => collect(provider, request("claude-haiku-4-5", history));
    const made = {
      role: "assistant" as const,
      text: "",
      model: "x/y",
      toolCalls: [{ id: "c", name: "add", input: {} }],
    };
    const begun: Message[] = [user("hi"), made, toolResult("c", "add", "1")];
    server.next({ toolCalls: [{ name: "add", input: {} }] });
    const second = await ask(begun);
    const on = [...begun, second.message, toolResult(second.calls[0]!.id, "add", "2"), user("and?")];
    server.next({ text: "Two." });
    const third = await ask(on);
    server.next({ thinking: "Hm.", toolCalls: [{ name: "add", input: {} }] });
    const own = await ask([...on, third.message, user("again")]);
    server.next({ text: "Three." });
    await ask([...on, third.message, user("again"), own.message, toolResult(own.calls[0]!.id, "add", "3")]);
    expect(server.requests.map((_, at) => sent(at).thinking !== undefined)).toEqual([false, false, true, true]);
  });

  test("an answer cut at the output limit is sent back without its half call", async () => {
    const provider = create();
    server.next({
      thinking: "Hm.",
      text: "I write",
      toolCalls: [{ name: "add", rawInput: '{"a": 1' }],
      stop: "max_tokens",
    });
    const first = await collect(provider, request(MODEL, [user("hi")]));
    expect([first.end.stop, first.calls[0]?.invalid]).toEqual(["length", '{"a": 1']);
    await collect(
      provider,
      request(MODEL, [user("hi"), { ...first.message, toolCalls: [], ended: "length" }, user("go on")]),
    );
    expect(sent(1).messages[1]!.content.map((block) => block.type)).toEqual(["text"]);
  });

  test("a paused turn is taken up again, and counts as one", async () => {
    server.next({ text: "First half. ", stop: "pause_turn", usage: { inputTokens: 10, outputTokens: 1 } });
    server.next({ text: "Second half.", usage: { inputTokens: 12, outputTokens: 2, cacheReadTokens: 5 } });
    const got = await collect(create(), request(MODEL, [user("hi")]));
    expect(got.text).toBe("First half. Second half.");
    expect(sent(1).messages.at(-1)).toMatchObject({
      role: "assistant",
      content: [{ type: "text", text: "First half. " }],
    });
    expect(got.end.usage).toEqual({
      inputTokens: 22,
      outputTokens: 3,
      cacheReadTokens: 5,
      cacheWriteTokens: 0,
      costUsd: null,
    });
  });

  test.each([
    [
      "claude-sonnet-5-5",
      { type: "adaptive", display: "summarized", block_binding: { prefix_mismatch_behavior: "drop_block" } },
    ],
    ["claude-haiku-4-5", { type: "enabled", budget_tokens: 8_000 }],
  ])("asks %s to think in the way it knows", async (model, thinking) => {
    await collect(create(), request(model, [user("hi")]));
    expect(sent().thinking).toEqual(thinking);
  });
});
