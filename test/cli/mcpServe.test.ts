import { PassThrough } from "node:stream";
import { Client } from "@modelcontextprotocol/client";
import { StdioServerTransport } from "@modelcontextprotocol/server/stdio";
import { expect, onTestFinished, test } from "vitest";
import { run } from "../../src/cli/runCli.ts";
import { nextEvent } from "../core/bench.ts";
import { openGatewayBench, TOKEN } from "../gateway/bench.ts";
import { tempFolder } from "../tools/toolContext.ts";

/** The official client over the standard input and output of `pincer mcp serve`. */
async function serve(args: string[], env: Record<string, string>, mode: "legacy" | "auto") {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const ended = run(["mcp", "serve", ...args], { env, stdin, stdout, stderr });
  const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode } });
  // Lines are lines from either end.
  await client.connect(new StdioServerTransport(stdout, stdin));
  onTestFinished(async () => {
    await client.close();
    stdin.end();
    expect(await ended).toBe(0);
  });
  return client;
}

const textOf = (result: { content?: unknown }) => (result.content as { text: string }[])[0]!.text;

test.each(["legacy", "auto"] as const)(
  "the official client (%s) reaches the gateway over standard input, with no token in what starts it",
  async (mode) => {
    const { gateway } = await openGatewayBench({ turns: [["hello to you"]] });
    const client = await serve([], { PINCER_URL: gateway.url, PINCER_TOKEN: TOKEN }, mode);
    expect(client.getServerVersion()).toMatchObject({ name: "pincer" });
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain("sessions_spawn");
    const sent = await client.callTool(
      { name: "sessions_send", arguments: { message: "hello" } },
      { onprogress: () => {} },
    );
    expect(sent.structuredContent).toMatchObject({ status: "ok", reply: "hello to you", sessionKey: "main" });
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

test.each(["legacy", "auto"] as const)(
  "a call that the gateway refuses (%s) says why, and ends no other",
  async (mode) => {
    const gate = Promise.withResolvers<void>();
    const bench = await openGatewayBench({ turns: [[{ wait: gate.promise }, "at last"]] });
    const client = await serve([], { PINCER_URL: bench.gateway.url, PINCER_TOKEN: TOKEN }, mode);
    const begun = nextEvent(bench.core, "run.started");
    const waited = client.callTool({ name: "sessions_send", arguments: { message: "wait" } });
    await begun;
    const long = { message: "x".repeat(1_200_000) };
    const refused = await client.callTool({ name: "sessions_send", arguments: long });
    expect([refused.isError, textOf(refused)]).toEqual([
      true,
      expect.stringMatching(/^The body is larger than \d+ bytes$/),
    ]);
    await expect(client.getPrompt({ name: "x".repeat(20_000) })).rejects.toThrow("The headers are larger than 16 KB");
    gate.resolve();
    expect((await waited).structuredContent).toMatchObject({ status: "ok", reply: "at last" });
  },
);

test("without a gateway it says so, and goes on with the one that is started", async () => {
  const env: Record<string, string> = { PINCER_HOME: tempFolder() };
  const client = await serve([], env, "legacy");
  const none = await client.callTool({ name: "sessions_list", arguments: {} });
  expect([none.isError, textOf(none)]).toEqual([
    true,
    `No gateway runs on ${env["PINCER_HOME"]}; start one with: pincer gateway`,
  ]);
  await expect(client.listTools()).rejects.toThrow("No gateway runs on");
  const { gateway } = await openGatewayBench();
  Object.assign(env, { PINCER_URL: gateway.url, PINCER_TOKEN: TOKEN });
  expect((await client.listTools()).tools.length).toBeGreaterThan(10);
  expect((await client.callTool({ name: "sessions_list", arguments: {} })).structuredContent).toBeDefined();
});

test("what is no message is answered as JSON-RPC says, and what comes behind it all the same", async () => {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const ended = run(["mcp", "serve"], { env: { PINCER_HOME: tempFolder() }, stdin, stdout, stderr });
  let said = "";
  stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "1" } };
  const hello = JSON.stringify({ jsonrpc: "2.0", id: 7, method: "initialize", params });
  stdin.write("{oops\n\n42\r\n[]\n");
  // One message in pieces.
  stdin.write(hello.slice(0, 30));
  stdin.write(`${hello.slice(30)}\n`);
  await expect.poll(() => said.split("\n").length).toBe(5);
  const answers = said
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { id: unknown; error?: { code: number } });
  expect(answers.map(({ id, error }) => [id, error?.code])).toEqual([
    [null, -32700],
    [null, -32600],
    [null, -32600],
    [7, undefined],
  ]);
  stdin.end();
  expect(await ended).toBe(0);
});
