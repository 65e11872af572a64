import { expect, test } from "vitest";
import { call } from "../fakes/scriptedProvider.ts";
import { ANNA, BORIS, GROUP, openChat, STRANGER, poll } from "./chatBench.ts";

test("a message is answered in its chat, as a new message; what one person writes in a row is one", async () => {
  const answer = async () => {
    await telegram.untilCall("setMessageReaction");
    await telegram.untilCall("sendChatAction");
    return ["Four **times**."];
  };
  const { bench, telegram } = await openChat({ turns: [answer] });
  telegram.say(ANNA, "first");
  const last = telegram.say(ANNA, "second");
  const sent = await telegram.until(({ text }) => text === "Four times.");
  expect(sent).toMatchObject({ chat: ANNA, silent: false, preview: false });
  expect(sent.entities).toMatchObject([{ type: "bold", offset: 5, length: 5 }]);
  const { messages } = await bench.core.sessions.history(`telegram-${ANNA}`, { limit: 9, includeTools: false });
  expect(messages.map(({ role, text }) => `${role}: ${text}`)).toEqual([
    "user: first\nsecond",
    "assistant: Four **times**.",
  ]);
  expect(messages[0]).toMatchObject({ origin: { via: "telegram", id: String(ANNA) } });
  expect((await bench.core.sessions.get(`telegram-${ANNA}`)).kind).toBe("channel");
  expect(telegram.calls.find(({ method }) => method === "setMessageReaction")?.params).toMatchObject({
    message_id: last,
  });
  // One call for updates at a time, and what was stored is acknowledged.
  await poll(() => telegram.acknowledged()).toBe(1002);
});

test("chats and topics have sessions of their own; in a group only who may talk is heard, and when spoken to", async () => {
  const { bench, telegram } = await openChat({ turns: [["one"], ["two"], ["three"]] });
  const mention = { entities: [{ type: "mention", offset: 0, length: 11 }] };
  telegram.say(ANNA, "not for the bot", { chat: GROUP });
  telegram.say(STRANGER, "@pincer_bot let me in", { chat: GROUP, extra: mention });
  telegram.say(ANNA, "@pincer_bot hello", { chat: GROUP, topic: 5, extra: mention });
  expect(await telegram.until(({ text }) => text === "one")).toMatchObject({ chat: GROUP.id, topic: 5 });
  const key = `telegram-${GROUP.id}-5`;
  const { messages } = await bench.core.sessions.history(key, { limit: 9, includeTools: false });
  expect(messages[0]!.text).toBe(`Person ${ANNA}: hello`);
  const answer = { message_id: 1, from: { id: 4242 }, chat: GROUP, text: "one" };
  telegram.say(BORIS, "and this?", { chat: GROUP, topic: 5, replyTo: answer });
  await telegram.until(({ text }) => text === "two");
  telegram.say(BORIS, "mine alone");
  expect(await telegram.until(({ text }) => text === "three")).toMatchObject({ chat: BORIS });
  // Bots, channels and anonymous administrators are nobody.
  telegram.say(ANNA, "@pincer_bot x", { chat: GROUP, extra: { ...mention, sender_chat: { id: GROUP.id } } });
  telegram.say(ANNA, "x", { fromExtra: { is_bot: true } });
  expect(bench.model.requests).toHaveLength(3);
  expect(telegram.sent.filter(({ silent }) => !silent)).toHaveLength(3);
});

test("a word to stop ends what is under way at once; what was gathered with it is dropped", async () => {
  const never = new Promise<void>(() => {});
  const { telegram, bench } = await openChat({ turns: [["half", { wait: never }], ["after"]] });
  telegram.say(ANNA, "begin");
  await poll(() => bench.model.requests.length).toBe(1);
  telegram.say(ANNA, "Stop!");
  expect((await telegram.until(({ text }) => text.includes("Stopped"))).text).toBe("half\n\nStopped.");
  telegram.say(ANNA, "stop");
  await telegram.until(({ text }) => text === "Nothing is under way.");
  telegram.say(ANNA, "next");
  await telegram.until(({ text }) => text === "after");
  expect(telegram.texts(ANNA)).toEqual(["half\n\nStopped.", "Nothing is under way.", "after"]);
});

