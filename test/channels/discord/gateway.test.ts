import { expect, test } from "vitest";
import { startDiscordServer } from "../../fakes/discord/discordServer.ts";
import { ANNA, inRoom, ME, openDiscordChat, ROOM } from "./discordBench.ts";

const [RECONNECT, INVALID] = [7, 9];

test("asked to connect anew, or cut off, it goes on with its session; what is told again counts once", async () => {
  const { bench, discord, listening } = await openDiscordChat({ turns: [["one"], ["two"], ["three"]] });
  const { gateway } = discord;
  await listening();
  discord.say(ANNA, "first");
  await discord.until(({ content }) => content === "one");
  gateway.repeats = 5;
  gateway.send(RECONNECT);
  await discord.untilSo(() => gateway.resumed.length === 1 && gateway.count() === 1);
  discord.say(ANNA, "second");
  await discord.until(({ content }) => content === "two");
  gateway.repeats = 5;
  gateway.close();
  // Said while the line is broken: told when it stands again.
  discord.say(ANNA, "third");
  await discord.until(({ content }) => content === "three");
  expect(gateway.identified).toHaveLength(1);
  expect(gateway.resumed).toMatchObject([{ seq: 2 }, { seq: 3 }]);
  // 1000 would have ended the session.
  expect(gateway.closedWith.every((code) => code !== 1000 && code !== 1001)).toBe(true);
  expect(bench.model.requests).toHaveLength(3);
});

test("a heartbeat that is not answered is a dead line; heartbeats name what is stored", async () => {
  const discord = await startDiscordServer({ heartbeatMs: 100 });
  const { bench, listening } = await openDiscordChat({ turns: [["one"], ["two"]], discord });
  const { gateway } = discord;
  await listening();
  discord.say(ANNA, "first");
  await discord.until(({ content }) => content === "one");
  await discord.untilSo(() => gateway.heartbeats.includes(2));
  gateway.isDeaf = true;
  await discord.untilSo(() => gateway.resumed.length >= 1);
  gateway.isDeaf = false;
  await discord.untilSo(() => gateway.count() === 1);
  discord.say(ANNA, "second");
  await discord.until(({ content }) => content === "two");
  expect([gateway.identified.length, bench.model.requests.length]).toEqual([1, 2]);
  await discord.close();
});

test("where the session is gone a new one begins, and what was written meanwhile in chats that are known is read", async () => {
  const { bench, discord, listening } = await openDiscordChat({
    turns: [["one"], ["in the room"], ["two"], ["three"]],
  });
  const { gateway } = discord;
  await listening();
  discord.say(ANNA, "first");
  await discord.until(({ content }) => content === "one");
  discord.say(ANNA, `${ME} hello`, inRoom);
  await discord.until(({ content }) => content === "in the room");
  gateway.forget();
  discord.say(ANNA, "second", { isUnheard: true });
  discord.say(ANNA, "not for it", { channel: ROOM, isUnheard: true });
  gateway.send(INVALID, false);
  await discord.until(({ content }) => content === "two");
  expect(gateway.identified).toHaveLength(2);
  discord.say(ANNA, "third");
  await discord.until(({ content }) => content === "three");
  expect(bench.model.requests).toHaveLength(4);
  expect(discord.texts(ROOM)).toEqual(["in the room"]);
});

test("another process goes on with the session that the one before left, from what was stored", async () => {
  const { bench, discord, close, run, listening } = await openDiscordChat({ turns: [["one"], ["two"]] });
  const { gateway } = discord;
  await listening();
  discord.say(ANNA, "first");
  await discord.until(({ content }) => content === "one");
  await close();
  await discord.untilSo(() => gateway.count() === 0);
  discord.say(ANNA, "second");
  run();
  await discord.until(({ content }) => content === "two");
  expect([gateway.identified.length, gateway.resumed.length, bench.model.requests.length]).toEqual([1, 1, 2]);
});

test.each([
  [4004, /refused the token.*\(4004\)/],
  [4013, /invalid intents.*\(4013\)/],
  [4014, /turn Message Content Intent on.*\(4014\)/],
])("sent away with %s it says why, and does not ask again by itself", async (code, words) => {
  const discord = await startDiscordServer();
  discord.gateway.refuseWith = code;
  const { state } = await openDiscordChat({ turns: [], discord });
  await expect.poll(state).toMatchObject({ state: "failed", error: expect.stringMatching(words) });
  expect(discord.gateway.identified).toHaveLength(1);
  await discord.close();
});

test("a token that the REST API refuses reaches no gateway; nor does one that may begin no session", async () => {
  const discord = await startDiscordServer();
  const wrong = await openDiscordChat({ turns: [], discord, token: "MTIz.wrong_token.abcdefghijk" });
  await expect.poll(wrong.state).toMatchObject({
    state: "failed",
    error: expect.stringMatching(/^Discord answered 401 to GET \/users\/@me.*channels\.discord\.token does not count/),
  });
  await wrong.close();
  discord.sessionsLeft = 0;
  wrong.run(discord.token);
  await expect
    .poll(wrong.state)
    .toMatchObject({ state: "waiting", error: expect.stringContaining("no more sessions") });
  expect(discord.gateway.identified).toEqual([]);
  expect(JSON.stringify(await wrong.state())).not.toContain("wrong_token");
  await discord.close();
});

test("what others write comes with its words where the owner turned that on; then an answer names what it answers", async () => {
  const discord = await startDiscordServer();
  discord.flags = 1 << 19;
  const { bench, listening } = await openDiscordChat({ turns: [["seen"]], discord });
  await listening();
  expect(discord.gateway.identified).toMatchObject([{ intents: (1 << 0) | (1 << 9) | (1 << 12) | (1 << 15) }]);
  discord.gateway.emit("MESSAGE_CREATE", { id: "not a number", strange: true });
  discord.say(ANNA, `${ME} is <@2220000000000002> right?`, {
    ...inRoom,
    mentions: [...inRoom.mentions!, "2220000000000002"],
    replyTo: { id: "1", content: "It is <blue>", author: { id: "3", username: "carl" } },
  });
  await discord.until(({ content }) => content === "seen");
  const { messages } = await bench.core.sessions.history(`discord-${ROOM}`, { limit: 9, includeTools: false });
  expect(messages[0]!.text).toBe(`Person ${ANNA}: > It is <blue>\n\nis @Person 2220000000000002 right?`);
  await discord.close();
});
