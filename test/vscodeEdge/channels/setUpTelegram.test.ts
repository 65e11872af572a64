import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { AppError } from "../../../src/base/appError.ts";
import { setUpTelegram } from "../../../src/vscode/choices/setUpTelegram.ts";
import { BOT, startTelegramServer } from "../../fakes/telegramServer.ts";
import { createEdgeGateway, createEdgeWindow } from "../editor/edge.ts";
import { openScreen, screen } from "../editor/vscode.ts";
import { serveStatus } from "../editor/webServer.ts";

// What of the agent's bundle is used here: all of it would take longer to load than the tests run.
vi.mock("../../../src/app.ts", async () => ({
  ...(await import("../../../src/config/write/addChannel.ts")),
  ...(await import("../../../src/config/secrets.ts")),
}));

const TOKEN = /^Token of the Telegram bot/;
const GOOD = { id: "telegram", state: "connected", error: null };

/** A window whose gateway takes openclaw.yml over as it is written, and sends tokens to this address. */
function open({ apiRoot, file, listed = GOOD, client = false }: Given) {
  const stateDir = mkdtempSync(join(tmpdir(), "pincer-set-up-"));
  onTestFinished(() => rmSync(stateDir, { recursive: true }));
  const path = join(stateDir, "openclaw.yml");
  if (file !== undefined) writeFileSync(path, file);
  const isNamed = () => existsSync(path) && /telegram/.test(readFileSync(path, "utf8"));
  const gateway = createEdgeGateway(
    {
      "config.get": { config: { channels: { telegram: { apiRoot } } } },
      "channels.list": () => ({ channels: isNamed() ? [listed] : [] }),
      "channels.restart": {},
    },
    { state: "running", role: client ? "client" : "leader", url: "http://127.0.0.1:1" },
  );
  const vault = new Map<string, string>();
  const host = {
    ...{ stateDir, workspaces: () => [], secret: async () => undefined },
    vault: {
      get: async (name: string) => vault.get(name),
      set: async (name: string, value: string) => void vault.set(name, value),
      delete: async (name: string) => void vault.delete(name),
    },
  };
  Object.assign(gateway.app, { configPath: path });
  const written = () => (existsSync(path) ? readFileSync(path, "utf8") : undefined);
  return { ...createEdgeWindow(gateway, { host }), gateway, vault, path, stateDir, written };
}

interface Given {
  apiRoot: string;
  file?: string;
  listed?: object;
  client?: boolean;
}

async function serveBot() {
  const telegram = await startTelegramServer();
  onTestFinished(() => telegram.close());
  return telegram;
}

test("the token is typed hidden, tried, kept with the secrets, and the channel is named; then it says how to be paired", async () => {
  const telegram = await serveBot();
  openScreen([
    [TOKEN, ` ${telegram.token}\n`],
    [/^Telegram is set up/, "Enter the code"],
  ]);
  const { window, vault, written } = open({ apiRoot: telegram.url, file: "# mine\nmodel: offline/demo\n" });
  await setUpTelegram(window);
  expect(screen.asked[0]).toMatchObject({ kind: "input", password: true });
  expect([...vault]).toEqual([["telegram.token", telegram.token]]);
  expect(written()).toBe("# mine\nmodel: offline/demo\nchannels:\n  telegram: {}\n");
  expect(screen.asked.at(-1)!.text).toContain(`Write to @${BOT.username} there`);
  await expect.poll(() => screen.commands.at(-1)).toEqual(["pincer.acceptPairing", { channel: "telegram" }]);
});

test("Escape at each step leaves nothing: at the token, at the check, and where it could not be checked", async () => {
  const telegram = await serveBot();
  const silent = await serveStatus(undefined);
  const strange = await serveStatus(502);
  for (const [apiRoot, answers, count] of [
    [telegram.url, [], 1],
    [silent.address, [[TOKEN, telegram.token]], 1],
    [strange.address, [[TOKEN, telegram.token]], 2],
  ] as [string, [RegExp, string][], number][]) {
    openScreen(answers);
    const { window, vault, written, gateway } = open({ apiRoot });
    const done = setUpTelegram(window);
    if (apiRoot === silent.address) {
      await silent.asked;
      const shown = () => screen.progress.find(({ options }) => options["cancellable"]);
      await expect.poll(shown).toBeDefined();
      shown()!.cancel();
    }
    await done;
    expect(screen.asked).toHaveLength(count);
    expect([vault.size, written(), gateway.calls.map(([name]) => name)]).toEqual([0, undefined, ["config.get"]]);
  }
});

