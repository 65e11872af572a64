import { fileURLToPath, pathToFileURL } from "node:url";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { once } from "node:events";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import OpenAI from "openai";
import { expect, onTestFinished, test } from "vitest";
import { type GatewayProcess, startGateway } from "../bench/gatewayProcess.ts";
import { startAnthropicServer } from "../fakes/anthropic/anthropicServer.ts";
import { startGoogleServer } from "../fakes/googleServer.ts";
import { JAPANESE_FONT, pdfFile } from "../fakes/pdfFile.ts";
import { startOpenaiServer } from "../fakes/openaiServer.ts";
import { posixTest } from "../posix.ts";

// Bundling changes how packages are imported: what is loaded on first use is tried in the program that ships.

async function start(config: string, env: Record<string, string> = {}): Promise<GatewayProcess> {
  const stateDir = mkdtempSync(join(tmpdir(), "pincer-built-"));
  writeFileSync(join(stateDir, "openclaw.yml"), config);
  const gateway = await startGateway({ stateDir, env });
  onTestFinished(async () => {
    await gateway.stop();
    rmSync(stateDir, { recursive: true, force: true });
  });
  return gateway;
}

test("the built gateway serves TLS with a certificate of its own making", async () => {
  const gateway = await start("gateway: { tls: selfSigned }\n");
  const { certificate } = JSON.parse(readFileSync(join(gateway.stateDir, "gateway.json"), "utf8")) as {
    certificate: string;
  };
  expect(gateway.url).toMatch(/^https:/);
  const status = await new Promise((resolve, reject) => {
    request(`${gateway.url}/health`, { ca: certificate }, (response) => resolve(response.resume().statusCode))
      .on("error", reject)
      .end();
  });
  expect(status).toBe(200);
});

test("the built gateway reaches every vendor's models through its bundled SDK", async () => {
  const servers = await Promise.all([startAnthropicServer(), startOpenaiServer(), startGoogleServer()]);
  onTestFinished(async () => void (await Promise.all(servers.map((server) => server.close()))));
  const [anthropic, openai, google] = servers.map((server) => server.url);
  const gateway = await start(`providers:
  anthropic: { apiKey: key-of-a-fake-server, baseUrl: "${anthropic}" }
  openai: { apiKey: key-of-a-fake-server, baseUrl: "${openai}/v1" }
  google: { apiKey: key-of-a-fake-server, baseUrl: "${google}" }
`);
  for (const model of ["anthropic/claude-haiku-5-5", "openai/gpt-6-luna", "google/gemini-3.8-flash"]) {
    expect(await gateway.call("/api/sessions/spawn", { task: "hello there", model })).toMatchObject({
      status: "ok",
      model,
      reply: "Echo: hello there",
    });
  }
});