test("commands: a new session, the model, how things are, help", async () => {
  const { telegram, bench } = await openChat({ turns: [["a"], ["b"]] });
  telegram.say(ANNA, "one");
  await telegram.until(({ text }) => text === "a");
  telegram.say(ANNA, "/status");
  expect((await telegram.until(({ text }) => text.includes("is idle"))).text).toMatch(
    /Person 111 \(Telegram\) is idle/,
  );
  telegram.say(ANNA, "/model");
  await telegram.until(({ text }) => text.includes("• test/m"));
  telegram.say(ANNA, "/model nothing-such");
  await telegram.until(({ text }) => /nothing-such/.test(text));
  telegram.say(ANNA, "/new");
  await telegram.until(({ text }) => text.startsWith("A new conversation"));
  telegram.say(ANNA, "two");
  await telegram.until(({ text }) => text === "b");
  const { sessions } = await bench.core.sessions.list({ kinds: ["channel"], limit: 9 });
  expect(sessions).toHaveLength(2);
  expect(bench.model.requests[1]!.messages.map((one) => ("text" in one ? one.text : ""))).not.toContain("one");
  telegram.say(ANNA, "/help");
  await telegram.until(({ text }) => text.includes("/approve"));
});

test("pictures and files come with their message; what Telegram does not give is said", async () => {
  const { telegram, bench } = await openChat({ turns: [["seen"]] });
  const png = Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "base64",
  );
  telegram.files.set("doc", png);
  telegram.files.set("notes", Buffer.from("größer"));
  const album = { media_group_id: "7" };
  telegram.say(ANNA, "", {
    extra: { ...album, caption: "look", document: { file_id: "doc", file_name: "a.png", mime_type: "image/png" } },
  });
  telegram.say(ANNA, "", {
    extra: { ...album, document: { file_id: "notes", file_name: "n.txt", mime_type: "text/plain" } },
  });
  telegram.say(ANNA, "", { extra: { document: { file_id: "gone", file_name: "g.txt", mime_type: "text/plain" } } });
  telegram.say(ANNA, "", { extra: { document: { file_id: "big", file_name: "big.bin", file_size: 30_000_000 } } });
  await telegram.until(({ text }) => text === "seen");
  const { messages } = await bench.core.sessions.history(`telegram-${ANNA}`, { limit: 9, includeTools: false });
  expect(messages[0]!.text).toMatch(
    /^look\n\[The file g\.txt could not be taken: .*404.*\]\n\[The file big\.bin .*30 MB/,
  );
  expect(messages[0]).toMatchObject({
    attachments: [
      { name: "a.png", mediaType: "image/png", data: png.toString("base64") },
      { name: "n.txt", mediaType: "text/plain", data: "größer" },
    ],
  });
});

test("an edit changes what is gathered still, and not what was taken; repeats and late numbers count once", async () => {
  const { telegram, bench } = await openChat({ turns: [["done"], ["late"]] });
  const id = telegram.say(ANNA, "wrod");
  const edit = {
    message_id: id,
    from: { id: ANNA, first_name: "Anna" },
    chat: { id: ANNA, type: "private" },
    text: "word",
  };
  telegram.update({ update_id: 1001, edited_message: edit });
  await telegram.until(({ text }) => text === "done");
  telegram.update({ update_id: 1002, edited_message: { ...edit, text: "other" } });
  // Numbers that come again, and one from before.
  telegram.update({ update_id: 1000, message: { ...edit, text: "wrod" } });
  telegram.update({ update_id: 1005, message: { ...edit, message_id: 90, text: "b" } });
  telegram.update({ update_id: 1004, message: { ...edit, message_id: 89, text: "a" } });
  await telegram.until(({ text }) => text === "late");
  const { messages } = await bench.core.sessions.history(`telegram-${ANNA}`, { limit: 9, includeTools: false });
  expect(messages.filter(({ role }) => role === "user").map(({ text }) => text)).toEqual(["word", "a\nb"]);
});

test("what a run does is shown in a silent message that is gone before the answer comes", async () => {
  const go = Promise.withResolvers<void>();
  const { telegram } = await openChat({
    turns: [[call("add", { a: 2, b: 3 })], [{ wait: go.promise }, "5"]],
  });
  telegram.say(ANNA, "2+3?");
  const draft = await telegram.until(({ silent }) => silent);
  expect(draft.text).toBe('⏳\nadd {"a":2,"b":3}');
  go.resolve();
  const answer = await telegram.until(({ text }) => text === "5");
  expect(draft.deleted).toBe(true);
  expect(answer.id).toBeGreaterThan(draft.id);
});