test("a file that the gateway misses is not made anew: neither the channel nor its token is kept", async () => {
  const telegram = await serveBot();
  openScreen([[TOKEN, telegram.token]]);
  const { window, vault, written, gateway } = open({ apiRoot: telegram.url });
  const refuseGone = () => {
    throw new AppError("conflict", "The file is gone");
  };
  Object.assign(gateway.app, { refuseGone });
  await expect(setUpTelegram(window)).rejects.toThrow("The file is gone");
  expect([vault.size, written()]).toEqual([0, undefined]);
});

test("a token that Telegram refuses is not kept, and said without it; what is no token is not taken", async () => {
  const telegram = await serveBot();
  openScreen([[TOKEN, "4242:of_no_bot_at_all"]]);
  const { window, vault, written } = open({ apiRoot: telegram.url });
  await setUpTelegram(window);
  const { kind, text } = screen.asked.at(-1)!;
  expect([kind, text]).toEqual(["error", "Telegram refused the token (HTTP 401). Nothing was stored."]);
  expect([vault.size, written()]).toEqual([0, undefined]);
  openScreen([[TOKEN, "hello"]]);
  await expect(setUpTelegram(window)).rejects.toThrow("Paste the whole token");
});

test("where openclaw.yml cannot be written the token is taken back, and the one before stays", async () => {
  const telegram = await serveBot();
  for (const before of [undefined, "1:the_one_before"]) {
    openScreen([[TOKEN, telegram.token]]);
    const { window, vault, written } = open({ apiRoot: telegram.url, file: "channels: [no, mapping]\n" });
    if (before !== undefined) vault.set("telegram.token", before);
    await expect(setUpTelegram(window)).rejects.toThrow("channels is no mapping there");
    expect(vault.get("telegram.token")).toBe(before);
    expect(written()).toBe("channels: [no, mapping]\n");
  }
});

test("a gateway of another program gets the token into the private file, once that was allowed", async () => {
  const telegram = await serveBot();
  const listed = { id: "telegram", state: "failed", error: "No token is known" };
  for (const isAllowed of [false, true]) {
    openScreen([
      [TOKEN, telegram.token],
      ...(isAllowed ? [[/^Another program/, "Keep it there too"] as [RegExp, string]] : []),
    ]);
    const { window, stateDir } = open({ apiRoot: telegram.url, listed, client: true });
    await setUpTelegram(window);
    const path = join(stateDir, "secrets.json");
    expect(existsSync(path)).toBe(isAllowed);
    if (isAllowed) expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({ "telegram.token": telegram.token });
    expect(screen.asked.at(-1)!.text).toBe("Telegram does not work: No token is known");
  }
});

test("a gateway of another window of this editor begins with the token that it is told of a little later, and nothing is asked", async () => {
  const telegram = await serveBot();
  for (const lag of [200, 1_500]) {
    openScreen([[TOKEN, telegram.token]]);
    const { window, vault, gateway, stateDir } = open({ apiRoot: telegram.url, client: true });
    Object.assign(gateway.app, { leader: "This editor" });
    Object.assign(window.host, { name: "This editor" });
    let told: string | undefined;
    let began: string | undefined;
    vault.set = (name, token) => {
      setTimeout(() => (told = token), lag);
      return Map.prototype.set.call(vault, name, token) as typeof vault;
    };
    const client = gateway.client();
    const call = async (name: string, input: unknown): Promise<unknown> => {
      if (name === "channels.restart") began = told;
      const isGood = began === telegram.token;
      const listed = isGood ? GOOD : { ...GOOD, state: "failed", error: "No token is known" };
      return name === "channels.list" ? { channels: [listed] } : client.call(name, input);
    };
    gateway.client = () => ({ call });
    await setUpTelegram(window);
    expect(screen.asked.at(-1)!.text).toMatch(/^Telegram is set up/);
    expect(existsSync(join(stateDir, "secrets.json"))).toBe(false);
  }
});
