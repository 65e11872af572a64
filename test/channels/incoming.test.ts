import { expect, test } from "vitest";
import { BOT } from "../fakes/telegramServer.ts";
import { systemClock } from "../../src/base/clock.ts";
import { toDisposable } from "../../src/base/disposable.ts";
import { ANNA, BORIS, createSeenClock, GROUP, openChat, poll } from "./chatBench.ts";

const MENTION = [{ type: "mention", offset: 0, length: 11 }];

/** What the model is given, message by message, until this comes. */
async function heard(chat: Awaited<ReturnType<typeof openChat>>, last: string): Promise<string[]> {
  const { telegram, bench } = chat;
  telegram.say(BORIS, last);
  await telegram.until(({ chat: id }) => id === BORIS);
  return bench.model.requests.map(({ messages }) => {
    const asked = messages.findLast(({ role }) => role === "user");
    return asked && "text" in asked ? asked.text : "";
  });
}

test.each([
  ["a sticker", { sticker: { file_id: "s", emoji: "👍", is_animated: true } }, "[A sticker: 👍]"],
  ["a place", { location: { latitude: 1.5, longitude: -2 } }, "[A place at 1.5, -2]"],
  [
    "a venue, which is a place as well",
    { location: { latitude: 1, longitude: 2 }, venue: { title: "Café", address: "Street 1" } },
    "[The place Café, Street 1 at 1, 2]",
  ],
  ["a contact", { contact: { phone_number: "+49 1", first_name: "Zed" } }, "[A contact: Zed, +49 1]"],
  ["a poll", { poll: { question: "Tea?", options: [{ text: "yes" }, { text: "no" }] } }, "[A poll: Tea?\n- yes\n- no]"],
  ["a die", { dice: { emoji: "🎲", value: 3 } }, "[🎲 shows 3]"],
  [
    "what was passed on, which is nobody's word here and no command",
    { text: "/new", forward_origin: { type: "user", sender_user: { id: 9, first_name: "Mallory" } } },
    "[Passed on, written by Mallory]\n> /new",
  ],
  [
    "what was passed on from somebody who hides",
    { text: "stop", forward_origin: { type: "hidden_user", sender_user_name: "Hid" } },
    "[Passed on, written by Hid]\n> stop",
  ],
])("%s is heard", async (_, extra, said) => {
  const chat = await openChat();
  chat.telegram.say(ANNA, "", { extra });
  await chat.telegram.until(({ chat: id }) => id === ANNA);
  expect(await heard(chat, "last")).toEqual([said, "last"]);
});

test("of pictures that were sent as one to a group, one says who is meant; those nobody is meant by are left alone", async () => {
  const chat = await openChat();
  const { telegram, bench } = chat;
  for (const name of ["one", "two", "three"]) telegram.files.set(name, Buffer.from(name));
  const part = (name: string, album: string, more = {}) =>
    telegram.say(ANNA, "", {
      chat: GROUP,
      extra: {
        media_group_id: album,
        document: { file_id: name, file_name: `${name}.txt`, mime_type: "text/plain" },
        ...more,
      },
    });
  part("three", "another");
  part("one", "a");
  part("two", "a", { caption: "@pincer_bot compare", caption_entities: MENTION });
  await telegram.until(({ chat: id }) => id === GROUP.id);
  const { messages } = await bench.core.sessions.history(`telegram-${GROUP.id}`, { limit: 9, includeTools: false });
  expect(messages[0]).toMatchObject({
    text: `Person ${ANNA}: compare`,
    attachments: [{ name: "one.txt" }, { name: "two.txt" }],
  });
  expect(await heard(chat, "last")).toHaveLength(2);
});

