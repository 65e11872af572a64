import { expect, onTestFinished, test } from "vitest";
import type { Message } from "../../src/protocol/message.ts";
import { collect, options, request, toolResult, user } from "./collect.ts";
import { startOpenaiChatServer } from "../fakes/openaiChatServer.ts";
import { KINDS } from "./kinds.ts";

const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const image = { name: "dot.png", mediaType: "image/png", data: PIXEL };

function calling(id: string): Message {
  return { role: "assistant", text: "", toolCalls: [{ id, name: "read", input: {} }], model: "x/y" };
}

/** All that an API wants a turn filled in for. */
const history: Message[] = [
  user("first"),
  { role: "assistant", text: "Once upon", toolCalls: [], model: "x/y", ended: "stopped" },
  calling("c1"),
  toolResult("c1", "read", "one"),
  { role: "system", kind: "instructions", text: "Be brief.", place: "AGENTS.md" },
  calling("c2"),
  toolResult("c2", "read", "two", { images: [image] }),
  calling("c3"),
  toolResult("c3", "read", "three"),
  user("and this, while you are at it"),
];

const strict = {
  kind: KINDS[3]!.kind,
  model: "qwen3",
  path: "/v1",
  start: () => startOpenaiChatServer({ rules: { mistral: true } }),
  by: "a strict server",
};

test.each([...KINDS.map((kind) => ({ ...kind, by: kind.kind.api })), strict])(
  "a turn that is filled in for $by says of nobody that they stopped a run",
  async ({ kind, model, start, path }) => {
    const server = await start();
    onTestFinished(() => server.close());
    const provider = kind.create(options({ baseUrl: server.url + path }));
    await collect(provider, request(model, history));
    expect(JSON.stringify(server.requests.at(-1)!.body)).not.toMatch(/stopped/);
  },
);
