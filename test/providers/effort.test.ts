import { describe, expect, test } from "vitest";
import type { ModelRequest } from "../../src/core/ports/provider.ts";
import type { Effort } from "../../src/protocol/context/agentPart.ts";
import { toAnthropicRequest } from "../../src/providers/anthropic/anthropicRequest.ts";
import { toGoogleRequest } from "../../src/providers/google/googleRequest.ts";
import { toOpenaiRequest } from "../../src/providers/openai/openaiRequest.ts";
import { learn, USUAL } from "../../src/providers/openaiChat/chatDialect.ts";
import { toChatRequest } from "../../src/providers/openaiChat/chatRequest.ts";

const { signal } = new AbortController();
const request = (model: string, effort?: Effort): ModelRequest => ({
  model,
  system: "",
  messages: [{ role: "user", text: "x", origin: { via: "api" } }],
  tools: [],
  ...(effort ? { effort } : {}),
});
const anthropic = (model: string, effort?: Effort) => {
  const { thinking, output_config } = toAnthropicRequest(request(model, effort), "anthropic");
  return {
    thinking: thinking && ("budget_tokens" in thinking ? thinking.budget_tokens : thinking.type),
    output_config,
  };
};

describe("how long a model thinks is told in its API's own words", () => {
  test.each<[string, Effort | undefined, object]>([
    ["claude-sonnet-5-5", "low", { thinking: "adaptive", output_config: { effort: "low" } }],
    ["claude-opus-4-6", "high", { thinking: "adaptive", output_config: { effort: "high" } }],
    ["claude-sonnet-5-5", undefined, { thinking: "adaptive", output_config: undefined }],
    ["claude-sonnet-4-5", "low", { thinking: 2000, output_config: undefined }],
    ["claude-sonnet-4-5", undefined, { thinking: 8000, output_config: undefined }],
    ["claude-haiku-4-5", "high", { thinking: 16_000, output_config: undefined }],
    ["claude-3-haiku", "high", { thinking: undefined, output_config: undefined }],
  ])("%s, %s", (model, effort, told) => expect(anthropic(model, effort)).toEqual(told));

  test("beside a shape of the answer", () => {
    const output = { name: "r", alone: true, schema: { type: "object", properties: {}, additionalProperties: false } };
    const { output_config } = toAnthropicRequest({ ...request("claude-opus-4-6", "low"), output }, "anthropic");
    expect(output_config).toMatchObject({ effort: "low", format: { type: "json_schema" } });
  });

  test("OpenAI's", () => {
    expect(toOpenaiRequest(request("gpt-6-luna", "high"), "openai").reasoning).toEqual({
      summary: "auto",
      effort: "high",
    });
    expect(toOpenaiRequest(request("gpt-6-luna"), "openai").reasoning).toEqual({ summary: "auto" });
    expect(toOpenaiRequest(request("gpt-4.1", "high"), "openai").reasoning).toBeUndefined();
  });

  test.each<[string, Effort | undefined, object]>([
    ["gemini-3-pro", "low", { thinkingLevel: "LOW" }],
    ["gemini-3-pro", "medium", {}],
    ["gemini-3-pro", "high", { thinkingLevel: "HIGH" }],
    ["gemini-2.5-flash", "low", { thinkingBudget: 1024 }],
    ["gemini-2.5-flash", undefined, {}],
  ])("Google's: %s, %s", (model, effort, told) => {
    const { config } = toGoogleRequest(request(model, effort), "google", signal);
    expect(config?.thinkingConfig).toEqual({ includeThoughts: true, ...told });
  });

  test("other servers' until they refuse it", () => {
    const server = { provider: "local", baseUrl: "http://127.0.0.1:1/v1", dialect: USUAL };
    expect(toChatRequest(request("qwen3", "low"), server)).toMatchObject({ reasoning_effort: "low" });
    expect(toChatRequest(request("qwen3"), server)).not.toHaveProperty("reasoning_effort");
    const dialect = learn(USUAL, "Unrecognized request argument supplied: reasoning_effort")!;
    expect(toChatRequest(request("qwen3", "low"), { ...server, dialect })).not.toHaveProperty("reasoning_effort");
  });
});
