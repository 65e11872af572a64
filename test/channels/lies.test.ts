import { expect, test } from "vitest";
import { ANNA, BORIS, openChat, poll } from "./chatBench.ts";

const from = { id: ANNA, first_name: "Anna" };
const chat = { id: ANNA, type: "private" };

test("what has no known shape holds up nothing that came with it, and is taken once", async () => {
  const { telegram, bench } = await openChat();
  const strange = [
    { update_id: 1, message: { message_id: 1, from, chat, text: 5 } },
    { update_id: 2, message: { message_id: 2, from, text: "no chat" } },
    { update_id: 3, message: { message_id: 3, from, chat, photo: [null] } },
    { update_id: 4, callback_query: { id: "1", message: { chat }, data: "x" } },
    { update_id: 5, message: { message_id: 5, from: { ...from, id: "111" }, chat, text: "text" } },
    "no update",
    { message: { message_id: 6, from, chat, text: "no number" } },
  ];
  const good = { update_id: 6, message: { message_id: 7, from, chat, text: "good", entities: {}, quote: 5 } };
  telegram.fail({ method: "getUpdates", says: { ok: true, result: [...strange, good] } });
  await telegram.until(({ chat: id }) => id === ANNA);
  expect(bench.model.requests).toHaveLength(1);
  await poll(() => telegram.calls.filter(({ method }) => method === "getUpdates").at(-1)!.params["offset"]).toBe(7);
});

test.each([
  ["no list", "getUpdates", { ok: true, result: {} }, /no list/],
  ["a page", "getUpdates", "<html>", /200/],
  ["no bot", "getMe", { ok: true, result: { id: "x" } }, /no bot/],
  ["only what has no number", "getUpdates", { ok: true, result: [null] }, /without a number/],
  [
    "the address that it was asked at",
    "getUpdates",
    { ok: false, description: "no /botTOKEN/getUpdates" },
    /no \/bot\[token\]/,
  ],
  [
    "to wait for ages",
    "getUpdates",
    { ok: false, error_code: 429, description: "wait", parameters: { retry_after: 1e12 } },
    /wait/,
  ],
])("where %s comes from it, that is said, and it is tried again within the hour", async (_, method, body, words) => {
  const { telegram, bench, close, run } = await openChat();
  await telegram.untilCall("getUpdates");
  await close();
  const text = (typeof body === "string" ? body : JSON.stringify(body)).replace("TOKEN", telegram.token);
  telegram.fail({ method, says: text, times: 5 });
  run();
  await poll(async () => (await bench.core.channels.list())[0]!.error ?? "").toMatch(words);
  const [listed] = await bench.core.channels.list();
  expect(Date.parse(listed!.retryAt!)).toBeLessThan(Date.now() + 3_600_000);
  expect(JSON.stringify(listed)).not.toContain(telegram.token);
});

test("the same messages for ever are answered once, and asked for more slowly", async () => {
  const { telegram, bench } = await openChat();
  const update = { update_id: 7, message: { message_id: 7, from, chat, text: "same" } };
  telegram.fail({ method: "getUpdates", says: { ok: true, result: [update] }, times: 50 });
  await poll(async () => (await bench.core.channels.list())[0]!.error ?? "").toMatch(/again and again/);
  await telegram.until(({ chat: id }) => id === ANNA);
  expect(bench.model.requests).toHaveLength(1);
});

test.each([null, true, { message_id: "x" }])(
  "a message that was sent is sent, whatever %j says of it",
  async (result) => {
    const { telegram, bench } = await openChat();
    telegram.fail({ method: "sendMessage", says: { ok: true, result } });
    telegram.say(ANNA, "one");
    await telegram.untilCall("sendMessage");
    telegram.say(BORIS, "two");
    await telegram.until(({ chat: id }) => id === BORIS);
    await poll(async () => (await bench.core.channels.list())[0]).toMatchObject({ waiting: 0, inDoubt: 0 });
  },
);

test("what is only for show holds up neither the answer nor the end", async () => {
  const { telegram, close } = await openChat({ turns: [["answer"]] });
  for (const method of ["setMessageReaction", "sendChatAction"]) telegram.fail({ method, hang: true, times: 9 });
  telegram.say(ANNA, "a");
  const answered = await telegram.until(({ chat: id }) => id === ANNA);
  expect(answered.text).toBe("answer");
  await close();
});
