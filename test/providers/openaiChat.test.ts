import { expect, onTestFinished, test } from "vitest";
import { openaiChat } from "../../src/providers/openaiChat.ts";
import { startOpenaiChatServer } from "../fakes/openaiChatServer.ts";
import { collect, failure, options, request, user } from "./collect.ts";
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
