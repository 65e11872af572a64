import { expect, test } from "vitest";
import { sessionsSpawn } from "../../src/tools/index.ts";
import { note } from "../core/bench.ts";
import { call, type Turn } from "../fakes/scriptedProvider.ts";
import { ANNA, openChat, poll } from "./chatBench.ts";

/** A model that gives a task to a sub-agent, which asks something, and that tells what it brought. */
function turns(): Turn[] {
  const turn: Turn = ({ messages }) => {
    const last = messages.at(-1)!;
    if ("text" in last && last.text.startsWith("Sub-agent")) return ["It is 77."];
    if (messages.some((one) => "text" in one && one.text === "task"))
      return last.role === "tool" ? ["77"] : [call("note", { text: "as the task says" })];
    return last.role === "tool" ? ["I have begun."] : [call("sessions_spawn", { task: "task" })];
  };
  return Array.from({ length: 9 }, () => turn);
}

test("what a sub-agent brings after the answer comes to the chat, and so does what it asks, also after a restart", async () => {
  const { telegram, bench, close, run } = await openChat({ turns: turns(), tools: [sessionsSpawn, note] });
  telegram.say(ANNA, "do it");
  await telegram.until(({ text }) => text === "I have begun.");
  const ask = await telegram.until(({ buttons }) => buttons.length > 0);
  expect(ask).toMatchObject({ chat: ANNA });
  await close();
  run();
  telegram.press(ANNA, ask, "Allow once");
  await telegram.until(({ text }) => text === "It is 77.");
  const open = () => bench.store.listInbox({ channel: "telegram", states: ["new", "taken"], limit: 9 });
  await poll(async () => (await open()).length).toBe(0);
  expect(telegram.texts(ANNA).filter((text) => !text.startsWith("❓"))).toEqual(["I have begun.", "It is 77."]);
});

test("a word to stop ends sub-agents, too, and says so where no run says it", async () => {
  const { telegram, bench } = await openChat({ turns: turns(), tools: [sessionsSpawn, note] });
  telegram.say(ANNA, "do it");
  await telegram.until(({ buttons }) => buttons.length > 0);
  await telegram.until(({ text }) => text === "I have begun.");
  telegram.say(ANNA, "stop");
  await telegram.until(({ text }) => text === "Stopped.");
  expect(await bench.core.approvals.list()).toEqual([]);
  const open = () => bench.store.listInbox({ channel: "telegram", states: ["new", "taken"], limit: 9 });
  await poll(async () => (await open()).length).toBe(0);
});

test.each(["/new", "openclaw.yml"])(
  "a word to stop ends, and /approve shows, what a chat's session before is at (%s)",
  async (by) => {
    const isMain = by === "openclaw.yml";
    const { telegram, bench, settings } = await openChat({
      turns: [[call("note", { text: "a" })]],
      settings: { session: isMain ? "main" : "chat" },
    });
    telegram.say(ANNA, "do it");
    await telegram.until(({ buttons }) => buttons.length > 0);
    settings.session = "chat";
    telegram.say(ANNA, "/new");
    await telegram.until(({ text }) => text.startsWith("A new conversation"));
    telegram.say(ANNA, "/approve");
    await poll(() => telegram.sent.filter(({ buttons }) => buttons.length > 0).length).toBe(2);
    telegram.say(ANNA, "stop");
    await telegram.until(({ text }) => text === "Stopped.");
    expect(await bench.core.approvals.list()).toEqual([]);
    expect(telegram.texts(ANNA)).not.toContain("Nothing is under way.");
  },
);

test("so it ends sub-agents that went on in it, whose end is told to nobody", async () => {
  const { telegram, bench } = await openChat({ turns: turns(), tools: [sessionsSpawn, note] });
  telegram.say(ANNA, "do it");
  await telegram.until(({ buttons }) => buttons.length > 0);
  await telegram.until(({ text }) => text === "I have begun.");
  telegram.say(ANNA, "/new");
  await telegram.until(({ text }) => text.startsWith("A new conversation"));
  telegram.say(ANNA, "stop");
  await telegram.until(({ text }) => text === "Stopped.");
  expect(await bench.core.approvals.list()).toEqual([]);
  const open = () => bench.store.listInbox({ channel: "telegram", states: ["new", "taken"], limit: 9 });
  await poll(async () => (await open()).length).toBe(0);
  expect(bench.model.requests).toHaveLength(3);
});

test("so it does in a session that the chat has no more", async () => {
  const { telegram, bench, settings } = await openChat({
    turns: turns(),
    tools: [sessionsSpawn, note],
    settings: { session: "main" },
  });
  telegram.say(ANNA, "do it");
  await telegram.until(({ buttons }) => buttons.length > 0);
  await telegram.until(({ text }) => text === "I have begun.");
  settings.session = "chat";
  telegram.say(ANNA, "stop");
  await telegram.until(({ text }) => text === "Stopped.");
  const open = () => bench.store.listInbox({ channel: "telegram", states: ["new", "taken"], limit: 9 });
  await poll(async () => (await open()).length).toBe(0);
  expect(await bench.core.approvals.list()).toEqual([]);
  expect(await bench.store.listRuns({ states: ["queued", "running"], limit: 9 })).toEqual([]);
  expect(bench.model.requests).toHaveLength(3);
});

test("and it ends a run there of which a sub-agent is gone", async () => {
  const waiting = Promise.withResolvers<void>();
  const turn: Turn = async ({ messages }) => {
    if (messages.some((one) => "text" in one && one.text === "task")) return ["77"];
    if (messages.at(-1)!.role === "tool") return [{ wait: waiting.promise }, "late"];
    return [call("sessions_spawn", { task: "task" })];
  };
  const { telegram, bench, settings } = await openChat({
    turns: [turn, turn, turn],
    tools: [sessionsSpawn],
    settings: { session: "main" },
  });
  telegram.say(ANNA, "do it");
  await poll(async () => (await bench.store.listRuns({ states: ["finished"], limit: 9 })).length).toBe(1);
  const [below] = await bench.store.listRuns({ states: ["finished"], limit: 9 });
  await bench.core.sessions.delete(below!.sessionKey);
  settings.session = "chat";
  telegram.say(ANNA, "stop");
  await telegram.until(({ text }) => text === "Stopped.");
});
