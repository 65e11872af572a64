import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { AppError } from "../../../src/base/appError.ts";
import { keyCommands } from "../../../src/vscode/settings/keyCommands.ts";
import { listNames, rememberKey } from "../../../src/vscode/settings/storedKeys.ts";
import { createEdgeGateway, createEdgeWindow } from "../editor/edge.ts";
import { openScreen, screen } from "../editor/vscode.ts";
import { serveStatus } from "../editor/webServer.ts";

// Loaded on first use in an editor: here before the test's time runs.
beforeAll(async () => void (await import("../../../src/app.ts")));

const ENGINES = [
  ["brave", "Brave Search", "search: { backend: brave }"],
  ["tavily", "Tavily", "search: { backend: tavily }"],
] as const;
const KEY = "a-key-that-is-good";

/** A gateway whose openclaw.yml says this of searching. */
function open(search: object | undefined, role: "leader" | "client" = "leader", more: object = {}) {
  const stateDir = mkdtempSync(join(tmpdir(), "pincer-keys-"));
  onTestFinished(() => rmSync(stateDir, { recursive: true, force: true }));
  const status = { state: "running" as const, role, url: "http://127.0.0.1:3000" };
  const answers = { "config.get": { config: { search } }, "channels.list": { channels: [{ id: "telegram" }] } };
  const gateway = createEdgeGateway({ ...answers, "channels.restart": {}, ...more }, status);
  const host = { workspaces: () => [], stateDir, name: "This editor", secret: async () => undefined };
  return { stateDir, gateway, calls: gateway.calls, ...createEdgeWindow(gateway, { host }) };
}

const said = () => screen.asked.at(-1)!;
const set = (window: ReturnType<typeof open>["window"]) => keyCommands["pincer.setApiKey"]!(window);

test.each(ENGINES)("the key of %s is chosen, typed hidden, tried and kept as a provider's is", async (id, title) => {
  openScreen([
    [/^Set API key/, title],
    [new RegExp(`^${title} API key`), KEY],
  ]);
  const { address } = await serveStatus(200);
  const { window, secrets } = open({ backend: id, baseUrl: address });
  await set(window);
  expect([...secrets]).toEqual([[`${id}.apiKey`, KEY]]);
  expect(screen.asked.map(({ text, password }) => [text, password])).toEqual([
    ["Set API key: provider", undefined],
    [`${title} API key`, true],
    [`The ${title} key works and is stored.`, undefined],
  ]);
  openScreen([[/^Remove API key/, title]]);
  await keyCommands["pincer.removeApiKey"]!(window);
  expect([secrets.size, said().text]).toEqual([0, `The ${title} key was removed.`]);
});

test("the token of a bot is listed among the keys; the channel that has it begins anew without it", async () => {
  openScreen([[/^Remove API key/, "Token of the Telegram bot"]]);
  const { window, secrets, calls } = open(undefined);
  secrets.set("telegram.token", "1:abc");
  await keyCommands["pincer.removeApiKey"]!(window);
  expect([secrets.size, said().text]).toEqual([0, "The token of the Telegram bot was removed."]);
  expect(calls.filter(([name]) => name === "channels.restart")).toEqual([
    ["channels.restart", { channel: "telegram" }],
  ]);
});

test.each([
  ["brave", "Brave Search", 422],
  ["tavily", "Tavily", 401],
] as const)("a key that %s refuses is not stored", async (id, title, status) => {
  openScreen([[new RegExp(`^${title} API key`), KEY]]);
  const { address } = await serveStatus(status);
  const { window, secrets } = open({ backend: id, baseUrl: address });
  await keyCommands["pincer.setApiKey"]!(window, id);
  expect([secrets.size, said().text]).toEqual([0, `${title} refused the key (HTTP ${status}). Nothing was stored.`]);
});

test("a key that openclaw.yml has another one before is told of", async () => {
  openScreen([[/^Tavily API key/, KEY]]);
  const { address } = await serveStatus(200);
  const { window, secrets } = open({ backend: "tavily", baseUrl: address, apiKey: "[redacted]" });
  await keyCommands["pincer.setApiKey"]!(window, "tavily");
  expect(secrets.size).toBe(1);
  expect([said().text, said().choices]).toEqual([
    "The Tavily key is stored, but openclaw.yml names another one, and that is the one in use.",
    ["Open configuration"],
  ]);
});

