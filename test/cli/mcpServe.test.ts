import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { expect, onTestFinished, test } from "vitest";
import { tempFolder } from "../tools/toolContext.ts";
import { startGateway } from "./gatewayProcess.ts";

const CLI = fileURLToPath(new URL("../../src/cli.ts", import.meta.url));

async function serve(state: string, mode: "legacy" | "auto") {
  const { PATH = "", HOME = "" } = process.env;
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [CLI, "mcp", "serve", "--state", state],
    env: { PATH, HOME },
    stderr: "ignore",
  });
  const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode } });
  await client.connect(transport);
  onTestFinished(() => client.close());
  return client;
}

async function gatewayOn(state: string) {
  writeFileSync(`${state}/openclaw.yml`, "gateway: { port: 0 }\n");
  const gateway = startGateway(["--state", state, "--workspace", state]);
  onTestFinished(async () => {
    gateway.child.kill("SIGTERM");
    await gateway.ended;
  });
  await gateway.serving;
  return gateway;
}

const textOf = (result: { content?: unknown }) => (result.content as { text: string }[])[0]!.text;

test.each(["legacy", "auto"] as const)(
  "the official client (%s) reaches the gateway over standard input, with no token in what starts it",
  async (mode) => {
    const state = tempFolder();
    await gatewayOn(state);
    const client = await serve(state, mode);
    expect(client.getServerVersion()).toMatchObject({ name: "pincer" });
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain("sessions_spawn");
    const sent = await client.callTool(
      { name: "sessions_send", arguments: { message: "hello" } },
      { onprogress: () => {} },
    );
    expect(sent.structuredContent).toMatchObject({ status: "ok", sessionKey: "main" });
    expect((await client.listResources()).resources).toMatchObject([{ name: "main" }]);
    expect(JSON.stringify(await client.readResource({ uri: "pincer://sessions/main" }))).toContain("hello");
    expect((await client.listPrompts()).prompts).toHaveLength(2);
    await expect(client.callTool({ name: "nothing", arguments: {} })).rejects.toMatchObject({ code: -32602 });
    const refused = await client.callTool({
      name: "sessions_send",
      arguments: { message: "x", sessionKey: "nowhere" },
    });
    expect([refused.isError, textOf(refused)]).toEqual([true, expect.stringContaining("not_found: No session")]);
  },
);

test("without a gateway it says so, and goes on with the one that is started, and the next", async () => {
  const state = tempFolder();
  const client = await serve(state, "legacy");
  const none = await client.callTool({ name: "sessions_list", arguments: {} });
  expect([none.isError, textOf(none)]).toEqual([true, `No gateway runs on ${state}; start one with: pincer gateway`]);
  await expect(client.listTools()).rejects.toThrow("No gateway runs on");
  const first = await gatewayOn(state);
  expect((await client.listTools()).tools.length).toBeGreaterThan(10);
  first.child.kill("SIGTERM");
  await first.ended;
  expect(textOf(await client.callTool({ name: "sessions_list", arguments: {} }))).toMatch(/No gateway runs|is gone/);
  await gatewayOn(state);
  expect((await client.callTool({ name: "sessions_list", arguments: {} })).structuredContent).toBeDefined();
});
