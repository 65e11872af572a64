import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startOpenaiChatServer } from "../fakes/openaiChatServer.ts";
import { startGateway } from "./gatewayProcess.ts";
import { pincer } from "./pincer.ts";

test("a gateway asks other machines through the proxy that the environment names, and this one directly", async () => {
  const asked: string[] = [];
  const proxy = createServer((request, response) => {
    asked.push(String(request.url));
    response.writeHead(502).end();
  });
  proxy.on("connect", (request, socket) => {
    asked.push(String(request.url));
    socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
  });
  await new Promise<void>((resolve) => void proxy.listen(0, "127.0.0.1", resolve));
  const model = await startOpenaiChatServer({ script: () => ({ text: "From here." }) });
  const state = mkdtempSync(join(tmpdir(), "pincer-proxy-"));
  const local = `{ api: openai-chat, baseUrl: "${model.url}/v1", models: [qwen3] }`;
  const far = '{ api: openai-chat, baseUrl: "https://models.example.com/v1", models: [qwen3] }';
  writeFileSync(join(state, "openclaw.yml"), `providers:\n  local: ${local}\n  far: ${far}\n`);
  const { port } = proxy.address() as AddressInfo;
  const env = { https_proxy: `http://me:secret@127.0.0.1:${port}`, HTTP_PROXY: `http://127.0.0.1:${port}` };
  const gateway = startGateway(["--state", state, "--port", "0"], env);
  onTestFinished(async () => {
    gateway.child.kill("SIGKILL");
    await gateway.ended;
    await model.close();
    proxy.close();
    rmSync(state, { recursive: true });
  });
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
  expect(gateway.stderr()).toContain(`127.0.0.1:${port}`);
  expect(gateway.stderr()).not.toContain("secret");
});