test("a gateway of another program is offered the key in secrets.json, and one of this editor is not", async () => {
  for (const owner of ["pincer gateway", "This editor"]) {
    openScreen([
      [/^Tavily API key/, KEY],
      [/^Another program runs the gateway/, "Keep it there too"],
    ]);
    const { address } = await serveStatus(200);
    const { window, stateDir, gateway } = open({ backend: "tavily", baseUrl: address }, "client");
    Object.assign(gateway.app, { leader: owner });
    await keyCommands["pincer.setApiKey"]!(window, "tavily");
    const isAsked = screen.asked.some(({ text }) => text.startsWith("Another program"));
    expect(isAsked).toBe(owner !== "This editor");
    if (isAsked)
      expect(JSON.parse(readFileSync(join(stateDir, "secrets.json"), "utf8"))).toEqual({ "tavily.apiKey": KEY });
  }
});

test("a gateway of another window of this editor is given the time to be told of a key, before anything is asked", async () => {
  for (const [leader, isAsked] of [
    ["This editor", false],
    ["pincer gateway", true],
  ] as const) {
    openScreen([[/^Anthropic API key/, KEY]]);
    const { address } = await serveStatus(200);
    const config = { providers: { anthropic: { baseUrl: address } } };
    const keys = [null, null, { from: "stored" }];
    const providers = () => [{ id: "anthropic", key: keys.length > 1 ? keys.shift() : keys[0] }];
    const answers = { "config.get": { config }, "models.providers": () => ({ providers: providers() }) };
    const { window, gateway } = open(undefined, "client", answers);
    Object.assign(gateway.app, { leader });
    await keyCommands["pincer.setApiKey"]!(window, "anthropic");
    expect(screen.asked.some(({ text }) => text.startsWith("Another program"))).toBe(isAsked);
  }
});

test("a bot that another window of this editor runs begins anew once that one knows that its token is gone", async () => {
  openScreen([[/^Remove API key/, "Token of the Telegram bot"]]);
  const known: unknown[] = [];
  const answers = { "channels.restart": () => void known.push(told) };
  const { window, gateway, secrets } = open(undefined, "client", answers);
  Object.assign(gateway.app, { leader: "This editor" });
  secrets.set("telegram.token", "1:abc");
  let told: string | undefined = "1:abc";
  const forget = async (name: string) => {
    secrets.delete(name);
    setTimeout(() => (told = secrets.get(name)), 200);
  };
  Object.assign(window.context.secrets, { delete: forget });
  await keyCommands["pincer.removeApiKey"]!(window);
  expect(known).toEqual([undefined]);
});

test.each([
  ["none of the user's", {}, undefined, { kept: "of-the-folder", isTaken: true }],
  ["the same", { mine: "of-the-folder" }, undefined, { kept: "of-the-folder", isTaken: true }],
  ["another, and it is dismissed", { mine: "of-the-user" }, undefined, { kept: "of-the-user", isTaken: false }],
  ["another that stays", { mine: "of-the-user" }, "Take it out only", { kept: "of-the-user", isTaken: true }],
  ["another that gives way", { mine: "of-the-user" }, "Replace yours", { kept: "of-the-folder", isTaken: true }],
  ["one in the environment", { from: "environment" }, "Take it out only", { kept: undefined, isTaken: true }],
])("the key of a folder's file takes no other's place unasked: there is %s", async (_what, own, answer, expected) => {
  const { mine, from }: { mine?: string; from?: string } = own;
  openScreen(answer === undefined ? [] : [[/^You have another anthropic key/, answer]]);
  const secrets = new Map(mine === undefined ? [] : [["anthropic.apiKey", mine]]);
  const host = { workspaces: () => [], stateDir: "/nowhere", secret: async (name: string) => secrets.get(name) };
  const providers = [{ id: "anthropic", key: from === undefined ? null : { from } }];
  const gateway = createEdgeGateway({ "models.providers": { providers } });
  const edge = createEdgeWindow(gateway, { host });
  if (mine !== undefined) edge.secrets.set("anthropic.apiKey", mine);
  screen.texts.set("/work/openclaw.yml", "providers: { anthropic: { apiKey: of-the-folder } }\n");
  await keyCommands["pincer.moveApiKey"]!(edge.window, "/work/openclaw.yml", "anthropic");
  expect({
    kept: edge.secrets.get("anthropic.apiKey"),
    isTaken: !screen.texts.get("/work/openclaw.yml")!.includes("of-the-folder"),
  }).toEqual(expected);
  const isAsked = screen.asked.some(({ choices }) => choices[0] === "Take it out only");
  expect(isAsked).toBe(mine === "of-the-user" || from !== undefined);
});

