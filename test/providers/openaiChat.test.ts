import { expect, onTestFinished, test } from "vitest";
import { openaiChat } from "../../src/providers/openaiChat.ts";
import { startOpenaiChatServer } from "../fakes/openaiChatServer.ts";
import { collect, options, request, user } from "./collect.ts";
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
