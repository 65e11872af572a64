import { expect, test } from "vitest";
import type { ListedChannel } from "../../../src/protocol/outside/channelState.ts";
import { ChannelsView } from "../../../src/vscode/channels/channelsView.ts";
import {
  acceptPairing,
  refusePairing,
  removePerson,
  restartChannel,
} from "../../../src/vscode/choices/channelPeople.ts";
import { createEdgeGateway, createEdgeWindow, quiet, toGateway } from "../editor/edge.ts";
import { openScreen, screen } from "../editor/vscode.ts";

const EVE = { id: "666", name: "Eve", expiresAt: "2026-11-26T08:10:00.000Z" };
const ANNA = { id: "222", name: "Anna", by: "pairing" as const };

function channel(more: Partial<ListedChannel> = {}): ListedChannel {
  return {
    ...{ id: "telegram", state: "connected", account: "@my_bot", error: null, retryAt: null, webhook: null },
    ...{ people: [{ id: "111", name: null, by: "allow" }, ANNA], pending: [], waiting: 0, inDoubt: 0 },
    ...{ refused: 0, refusal: null },
    ...more,
  };
}

/** A view of these channels, which `become` changes and an event tells of. */
async function openView(first: ListedChannel[], answers: object = {}) {
  let channels = first;
  const gateway = createEdgeGateway({ "channels.list": () => ({ channels }), ...answers });
  const view = new ChannelsView(toGateway(gateway), quiet);
  await view.refresh();
  const become = (...next: ListedChannel[]) => {
    channels = next;
    gateway.tell({ type: "channel.changed", channel: "telegram" });
  };
  return { gateway, view, become, ...createEdgeWindow(gateway) };
}

const changes = (calls: [string, unknown][]) => calls.filter(([name]) => name !== "channels.list");

test("each channel's state is a row, its people beneath, and who waits to be paired is first and counted by the badge", async () => {
  openScreen();
  const { view, become } = await openView([channel()]);
  const rows = () => view.getChildren().map((node) => view.getTreeItem(node));
  const beneath = () => view.getChildren(view.getChildren()[0]).map((node) => view.getTreeItem(node));
  expect(rows()).toMatchObject([
    {
      label: "Telegram",
      description: "connected · @my_bot",
      iconPath: { id: "pass" },
      contextValue: "channel;connected",
    },
  ]);
  expect(beneath()).toMatchObject([
    { label: "111", description: "by openclaw.yml", contextValue: "channelPerson;allow" },
    { label: "Anna", description: "222 · paired", contextValue: "channelPerson;pairing" },
  ]);
  expect(view.getChildren(view.getChildren(view.getChildren()[0])[0])).toEqual([]);
  expect(screen.trees[0]!["badge"]).toBeUndefined();
  expect(screen.commands).toContainEqual(["setContext", "pincer.hasChannels", true]);
  become(channel({ pending: [EVE] }));
  await expect.poll(() => screen.trees[0]!["badge"]).toEqual({ value: 1, tooltip: "1 waits to be paired" });
  expect(rows()).toMatchObject([{ description: "connected · @my_bot · 1 waits to be paired" }]);
  expect(beneath()[0]).toMatchObject({ label: "Eve", contextValue: "channelPending" });
  expect(beneath()[0]!.accessibilityInformation!.label).toMatch(/^Eve, .*waits to be paired, Was shown a code/);
  become();
  await expect.poll(() => rows()).toEqual([]);
  expect(screen.trees[0]!["badge"]).toBeUndefined();
  expect(screen.commands.at(-1)).toEqual(["setContext", "pincer.hasChannels", false]);
  view.dispose();
});