test("what is written into the file while it is asked about its key stays", async () => {
  const path = "/work/openclaw.yml";
  const text = "providers: { anthropic: { apiKey: of-the-folder } }\n";
  openScreen([[/^You have another anthropic key/, "Replace yours"]]);
  const secret = async () => (screen.texts.set(path, `${text}model: mine\n`), "of-the-user");
  const { window } = createEdgeWindow(createEdgeGateway({}), {
    host: { workspaces: () => [], stateDir: "/nowhere", secret },
  });
  screen.texts.set(path, text);
  await keyCommands["pincer.moveApiKey"]!(window, path, "anthropic");
  expect(screen.texts.get(path)).toContain("model: mine");
  expect(screen.texts.get(path)).not.toContain("of-the-folder");
});

test("where the editor cannot list its secrets, what this profile has stored is listed", async () => {
  openScreen([[/^Remove API key/, "my-server"]]);
  const { window, secrets } = open(undefined);
  const keys = () => Promise.reject(new Error("Secret storage provider does not support keys() method"));
  Object.assign(window.context.secrets, { keys });
  await rememberKey(window, "my-server", KEY);
  secrets.set("tavily.apiKey", KEY);
  secrets.set("telegram.token", KEY);
  await keyCommands["pincer.removeApiKey"]!(window);
  expect([...secrets.keys()]).toEqual(["tavily.apiKey", "telegram.token"]);
  expect((await listNames(window)).toSorted()).toEqual(["tavily.apiKey", "telegram.token"]);
});

test("a key that was stored in another profile is listed too", async () => {
  openScreen([[/^Remove API key/, "my-server"]]);
  const { window, secrets } = open(undefined);
  secrets.set("my-server.apiKey", KEY);
  await keyCommands["pincer.removeApiKey"]!(window);
  expect(secrets.size).toBe(0);
});

test("a key of the user's file gives way to the stored one, which is said once it is in use; comments stay", async () => {
  for (const isRead of [true, false]) {
    const path = "/home/openclaw.yml";
    openScreen([
      [/^Anthropic API key/, KEY],
      [/^The Anthropic key is stored, but/, "Use the stored key"],
    ]);
    screen.texts.set(path, "# My gateway\nproviders:\n  anthropic:\n    apiKey: in-plain-words\n");
    const { address } = await serveStatus(200);
    let from = "openclaw.yml";
    const gateway = createEdgeGateway({
      "models.providers": () => ({ providers: [{ id: "anthropic", key: { from } }] }),
      "config.get": { config: { providers: { anthropic: { baseUrl: address } } } },
    });
    Object.assign(gateway.app, { configPath: path });
    const host = { workspaces: () => [], stateDir: "/nowhere", secret: async () => undefined };
    const { window } = createEdgeWindow(gateway, { host });
    await keyCommands["pincer.setApiKey"]!(window, "anthropic");
    await expect.poll(() => screen.texts.get(path)).not.toContain("in-plain-words");
    expect(screen.texts.get(path)).toMatch(/^# My gateway\n\{\} # Nothing is set/);
    expect(said().text).toMatch(/^The Anthropic key is stored, but/);
    if (isRead) from = "stored";
    gateway.tell({ type: "gateway.changed" });
    if (isRead) await expect.poll(() => said().text).toBe("The stored Anthropic key is in use now.");
    else await expect.poll(() => screen.commands.at(-1)).toEqual(["pincer.openConfiguration"]);
  }
});

test("nothing is taken out of a file of which the gateway says that half of it is gone", async () => {
  openScreen([
    [/^Anthropic API key/, KEY],
    [/^The Anthropic key is stored, but/, "Use the stored key"],
  ]);
  const text = "providers:\n  anthropic:\n    apiKey: in-plain-words\n";
  screen.texts.set("/home/openclaw.yml", text);
  const { address } = await serveStatus(200);
  const gateway = createEdgeGateway({
    "models.providers": { providers: [{ id: "anthropic", key: { from: "openclaw.yml" } }] },
    "config.get": { config: { providers: { anthropic: { baseUrl: address } } } },
  });
  const refuseGone = () => {
    throw new AppError("conflict", "Half of it is gone");
  };
  Object.assign(gateway.app, { configPath: "/home/openclaw.yml", refuseGone });
  const host = { workspaces: () => [], stateDir: "/nowhere", secret: async () => undefined };
  await keyCommands["pincer.setApiKey"]!(createEdgeWindow(gateway, { host }).window, "anthropic");
  await expect.poll(() => said().text).toBe("Half of it is gone");
  expect(screen.texts.get("/home/openclaw.yml")).toBe(text);
});
