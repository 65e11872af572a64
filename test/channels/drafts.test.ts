import { expect, test } from "vitest";
import { AppError } from "../../src/base/appError.ts";
import { systemClock } from "../../src/base/clock.ts";
import type { ChannelChange } from "../../src/core/ports/outside/channelRows.ts";
import { call, type Turn } from "../fakes/scriptedProvider.ts";
import { ANNA, type ChatBench, createSeenClock, openChat, poll } from "./chatBench.ts";

const SHOW_MS = [2500, 4000];
const LEFT_MS = 15_000;

/** Shows what a run does as soon as there is something, and looks soon for what is left of it. */
function createHastyClock(onShow = () => {}) {
  return createSeenClock((ms, fn) => {
    if (SHOW_MS.includes(ms)) onShow();
    return [...SHOW_MS, LEFT_MS].includes(ms) ? systemClock.at(systemClock.now() + 20, fn) : undefined;
  });
}

/** The store refuses the first change of a channel that is such a one. */
function refuseOnce({ bench }: ChatBench, isOne: (change: ChannelChange) => boolean): void {
  const { commit } = bench.store;
  let isDone = false;
  bench.store.commit = async (batch) => {
    if (isDone || !batch.channels?.some(isOne)) return commit(batch);
    isDone = true;
    throw new AppError("unavailable", "The disk is full");
  };
}

/** A chat whose run adds, which is shown, and answers once it may. */
async function openAdding() {
  const { promise: wait, resolve: go } = Promise.withResolvers<void>();
  const turns: Turn[] = [[call("add", { a: 2, b: 3 })], [{ wait }, "5"]];
  const chat = await openChat({ clock: createHastyClock(), turns });
  chat.telegram.say(ANNA, "2+3?");
  return { chat, telegram: chat.telegram, draft: await chat.telegram.until(({ silent }) => silent), go };
}

const notesOf = ({ bench }: ChatBench, prefix: string) => bench.store.listNotes("telegram", prefix);

test.each([{ status: 429, retryAfter: 1 }, { drop: "before" as const }])(
  "what a run did is taken out of its chat as soon as that may be written to (%j)",
  async (fault) => {
    const { chat, telegram, draft, go } = await openAdding();
    telegram.fail({ method: "deleteMessage", ...fault });
    go();
    await telegram.until(({ text }) => text === "5");
    await poll(() => draft.deleted).toBe(true);
    await poll(() => notesOf(chat, "draft:")).toEqual([]);
  },
);

test("an answer comes though the store could not note that what the run did is gone", async () => {
  const { chat, telegram, go } = await openAdding();
  refuseOnce(chat, (change) => "note" in change && change.note.key.startsWith("draft:") && change.value === null);
  go();
  await telegram.until(({ text }) => text === "5");
  await poll(() => notesOf(chat, "draft:")).toEqual([]);
});

test("what may have been shown is not shown a second time", async () => {
  const [seen, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let shows = 0;
  const { telegram, bench } = await openChat({
    clock: createHastyClock(() => shows++),
    turns: [
      [call("add", { a: 2, b: 3 })],
      [{ wait: seen.promise }, call("add", { a: 4, b: 5 })],
      [{ wait: go.promise }, "9"],
    ],
  });
  telegram.fail({ method: "sendMessage", drop: "done" });
  telegram.say(ANNA, "4+5?");
  await telegram.until(({ silent }) => silent);
  seen.resolve();
  await poll(() => bench.model.requests.length).toBe(3);
  const before = shows;
  await poll(() => shows).toBeGreaterThan(before + 2);
  go.resolve();
  await telegram.until(({ text }) => text === "9");
  expect(telegram.sent.filter(({ silent }) => silent)).toHaveLength(1);
});

test("a question is shown though the store could not put it down at first, and closed though its chat was full then", async () => {
  const chat = await openChat({ clock: createHastyClock(), turns: [[call("note", { text: "a" })], ["done"]] });
  const { telegram, bench } = chat;
  refuseOnce(chat, (change) => "put" in change && change.put.key.startsWith("ask "));
  telegram.say(ANNA, "note it");
  const asked = await telegram.until(({ buttons }) => buttons.length > 0);
  await poll(
    async () => (await bench.store.listOutbox({ channel: "telegram", states: ["sending"], limit: 9 })).length,
  ).toBe(0);
  telegram.fail({ method: "editMessageText", status: 429, retryAfter: 1 });
  const [approval] = await bench.core.approvals.list();
  await bench.core.approvals.answer(approval!.id, "allow", "the editor");
  await poll(() => asked.buttons).toEqual([]);
  expect(asked.text).toMatch(/✅ Allowed \(the editor\)$/);
  await poll(() => notesOf(chat, "ask:")).toEqual([]);
});
