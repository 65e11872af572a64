import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { verifyAudit } from "../../src/app/audit/verifyAudit.ts";
import { readGatewayFile } from "../../src/config/stateFolder.ts";
import { freePort } from "../fakes/freePort.ts";
import { startOpenaiChatServer } from "../fakes/openaiChatServer.ts";
import { startGateway } from "./gatewayProcess.ts";
import { pincer } from "./pincer.ts";
import { posixTest } from "../posix.ts";

posixTest("openclaw.yml moves a running gateway, limits a token, and is not obeyed when it is wrong", async () => {
  const state = mkdtempSync(join(tmpdir(), "pincer-reload-"));
  const config = join(state, "openclaw.yml");
  const [first, second] = [await freePort(), await freePort()];
  const released = Promise.withResolvers<void>();
  const model = await startOpenaiChatServer({
    async script() {
      await released.promise;
      return { text: "at last" };
    },
  });
  const models = `providers: { local: { api: openai-chat, baseUrl: "${model.url}/v1", models: [qwen3] } }\n`;
  const write = (port: number, more = "") => writeFileSync(config, `gateway:\n  port: ${port}\n${more}${models}`);
  write(first);
  const { child, ended, serving, said } = startGateway(["--state", state]);
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
    await model.close();
    rmSync(state, { recursive: true });
  });
  expect(await serving).toBe(`http://127.0.0.1:${first}`);
  const { token } = readGatewayFile(state)!;

  // A hundred requests that end only after the gateway has moved.
  const wait = (index: number) =>
    fetch(`http://127.0.0.1:${first}/api/sessions/spawn`, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      body: JSON.stringify({ task: `hello ${index}`, model: "local/qwen3" }),
    }).then((response) => response.status);
  const sent = Array.from({ length: 100 }, (_, index) => wait(index));
  // A connection that nobody has accepted goes with the port.
  await model.received(100);
  write(second, "  tokens:\n    ci: { token: a-token-for-the-ci-of-the-tests, scope: read, requestsPerMinute: 2 }\n");
  await said(`listens on http://127.0.0.1:${second}`);
  released.resolve();
  expect(await Promise.all(sent)).toEqual(Array(100).fill(200));
  const statusOf = async () =>
    (
      await fetch(`http://127.0.0.1:${second}/api/sessions/list`, {
        headers: { Authorization: "Bearer a-token-for-the-ci-of-the-tests" },
      })
    ).status;
  expect([await statusOf(), await statusOf(), await statusOf()]).toEqual([200, 200, 429]);
  await until(() => readGatewayFile(state)?.url === `http://127.0.0.1:${second}`);

  write(second, "  prot: 1\n");
  await said("prot");
  expect((await pincer(["status", "--state", state], {})).code).toBe(0);
  expect((await pincer(["audit", "--state", state, "--limit", "200"], {})).stdout).toContain("sessions.spawn");
  expect((await pincer(["logs", "--state", state], {})).stdout).toContain("listens on");
  child.kill("SIGTERM");
  expect(await ended).toBe(0);
  expect((await verifyAudit(state)).problems).toEqual([]);
});

test("an openclaw.yml that is emptied or removed leaves the gateway as it is, with one warning, beside a hostile workspace's", async () => {
  const [state, workspace] = [mkdtempSync(join(tmpdir(), "pincer-lost-")), mkdtempSync(join(tmpdir(), "pincer-work-"))];
  const config = join(state, "openclaw.yml");
  const port = await freePort();
  const text = `gateway: { port: ${port} }\nmodel: offline/demo\n`;
  writeFileSync(config, text);
  // Too many keys, and none that means anything.
  writeFileSync(join(workspace, "openclaw.yml"), Array.from({ length: 5_000 }, (_, at) => `k${at}: 1\n`).join(""));
  const { child, ended, serving, said, stderr } = startGateway(["--state", state, "--workspace", workspace]);
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
    for (const folder of [state, workspace]) rmSync(folder, { recursive: true });
  });
  expect(await serving).toBe(`http://127.0.0.1:${port}`);
  writeFileSync(config, "");
  await said("The file is empty; what it said before stays in force");
  rmSync(config);
  await said("The file is gone; what it said before stays in force");
  expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200);
  const warnings = stderr().match(/ warn .*/g)!;
  expect(warnings.map((line) => /(Unknown key "k0"|empty|gone)/.exec(line)?.[1])).toEqual([
    'Unknown key "k0"',
    "empty",
    "gone",
  ]);
  writeFileSync(config, `gateway: { port: ${await freePort()} }\nmodel: offline/demo\n`);
  await said(`listens on http://127.0.0.1:`);
  await until(() => readGatewayFile(state)?.url !== `http://127.0.0.1:${port}`);
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}
