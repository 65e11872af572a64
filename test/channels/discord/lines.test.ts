import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../../src/base/clock.ts";
import { createAheadClock } from "../chatBench.ts";
import { createFakeClock } from "../../fakes/fakeClock.ts";
import { openGatewayLine } from "../../../src/channels/discord/gatewayLine.ts";
import { createKeptDispatches } from "../../../src/channels/discord/keptDispatches.ts";
import { createDiscordGateway, type GatewayOptions } from "../../../src/channels/discord/discordGateway.ts";
import {
  DISCORD_BOT,
  OTHER_ROLE,
  OWN_ROLE,
  type DiscordServer,
  startDiscordServer,
} from "../../fakes/discord/discordServer.ts";
import { ANNA, BORIS, inRoom, ME, openDiscordChat, ROOM, THREAD } from "./discordBench.ts";

/** A gateway that wants messages alone. */
function bare({ token, url }: DiscordServer): Omit<GatewayOptions, "clock" | "waitMs" | "pauseMs"> {
  return {
    token,
    address: async () => `${url.replace("http", "ws")}/gateway`,
    intents: async () => 0,
    isGateway: () => true,
    isWanted: ({ type }) => type === "MESSAGE_CREATE",
    onLine() {},
    onCome() {},
  };
}

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
  const { bench, discord, listening } = await openDiscordChat({ turns: [["an answer"], ["an answer"]] });
  await listening();
  const message = (id: string, from: string) => ({
    ...{ id, channel_id: discord.dm(from), type: 0, content: `from ${from}`, author: { id: from, username: from } },
  });
  discord.gateway.emitSwapped(message("1", ANNA), message("2", BORIS));
  for (const person of [ANNA, BORIS]) await discord.until(({ channel }) => channel === discord.dm(person));
  expect(bench.model.requests).toHaveLength(2);
});

test("a session that Discord does not let be gone on with is given up for a new one, and nothing is lost", async () => {
  const { discord, listening } = await openDiscordChat({ turns: [["one"], ["two"]] });
  const { gateway } = discord;
  await listening();
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
  const { bench, discord, listening } = await openDiscordChat({ turns: [["in private"], ["in the room"]] });
  await listening();
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
  const { bench, discord, listening } = await openDiscordChat({
    turns: Array.from({ length: 4 }, () => ["an answer"]),
    settings: { allow: [ANNA, BORIS] },
  });
  const { gateway } = discord;
  await listening();
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

test("what was missed is asked for also where a clock was ahead when the last message came", async () => {
  const clock = createAheadClock(365 * 24 * 3_600_000);
  const { discord, close, run, listening } = await openDiscordChat({ turns: [["one"], ["two"]], clock });
  await listening();
  discord.say(ANNA, "known");
  await discord.until(({ content }) => content === "one");
  await close();
  clock.setBack();
  discord.gateway.forget();
  discord.say(ANNA, "missed", { isUnheard: true });
  run();
  await discord.until(({ content }) => content === "two");
});

test("a chat that could not be asked is asked as soon as it may be, though nothing else comes", async () => {
  const { discord, listening } = await openDiscordChat({
    turns: [["one"]],
    settings: { allow: [ANNA] },
    waitMs: 3_600_000,
  });
  await listening();
  discord.gateway.forget();
  discord.say(ANNA, "missed", { isUnheard: true });
  discord.fail({ method: "GET", path: /^\/channels\/\d+\/messages/, retryAfter: 2.1 });
  discord.gateway.close();
  await discord.until(({ content }) => content === "one");
});

test("who asked too soon for a new session waits as long as Discord says before the next", async () => {
  const discord = await startDiscordServer();
  onTestFinished(() => discord.close());
  const clock = createFakeClock();
  discord.gateway.tooSoon = 1;
  let begun = 0;
  const { address, ...others } = bare(discord);
  const gateway = createDiscordGateway({
    ...{ ...others, clock, waitMs: 60_000, pauseMs: [1000, 5000] },
    address: (given) => {
      begun++;
      return address(given);
    },
  });
  const { signal } = new AbortController();
  const coming = gateway.next(undefined, signal);
  await discord.untilSo(() => discord.gateway.identified.length === 1 && discord.gateway.lines() === 0);
  await clock.advance(4999);
  expect(begun).toBe(1);
  await clock.advance(1);
  expect(await coming).toEqual([]);
  expect(discord.gateway.identified).toHaveLength(2);
  gateway.close();
});

test("of what came in the wrong order nothing that is left counts as taken", () => {
  const kept = createKeptDispatches(() => 0);
  const dispatch = (seq: number) => ({ type: "MESSAGE_CREATE", seq, data: { channel_id: String(seq) } });
  for (const seq of [9, 8]) kept.add(dispatch(seq));
  expect(kept.firstLeft()).toBe(8);
  kept.hold(kept.hand()[1]!, 1000);
  expect(kept.firstLeft()).toBe(8);
});

test("after a gap what calls it by its role and what answers it is heard, as it says now; what was deleted is not", async () => {
  const discord = await startDiscordServer();
  onTestFinished(() => discord.close());
  discord.flags = 1 << 19;
  const { bench, listening } = await openDiscordChat({ turns: [["known"], ["one"], ["two"]], discord });
  const { gateway } = discord;
  await listening();
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
  const { bench, discord, listening } = await openDiscordChat({ turns: [["an answer"], ["an answer"]] });
  const { gateway } = discord;
  await listening();
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
  const gateway = createDiscordGateway({ ...bare(discord), clock: systemClock, waitMs: 50, pauseMs: [1, 2] });
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

test("the line goes through the proxy that the process was told of, too", async () => {
  const asked = Promise.withResolvers<string | undefined>();
  const proxy = http.createServer();
  proxy.on("connect", (request, socket) => {
    asked.resolve(request.url);
    socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
  });
  await new Promise<void>((resolve) => void proxy.listen(0, "127.0.0.1", resolve));
  const { port } = proxy.address() as AddressInfo;
  const { setGlobalProxyFromEnv } = http as typeof http & { setGlobalProxyFromEnv(env: object): () => void };
  const restore = setGlobalProxyFromEnv({ https_proxy: `http://127.0.0.1:${port}` });
  onTestFinished(() => {
    restore();
    proxy.close();
  });
  const line = openGatewayLine({
    ...{ url: "wss://gateway.example.com", token: "t", intents: 0, clock: systemClock },
    onUp() {},
    onDispatch() {},
  });
  expect(await Promise.race([asked.promise, line.ended])).toBe("gateway.example.com:443");
  await line.ended;
});
