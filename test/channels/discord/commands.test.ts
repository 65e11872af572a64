import { expect, test } from "vitest";
import { startDiscordServer } from "../../fakes/discord/discordServer.ts";
import { ANNA, BORIS, openDiscordChat, ROOM, STRANGER } from "./discordBench.ts";

test("its commands are listed by Discord: made once, changed where they differ, and others are left alone", async () => {
  const discord = await startDiscordServer();
  discord.commands = [
    { name: "help", type: 1, description: "Of an earlier version" },
    { name: "roll", type: 1, description: "Somebody else's" },
    { name: "status", type: 3, description: "" },
  ];
  const { close, run, state } = await openDiscordChat({ turns: [], discord });
  const made = () => discord.calls.filter(({ method, path }) => method === "POST" && path.endsWith("/commands"));
  await discord.untilSo(() => made().length === 7);
  const names = discord.commands.map(({ name, type }) => `${String(name)} ${String(type)}`);
  expect(names.toSorted()).toEqual(
    ["again 1", "approve 1", "help 1", "model 1", "new 1", "roll 1", "status 1", "status 3", "stop 1"].toSorted(),
  );
  expect(discord.commands.find(({ name }) => name === "new")).toMatchObject({
    contexts: [0, 1],
    options: [{ type: 3, name: "message" }],
  });
  await expect.poll(state).toMatchObject({ state: "connected" });
  expect(discord.calls.filter(({ path }) => path === "/applications/@me")).toHaveLength(1);
  await close();
  const asked = () => discord.calls.filter(({ method, path }) => method === "GET" && path.endsWith("/commands"));
  const before = asked().length;
  run();
  await discord.untilSo(() => asked().length === before + 1);
  await expect.poll(state).toMatchObject({ state: "connected" });
  expect(made()).toHaveLength(7);
  await close();
  await discord.close();
});

test("a command is answered to who used it alone, and each is answered; with words behind it a new conversation begins", async () => {
  const never = new Promise<void>(() => {});
  const { discord, bench, listening } = await openDiscordChat({ turns: [["half", { wait: never }], ["begun"]] });
  await listening();
  const told = async (token: string) => {
    await discord.untilSo(() => discord.whispers.has(token));
    return discord.whispers.get(token);
  };
  expect(await told(discord.command(ANNA, "stop"))).toBe("Nothing is under way.");
  discord.say(ANNA, "work");
  await expect.poll(() => bench.model.requests.length).toBe(1);
  expect(await told(discord.command(ANNA, "status"))).toContain(`Person ${ANNA}`);
  expect(await told(discord.command(ANNA, "model", { value: "test/nothing" }))).toContain("test/nothing");
  expect(await told(discord.command(ANNA, "stop"))).toBe("✅");
  await discord.until(({ content }) => content === "half\n\nStopped.");
  expect(await told(discord.command(ANNA, "new", { value: "again, anew" }))).toContain("A new conversation");
  await discord.until(({ content }) => content === "begun");
  expect(await told(discord.command(BORIS, "help", { channel: ROOM }))).toContain("/approve shows again");
  // Nobody is left with a command that seems to be thought about.
  expect(await told(discord.command(STRANGER, "status", { channel: ROOM }))).toBe("This bot is private.");
  expect(await told(discord.command(STRANGER, "status"))).toContain("confirm this code");
  expect(await told(discord.command(STRANGER, "status"))).toBe("This bot is private.");
  // Of others: they answer themselves.
  const foreign = [discord.command(ANNA, "roll"), discord.command(ANNA, "status", { type: 3 })];
  expect(await told(discord.command(ANNA, "approve"))).toBe("Nothing waits for your word.");
  expect(foreign.map((token) => discord.whispers.has(token))).toEqual([false, false]);
  expect(discord.sent.filter(({ silent }) => !silent).map(({ content }) => content)).toEqual([
    "half\n\nStopped.",
    "begun",
  ]);
  const keys = (await bench.core.sessions.list({ kinds: ["channel"], limit: 9 })).sessions.map(({ key }) => key);
  expect(keys.filter((key) => key.startsWith(`discord-${ANNA}`))).toHaveLength(2);
});
