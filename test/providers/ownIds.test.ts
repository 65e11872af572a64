import { expect, onTestFinished, test } from "vitest";
import { collect, options, request, toolResult, user } from "./collect.ts";
import { KINDS } from "./kinds.ts";

// Compatible servers give ids of their own to calls, which need not be as the API wants them back.
const IDS = ["functions.read:0", `call_${"x".repeat(80)}`];

test.each(KINDS.flatMap((kind) => IDS.map((id) => ({ ...kind, id, api: kind.kind.api }))))(
  "$api: a call of the id $id goes back with its result",
  async ({ kind, model, start, path, id }) => {
    const server = await start();
    onTestFinished(() => server.close());
    const provider = kind.create(options({ baseUrl: server.url + path }));
    server.next({ thinking: "I shall read it.", toolCalls: [{ id, name: "read", input: { path: "a" } }] });
    const { message } = await collect(provider, request(model, [user("go")]));
    server.next({ text: "read" });
    const history = [user("go"), message, toolResult(message.toolCalls[0]!.id, "read", "one")];
    expect(await collect(provider, request(model, history))).toMatchObject({ text: "read" });
  },
);
