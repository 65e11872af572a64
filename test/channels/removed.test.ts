import { expect, test } from "vitest";
import type { BenchOptions } from "../core/bench.ts";
import { sessionsSpawn } from "../../src/tools/index.ts";
import { call, type Turn } from "../fakes/scriptedProvider.ts";
import { openChat, poll, STRANGER } from "./chatBench.ts";

/** Somebody who was let in by a code. */
async function openPaired(turns: NonNullable<BenchOptions["turns"]>, more: Pick<BenchOptions, "tools"> = {}) {
  const chat = await openChat({ turns, ...more });
  chat.telegram.say(STRANGER, "hello");
  const told = await chat.telegram.until(({ text }) => text.includes("confirm this code"));
  const [code] = /\w{4}-\w{4}/.exec(told.text)!;
  await chat.bench.core.channels.pair("telegram", { code, by: "test" });
  return chat;
}

test("who is removed while a run of theirs is under way is answered no more, and it ends", async () => {
  const { telegram, bench } = await openPaired([["half", { wait: new Promise<void>(() => {}) }]]);
  telegram.say(STRANGER, "work");
  await poll(() => bench.model.requests.length).toBe(1);
  await bench.core.channels.remove("telegram", String(STRANGER));
  const runs = await bench.core.runs.list({ limit: 9 });
  expect((await bench.core.runs.wait(runs[0]!.id, 60_000)).outcome).toMatchObject({ type: "cancelled" });
  await poll(() => bench.store.listInbox({ channel: "telegram", states: ["taken"], limit: 9 })).toEqual([]);
  telegram.say(STRANGER, "and now");
  await poll(() => telegram.texts(STRANGER).filter((text) => text.includes("confirm this code")).length).toBe(2);
  expect(telegram.texts(STRANGER)).toHaveLength(2);
});

test("what sub-agents still do for who is removed ends, and its end is told to nobody", async () => {
  const turn: Turn = ({ messages }) => {
    if (messages.some((one) => "text" in one && one.text === "task")) return [{ wait: new Promise<void>(() => {}) }];
    return messages.at(-1)!.role === "tool" ? ["I have begun."] : [call("sessions_spawn", { task: "task" })];
  };
  const { telegram, bench } = await openPaired([turn, turn, turn, turn], { tools: [sessionsSpawn] });
  telegram.say(STRANGER, "work");
  await telegram.until(({ text }) => text === "I have begun.");
  await poll(() => bench.model.requests.length).toBe(3);
  await bench.core.channels.remove("telegram", String(STRANGER));
  await poll(() => bench.store.listRuns({ states: ["queued", "running"], limit: 9 })).toEqual([]);
  await poll(() => bench.store.listInbox({ channel: "telegram", states: ["taken"], limit: 9 })).toEqual([]);
  expect(bench.model.requests).toHaveLength(3);
});

test("who is removed while a question of theirs waits answers it no more, and it ends with its run", async () => {
  const { telegram, bench } = await openPaired([[call("note", { text: "x" })], ["noted"]]);
  telegram.say(STRANGER, "note it");
  const ask = await telegram.until(({ buttons }) => buttons.length > 0);
  await bench.core.channels.remove("telegram", String(STRANGER));
  await poll(() => bench.core.approvals.list()).toEqual([]);
  telegram.press(STRANGER, ask, "Allow once");
  await telegram.untilCall("answerCallbackQuery");
  const { params } = telegram.calls.find(({ method }) => method === "answerCallbackQuery")!;
  expect(params["text"]).toBe("This is not yours to answer.");
  expect(telegram.texts(STRANGER)).not.toContain("noted");
  expect(bench.model.requests).toHaveLength(1);
});

test("what who is removed has just written is not taken", async () => {
  const { telegram, bench } = await openPaired([["an answer"]]);
  telegram.files.set("slow.txt", Buffer.from("x"));
  telegram.fail({ method: "getFile", drop: "before" });
  telegram.say(STRANGER, "read it", { extra: { document: { file_id: "slow.txt", file_name: "slow.txt" } } });
  await telegram.untilCall("getFile");
  await bench.core.channels.remove("telegram", String(STRANGER));
  await telegram.untilCall("getFile", 2);
  await poll(() => bench.store.listInbox({ channel: "telegram", states: ["new", "taken"], limit: 9 })).toEqual([]);
  expect(bench.model.requests).toEqual([]);
});
