import { expect, test } from "vitest";
import { createRateLimits } from "../../../src/channels/discord/rateLimits.ts";
import { call } from "../../fakes/scriptedProvider.ts";
import { ANNA, BORIS, ME, ROOM, STRANGER, THREAD, inRoom, inThread, openDiscordChat } from "./discordBench.ts";

const MESSAGES = /^\/channels\/\d+\/messages$/;

test("a message whose answer was lost is sent again under its nonce, and is there once", async () => {
  const { discord, bench, listening } = await openDiscordChat({ turns: [["once"]] });
  await listening();
  discord.fail({ method: "POST", path: MESSAGES, drop: "done" });
  discord.fail({ method: "POST", path: MESSAGES, says: "<html>502", status: 502 });
  discord.say(ANNA, "go");
  const sends = () => discord.calls.filter(({ method, path }) => method === "POST" && MESSAGES.test(path));
  await discord.untilSo(() => sends().length === 3);
  await expect
    .poll(async () => (await bench.store.listOutbox({ channel: "discord", states: ["sent"], limit: 9 })).length)
    .toBe(1);
  expect(discord.texts(discord.dm(ANNA))).toEqual(["once"]);
  expect(new Set(sends().map(({ body }) => body["nonce"])).size).toBe(1);
});

test("what was on its way when the gateway was killed is sent again while Discord knows it, and else is in doubt", async () => {
  const { discord, bench, close, run, listening } = await openDiscordChat({ turns: [] });
  await listening();
  await close();
  await discord.untilSo(() => discord.gateway.count() === 0);
  const now = bench.core.clock.now();
  for (const [key, at] of [
    ["new", now],
    ["old", now - 600_000],
  ] as const) {
    const body = { kind: "text", text: key, doubtSince: at };
    await bench.store.commit({ channels: [{ put: { key, channel: "discord", place: ANNA, state: "waiting", body } }] });
    await bench.store.commit({ channels: [{ send: key, expect: "waiting", state: "sending" }] });
  }
  run();
  await discord.until(({ content }) => content.startsWith("The connection broke"));
  await discord.until(({ content }) => content === "new");
  expect(discord.texts(discord.dm(ANNA))).not.toContain("old");
  await discord.untilSo(() => discord.gateway.count() === 1);
  discord.say(ANNA, "/again");
  await discord.until(({ content }) => content === "old");
});

test.each([
  [10003, 404, "Unknown Channel"],
  [50083, 400, "Thread is archived"],
])("what a thread takes no more (%s) is said in its channel", async (code, status, message) => {
  const { discord, listening } = await openDiscordChat({ turns: [["late"]] });
  await listening();
  discord.fail({ method: "POST", path: new RegExp(`^/channels/${THREAD}/messages$`), status, code, message, times: 9 });
  discord.say(ANNA, `${ME} work`, inThread);
  expect(await discord.until(({ content }) => content === "late")).toMatchObject({ channel: ROOM });
});

test.each([true, false])(
  "an answer in a private thread that is gone is said to nobody else (known: %s)",
  async (isKnown) => {
    const { discord, bench, close, run, listening } = await openDiscordChat({ turns: [["for few"]] });
    await listening();
    discord.channels.set(THREAD, { id: THREAD, type: 12, name: "plans", parent_id: ROOM });
    if (isKnown) {
      discord.say(ANNA, `${ME} work`, inThread);
      await discord.until(({ channel }) => channel === THREAD);
    } else {
      await close();
      run();
    }
    discord.channels.delete(THREAD);
    const body = { text: "for few" };
    await bench.store.commit({
      channels: [{ put: { key: "late", channel: "discord", place: `${ROOM}:${THREAD}`, state: "whole", body } }],
    });
    await expect
      .poll(async () => (await bench.core.channels.list())[0]!.refusal)
      .toMatch(`${ROOM}:${THREAD}: Discord answered 404`);
    expect(discord.texts(ROOM)).toEqual([]);
  },
);

test("a channel that has to wait holds up no other; what was told in headers is not tried", async () => {
  const { discord, bench, listening } = await openDiscordChat({ turns: [] });
  await listening();
  discord.fail({ method: "POST", path: new RegExp(`^/channels/${discord.dm(ANNA)}/messages$`), retryAfter: 3600 });
  await bench.core.channels.send({ channel: "discord", to: ANNA, text: "late" });
  await discord.untilSo(() => discord.calls.some(({ path }) => MESSAGES.test(path)));
  await bench.core.channels.send({ channel: "discord", to: BORIS, text: "now" });
  await discord.until(({ content }) => content === "now");
  expect(discord.texts(discord.dm(ANNA))).toEqual([]);
  expect(discord.calls.filter(({ path }) => path === `/channels/${discord.dm(ANNA)}/messages`)).toHaveLength(1);
});

