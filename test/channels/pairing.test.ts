import { expect, test } from "vitest";
import { createChannelDesk } from "../../src/core/channels/createChannelDesk.ts";
import { createFakeClock } from "../fakes/fakeClock.ts";
import { openBench } from "../core/bench.ts";
import { ANNA, openChat, STRANGER } from "./chatBench.ts";

const settings = {
  id: "telegram",
  allow: ["111"],
  session: "chat" as const,
  asks: "own" as const,
  chats: {},
  maxFileBytes: 50_000_000,
};

async function openDesk() {
  const clock = createFakeClock();
  const { store } = await openBench({ idle: true, clock });
  const told: string[] = [];
  const tell = ({ channel }: { channel: string }) => void told.push(channel);
  return { desk: createChannelDesk({ store, clock, channels: () => [settings], tell }), store, clock, told };
}

test("a code is confirmed once, by whoever is shown it, within ten minutes", async () => {
  const { desk, clock, store } = await openDesk();
  const { code } = (await desk.offer("telegram", { id: "5", name: "Eve\u202e" }))!;
  expect(code).toMatch(/^[ACDEFGHJKMNPQRTUVWXY]{8}$/);
  expect(JSON.stringify(await store.listNotes("telegram", ""))).not.toContain(code);
  expect((await desk.list())[0]).toMatchObject({
    pending: [{ id: "5", name: "Eve\\u{202e}" }],
    people: [{ id: "111", name: null, by: "allow" }],
  });
  await expect(desk.pair("discord", { code: code!, by: "cli" })).rejects.toMatchObject({ code: "not_found" });
  const spaced = `${code!.slice(0, 4).toLowerCase()}-${code!.slice(4)}`;
  expect(await desk.pair("telegram", { code: spaced, by: "cli" })).toEqual({
    id: "5",
    name: "Eve\\u{202e}",
    by: "pairing",
  });
  expect(await desk.admits("telegram", "5")).toBe("pairing");
  expect(await desk.admits("telegram", "55")).toBeUndefined();
  // Replayed it opens nothing.
  await expect(desk.pair("telegram", { code: code!, by: "cli" })).rejects.toMatchObject({ code: "not_found" });
  await desk.remove("telegram", "5");
  expect(await desk.admits("telegram", "5")).toBeUndefined();
  // Taken back by mistake, or for a while: they may come in anew the same day.
  expect((await desk.offer("telegram", { id: "5", name: "Eve" }))?.code).toMatch(/^[A-Z]{8}$/);
  await desk.remove("telegram", "5");
  expect(await desk.offer("telegram", { id: "5", name: "Eve" })).toBeUndefined();
  await expect(desk.remove("telegram", "111")).rejects.toMatchObject({ code: "conflict" });
  const late = (await desk.offer("telegram", { id: "6", name: "Late" }))!.code!;
  await clock.advance(600_000);
  expect(await desk.offer("telegram", { id: "6", name: "Late" })).toBeUndefined();
  await expect(desk.pair("telegram", { code: late, by: "cli" })).rejects.toThrow("write to the bot once more");
  // Whoever came too late with it was meant to come in.
  const next = (await desk.offer("telegram", { id: "6", name: "Late" }))!.code!;
  await expect(desk.pair("telegram", { code: late, by: "cli" })).rejects.toMatchObject({ code: "not_found" });
  expect((await desk.pair("telegram", { code: next, by: "cli" })).id).toBe("6");
});

test("who waits to be paired can be refused: the code is void, and no other is shown that day", async () => {
  const { desk, told } = await openDesk();
  const { code } = (await desk.offer("telegram", { id: "5", name: "Eve" }))!;
  expect(told).toEqual(["telegram"]);
  await desk.remove("telegram", "5");
  expect(told).toHaveLength(2);
  expect((await desk.list())[0]!.pending).toEqual([]);
  await expect(desk.pair("telegram", { code: code!, by: "cli" })).rejects.toMatchObject({ code: "not_found" });
  expect(await desk.offer("telegram", { id: "5", name: "Eve" })).toBeUndefined();
  await expect(desk.remove("telegram", "5")).rejects.toMatchObject({ code: "not_found" });
});

test("a restart is asked of whoever runs the channel, and a state that stays the same is told once", async () => {
  const { desk, told } = await openDesk();
  const asked: object[] = [];
  const state = async () => (await desk.list())[0]!.state;
  desk.onRestart((wanted) => void asked.push(wanted));
  desk.report("telegram", { state: "failed", error: "No token is known" });
  expect(await state()).toBe("failed");
  desk.restart({ channel: "telegram", deleteWebhook: true });
  expect(asked).toEqual([{ channel: "telegram", deleteWebhook: true }]);
  // Not as it was before, whoever asks next.
  expect(await state()).toBe("starting");
  expect(() => desk.restart({ channel: "discord", deleteWebhook: false })).toThrow("No channel");
  desk.report("telegram", { state: "connected" });
  desk.report("telegram", { state: "connected" });
  expect(told).toHaveLength(3);
});