test.each([
  ["Windows-1252", "text/plain", Buffer.from("größer", "latin1"), "größer"],
  ["UTF-16", "text/csv", Buffer.from("\ufeffgrößer", "utf16le"), "größer"],
  ["UTF-16 behind another type", "application/octet-stream", Buffer.from("\ufeffgrößer", "utf16le").swap16(), "größer"],
  ["a byte order mark", "text/plain", Buffer.from("\ufeffgrößer"), "größer"],
  [
    "UTF-8 of which a byte is bad",
    "text/plain",
    Buffer.concat([Buffer.from("größer"), Buffer.of(0xff)]),
    "größer\ufffd",
  ],
  ["none of these", "text/plain", Buffer.from("gr\u0000er"), "gr\u0000er"],
])("a text file with %s is read", async (_, mediaType, bytes, data) => {
  const { telegram, bench } = await openChat();
  telegram.files.set("a", bytes);
  telegram.say(ANNA, "", { extra: { document: { file_id: "a", file_name: "a.txt", mime_type: mediaType } } });
  await telegram.until(({ chat }) => chat === ANNA);
  expect(bench.model.requests[0]!.messages.at(-1)).toMatchObject({ attachments: [{ name: "a.txt", data }] });
});

test("in a topic that the bot made, and beside another bot, it is not meant by what only seems to answer it", async () => {
  const chat = await openChat();
  const { telegram } = chat;
  const own = { message_id: 9, from: BOT, chat: GROUP };
  const begin = { ...own, forum_topic_created: { name: "T", icon_color: 1 } };
  telegram.say(ANNA, "chatter", { chat: GROUP, topic: 9, replyTo: begin });
  telegram.say(ANNA, "chatter", { chat: GROUP, topic: 9, replyTo: own });
  telegram.say(ANNA, "/status@other_bot", {
    chat: GROUP,
    replyTo: { ...own, text: "x" },
    extra: { entities: [{ type: "bot_command", offset: 0, length: 17 }] },
  });
  telegram.say(ANNA, "really", { chat: GROUP, topic: 9, replyTo: { ...own, message_id: 10, text: "x" } });
  await telegram.until(({ topic }) => topic === 9);
  expect(await heard(chat, "last")).toEqual([`Person ${ANNA}: > x\n\nreally`, "last"]);
});

test("what it answers comes with its file; /new takes the words behind it as the first of the new conversation", async () => {
  const chat = await openChat();
  const { telegram, bench } = chat;
  telegram.files.set("old", Buffer.from("old words"));
  const answered = {
    message_id: 1,
    from: { id: ANNA },
    document: { file_id: "old", file_name: "old.txt", mime_type: "text/plain" },
  };
  telegram.say(ANNA, "what is in it?", { replyTo: answered });
  await telegram.until(({ chat: id }) => id === ANNA);
  const { messages } = await bench.core.sessions.history(`telegram-${ANNA}`, { limit: 9, includeTools: false });
  expect(messages[0]).toMatchObject({ text: "what is in it?", attachments: [{ name: "old.txt", data: "old words" }] });
  telegram.say(ANNA, "/new and 3+3?");
  await telegram.until(({ id }) => telegram.texts(ANNA).length === 2 && id > 0);
  expect(await heard(chat, "last")).toEqual(["what is in it?", "and 3+3?", "last"]);
  expect(bench.model.requests[1]!.messages.filter(({ role }) => role === "user")).toHaveLength(1);
});

test("what people have written in a group is taken in the order in which they wrote, though timers come in another", async () => {
  const held: (() => void)[] = [];
  const bothWait = Promise.withResolvers<void>();
  const clock = createSeenClock((ms, fn) => {
    if (ms !== 300) return undefined;
    const at = held.push(fn) - 1;
    if (held.length === 2) bothWait.resolve();
    return toDisposable(() => void (held[at] = () => {}));
  });
  const { bench, telegram } = await openChat({ clock, turns: [["one"], ["two"]] });
  const replyTo = { message_id: 1, from: BOT, chat: GROUP, text: "x" };
  telegram.say(ANNA, "first", { chat: GROUP, replyTo });
  telegram.say(BORIS, "second", { chat: GROUP, replyTo });
  await bothWait.promise;
  for (const at of [1, 0]) held[at]!();
  await telegram.until(({ text }) => text === "two");
  const { messages } = await bench.core.sessions.history(`telegram-${GROUP.id}`, { limit: 9, includeTools: false });
  const asked = messages.filter(({ role }) => role === "user").map(({ text }) => text.split("\n").at(-1));
  expect(asked).toEqual(["first", "second"]);
});

