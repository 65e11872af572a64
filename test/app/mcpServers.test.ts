import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { isAlive } from "../../src/base/isAlive.ts";
import type { McpServer } from "../../src/protocol/mcp.ts";
import { startGateway } from "../cli/gatewayProcess.ts";
import { posixTest } from "../posix.ts";
import { type AppBench, call, createAppBench } from "./bench.ts";

const FAKE = join(import.meta.dirname, "../fakes/mcpServer.ts");

const yaml = (name: string, mode: object, more = "") =>
  `mcp: { servers: { ${name}: { command: ${JSON.stringify(process.execPath)}, args: [--no-warnings, ${JSON.stringify(FAKE)}, '${JSON.stringify(mode)}'] ${more} } } }`;

async function list(app: Awaited<ReturnType<AppBench["open"]>>): Promise<McpServer[]> {
  return (await call(app, "/api/mcp/list")).body["servers"] as McpServer[];
}

test("servers of the user's file are listed, restarted, followed through changes of it, and tell no secrets", async () => {
  process.env["MCP_TEST_TOKEN"] = "a-very-secret-token";
  onTestFinished(() => void delete process.env["MCP_TEST_TOKEN"]);
  const bench = createAppBench();
  bench.configure(yaml("one", {}, ', env: { X_TOKEN: "${MCP_TEST_TOKEN}" }'));
  const app = await bench.open();
  expect(await list(app)).toMatchObject([{ name: "one", state: "idle", kind: "stdio", tools: [] }]);
  const { server } = (await call(app, "/api/mcp/restart", { server: "one" })).body as { server: McpServer };
  expect(server).toMatchObject({ state: "ready", version: "fake 1", error: null });
  expect(server.tools.map(({ name }) => name)).toContain("mcp__one__echo");
  const invoked = await call(app, "/tools/invoke", { tool: "mcp_result", args: { id: "0", offset: 0 } });
  expect(invoked.body).toMatchObject({ ok: false });
  const { lines } = (await call(app, "/api/mcp/log?server=one")).body as { lines: string[] };
  expect(lines.join("\n")).toMatch(/Starting .*\n.*Ready: fake 1, \d+ tools/);
  expect((await call(app, "/api/mcp/log?server=two")).body).toMatchObject({
    error: { code: "not_found", message: "No MCP server two is set up; there are one" },
  });
  expect(JSON.stringify((await call(app, "/api/config/get")).body)).not.toContain("a-very-secret-token");
  const changed = new Promise((resolve) => app.onDidChange(() => resolve(0)));
  bench.configure(`${yaml("two", {})}\n`);
  await changed;
  await expect.poll(async () => (await list(app)).map(({ name }) => name)).toEqual(["two"]);
  await expect.poll(() => isAlive(server.pid!)).toBe(false);
});

test("what an address, an argument or a hook holds in confidence is shown nowhere", async () => {
  const bench = createAppBench();
  const [query, part, argument, header, hooked, lined] = [1, 2, 3, 4, 5, 6].map(
    (at) => `confidence-0${at}-abcdefghijklm`,
  );
  bench.configure(`
mcp:
  servers:
    web: { url: "https://mcp.example.org/s/${part}/mcp?exaApiKey=${query}", enabled: false }
    own: { command: npx, args: [x, --api-key, ${argument}, --header, "Authorization: Bearer ${header}"], enabled: false }
hooks: { runFinished: [{ command: "notify --token=${hooked} done" }, { command: [sh, -c, "API_KEY=${lined} notify"] }] }
`);
  const app = await bench.open();
  const shown = JSON.stringify((await call(app, "/api/config/get")).body);
  for (const secret of [query, part, argument, header, hooked, lined]) expect(shown).not.toContain(secret);
  expect(shown).toContain("notify --token=… done");
  const target = (name: string) => list(app).then((all) => all.find((one) => one.name === name)!.target);
  expect(await target("web")).toBe("https://mcp.example.org/s/…/mcp?…");
  expect(await target("own")).toBe("npx x --api-key … --header Authorization: …");
});

test("a workspace's server is nothing until its exact content was confirmed, reads no variables, and works in that folder", async () => {
  const bench = createAppBench();
  const file = join(bench.workspace, "openclaw.yml");
  const starts = join(bench.stateDir, "starts");
  writeFileSync(file, yaml("theirs", { starts }, ', env: { HOME_OF: "${HOME}" }'));
  const questions: { key: string; value: string }[][] = [];
  let answer = false;
  const confirm = async ({ changes }: { changes: { key: string; value: string }[] }) => {
    questions.push(changes);
    return answer;
  };
  const host = bench.host({ confirm });
  const app = await bench.open({ host });
  await expect.poll(() => questions.length).toBe(1);
  expect(questions[0]).toMatchObject([{ key: "mcp.servers.theirs", value: expect.stringContaining(FAKE) }]);
  expect(questions[0]![0]!.value).toContain('"HOME_OF":"${HOME}"');
  expect(await list(app)).toEqual([]);
  answer = true;
  writeFileSync(file, yaml("theirs", { starts, clings: false }));
  await expect.poll(async () => (await list(app)).length).toBe(1);
  expect(existsSync(starts)).toBe(false);
  // Another content is asked about again, and is off meanwhile.
  answer = false;
  writeFileSync(file, yaml("theirs", { starts, garbage: 1 }));
  await expect.poll(() => questions.length).toBe(3);
  await expect.poll(async () => list(app)).toEqual([]);
});

posixTest("a gateway that is killed leaves no server behind, not even one that clings to life", async () => {
  const folder = mkdtempSync(join(tmpdir(), "pincer-mcp-kill-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "openclaw.yml"), yaml("x", { clings: true }));
  const gateway = startGateway(["--port", "0", "--state", folder, "--workspace", folder]);
  onTestFinished(() => void gateway.child.kill("SIGKILL"));
  const url = await gateway.serving;
  const { token } = JSON.parse(readFileSync(join(folder, "gateway.json"), "utf8")) as { token: string };
  const answer = await fetch(`${url}/api/mcp/restart`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: '{"server":"x"}',
  });
  const { server } = (await answer.json()) as { server: McpServer };
  expect(isAlive(server.pid!)).toBe(true);
  gateway.child.kill("SIGKILL");
  await gateway.ended;
  await expect.poll(() => isAlive(server.pid!)).toBe(false);
});
