import { expect, test } from "vitest";
import { setUpModel } from "../../../src/vscode/settings/setUpModel.ts";
import { createEdgeGateway, createEdgeWindow } from "../editor/edge.ts";
import { openScreen, screen } from "../editor/vscode.ts";
import { serveStatus } from "../editor/webServer.ts";

const CLAUDE = { id: "anthropic/claude", provider: "anthropic", name: "claude", ready: true };
const OWN = { id: "vscode/gpt-9", provider: "vscode", name: "gpt-9", ready: true };

/** A gateway that has these models ready, and sends keys to this address. */
function open({ ready = [] as object[], address = "http://127.0.0.1:1", usual = "offline/demo" } = {}) {
  const gateway = createEdgeGateway({
    "models.list": ({ refresh }: { refresh?: boolean }) => ({
      models: refresh ? [...ready, CLAUDE] : ready,
      default: refresh ? CLAUDE.id : usual,
    }),
    "models.providers": { providers: [] },
    "config.get": { config: { providers: { anthropic: { baseUrl: address } } } },
  });
  const host = { workspaces: () => [], stateDir: "/nowhere", secret: async () => undefined };
  return { gateway, ...createEdgeWindow(gateway, { host }) };
}

/** What changed anything. */
const changes = (calls: [string, unknown][]) => calls.filter(([name]) => !/\.(list|providers|get|status)$/.test(name));
const questions = () => screen.asked.filter(({ kind }) => kind === "pick" || kind === "input");

test("a key is typed hidden, tried, kept, and its model answers: two questions, and the chat is there", async () => {
  openScreen([
    [/^Set up a model/, "Anthropic"],
    [/^Anthropic API key/, "a-key-that-is-good"],
  ]);
  const { address } = await serveStatus(200);
  const { window, secrets, chat } = open({ address });
  await setUpModel(window);
  expect(questions().map(({ text, password }) => [text, password])).toEqual([
    ["Set up a model", undefined],
    ["Anthropic API key", true],
  ]);
  expect([...secrets]).toEqual([["anthropic.apiKey", "a-key-that-is-good"]]);
  expect(screen.asked.at(-1)!.text).toBe(`${CLAUDE.id} answers from now on.`);
  expect(chat.shown).toBe(1);
});

test("a model of the editor answers after one question", async () => {
  openScreen([[/^Set up a model/, "Models of the editor"]]);
  const { window, chat } = open({ ready: [OWN], usual: OWN.id });
  await setUpModel(window);
  expect(questions()).toHaveLength(1);
  expect(screen.asked.at(-1)!.text).toBe(`${OWN.id} answers from now on.`);
  expect(chat.shown).toBe(1);
});

test.each([
  ["at the first question", undefined, 1],
  ["at the key", "Anthropic", 2],
  ["at the address of a server", "Another server", 2],
])("Escape %s leaves all as it was", async (_where, source, count) => {
  openScreen(source === undefined ? [] : [[/^Set up a model/, source]]);
  const { window, secrets, state, gateway, chat } = open();
  await setUpModel(window);
  expect(questions()).toHaveLength(count);
  expect([secrets.size, state.size, changes(gateway.calls), chat.shown]).toEqual([0, 0, [], 0]);
});

test("Escape at a server's key or model leaves all as it was", async () => {
  const { address } = await serveStatus(200, JSON.stringify({ data: [{ id: "one" }, { id: "two" }] }));
  const guarded = await serveStatus(401);
  for (const server of [address, guarded.address]) {
    openScreen([
      [/^Set up a model/, "Another server"],
      [/^Address of the server/, server],
    ]);
    const { window, secrets, state, gateway } = open();
    await setUpModel(window);
    expect(questions()).toHaveLength(3);
    expect([secrets.size, state.size, changes(gateway.calls)]).toEqual([0, 0, []]);
  }
});

test("a new server gets no key that was stored for another", async () => {
  const { address, keys } = await serveStatus(200, JSON.stringify({ data: [{ id: "one" }, { id: "two" }] }));
  openScreen([
    [/^Set up a model/, "Another server"],
    [/^Address of the server/, address],
  ]);
  const { window } = open();
  const looked: string[] = [];
  const secret = async (name: string) => (looked.push(name), name === "server.apiKey" ? "of-another" : undefined);
  Object.assign(window.host, { secret });
  await setUpModel(window);
  expect([questions().at(-1)!.text, keys]).toEqual(["Usual model", [undefined]]);
  expect(looked).toEqual(["server.apiKey", "server-2.apiKey"]);
});

test("a key that is refused is not kept, and it is said", async () => {
  openScreen([
    [/^Set up a model/, "Anthropic"],
    [/^Anthropic API key/, "a-key-that-is-bad"],
  ]);
  const { address } = await serveStatus(401);
  const { window, secrets, chat } = open({ address });
  await setUpModel(window);
  expect(screen.asked.at(-1)).toMatchObject({ kind: "error", text: expect.stringContaining("refused the key") });
  expect([secrets.size, chat.shown]).toEqual([0, 0]);
});

test.each([
  ["a key", "Anthropic", /^Anthropic API key/, (_address: string) => "a-key-that-is-good"],
  ["a server", "Another server", /^Address of the server/, (address: string) => address],
])("the check of %s shows that it goes on, and can be cancelled", async (_what, source, question, answer) => {
  const { address, asked, left } = await serveStatus(undefined);
  openScreen([
    [/^Set up a model/, source],
    [question, answer(address)],
  ]);
  const { window, secrets, gateway, chat } = open({ address });
  const done = setUpModel(window);
  await asked;
  const shown = () => screen.progress.find(({ options }) => options["cancellable"]);
  await expect.poll(shown).toMatchObject({ options: { location: 15 } });
  shown()!.cancel();
  await done;
  // The call itself has ended, not only the wait for it.
  await left;
  expect([secrets.size, changes(gateway.calls), chat.shown]).toEqual([0, [], 0]);
  expect(screen.asked.filter(({ kind }) => kind === "error" || kind === "warning")).toEqual([]);
});