test("three wait at most, five wrong codes make all void, and nobody is told twice a day", async () => {
  const { desk, clock } = await openDesk();
  const offers = await Promise.all(["1", "2", "3", "4"].map((id) => desk.offer("telegram", { id, name: id })));
  expect(offers.map((one) => one?.code !== undefined)).toEqual([true, true, true, false]);
  expect(await desk.offer("telegram", { id: "1", name: "1" })).toBeUndefined();
  const guesses = await Promise.allSettled(
    Array.from({ length: 5 }, () => desk.pair("telegram", { code: "AAAAAAAA", by: "api" })),
  );
  expect(guesses.every(({ status }) => status === "rejected")).toBe(true);
  await expect(desk.pair("telegram", { code: offers[0]!.code!, by: "api" })).rejects.toMatchObject({
    code: "not_found",
  });
  // Who typed wrong five times can have another; whoever had none has to wait for the next day.
  expect((await desk.offer("telegram", { id: "1", name: "1" }))?.code).toBeDefined();
  expect(await desk.offer("telegram", { id: "4", name: "4" })).toBeUndefined();
  await clock.advance(24 * 3_600_000);
  expect((await desk.offer("telegram", { id: "4", name: "4" }))?.code).toBeDefined();
});

test("a stranger who was told by a clock that was ahead is told again once it is right", async () => {
  const { desk, clock } = await openDesk();
  const right = clock.now();
  await clock.set(right + 365 * 24 * 3_600_000);
  await desk.offer("telegram", { id: "1", name: "1" });
  await clock.set(right);
  expect((await desk.offer("telegram", { id: "1", name: "1" }))?.code).toBeDefined();
});

test("the fifth wrong code makes void as well what began to wait after the first", async () => {
  const { desk } = await openDesk();
  const wrong = () => desk.pair("telegram", { code: "AAAAAAAA", by: "api" });
  await desk.offer("telegram", { id: "1", name: "1" });
  await expect(wrong()).rejects.toThrow("No code");
  const { code } = (await desk.offer("telegram", { id: "2", name: "2" }))!;
  for (let n = 0; n < 3; n += 1) await expect(wrong()).rejects.toThrow("its ten minutes are over");
  await expect(wrong()).rejects.toThrow("those which wait are void");
  expect((await desk.list())[0]!.pending).toEqual([]);
  await expect(desk.pair("telegram", { code: code!, by: "api" })).rejects.toMatchObject({ code: "not_found" });
  for (const id of ["1", "2"]) expect((await desk.offer("telegram", { id, name: id }))?.code).toBeDefined();
});

test("where three wait, another stranger is told the number that openclaw.yml would have", async () => {
  const { telegram } = await openChat();
  for (const id of [1, 2, 3]) telegram.say(id, "hello");
  await Promise.all([1, 2, 3].map((id) => telegram.until(({ chat }) => chat === id)));
  telegram.say(STRANGER, "hello");
  expect((await telegram.until(({ chat }) => chat === STRANGER)).text).toContain(`your number, ${STRANGER},`);
});

test("a stranger gets one line, and no run; confirmed, they talk in a private chat, and in no group", async () => {
  const { telegram, bench, settings: own } = await openChat({ turns: [["welcome"]] });
  telegram.say(STRANGER, "hello");
  const line = await telegram.until(({ chat }) => chat === STRANGER);
  const code = /\b([A-Z]{4}-[A-Z]{4})\b/.exec(line.text)![1]!;
  telegram.say(STRANGER, "hello?");
  telegram.say(STRANGER, "/status");
  telegram.say(STRANGER, "", { extra: { document: { file_id: "x" } } });
  telegram.say(ANNA, "/help");
  await telegram.until(({ chat }) => chat === ANNA);
  expect(telegram.texts(STRANGER)).toHaveLength(1);
  expect(telegram.calls.some(({ method }) => method === "getFile")).toBe(false);
  // Another account cannot use what this one was shown, nor this one in a group.
  await bench.core.channels.pair("telegram", { code, by: "cli" });
  telegram.say(STRANGER, "@pincer_bot x", {
    chat: { id: -5, type: "group" },
    extra: { entities: [{ type: "mention", offset: 0, length: 11 }] },
  });
  telegram.say(STRANGER, "now?");
  await telegram.until(({ text }) => text === "welcome");
  expect(bench.model.requests).toHaveLength(1);
  expect(telegram.texts(-5)).toEqual([]);
  expect(own.allow).not.toContain(String(STRANGER));
});
