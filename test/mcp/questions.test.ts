import { expect, test } from "vitest";
import type { McpQuestion } from "../../src/protocol/mcp.ts";
import { fake, never, openMcpBench } from "./bench.ts";

async function openAsking(timeoutSeconds = 20) {
  const bench = openMcpBench({ x: fake({}, { timeoutSeconds }) });
  await bench.servers.settled(never);
  const asked = new Promise<McpQuestion>((resolve) => {
    bench.servers.onDidAsk(({ question, action }) => void (action ?? resolve(question)));
  });
  return { ...bench, asked, result: bench.call("mcp__x__ask") };
}

test("what a server asks is a form, its words made visible; the answer reaches it with the defaults", async () => {
  const { servers, asked, result } = await openAsking();
  const question = await asked;
  expect(question).toMatchObject({ server: "x", message: "Book\\u{200b} what?" });
  expect(question.fields).toEqual([
    { name: "city", kind: "text", title: "Which\\u{202e} city?", description: "Where you are", required: true },
    { name: "nights", kind: "number", title: "nights", required: false, default: 2 },
    {
      name: "room",
      kind: "choice",
      title: "room",
      required: false,
      options: [
        { value: "s", title: "single" },
        { value: "d", title: "double" },
      ],
    },
  ]);
  expect(servers.questions()).toEqual([question]);
  await expect(servers.answer(question.id, { action: "accept", content: { nights: 3 } })).rejects.toThrow("content: ");
  await expect(
    servers.answer(question.id, { action: "accept", content: { city: "Ulm", room: "x" } }),
  ).rejects.toThrow();
  await servers.answer(question.id, { action: "accept", content: { city: "Ulm", room: "d" } });
  expect((await result).text).toContain('{"action":"accept","content":{"city":"Ulm","room":"d","nights":2}}');
  await expect(servers.answer(question.id, { action: "decline" })).rejects.toThrow("waits for an answer");
});

test("no is an answer, and while the user is asked the call does not run out of time", async () => {
  const { servers, asked, result } = await openAsking(1);
  const question = await asked;
  await new Promise((resolve) => setTimeout(resolve, 1200));
  await servers.answer(question.id, { action: "decline" });
  expect((await result).text).toContain('{"action":"decline"}');
});

test("a server that is ended asks no more", async () => {
  const { servers, asked, result } = await openAsking();
  await asked;
  const failed = result.catch((error: Error) => error.message);
  await servers.close();
  expect(servers.questions()).toEqual([]);
  expect(await failed).toContain("The MCP server x");
});
