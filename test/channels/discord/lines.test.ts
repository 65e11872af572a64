import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../../src/base/clock.ts";
import { createFakeClock } from "../../fakes/fakeClock.ts";
import { openGatewayLine } from "../../../src/channels/discord/gatewayLine.ts";
import { createDiscordGateway } from "../../../src/channels/discord/discordGateway.ts";
import { DISCORD_BOT, OTHER_ROLE, OWN_ROLE, startDiscordServer } from "../../fakes/discord/discordServer.ts";
import { ANNA, BORIS, inRoom, ME, openDiscordChat, ROOM, THREAD } from "./discordBench.ts";

test("what begins a session in a shape of its own ends its line alone; nor is a strange address kept", async () => {
  const discord = await startDiscordServer();
  discord.gateway.readyAs = [null];
  discord.gateway.resumeUrl = "nonsense";
  await openDiscordChat({ turns: [["one"], ["two"]], discord });
  await discord.untilSo(() => discord.gateway.identified.length === 2 && discord.gateway.count() === 1);
  discord.say(ANNA, "first");
  await discord.until(({ content }) => content === "one");
  discord.gateway.close();
  await discord.untilSo(() => discord.gateway.resumed.length === 1);
  discord.say(ANNA, "second");
  await discord.until(({ content }) => content === "two");
  await discord.close();
});

test("of two messages that come the wrong way round none is lost, and each counts once", async () => {
  const { bench, discord } = await openDiscordChat({ turns: [["an answer"], ["an answer"]] });
  await discord.untilSo(() => discord.gateway.count() === 1);
  const message = (id: string, from: string) => ({
    ...{ id, channel_id: discord.dm(from), type: 0, content: `from ${from}`, author: { id: from, username: from } },
  });
  discord.gateway.emitSwapped(message("1", ANNA), message("2", BORIS));
  for (const person of [ANNA, BORIS]) await discord.until(({ channel }) => channel === discord.dm(person));
  expect(bench.model.requests).toHaveLength(2);
});

test("a session that Discord does not let be gone on with is given up for a new one, and nothing is lost", async () => {
  const { discord } = await openDiscordChat({ turns: [["one"], ["two"]] });
  const { gateway } = discord;
  await discord.untilSo(() => gateway.count() === 1);
  discord.say(ANNA, "first");
  await discord.until(({ content }) => content === "one");
  gateway.cutsResumes = 2;
  gateway.close();
  discord.say(ANNA, "second");
  await discord.until(({ content }) => content === "two");
  expect([gateway.resumed.length, gateway.identified.length]).toEqual([2, 2]);
});

test("it is connected when the session stands, and not before", async () => {
  const discord = await startDiscordServer();
  discord.gateway.isSilent = true;
  const { state } = await openDiscordChat({ turns: [], discord });
  await discord.untilSo(() => discord.gateway.lines() === 1);
  expect(await state()).toMatchObject({ state: "starting", account: "@pincer" });
  discord.gateway.greet();
  await expect.poll(state).toMatchObject({ state: "connected" });
  await discord.close();
});

test("while its line is broken it is not connected, and one that does not begin is over after half a minute", async () => {
  const { discord, state } = await openDiscordChat({ turns: [["one"]] });
  const { gateway } = discord;
  await expect.poll(state).toMatchObject({ state: "connected" });
  gateway.isSilent = true;
  gateway.close();
  await discord.untilSo(() => gateway.lines() === 1 && gateway.closedWith.length === 1);
  await expect.poll(state).toMatchObject({ state: "starting", account: "@pincer" });
  gateway.greet();
  await expect.poll(state).toMatchObject({ state: "connected", error: null });
  discord.say(ANNA, "first");
  await discord.until(({ content }) => content === "one");
  const clock = createFakeClock();
  gateway.isSilent = true;
  const line = openGatewayLine({
    ...{ url: `${discord.url.replace("http", "ws")}/gateway`, token: discord.token, intents: 0, clock },
    onUp: () => {},
    onDispatch: () => {},
  });
  await discord.untilSo(() => gateway.lines() === 2);
  await clock.advance(30_000);
  expect(await line.ended).toMatchObject({ next: "resume", was: false, why: expect.stringContaining("in time") });
});

test("a channel that cannot be looked at for now holds up no other, and its messages come in their order", async () => {
  const { bench, discord } = await openDiscordChat({ turns: [["in private"], ["in the room"]] });
  await discord.untilSo(() => discord.gateway.count() === 1);
  discord.fail({ method: "GET", path: new RegExp(`^/channels/${ROOM}$`), retryAfter: 0.7, times: 1000 });
  discord.say(ANNA, `${ME} one`, inRoom);
  discord.say(ANNA, `${ME} two`, inRoom);
  discord.say(BORIS, "hello");
  await discord.until(({ content }) => content === "in private");
  expect(discord.texts(ROOM)).toEqual([]);
  discord.mend();
  await discord.until(({ content }) => content === "in the room");
  const { messages } = await bench.core.sessions.history(`discord-${ROOM}`, { limit: 9, includeTools: false });
  expect(messages[0]!.text).toBe(`Person ${ANNA}: one\nPerson ${ANNA}: two`);
});

