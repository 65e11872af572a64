import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startOpenaiChatServer } from "../fakes/openaiChatServer.ts";
import { findChromium } from "../steps/chromium.mjs";
import { servePages } from "../browser/pages.ts";
import { readGatewayFile } from "../../src/config/stateFolder.ts";
import { call, createAppBench } from "./bench.ts";

test.each([[{}], [{ all: true }]])(
  "the tabs of a window's browser are closed by a stop where the gateway is: %j",
  async (which) => {
    const bench = createAppBench();
    const model = await startOpenaiChatServer();
    onTestFinished(() => model.close());
    const folder = realpathSync(mkdtempSync(join(tmpdir(), "pincer-own-")));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const pages = await servePages({ "/": "<title>Home</title>" });
    bench.configure(`model: local/qwen3
agent: { approvals: auto }
providers: { local: { api: openai-chat, baseUrl: "${model.url}/v1", models: [qwen3] } }
browser: { allowLoopback: true, executablePath: ${JSON.stringify(findChromium())} }`);
    const leader = await bench.open();
    await bench.open({ mode: "join", host: bench.host({ name: "window", workspaces: () => [folder] }) });
    const { body } = await call(leader, "/api/sessions/create", { workspace: folder });
    const { key: sessionKey } = body["session"] as { key: string };
    const send = async (input: object) => {
      const message = `tool:browser ${JSON.stringify(input)}`;
      return (await call(leader, "/api/sessions/send", { message, sessionKey })).body["reply"];
    };
    expect(await send({ action: "open", url: pages.url })).toContain("Home");
    expect(await send({ action: "tabs" })).toContain(pages.url);
    await call(leader, "/api/browser", { action: "stop", sessionKey, ...which });
    await expect.poll(() => send({ action: "tabs" })).not.toContain(pages.url);
  },
);

test("who is told that a browser was left does not learn what the gateway proves itself by", async () => {
  const bench = createAppBench();
  const app = await bench.open();
  const leaving = new AbortController();
  const headers = { authorization: `Bearer ${app.token()}` };
  const stream = await fetch(`${app.url}/api/events`, { headers, signal: leaving.signal });
  const read = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
  await call(app, "/api/browser", { action: "stop", all: true });
  let told = "";
  while (!told.includes("browser.left")) {
    const { value, done } = await read.read();
    // A stream that has ended is read at once, for ever.
    expect(done).toBe(false);
    told += value;
  }
  leaving.abort();
  expect(told).toContain("browser_");
  expect(told).not.toContain(readGatewayFile(bench.stateDir)!.nonce);
});
