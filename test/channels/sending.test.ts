import { expect, test } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { AppError } from "../../src/base/appError.ts";
import { openTelegram } from "../../src/channels/telegram/telegram.ts";
import { BOT } from "../fakes/telegramServer.ts";
import { ANNA, BORIS, createAheadClock, createSeenClock, openChat, poll } from "./chatBench.ts";

test("a chat that has to wait holds up no other; what is refused for its markup goes as plain text", async () => {
  const { telegram, bench } = await openChat({ turns: [["for Anna"], ["for Boris"], ["for **Boris**, too"]] });
  telegram.fail({
    method: "sendMessage",
    chat: ANNA,
    status: 429,
    retryAfter: 3600,
    description: "Too Many Requests: retry after 3600",
  });
  telegram.say(ANNA, "a");
  await telegram.untilCall("sendMessage");
  telegram.say(BORIS, "b");
  await telegram.until(({ text }) => text === "for Boris");
  telegram.fail({
    method: "sendMessage",
    chat: BORIS,
    description: "Bad Request: can't parse entities: as the test says",
  });
  telegram.say(BORIS, "c");
  expect(await telegram.until(({ text }) => text === "for Boris, too")).toMatchObject({ entities: [] });
  expect(telegram.texts(ANNA)).toEqual([]);
  expect((await bench.core.channels.list())[0]).toMatchObject({
    state: "connected",
    account: "@pincer_bot",
    inDoubt: 0,
  });
});

test.each(["done", "half"] as const)(
  "a line that broke after the message had left (%s) leaves it in doubt: said, and sent again when asked",
  async (drop) => {
    const { telegram, bench } = await openChat({ turns: [["the answer"]] });
    telegram.fail({ method: "sendMessage", drop });
    telegram.say(ANNA, "a");
    await telegram.until(({ text }) => text.startsWith("The connection broke"));
    expect(telegram.texts(ANNA).filter((text) => text === "the answer")).toHaveLength(1);
    await poll(async () => (await bench.core.channels.list())[0]).toMatchObject({
      inDoubt: 1,
      waiting: 0,
      state: "connected",
    });
    telegram.say(ANNA, "/again");
    await poll(() => telegram.texts(ANNA).filter((text) => text === "the answer").length).toBe(2);
    telegram.say(ANNA, "/again");
    await telegram.until(({ text }) => text.startsWith("Nothing is in doubt"));
    expect((await bench.core.channels.list())[0]).toMatchObject({ inDoubt: 0 });
  },
);

test("a page of a gateway in between (502) is in doubt as well, and so is one that says nothing", async () => {
  const { telegram } = await openChat({ turns: [["one"], ["two"]] });
  telegram.fail({ method: "sendMessage", status: 502, body: "<html>Bad Gateway</html>" });
  telegram.say(ANNA, "a");
  await telegram.until(({ text }) => text.startsWith("The connection broke"));
  telegram.say(ANNA, "b");
  await telegram.until(({ text }) => text === "two");
  expect(telegram.texts(ANNA)).toHaveLength(2);
});

test.each([
  [2, 1],
  [3, 2],
])(
  "what says that an answer is in doubt is said once more when it is in doubt itself (%i lost)",
  async (lost, inDoubt) => {
    const { telegram, bench } = await openChat({ turns: [["one"], ["two"]] });
    for (let at = 0; at < lost; at++) telegram.fail({ method: "sendMessage", chat: ANNA, status: 502, body: "<html>" });
    telegram.say(ANNA, "a");
    await poll(async () => (await bench.core.channels.list())[0]).toMatchObject({ inDoubt, waiting: 0 });
    telegram.say(ANNA, "b");
    await telegram.until(({ text }) => text === "two");
    const notices = telegram.texts(ANNA).filter((text) => text.startsWith("The connection broke"));
    expect(notices).toHaveLength(lost === 2 ? 1 : 0);
  },
);

test.each([407, 511])(
  "a proxy that wants a login (%i) has passed nothing on: it is sent later, and once",
  async (status) => {
    const { telegram, bench } = await openChat();
    telegram.fail({ method: "sendMessage", status, body: "<html>Log in</html>" });
    await bench.core.channels.send({ channel: "telegram", text: "x" });
    await telegram.until(({ text }) => text === "x");
    await poll(async () => (await bench.core.channels.list())[0]).toMatchObject({ waiting: 0, inDoubt: 0 });
    expect(telegram.texts(ANNA)).toEqual(["x"]);
  },
);