test("more than its channel takes goes out in order, as the headers allow", async () => {
  const { discord, bench, listening } = await openDiscordChat({ turns: [] });
  await listening();
  discord.limit = { count: 2, ms: 300 };
  for (const text of ["1", "2", "3", "4", "5"]) await bench.core.channels.send({ channel: "discord", to: ANNA, text });
  await discord.until(({ content }) => content === "5");
  expect(discord.texts(discord.dm(ANNA))).toEqual(["1", "2", "3", "4", "5"]);
});

test("limits: of a route for each channel, shared by routes of one bucket, of all, and of fifty calls a second", () => {
  let now = 0;
  const limits = createRateLimits(() => now);
  const a = { name: "POST /channels/…/messages", major: "1" };
  const b = { ...a, major: "2" };
  const head = (left: number) => ({
    ...{ "x-ratelimit-bucket": "x", "x-ratelimit-remaining": String(left), "x-ratelimit-reset-after": "2.5" },
  });
  expect(limits.take(a, false)).toBe(0);
  limits.told(a, head(0));
  expect([limits.take(a, false), limits.take(b, false)]).toEqual([2500, 0]);
  limits.told({ name: "POST /other", major: "1" }, head(0));
  expect(limits.take({ name: "POST /other", major: "1" }, false)).toBe(2500);
  now = 2500;
  expect(limits.take(a, false)).toBe(0);
  expect(limits.refused(a, { "x-ratelimit-scope": "shared" }, { retry_after: 1.25 })).toBe(1250);
  expect([limits.take(a, false), limits.take(b, false)]).toEqual([1250, 0]);
  expect(limits.refused(b, {}, { retry_after: 2, global: true })).toBe(2000);
  expect([limits.take(b, false), limits.take(b, true)]).toEqual([2000, 0]);
  // A page of whoever stands before Discord, and no end of waiting.
  now = 10_000;
  expect(limits.refused(b, { "retry-after": "86400" }, {})).toBe(3_600_000);
  const other = createRateLimits(() => 0);
  expect(Array.from({ length: 46 }, (_, at) => other.take({ name: `GET /${at}`, major: "" }, false)).at(-1)).toBe(1000);
});

// As it is written for Discord it is longer than one message.
const NOTE = call("note", { text: `wipe *all* of <@1> ${"x_".repeat(900)}` });

test("a question has buttons that only who led to it may press, once, acknowledged before it is answered", async () => {
  const { discord, bench, listening } = await openDiscordChat({
    turns: [[NOTE], ["done"]],
  });
  await listening();
  discord.say(ANNA, `${ME} wipe it`, inRoom);
  const asked = await discord.until(({ buttons }) => buttons.length > 0);
  expect(asked).toMatchObject({ channel: ROOM, buttons: [{ label: "Allow once" }, { label: "Deny" }] });
  expect(asked.content.length).toBeLessThanOrEqual(2000);
  expect(asked.content).toContain(String.raw`❓ note wipe \*all\* of \<@1>`);
  expect(discord.sent.find(({ file }) => file)!.file!.data.toString()).toContain("x_".repeat(900));
  const strange = discord.press(STRANGER, asked, "Allow once");
  const other = discord.press(BORIS, asked, "Allow once");
  await discord.untilSo(() => discord.whispers.has(strange) && discord.whispers.has(other));
  expect([...discord.whispers.values()]).toEqual(["This is not yours to answer.", "This is not yours to answer."]);
  const own = discord.press(ANNA, asked, "Allow once");
  await discord.until(({ content }) => content === "done");
  const late = discord.press(ANNA, asked, "Deny");
  await discord.untilSo(() => discord.whispers.has(own) && discord.whispers.has(late));
  expect([discord.whispers.get(own), discord.whispers.get(late)]).toEqual([
    "Allowed, this once.",
    "This was answered already, or waits no more.",
  ]);
  await expect.poll(() => asked.buttons).toEqual([]);
  expect(bench.model.requests).toHaveLength(2);
});

test("nobody is written to by an address that is more than a chat's, or by a thread of another channel", async () => {
  const { bench, discord, listening } = await openDiscordChat({ turns: [] });
  await listening();
  const send = async (to: string) => bench.core.channels.send({ channel: "discord", to, text: `To ${to}` });
  for (const to of [
    `${ANNA}:../../guilds/1`,
    `${ANNA}:${ROOM}/webhooks?x=`,
    `${ANNA}:`,
    `${ANNA}:1:2`,

    "@everyone",
  ])
    await expect(send(to), to).rejects.toMatchObject({ code: "bad_request" });
  await expect(send(ROOM)).rejects.toMatchObject({ code: "forbidden" });
  for (const to of [`${ANNA}:${ROOM}`, `${ANNA}:${THREAD}`]) {
    await send(to);
    await expect
      .poll(async () => (await bench.core.channels.list())[0]!.refusal)
      .toBe(`${to}: There is no thread ${to.split(":")[1]} in the channel ${ANNA}`);
  }
  await send(ANNA);
  await discord.until(({ content }) => content === `To ${ANNA}`);
  expect(discord.sent).toHaveLength(1);
});
