import { type EventEmitter, once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startOpenaiChatServer } from "../fakes/openaiChatServer.ts";
import { type GatewayProcess, startGateway } from "./gatewayProcess.ts";
import { pincer } from "./pincer.ts";

interface Proxied {
  gateway: GatewayProcess;
  state: string;
  /** Whom the proxy was asked for. */
  asked: string[];
  proxy: EventEmitter;
}

/** A gateway with this configuration, whose environment may name a proxy that lets nobody through. */
async function startProxied(config: string, env: (proxy: string) => Record<string, string>): Promise<Proxied> {
  const asked: string[] = [];
  const proxy = createServer((request, response) => {
    asked.push(String(request.url));
    response.writeHead(502).end();
  });
  proxy.on("connect", (request, socket) => {
    asked.push(String(request.url));
    proxy.emit("asked");
    socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
  });
  await new Promise<void>((resolve) => void proxy.listen(0, "127.0.0.1", resolve));
  const state = mkdtempSync(join(tmpdir(), "pincer-proxy-"));
  writeFileSync(join(state, "openclaw.yml"), config);
  const { port } = proxy.address() as AddressInfo;
  const gateway = startGateway(["--state", state, "--port", "0"], env(`127.0.0.1:${port}`));
  onTestFinished(async () => {
    gateway.child.kill("SIGKILL");
    await gateway.ended;
    proxy.close();
    rmSync(state, { recursive: true });
  });
  return { gateway, state, asked, proxy };
}

const FAR = '  far: { api: openai-chat, baseUrl: "https://models.example.com/v1", models: [qwen3] }\n';

test("a gateway asks other machines through the proxy that the environment names, and this one directly", async () => {
  const model = await startOpenaiChatServer({ script: () => ({ text: "From here." }) });
  onTestFinished(() => model.close());
  const local = `  local: { api: openai-chat, baseUrl: "${model.url}/v1", models: [qwen3] }\n`;
  const { gateway, state, asked } = await startProxied(`providers:\n${local}${FAR}`, (proxy) => ({
    https_proxy: `http://me:secret@${proxy}`,
    HTTP_PROXY: `http://${proxy}`,
  }));
  await gateway.serving;
  const send = (name: string) => pincer(["send", "hi", "--model", `${name}/qwen3`, "--state", state], {});
  expect(await send("local")).toMatchObject({
    code: 0,
    stderr: "",
    stdout: expect.stringContaining("From here.") as string,
  });
  expect(asked.filter((target) => target.includes("127.0.0.1"))).toEqual([]);
  expect((await send("far")).code).not.toBe(0);
  expect(asked).toContain("models.example.com:443");
  expect(gateway.stderr()).toMatch(/proxy=127\.0\.0\.1:\d+\n/);
  expect(gateway.stderr()).not.toContain("secret");
});

test.each([
  ["HTTPS_PROXY", "without a scheme"],
  ["HTTP_PROXY", "alone"],
])("by %s %s, models and chat networks are asked through it", async (name) => {
  const telegram =
    "channels:\n  telegram: { token: '1234567:ABC-DEF-12345', apiRoot: https://chats.example.com, allow: ['1'] }\n";
  const given = await startProxied(`providers:\n${FAR}${telegram}`, (proxy) => ({ [name]: proxy }));
  const { gateway, state, asked, proxy } = given;
  const chats = "chats.example.com:443";
  await gateway.serving;
  while (!asked.includes(chats)) await once(proxy, "asked");
  expect((await pincer(["send", "hi", "--model", "far/qwen3", "--state", state], {})).code).not.toBe(0);
  expect(new Set(asked)).toEqual(new Set([chats, "models.example.com:443"]));
});

test("what cannot be gone through is refused by its variable's name, without the password", async () => {
  const { gateway } = await startProxied("", (proxy) => ({ HTTPS_PROXY: `socks5h://me:hunter22@${proxy}` }));
  expect(await gateway.ended).toBe(1);
  expect(gateway.stderr()).toBe(
    "pincer: HTTPS_PROXY names a proxy by socks5h://, and only http:// and https:// are understood; set it to another, or to nothing\n",
  );
});