test("what came just before the process stood still for longer than its lease lasts is answered once it has the lease again", async () => {
  const gathered = Promise.withResolvers<() => void>();
  const renewing = Promise.withResolvers<() => void>();
  const tried = Promise.withResolvers<void>();
  let aheadMs = 0;
  const seen = createSeenClock((ms, fn) => {
    const held = ms === 300 ? gathered : ms === 10_000 ? renewing : undefined;
    if (!held || aheadMs > 0) return undefined;
    held.resolve(fn);
    return toDisposable(() => {});
  });
  const steady = () => {
    if (aheadMs > 0) tried.resolve();
    return systemClock.steady() + aheadMs;
  };
  const { bench, telegram } = await openChat({ clock: { ...seen, steady }, turns: [["here"]] });
  telegram.say(ANNA, "are you there?");
  const [take, renew] = await Promise.all([gathered.promise, renewing.promise]);
  aheadMs = 31_000;
  take();
  await tried.promise;
  renew();
  expect((await telegram.until(({ chat }) => chat === ANNA)).text).toBe("here");
  expect(bench.model.requests).toHaveLength(1);
});

test("a group that becomes another goes on in its session, with what openclaw.yml says of it", async () => {
  const { telegram, bench } = await openChat({ settings: { chats: { "-9": { tools: ["add"] } } } });
  const say = (id: number, text: string, extra: Record<string, unknown>) =>
    telegram.say(ANNA, text, { chat: { id, type: "supergroup", title: "Old" }, extra });
  say(-9, "@pincer_bot one", { entities: MENTION });
  await telegram.until(({ chat }) => chat === -9);
  say(-9, "", { migrate_to_chat_id: -1009 });
  say(-1009, "", { migrate_from_chat_id: -9 });
  say(-1009, "@pincer_bot two", { entities: MENTION });
  await telegram.until(({ chat }) => chat === -1009);
  const { messages } = await bench.core.sessions.history("telegram--9", { limit: 9, includeTools: false });
  expect(messages.filter(({ role }) => role === "user")).toHaveLength(2);
  expect(bench.model.requests.at(-1)!.tools.map(({ name }) => name)).toEqual(["add"]);
});

test("a word to stop drops what came before it, also while its file is fetched", async () => {
  const chat = await openChat();
  const { telegram } = chat;
  telegram.fail({ method: "getFile", hang: true });
  telegram.say(ANNA, "read it", { extra: { document: { file_id: "x", file_name: "x.txt" } } });
  await telegram.untilCall("getFile");
  telegram.say(ANNA, "stop");
  await telegram.until(({ text }) => text === "Stopped.");
  expect(await heard(chat, "last")).toEqual(["last"]);
  expect(telegram.texts(ANNA)).toEqual(["Stopped."]);
});