test("after a gap each chat is asked, also where it was never spoken to; one that cannot be asked now holds up no other", async () => {
  const { bench, discord } = await openDiscordChat({
    turns: Array.from({ length: 4 }, () => ["an answer"]),
    settings: { allow: [ANNA, BORIS] },
  });
  const { gateway } = discord;
  await discord.untilSo(() => gateway.count() === 1);
  discord.say(ANNA, "known");
  await discord.until(({ channel }) => channel === discord.dm(ANNA));
  gateway.forget();
  discord.say(BORIS, "never spoken to", { isUnheard: true });
  discord.say(BORIS, `${ME} in a thread`, { channel: THREAD, mentions: inRoom.mentions!, isUnheard: true });
  discord.say(ANNA, "missed", { isUnheard: true });
  const path = new RegExp(`^/channels/${discord.dm(ANNA)}/messages`);
  discord.fail({ method: "GET", path, retryAfter: 2.1, times: 1000 });
  gateway.close();
  await discord.until(({ channel }) => channel === discord.dm(BORIS));
  await discord.until(({ channel }) => channel === THREAD);
  expect(discord.texts(discord.dm(ANNA))).toHaveLength(1);
  discord.mend();
  await discord.untilSo(() => discord.texts(discord.dm(ANNA)).length === 2);
  expect(bench.model.requests).toHaveLength(4);
});

test("after a gap what calls it by its role and what answers it is heard, as it says now; what was deleted is not", async () => {
  const discord = await startDiscordServer();
  onTestFinished(() => discord.close());
  discord.flags = 1 << 19;
  const { bench } = await openDiscordChat({ turns: [["known"], ["one"], ["two"]], discord });
  const { gateway } = discord;
  await discord.untilSo(() => gateway.count() === 1);
  discord.say(ANNA, `${ME} first`, inRoom);
  await discord.until(({ content }) => content === "known");
  gateway.forget();
  const unheard = { channel: ROOM, isUnheard: true };
  const role = { mention_roles: [OTHER_ROLE, OWN_ROLE] };
  const id = discord.say(ANNA, `<@&${OWN_ROLE}> wrod`, { ...unheard, extra: role });
  discord.edit(id, `<@&${OWN_ROLE}> word`);
  discord.say(ANNA, `<@&${OTHER_ROLE}> others`, { ...unheard, extra: { mention_roles: [OTHER_ROLE] } });
  discord.remove(discord.say(ANNA, `${ME} not meant`, { ...unheard, mentions: [DISCORD_BOT.id] }));
  const answered = { id: "1", content: "known", author: { ...DISCORD_BOT, bot: true } };
  discord.say(BORIS, "and this?", { ...unheard, replyTo: answered });
  gateway.close();
  await discord.until(({ content }) => content === "two");
  const { messages } = await bench.core.sessions.history(`discord-${ROOM}`, { limit: 9, includeTools: false });
  expect(messages.filter(({ role: by }) => by === "user").map(({ text }) => text)).toEqual([
    `Person ${ANNA}: first`,
    `Person ${ANNA}: word`,
    `Person ${BORIS}: > known\n\nand this?`,
  ]);
});

test("what is deleted before it is taken is not answered, nor what was deleted while the line was broken", async () => {
  const { bench, discord } = await openDiscordChat({ turns: [["an answer"], ["an answer"]] });
  const { gateway } = discord;
  await discord.untilSo(() => gateway.count() === 1);
  discord.remove(discord.say(ANNA, `${ME} oops`, inRoom));
  discord.say(ANNA, "kept");
  discord.remove(discord.say(ANNA, "oops"));
  await discord.until(({ channel }) => channel === discord.dm(ANNA));
  gateway.close();
  await discord.untilSo(() => gateway.count() === 0);
  discord.remove(discord.say(BORIS, "one"), discord.say(BORIS, "two"));
  discord.say(BORIS, "three");
  await discord.until(({ channel }) => channel === discord.dm(BORIS));
  const asked = bench.model.requests.map(({ messages }) =>
    messages.map((one) => ("text" in one ? one.text : "")).at(-1),
  );
  expect(asked).toEqual(["kept", "three"]);
  expect(discord.texts(ROOM)).toEqual([]);
});

test("what nobody stores is kept up to a number; the rest stays with Discord until there is room", async () => {
  const discord = await startDiscordServer();
  onTestFinished(() => discord.close());
  const gateway = createDiscordGateway({
    ...{ token: discord.token, clock: systemClock, waitMs: 50, pauseMs: [1, 2] },
    address: async () => `${discord.url.replace("http", "ws")}/gateway`,
    intents: async () => 0,
    isGateway: () => true,
    isWanted: ({ type }) => type === "MESSAGE_CREATE",
    onLine() {},
    onCome() {},
  });
  const { signal } = new AbortController();
  expect(await gateway.next(undefined, signal)).toEqual([]);
  let position = gateway.position();
  for (let at = 0; at < 1500; at++) discord.gateway.emit("MESSAGE_CREATE", { at });
  await discord.untilSo(() => discord.gateway.count() === 0);
  const taken: unknown[] = [];
  while (taken.length < 1500) {
    const found = await gateway.next(position, signal);
    expect(found.length).toBeLessThanOrEqual(1000);
    taken.push(...found.map(({ data }) => data));
    position = gateway.position();
  }
  expect(taken).toEqual(Array.from({ length: 1500 }, (_, at) => ({ at })));
  expect(discord.gateway.identified).toHaveLength(1);
  gateway.close();
});