test("who blocked the bot is not written to again, and a group that moved is followed", async () => {
  const { telegram, bench } = await openChat({ settings: { chats: { "-9": {} } } });
  await poll(async () => (await bench.core.channels.list())[0]).toMatchObject({ state: "connected", refusal: null });
  const told: string[] = [];
  bench.core.events.on((event) => event.type === "channel.changed" && told.push(event.channel));
  telegram.fail({
    method: "sendMessage",
    chat: BORIS,
    status: 403,
    description: "Forbidden: bot was blocked by the user",
  });
  telegram.fail({
    method: "sendMessage",
    chat: -9,
    description: "Bad Request: group chat was upgraded",
    parameters: { migrate_to_chat_id: -1009 },
  });
  await bench.core.channels.send({ channel: "telegram", to: String(BORIS), text: "x" });
  await bench.core.channels.send({ channel: "telegram", to: "-9", text: "moved" });
  await telegram.until(({ chat }) => chat === -1009);
  // It is told where one looks, and not only in the log.
  await poll(async () => (await bench.core.channels.list())[0]).toMatchObject({
    refused: 1,
    refusal: `${BORIS}: Telegram answered 403 to sendMessage: Forbidden: bot was blocked by the user`,
    state: "connected",
  });
  await poll(() => told).toContain("telegram");
  const failed = await bench.store.listOutbox({ channel: "telegram", states: ["failed"], limit: 9 });
  expect(failed.map(({ error }) => error)).toEqual([
    "Telegram answered 403 to sendMessage: Forbidden: bot was blocked by the user",
  ]);
  await expect(bench.core.channels.send({ channel: "telegram", to: "999", text: "x" })).rejects.toMatchObject({
    code: "forbidden",
  });
});

test.each(["message thread not found", "TOPIC_CLOSED", "TOPIC_DELETED"])(
  "what a topic takes no more (%s) is said in its group",
  async (why) => {
    const { telegram, bench } = await openChat({ settings: { chats: { "-9:5": {} } } });
    telegram.fail({ method: "sendMessage", chat: -9, description: `Bad Request: ${why}` });
    await bench.core.channels.send({ channel: "telegram", to: "-9:5", text: "x" });
    expect(await telegram.until(({ chat }) => chat === -9)).toMatchObject({ text: "x" });
    expect(telegram.sent[0]!.topic).toBeUndefined();
  },
);