test("a command is one also as an answer to a message with a file; with a file of its own, /new begins with it", async () => {
  const chat = await openChat();
  const { telegram, bench } = chat;
  telegram.files.set("old", Buffer.from("old words"));
  const document = (name: string) => ({
    document: { file_id: name, file_name: `${name}.txt`, mime_type: "text/plain" },
  });
  const replyTo = { message_id: 5, from: { id: ANNA }, caption: "look", ...document("old") };
  telegram.say(ANNA, "/status", { replyTo });
  await telegram.until(({ text }) => text.includes("Model:"));
  telegram.say(ANNA, "stop", { replyTo });
  await telegram.until(({ text }) => text === "Nothing is under way.");
  telegram.say(ANNA, "one");
  await poll(() => bench.model.requests.length).toBe(1);
  telegram.say(ANNA, "", { extra: { caption: "/new read it", ...document("old") } });
  await poll(() => bench.model.requests.length).toBe(2);
  telegram.say(ANNA, "", { extra: { caption: "/new", ...document("old") } });
  await poll(() => bench.model.requests.length).toBe(3);
  // Another bot's, though it answers a message of ours.
  telegram.say(ANNA, "", {
    chat: GROUP,
    replyTo: { from: { id: 4242 }, message_id: 3 },
    extra: {
      caption: "/draw@other_bot a cat",
      caption_entities: [{ type: "bot_command", offset: 0, length: 15 }],
      ...document("old"),
    },
  });
  expect(await heard(chat, "last")).toEqual(["one", "read it", "(a file)", "last"]);
  const asked = bench.model.requests.map(({ messages }) => messages.filter(({ role }) => role === "user"));
  expect(asked.slice(1, 3).map((messages) => [messages.length, messages[0]])).toMatchObject([
    [1, { attachments: [{ name: "old.txt", data: "old words" }] }],
    [1, { attachments: [{ name: "old.txt", data: "old words" }] }],
  ]);
});

test("pictures that were sent as one are one message, though they come in several answers of Telegram", async () => {
  const held = new Set<() => void>();
  let gathered = 0;
  const clock = createSeenClock((ms, fn) => {
    if (ms === 300) return systemClock.at(0, fn);
    if (ms !== 1000) return undefined;
    held.add(fn);
    gathered++;
    return toDisposable(() => held.delete(fn));
  });
  const { telegram, bench } = await openChat({ clock });
  for (const [at, name] of ["one", "two"].entries()) {
    telegram.files.set(name, Buffer.from(name));
    const document = { file_id: name, file_name: `${name}.txt`, mime_type: "text/plain" };
    telegram.say(ANNA, "", { extra: { media_group_id: "a", document, ...(at === 0 ? { caption: "both" } : {}) } });
    await poll(() => gathered).toBe(at + 1);
  }
  expect(held.size).toBe(1);
  for (const fn of held) fn();
  await telegram.until(({ chat }) => chat === ANNA);
  expect(bench.model.requests).toHaveLength(1);
  expect(bench.model.requests[0]!.messages.at(-1)).toMatchObject({
    text: "both",
    attachments: [{ name: "one.txt" }, { name: "two.txt" }],
  });
});

test("a file is fetched though a line breaks, Telegram wants to wait, or its address has grown old", async () => {
  const { telegram, bench } = await openChat();
  telegram.files.set("doc", Buffer.from("words"));
  const document = { file_id: "doc", file_name: "doc.txt", mime_type: "text/plain" };
  telegram.fail({ method: "getFile", drop: "before" });
  telegram.fail({ method: "getFile", status: 429, retryAfter: 0, description: "Too Many Requests" });
  telegram.say(ANNA, "one", { extra: { document } });
  await poll(() => bench.model.requests.length).toBe(1);
  telegram.fail({ method: "getFile", says: { ok: true, result: { file_id: "doc", file_path: "old/path" } } });
  telegram.say(ANNA, "two", { extra: { document } });
  await poll(() => bench.model.requests.length).toBe(2);
  for (const [at, text] of ["one", "two"].entries())
    expect(bench.model.requests[at]!.messages.at(-1)).toMatchObject({ text, attachments: [{ data: "words" }] });
});

test("numbers that begin anew lower, as another server's do, are heard after a restart", async () => {
  const chat = await openChat();
  chat.telegram.say(ANNA, "before");
  await chat.telegram.until(({ chat: id }) => id === ANNA);
  await poll(() => chat.telegram.acknowledged()).toBe(1001);
  await chat.close();
  const message = { message_id: 9, from: { id: ANNA, first_name: "Anna" }, chat: { id: ANNA, type: "private" } };
  for (const [at, text] of ["lower", "lowest"].entries())
    chat.telegram.update({ update_id: 7 - at, message: { ...message, text } });
  chat.run();
  await poll(() => chat.bench.model.requests.length).toBe(2);
  expect(await heard(chat, "last")).toEqual(["before", "lowest\nlower", "last"]);
});
