import { expect, onTestFinished, test } from "vitest";
import { anthropic } from "../../src/providers/anthropic.ts";
import { google } from "../../src/providers/google.ts";
import { openai } from "../../src/providers/openai.ts";
import { openaiChat } from "../../src/providers/openaiChat.ts";
import { startAnthropicServer } from "../fakes/anthropic/anthropicServer.ts";
import { startGoogleServer } from "../fakes/googleServer.ts";
import { startOpenaiChatServer } from "../fakes/openaiChatServer.ts";
import { startOpenaiServer } from "../fakes/openaiServer.ts";
import { collect, options, request, user } from "./collect.ts";

const subjects = [
  { kind: anthropic, startServer: startAnthropicServer, basePath: "" },
  { kind: google, startServer: startGoogleServer, basePath: "" },
  { kind: openai, startServer: startOpenaiServer, basePath: "/v1" },
  { kind: openaiChat, startServer: startOpenaiChatServer, basePath: "/v1" },
];
const all = subjects.flatMap((subject) => (["reset", "stall"] as const).map((fault) => ({ ...subject, fault })));

test.each(all)("$kind.api: an answer that came whole stays so after a $fault", async (subject) => {
  const { kind, startServer, basePath, fault } = subject;
  const server = await startServer();
  onTestFinished(() => server.close());
  const text = "This answer is long enough to be cut in two.";
  server.next({ text, fault: { kind: fault, at: "end" }, usage: { inputTokens: 40, outputTokens: 12 } });
  const provider = kind.create(options({ baseUrl: server.url + basePath, timing: { maxRetries: 0, graceMs: 50 } }));
  const got = await collect(provider, request(kind.models[0]?.name ?? "qwen3", [user("hi")]));
  expect(got).toMatchObject({ text, end: { stop: "done", usage: { inputTokens: 40, outputTokens: 12 } } });
  expect(server.requests).toHaveLength(1);
});
