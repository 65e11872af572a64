import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { App } from "../../src/app.ts";

import { readGatewayFile } from "../../src/config/stateFolder.ts";
import { startOpenaiChatServer } from "../fakes/openaiChatServer.ts";
import { startTelegramServer } from "../fakes/telegramServer.ts";
import { type AppBench, call, createAppBench } from "./bench.ts";

const ANNA = 111;

/** Each place where a secret may be written, with one that looks like none. */
const IN_FILE = {
  "gateway.tokens": "a-token-for-the-scripts",
  provider: "literal-provider-key",
  search: "literal-search-key",
  webhook: "webhook-token-to-hide",
  hmac: "hmac-secret-of-a-webhook",
  telemetry: "telemetry-header-value",
  browser: "password-of-staging",
  "mcp.env": "env-of-an-mcp-server",
  "mcp.headers": "header-of-an-mcp-server",
  "mcp.oauth": "client-secret-of-mcp",
  "hook.env": "env-of-a-hook-program",
};

const STORED: Record<string, string> = {
  "openai.apiKey": "stored-openai-key",
  // One that the configuration's hides.
  "local.apiKey": "stored-local-key-hidden",
  "brave.apiKey": "stored-brave-key",
  "discord.token": "stored-discord-token",
};

const OF_SIGN_IN = { access_token: "access-token-of-mcp", refresh_token: "refresh-token-of-mcp" };

interface Far {
  bench: AppBench;
  telegram: Awaited<ReturnType<typeof startTelegramServer>>;
}

async function openFar(): Promise<Far> {
  const bench = createAppBench();
  const [model, telegram] = await Promise.all([startOpenaiChatServer(), startTelegramServer()]);
  onTestFinished(async () => void (await Promise.all([model.close(), telegram.close()])));
  const url = "https://mcp.example.org/mcp";
  bench.configure(
    JSON.stringify({
      model: "local/qwen3",
      gateway: { tokens: { scripts: { token: IN_FILE["gateway.tokens"], scope: "read" } } },
      agent: { approvals: "auto", rules: [{ allow: "message", channel: "telegram", to: "*" }] },
      providers: {
        local: { api: "openai-chat", baseUrl: `${model.url}/v1`, models: ["qwen3"], apiKey: IN_FILE.provider },
      },
      channels: { telegram: { token: telegram.token, apiRoot: telegram.url, allow: [ANNA] } },
      search: { backend: "tavily", apiKey: IN_FILE.search },
      webhooks: {
        build: { event: "pushed", token: IN_FILE.webhook },
        push: { event: "pushed", hmac: { secret: IN_FILE.hmac, header: "x-signature" } },
      },
      telemetry: { otlp: { endpoint: "http://127.0.0.1:9", headers: { "x-team": IN_FILE.telemetry } } },
      browser: {
        credentials: [{ origin: "https://staging.example.org", username: "anna", password: IN_FILE.browser }],
      },
      mcp: {
        servers: {
          program: { command: "none", env: { SERVICE_KEY: IN_FILE["mcp.env"] }, enabled: false },
          far: { url, headers: { "x-team": IN_FILE["mcp.headers"] }, enabled: false },
          signed: { url, oauth: { clientId: "me", clientSecret: IN_FILE["mcp.oauth"] }, enabled: false },
        },
      },
      hooks: { runFinished: [{ command: ["true"], env: { POST_TOKEN: IN_FILE["hook.env"] } }] },
    }),
  );
  await mkdir(join(bench.stateDir, "mcp"));
  const account = { url, tokens: { ...OF_SIGN_IN, token_type: "Bearer" } };
  writeFileSync(join(bench.stateDir, "mcp", "signed.auth.json"), JSON.stringify(account), { mode: 0o600 });
  writeFileSync(join(bench.stateDir, "secrets.json"), '{"openai.apiKey": "an-older-openai-key"}', { mode: 0o600 });
  writeFileSync(join(bench.stateDir, "webhook-secret"), "what-posts-are-signed-by", { mode: 0o600 });
  return { bench, telegram };
}

function openFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "pincer-own-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What a run in that folder answers that has one tool called. */
async function runTool(app: App, folder: string, tool: string, input: object): Promise<string> {
  const { session } = (await call(app, "/api/sessions/create", { workspace: folder })).body as {
    session: { key: string };
  };
  const message = `tool:${tool} ${JSON.stringify(input)}`;
  return String((await call(app, "/api/sessions/send", { message, sessionKey: session.key })).body["reply"]);
}

async function sendFile(app: App, folder: string, text: string): Promise<string> {
  writeFileSync(join(folder, "notes.txt"), `of the meeting: ${text}\n`);
  return await runTool(app, folder, "message_send", { channel: "telegram", to: String(ANNA), files: ["notes.txt"] });
}

const REFUSED = "notes.txt holds a key or a token that Pincer knows, and is not sent";

test.each(["the gateway's folder", "a window's folder"])(
  "no file or text goes out with what is known in confidence, from %s",
  async (whose) => {
    const { bench, telegram } = await openFar();
    const stored = { ...STORED };
    const secret = async (name: string) => stored[name];
    const leader = await bench.open({ host: bench.host({ secret }) });
    const folder = whose === "the gateway's folder" ? bench.workspace : openFolder();
    if (folder !== bench.workspace)
      await bench.open({ mode: "join", host: bench.host({ name: "window", workspaces: () => [folder], secret }) });
    const known = Object.values({
      ...IN_FILE,
      ...STORED,
      ...OF_SIGN_IN,
      telegram: telegram.token,
      gateway: leader.token(),
      file: "an-older-openai-key",
      signing: "what-posts-are-signed-by",
    });
    const gone: string[] = [];
    for (const one of known) if (!(await sendFile(leader, folder, one)).includes(REFUSED)) gone.push(one);
    expect(gone).toEqual([]);
    // Of what is stored later, too, and of a token that was changed.
    stored["google.apiKey"] = "stored-while-it-runs";
    const rotated = (await call(leader, "/api/gateway/token/rotate", {})).body["token"] as string;
    await expect.poll(() => readGatewayFile(bench.stateDir)?.token).toBe(rotated);
    // The window was let in by the token before: it comes again by this one.
    await expect.poll(async () => (await call(leader, "/api/workspaces/list")).body["folders"]).toContain(folder);
    for (const one of ["stored-while-it-runs", rotated])
      expect(await sendFile(leader, folder, one), one).toContain(REFUSED);
    await runTool(leader, folder, "message_send", { channel: "telegram", to: String(ANNA), text: known.join(" and ") });
    const { text } = await telegram.until(() => true);
    expect(known.filter((one) => text.includes(one))).toEqual([]);
    expect(text).toContain("[redacted] and [redacted]");
    expect(telegram.sent.length).toBe(1);
  },
);

test("nothing is served or run before what is stored was read, and what cannot be read keeps nothing from running", async () => {
  const { bench, telegram } = await openFar();
  const asked = Promise.withResolvers<void>();
  const reading = Promise.withResolvers<void>();
  const secret = async (name: string) => {
    asked.resolve();
    await reading.promise;
    if (name === "anthropic.apiKey") throw new Error("The keyring is locked");
    return STORED[name];
  };
  const opening = bench.open({ host: bench.host({ secret }) });
  await asked.promise;
  // Others get all the way meanwhile.
  for (let other = 0; other < 3; other += 1) await createAppBench().open();
  expect(readGatewayFile(bench.stateDir)).toBeUndefined();
  reading.resolve();
  const leader = await opening;
  const input = { channel: "telegram", to: String(ANNA), text: `${STORED["brave.apiKey"]} is mine` };
  await runTool(leader, bench.workspace, "message_send", input);
  expect((await telegram.until(() => true)).text).toBe("[redacted] is mine");
});