test("a channel with a webhook says so in its row, and in the tooltip where it is and how it fares", async () => {
  openScreen();
  const url = "https://bot.example.org/channels/telegram";
  const { view, become } = await openView([
    channel({ webhook: { url, pending: 2, lastError: "Connection timed out", lastErrorAt: EVE.expiresAt } }),
  ]);
  const item = () => view.getTreeItem(view.getChildren()[0]!);
  const lines = () => (item().tooltip as { value: string }).value.split("\n\n");
  expect(lines()).toEqual([
    "connected · by webhook · @my_bot",
    `Messages are posted to ${url}`,
    "2 wait to be posted",
    expect.stringMatching(/^The last that could not be, at .*: Connection timed out$/),
  ]);
  become(channel({ webhook: { url, pending: 0, lastError: null, lastErrorAt: null } }));
  await expect.poll(lines).toEqual(["connected · by webhook · @my_bot", `Messages are posted to ${url}`]);
  view.dispose();
});

test("the tooltip tells the last error, when it is tried again, and what did not go out; a lease is waited for in words", async () => {
  openScreen();
  const error = "Telegram did not answer getUpdates: ECONNREFUSED";
  const faulty = { state: "waiting" as const, error, retryAt: EVE.expiresAt, waiting: 2, inDoubt: 1 };
  const { view, become } = await openView([channel({ ...faulty, refusal: "5: Telegram answered 403" })]);
  const item = () => view.getTreeItem(view.getChildren()[0]!);
  const lines = (item().tooltip as { value: string }).value.split("\n\n");
  expect(lines).toEqual([
    "waiting · @my_bot",
    error,
    expect.stringMatching(/^It is tried again at \d/),
    "2 messages are to go out",
    "1 message may not have arrived",
    "Not taken by the network, the last: 5: Telegram answered 403",
  ]);
  expect(item().accessibilityInformation!.label).toContain(error);
  become(channel({ state: "waiting", error: "Another window (process 7) runs it" }));
  await expect.poll(() => item().description).toBe("another process runs it · @my_bot");
  view.dispose();
});

test("a code is asked for and confirmed; Escape, and a row of somebody who waits, change only what is meant", async () => {
  openScreen([[/^Code that Eve was shown/, " ACDE-FGHJ "]]);
  const answers = { "channels.pair": { person: { ...ANNA, id: "666", name: "Eve" } }, "channels.remove": {} };
  const { gateway, window } = await openView([channel({ pending: [EVE] })], answers);
  const node = { channel: "telegram", pending: EVE };
  await acceptPairing(window, node);
  expect(changes(gateway.calls)).toEqual([["channels.pair", { channel: "telegram", code: "ACDE-FGHJ" }]]);
  expect(screen.asked.at(-1)!.text).toBe("Eve (666) may talk to the agent now, in a private chat.");
  await acceptPairing(window);
  expect(screen.asked.at(-1)).toMatchObject({ kind: "input", text: "Code of the chat" });
  expect(changes(gateway.calls)).toHaveLength(1);
  await refusePairing(window, node);
  expect(changes(gateway.calls).at(-1)).toEqual(["channels.remove", { channel: "telegram", person: "666" }]);
});

test("a person is removed after one question, from a row or from a list of those who were paired; a restart asks nothing", async () => {
  openScreen();
  const answers = { "channels.remove": {}, "channels.restart": {} };
  const { gateway, window } = await openView([channel()], answers);
  await removePerson(window, { channel: "telegram", person: ANNA });
  expect(screen.asked.at(-1)).toMatchObject({ text: "Remove Anna?", choices: ["Remove"] });
  expect(changes(gateway.calls)).toEqual([]);
  screen.answers.push([/^Remove whom/, "Anna"], [/^Remove Anna/, "Remove"]);
  await removePerson(window);
  expect(screen.asked.find(({ text }) => text === "Remove whom")!.choices).toEqual(["Anna"]);
  expect(changes(gateway.calls)).toEqual([["channels.remove", { channel: "telegram", person: "222" }]]);
  await restartChannel(window, { channel: "telegram" });
  expect(changes(gateway.calls).at(-1)).toEqual(["channels.restart", { channel: "telegram" }]);
});
