// The client that the official conformance suite drives: `node client.ts URL`, with the scenario's name in the environment.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../src/base/clock.ts";
import { silentLog } from "../../../src/base/log.ts";
import type { ToolContext } from "../../../src/core/ports/tool.ts";
import { createMcpServers } from "../../../src/mcp/createMcpServers.ts";

const url = process.argv.at(-1)!;
const scenario = process.env["MCP_CONFORMANCE_SCENARIO"] ?? "";
const given = JSON.parse(process.env["MCP_CONFORMANCE_CONTEXT"] ?? "{}") as {
  client_id?: string;
  client_secret?: string;
  toolCalls?: { name: string; arguments?: Record<string, unknown> }[];
};
const stateDir = mkdtempSync(join(tmpdir(), "pincer-conformance-"));

const servers = createMcpServers({
  settings: () => ({
    suite: {
      ...{ url, args: [], env: {}, headers: {}, tools: { deny: [] }, timeoutSeconds: 20, enabled: true },
      ...(given.client_id === undefined
        ? {}
        : { oauth: { clientId: given.client_id, clientSecret: given.client_secret } }),
    },
  }),
  ...{ stateDir, workspaces: () => [], version: "1.0.0", clock: systemClock, log: silentLog },
});

/** The user: opens the page, which sends them back at once. */
async function signIn(): Promise<void> {
  const ready = new Promise<void>((resolve) => {
    servers.onDidChange(({ state }) => void (state === "ready" && resolve()));
  });
  const page = await servers.signIn("suite");
  const answer = await fetch(page.url, { redirect: "manual" });
  await fetch(answer.headers.get("location")!);
  await ready;
}

// The user who takes what is offered.
servers.onDidAsk(
  ({ question, action }) => void (action ?? servers.answer(question.id, { action: "accept", content: {} })),
);

const [state] = [await servers.restart("suite")].map((server) => server.state);
if (state === "sign_in") await signIn();

const context = { signal: new AbortController().signal, session: { key: "main" }, progress: () => {} };
for (const tool of servers.tools().filter(({ server }) => server === "suite")) {
  const wanted = given.toolCalls?.find(({ name }) => tool.name.endsWith(`__${name}`));
  // A scenario may say what is called, and with what.
  if (given.toolCalls && !wanted) continue;
  const { properties } = tool.inputSchema as { properties: Record<string, { type?: string }> };
  const sample = (at: number, type = "number") =>
    ({ string: "text", boolean: true, object: {} } as Record<string, unknown>)[type] ?? at + 2;
  const input =
    wanted?.arguments ??
    Object.fromEntries(Object.entries(properties).map(([name, one], at) => [name, sample(at, one.type)]));
  const call = async () => (await tool.prepare(input, context as unknown as ToolContext)).run();
  try {
    console.log((await call()).text);
  } catch (error) {
    console.log(String(error));
    if (servers.list()[0]!.state !== "sign_in") continue;
    await signIn();
    await call().then(
      ({ text }) => console.log(text),
      (again: unknown) => console.log(String(again)),
    );
  }
}
console.log(`${scenario}: ${servers.list()[0]!.state} ${servers.list()[0]!.error ?? ""}`);
console.log(servers.log("suite", 50).join("\n"));
await servers.close();
rmSync(stateDir, { recursive: true, force: true });
