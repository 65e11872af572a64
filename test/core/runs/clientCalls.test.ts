import { expect, test } from "vitest";
import * as z from "zod";
import { defineTool } from "../../../src/core/ports/tool.ts";
import { call } from "../../fakes/scriptedProvider.ts";
import { openBench } from "../bench.ts";

const origin = { via: "openai" as const, id: "default" };
const clientTools = { tools: [{ name: "ask", description: "", inputSchema: { type: "object" } }] };

test("a gateway that dies while its own call is made hands the client's over when it is back", async () => {
  const begun = Promise.withResolvers<void>();
  let isSlow = true;
  const look = defineTool({
    name: "look",
    description: "looks",
    input: z.object({}),
    effect: "read",
    async run(_input, { signal }) {
      begun.resolve();
      if (isSlow)
        await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
      return { text: "seen" };
    },
  });
  const bench = await openBench({ tools: [look], turns: [["Both.", call("look", {}, "l"), call("ask", {}, "a")]] });
  const { id } = await bench.core.sessions.send({ text: "go", origin, sessionKey: "main", clientTools });
  await begun.promise;
  isSlow = false;
  const next = await bench.restart([["done"]]);
  const { outcome } = await next.core.runs.wait(id, 60_000);
  expect(outcome).toEqual({ type: "done", reply: "Both.", calls: [{ id: "a", name: "ask", input: {} }] });
  expect(next.model.requests).toHaveLength(0);
  const answers = [{ callId: "a", text: "yes" }];
  const run = await next.core.sessions.send({ text: "Now?", origin, sessionKey: "main", answers, clientTools });
  expect(await run.outcome).toMatchObject({ type: "done", reply: "done" });
  const said = next.model.requests[0]!.messages.map(({ role, text }) => `${role} ${text}`);
  expect(said).toEqual(["user go", "assistant Both.", "tool seen", "tool yes", "user Now?"]);
});

test("results that nothing waits for are refused, and change nothing", async () => {
  const { core, model } = await openBench({ turns: [["hello"]] });
  await (
    await core.sessions.send({ text: "hi", origin, sessionKey: "main" })
  ).outcome;
  const run = await core.sessions.send({ text: "", origin, sessionKey: "main", answers: [{ callId: "a", text: "x" }] });
  expect(await run.outcome).toMatchObject({ type: "failed", error: { code: "conflict" } });
  expect(model.requests).toHaveLength(1);
  const { messages } = await core.sessions.history("main", { limit: 10, includeTools: true });
  expect(messages.map(({ role }) => role)).toEqual(["user", "assistant"]);
});