test("the built gateway serves OpenAI and MCP clients, and its audit log is whole", async () => {
  const gateway = await start("");
  const openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.token });
  const answer = await openai.chat.completions.create({ model: "pincer", messages: [{ role: "user", content: "hi" }] });
  expect(answer.choices[0]?.message.content).toContain("not a language model");
  const client = new Client({ name: "test", version: "0" });
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${gateway.url}/mcp`), {
      requestInit: { headers: { authorization: `Bearer ${gateway.token}` } },
    }),
  );
  expect((await client.listTools()).tools.map(({ name }) => name)).toContain("sessions_spawn");
  await client.close();
  await gateway.call("/api/audit/list?limit=1");
  const cli = fileURLToPath(new URL("../../dist/cli.mjs", import.meta.url));
  expect(String(execFileSync(process.execPath, [cli, "audit", "verify", "--state", gateway.stateDir]))).toContain(
    "whole and in order",
  );
});

test("the built gateway has the tools of an MCP server, over its bundled client", async () => {
  const fake = fileURLToPath(new URL("../fakes/mcpServer.ts", import.meta.url));
  const mode = JSON.stringify({ tools: [{ name: "add", inputSchema: { type: "object" } }] });
  const args = ["--no-warnings", fake, mode].map((arg) => JSON.stringify(arg));
  const gateway = await start(
    `mcp: { servers: { hub: { command: ${JSON.stringify(process.execPath)}, args: [${args.join(", ")}] } } }\n`,
  );
  const { server } = await gateway.call("/api/mcp/restart", { server: "hub" });
  expect(server).toMatchObject({ state: "ready", error: null, tools: [{ name: "mcp__hub__add" }] });
});

test("the built reader of documents has its library and its maps of letters beside it", async () => {
  const bytes = new Uint8Array(pdfFile(["\x93\xfa\x96\x7b"], { font: JAPANESE_FONT }));
  const workerData = { kind: "pdf", shown: "a.pdf", bytes };
  const thread = new Worker(new URL("../../dist/documentThread.mjs", import.meta.url), { workerData, stderr: true });
  onTestFinished(async () => void (await thread.terminate()));
  const told: unknown[] = [];
  thread.on("message", (message) => told.push(message));
  await once(thread, "exit");
  expect(told).toEqual([{ page: 1 }, { part: { text: "[page 1]\n日本" } }]);
});

test("the package carries the browser driver alone, and everybody's licence", () => {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const driver = join(root, "dist/node_modules/playwright-core");
  const files = readdirSync(driver, { recursive: true, encoding: "utf8" }).map((file) => file.replaceAll("\\", "/"));
  expect(files).toContain("lib/coreBundle.js");
  expect(files.filter((file) => /skill|dashboard|\.(sh|ps1|md)$|vite|^bin|^types|cli/i.test(file))).toEqual([]);
  const notices = readFileSync(join(root, "THIRD_PARTY_NOTICES.txt"), "utf8");
  for (const name of ["@anthropic-ai/sdk", "@vscode/codicons", "openai", "playwright-core", "preact", "ws", "zod"])
    expect(notices).toContain(`\n${name} `);
  expect(notices).toContain("Permission is hereby granted");
});

test("what the editor loads at its start is small", () => {
  const size = (file: string) => statSync(fileURLToPath(new URL(`../../dist/${file}`, import.meta.url))).size / 1024;
  expect(size("extension.cjs")).toBeLessThan(200);
  expect(size("webview/main.js")).toBeLessThan(500);
  expect(size("webview/page.js")).toBeLessThan(4);
});

test("activation loads one file of ours, and waits for nothing", () => {
  activate(false);
  activate(true);
});

/** Puts all up that is contributed. */
function activate(isTrusted: boolean): void {
  const file = fileURLToPath(new URL("../../dist/extension.cjs", import.meta.url));
  // An editor of which all is there and nothing happens.
  const script = `
    const { Module, isBuiltin, registerHooks } = require("node:module");
    const none = { [Symbol.iterator]: () => [][Symbol.iterator](), [Symbol.toPrimitive]: () => "", then: undefined, isTrusted: ${isTrusted}, fsPath: "/nowhere", language: "en" };
    const called = {};
    const part = (path) => new Proxy(function () {}, {
      get: (_target, name) => (name in none ? none[name] : name === "prototype" ? {} : part(String(name))),
      set: () => true,
      apply: (_target, _this, [first]) => ((called[path] ??= []).push(typeof first === "string" ? first : ""), part("")),
      construct: () => part(""),
    });
    const editor = part("");
    const loaded = [];
    let asked = 0;
    const load = Module._load;
    Module._load = (name, ...rest) => (name === "vscode" ? (asked++, editor) : load(name, ...rest));
    registerHooks({ load: (url, context, next) => (isBuiltin(url) || loaded.push(url), next(url, context)) });
    const rules = [];
    for (const name of ["ListFormat", "NumberFormat", "PluralRules"]) Intl[name] = class { constructor() { rules.push(name); } };
    const returned = require(${JSON.stringify(file)}).activate(editor);
    process.stdout.write(JSON.stringify({ asked, called, loaded, returned: String(returned), rules }), () => process.exit());
  `;
  const options = { encoding: "utf8" as const, env: { PINCER_HOME: "/nowhere" } };
  const { called, ...seen } = JSON.parse(execFileSync(process.execPath, ["-e", script], options));
  expect(seen).toEqual({ asked: 1, loaded: [pathToFileURL(file).href], returned: "undefined", rules: [] });
  const { contributes } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  const ids = (of: { command?: string; id?: string; name?: string }[]) =>
    of.map(({ command, id, name }) => command ?? id ?? name).toSorted();
  const views = Object.values<{ id: string; type?: string }[]>(contributes.views).flat();
  expect(called.registerCommand.toSorted()).toEqual(expect.arrayContaining(ids(contributes.commands)));
  expect(called.createTreeView.toSorted()).toEqual(ids(views.filter(({ type }) => type !== "webview")));
  expect(called.registerWebviewViewProvider).toEqual(ids(views.filter(({ type }) => type === "webview")));
  expect(called.registerTool.toSorted()).toEqual(ids(contributes.languageModelTools));
  expect(called.registerMcpServerDefinitionProvider).toEqual(ids(contributes.mcpServerDefinitionProviders));
  expect(called.registerUriHandler).toHaveLength(1);
}

posixTest("what was compiled is kept beside the state, and never where others could put theirs", () => {
  const stateDir = mkdtempSync(join(tmpdir(), "pincer-compiled-"));
  const cli = fileURLToPath(new URL("../../dist/cli.mjs", import.meta.url));
  const version = (home: string) =>
    execFileSync(process.execPath, [cli, "--version"], { env: { PINCER_HOME: home }, encoding: "utf8" }).trim();
  const known = version(join(stateDir, "none"));
  expect(readdirSync(stateDir)).toEqual([]);
  for (const name of ["0.0.1", "0.0.2", "0.0.3"]) mkdirSync(join(stateDir, "compiled", name), { recursive: true });
  chmodSync(join(stateDir, "compiled"), 0o770);
  expect(version(stateDir)).toBe(known);
  expect(readdirSync(join(stateDir, "compiled"))).not.toContain(known);
  chmodSync(join(stateDir, "compiled"), 0o700);
  expect(version(stateDir)).toBe(known);
  expect(readdirSync(join(stateDir, "compiled", known), { recursive: true }).length).toBeGreaterThan(1);
  expect(readdirSync(join(stateDir, "compiled"))).toHaveLength(3);
});