test("two that poll one bot: the later says so and waits; a refused token is said without it", async () => {
  const { telegram, bench } = await openChat();
  await telegram.untilCall("getUpdates");
  telegram.fail({ method: "getUpdates", status: 409, description: "Conflict: terminated by other getUpdates request" });
  telegram.say(ANNA, "/help");
  await telegram.until(({ chat }) => chat === ANNA);
  await poll(async () => (await bench.core.channels.list())[0]).toMatchObject({
    state: "waiting",
    error: expect.stringMatching(/Another program takes this bot's messages/),
  });
  expect(JSON.stringify(await bench.core.channels.list())).not.toContain(telegram.token);
});

test("after a fault it is asked again soon, however many there were before an answer that was well", async () => {
  const waits: number[] = [];
  let asked = 0;
  const clock = createSeenClock((ms, fn) => {
    if (![1000, 2000].includes(ms)) return undefined;
    waits.push(ms);
    asked = telegram.calls.filter(({ method }) => method === "getUpdates").length;
    return systemClock.at(0, fn);
  });
  const { telegram, bench } = await openChat({ clock });
  for (const [at, text] of ["a", "b", "c"].entries()) {
    telegram.fail({ method: "getUpdates", status: 502, body: "<html>Bad gateway</html>" });
    telegram.say(ANNA, text);
    await poll(() => bench.model.requests.length).toBe(at + 1);
    await poll(() => waits.length).toBe(at + 1);
    // Well, before the next one fails.
    await telegram.untilCall("getUpdates", asked + 1);
  }
  expect(waits).toEqual([1000, 1000, 1000]);
});

test("a webhook that was left set is named with what deletes it, which loses no message", async () => {
  const { telegram, bench, close, run } = await openChat({ turns: [["heard"]] });
  telegram.webhook = "https://elsewhere.example/hook";
  telegram.say(ANNA, "hello");
  await poll(async () => (await bench.core.channels.list())[0]).toMatchObject({
    state: "waiting",
    error: expect.stringMatching(/webhook is set.*`pincer channels restart --delete-webhook` deletes it/),
  });
  await close();
  run({ deleteWebhook: true });
  await telegram.until(({ text }) => text === "heard");
  expect(telegram.webhook).toBeUndefined();
  await poll(async () => (await bench.core.channels.list())[0]).toMatchObject({ state: "connected", error: null });
});

test("what another process runs is said to wait for it, and goes on when that ends", async () => {
  const { telegram, bench, close, run } = await openChat();
  await close();
  const holder = { owner: "Another window", pid: process.pid, pidSpace: "", nonce: "n", url: "" };
  await bench.store.holdLease(`channel:telegram:${BOT.id}`, holder, 600_000);
  run();
  await poll(async () => (await bench.core.channels.list())[0]).toMatchObject({
    state: "waiting",
    account: `@${BOT.username}`,
    error: `Another window (process ${process.pid}) runs it; this process goes on with it when that one ends`,
  });
  expect(telegram.sent).toEqual([]);
  await bench.store.dropLease(`channel:telegram:${BOT.id}`, "n");
  await poll(async () => (await bench.core.channels.list())[0]).toMatchObject({ state: "connected", error: null });
});

test("while it is muted nothing is taken and nothing sent, and then all of it", async () => {
  const { telegram, bench } = await openChat({ turns: [["answered"]] });
  await telegram.untilCall("getUpdates");
  await bench.core.channels.mute("telegram", true);
  await poll(async () => (await bench.core.channels.list())[0]!.state).toBe("muted");
  await bench.core.channels.send({ channel: "telegram", text: "waits" });
  telegram.say(ANNA, "hello");
  await bench.core.channels.mute("telegram", false);
  await telegram.until(({ text }) => text === "answered");
  expect(telegram.texts(ANNA).toSorted()).toEqual(["answered", "waits"]);
});

test("what is muted while another process runs it takes and sends nothing when that ends", async () => {
  const { telegram, bench, close, run } = await openChat();
  await close();
  const lease = `channel:telegram:${BOT.id}` as const;
  const holder = { owner: "Another window", pid: process.pid, pidSpace: "", nonce: "n", url: "" };
  await bench.store.holdLease(lease, holder, 600_000);
  await bench.core.channels.send({ channel: "telegram", text: "waits" });
  const asked = telegram.calls.filter(({ method }) => method === "getUpdates").length;
  run();
  await poll(async () => (await bench.core.channels.list())[0]!.state).toBe("waiting");
  await bench.core.channels.mute("telegram", true);
  const { dropLease } = bench.store;
  const left = new Promise<string>((resolve) => {
    bench.store.dropLease = async (name, nonce) => {
      await dropLease(name, nonce);
      if (nonce !== "n") resolve("left");
    };
  });
  await bench.store.dropLease(lease, "n");
  expect(await Promise.race([left, telegram.untilCall("getUpdates", asked + 1)])).toBe("left");
  expect(telegram.sent).toEqual([]);
});

test("a chat that is full is not shown what is only for show, either", async () => {
  const { telegram, bench } = await openChat();
  const { show } = openTelegram({ token: telegram.token, apiRoot: telegram.url, agent: bench.core });
  telegram.fail({ method: "sendChatAction", chat: ANNA, status: 429, retryAfter: 60 });
  await show.typing(String(ANNA));
  await show.typing(String(ANNA));
  await show.seen(String(ANNA), "1");
  await show.typing(String(BORIS));
  const shown = telegram.calls.filter(({ method }) => /^(sendChatAction|setMessageReaction)$/.test(method));
  expect(shown.map(({ params }) => params["chat_id"])).toEqual([ANNA, BORIS]);
  telegram.say(ANNA, "a");
  await telegram.until(({ chat, text }) => chat === ANNA && text === "ok");
});

test("an answer that cannot be cut goes as a file, and holds up none behind it", async () => {
  const { telegram, bench, close, run } = await openChat();
  await telegram.untilCall("getUpdates");
  await close();
  for (const text of ["**first**", "second"]) await bench.core.channels.send({ channel: "telegram", text });
  const channel = openTelegram({ token: telegram.token, apiRoot: telegram.url, agent: bench.core });
  const cut = (text: string) => {
    if (text === "**first**") throw new RangeError("Maximum call stack size exceeded");
    return channel.cut(text);
  };
  run({ channel: { ...channel, cut } });
  await telegram.until(({ text }) => text === "second");
  expect(telegram.sent[0]!.file).toMatchObject({ name: "answer.md", data: Buffer.from("**first**") });
});

test("a clock that was ahead when a chat had to wait keeps it silent no longer than it had to", async () => {
  const clock = createAheadClock(365 * 24 * 3_600_000);
  const { telegram, bench, close, run } = await openChat({ clock });
  telegram.fail({ method: "sendMessage", status: 429, retryAfter: 3600 });
  await bench.core.channels.send({ channel: "telegram", text: "x" });
  const waiting = () => bench.store.listOutbox({ channel: "telegram", states: ["waiting"], limit: 1 });
  await poll(async () => (await waiting())[0]?.notBefore).toBeDefined();
  await close();
  clock.setBack();
  run();
  expect((await telegram.until(({ chat }) => chat === ANNA)).text).toBe("x");
});

test("what was sent while nothing could be stored is known as sent once it can", async () => {
  const { telegram, bench } = await openChat({ turns: [["answer"]] });
  const { commit } = bench.store;
  let failed = 0;
  bench.store.commit = async (batch) => {
    const isSent = batch.channels?.some((change) => "send" in change && change.state === "sent");
    if (isSent && failed++ < 1) throw new AppError("unavailable", "The disk is full");
    return commit(batch);
  };
  telegram.say(ANNA, "a");
  await telegram.until(({ text }) => text === "answer");
  await poll(async () => (await bench.core.channels.list())[0]).toMatchObject({ waiting: 0, inDoubt: 0 });
  expect(failed).toBe(2);
  expect(telegram.texts(ANNA)).toEqual(["answer"]);
});
