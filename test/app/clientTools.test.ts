import OpenAI from "openai";
import { zodTextFormat } from "openai/helpers/zod";
import { expect, onTestFinished, test } from "vitest";
import * as z from "zod";
import { startAnthropicServer } from "../fakes/anthropic/anthropicServer.ts";
import { startGoogleServer } from "../fakes/googleServer.ts";
import { startOpenaiChatServer } from "../fakes/openaiChatServer.ts";
import { startOpenaiServer } from "../fakes/openaiServer.ts";
import { createAppBench } from "./bench.ts";

const servers = [
  ["anthropic/claude-sonnet-5-5", startAnthropicServer, "anthropic: { apiKey: k, baseUrl: URL }"],
  ["openai/gpt-6-luna", startOpenaiServer, "openai: { apiKey: k, baseUrl: URL/v1 }"],
  ["google/gemini-3.8-flash", startGoogleServer, "google: { apiKey: k, baseUrl: URL }"],
  ["local/qwen3", startOpenaiChatServer, "local: { api: openai-chat, baseUrl: URL/v1, models: [qwen3] }"],
] as const;

const tool = {
  type: "function" as const,
  name: "weather",
  description: "w",
  strict: true,
  parameters: {
    type: "object",
    properties: { city: { type: "string" } },
    required: ["city"],
    additionalProperties: false,
  },
};
const Sum = z.object({ sum: z.int() });

test.each(servers)(
  "%s: a client's tools beside the agent's, and a value at the end, over the real wire",
  async (model, start, provider) => {
    const server = await start();
    onTestFinished(() => server.close());
    const bench = createAppBench();
    bench.configure(
      `model: ${model}\nproviders: { ${provider.replaceAll("URL", server.url)} }\nagent: { approvals: auto }\n`,
    );
    const app = await bench.open();
    const openai = new OpenAI({ baseURL: `${app.url}/v1`, apiKey: app.token(), maxRetries: 0 });
    server.next({
      thinking: "Both.",
      text: "Let me see.",
      toolCalls: [
        { name: "list", input: { path: "." } },
        { name: "weather", input: { city: "Bonn" } },
        { name: "weather", input: { city: "Ulm" } },
      ],
    });
    const asked = { model: "pincer", tools: [tool], text: { format: zodTextFormat(Sum, "sum") } };
    const first = await openai.responses.create({ ...asked, input: "How is the weather?" });
    const calls = first.output.filter((item) => item.type === "function_call");
    expect(calls.map((call) => call.arguments)).toEqual(['{"city":"Bonn"}', '{"city":"Ulm"}']);
    server.next({ thinking: "Hm.", text: "It is five." });
    server.next({ text: '{"sum": 5}' });
    const input = calls.map(({ call_id }) => ({ type: "function_call_output" as const, call_id, output: "rain" }));
    const second = await openai.responses.parse({ ...asked, previous_response_id: first.id, input });
    expect(second.output_parsed).toEqual({ sum: 5 });
  },
);
