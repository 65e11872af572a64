import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { expect, onTestFinished, test } from "vitest";
import { sessionsSpawn } from "../../src/tools/index.ts";
import type { Turn } from "../fakes/scriptedProvider.ts";
import { type GatewayBench, openGatewayBench, TOKEN } from "./bench.ts";

type Door = (bench: GatewayBench) => Promise<{ accepted: boolean; text: string }>;

const DOORS: [string, Door][] = [
  [
    "/api/sessions/spawn",
    async ({ post }) => {
      const { status, body } = await post("/api/sessions/spawn", { task: "x", parentSessionKey: "main", wait: false });
      return { accepted: status === 202, text: JSON.stringify(body) };
    },
  ],
  [
    "/tools/invoke",
    async ({ post }) => {
      const { body } = await post("/tools/invoke", { tool: "sessions_spawn", args: { task: "x" }, sessionKey: "main" });
      const { details } = body.result;
      return { accepted: details.status === "accepted", text: JSON.stringify(details) };
    },
  ],
  [
    "/mcp",
    async ({ gateway }) => {
      const client = new Client({ name: "test", version: "1" });
      const requestInit = { headers: { Authorization: `Bearer ${TOKEN}` } };
      await client.connect(new StreamableHTTPClientTransport(new URL(`${gateway.url}/mcp`), { requestInit }));
      onTestFinished(() => client.close());
      const input = { task: "x", parentSessionKey: "main", wait: false };
      const { isError, content } = await client.callTool({ name: "sessions_spawn", arguments: input });
      return { accepted: !isError, text: JSON.stringify(content) };
    },
  ],
];

test.each(DOORS)("%s lets no more sub-agents of one session run at once than may", async (_name, door) => {
  const gate = Promise.withResolvers<void>();
  const turns = Array.from({ length: 30 }, (): Turn => [{ wait: gate.promise }, "ok"]);
  const bench = await openGatewayBench({ turns, tools: [sessionsSpawn] });
  const answers = await Promise.all(Array.from({ length: 24 }, () => door(bench)));
  expect(answers.filter(({ accepted }) => accepted)).toHaveLength(16);
  const refused = answers.filter(({ accepted }) => !accepted);
  expect(refused.every(({ text }) => text.includes("16 at once is the limit"))).toBe(true);
  gate.resolve();
});
