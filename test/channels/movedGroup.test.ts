import { expect, test } from "vitest";
import type { Tool } from "../../src/core/ports/tool.ts";
import type { Rule } from "../../src/protocol/rule.ts";
import { createMessageSend } from "../../src/tools/sessions/messageSendTool.ts";
import { nextEvent } from "../core/bench.ts";
import { call } from "../fakes/scriptedProvider.ts";
import { ANNA, type ChatBench, openChat, poll } from "./chatBench.ts";

const OLD = "-9";
const NEW = "-1009";
const MENTION = [{ type: "mention", offset: 0, length: 11 }];

const sayIn = ({ telegram }: Pick<ChatBench, "telegram">, id: string, text: string, extra: Record<string, unknown>) =>
  telegram.say(ANNA, text, { chat: { id: Number(id), type: "supergroup", title: "Team" }, extra });

/** Telegram tells of it in either of both. */
const moves = {
  "the old one says where it went": [OLD, { migrate_to_chat_id: Number(NEW) }],
  "the new one says where it is from": [NEW, { migrate_from_chat_id: Number(OLD) }],
} as const;

/** Resolves when it is noted that the group has moved. */
async function move(chat: ChatBench, [id, extra]: (typeof moves)[keyof typeof moves]): Promise<void> {
  sayIn(chat, id, "", extra);
  await poll(() => chat.bench.core.channels.names("telegram", OLD)).toEqual([NEW, OLD]);
  expect(await chat.bench.core.channels.names("telegram", `${NEW}:4`)).toEqual([`${NEW}:4`, `${OLD}:4`]);
}

/** What becomes of a message that the agent writes to a chat, under these rules: told, asked about, or kept from it. */
async function write(rules: Rule[], to: string, how: (typeof moves)[keyof typeof moves]): Promise<string> {
  const messageSend = createMessageSend(
    () => chat.bench.core.channels,
    () => ["telegram"],
  );
  const chat = await openChat({
    turns: [[call("message_send", { channel: "telegram", to, text: "news" })], ["ended"]],
    tools: [messageSend as Tool],
    agent: { rules },
    settings: { chats: { [OLD]: {}, [NEW]: {} } },
  });
  await move(chat, how);
  const { bench, telegram } = chat;
  const asked = nextEvent(bench.core, "approval.asked").then(() => "asked");
  const run = await bench.core.sessions.send({ text: "tell them", origin: { via: "panel" }, sessionKey: "main" });
  const end = await Promise.race([asked, run.outcome.then(() => "ended")]);
  if (end === "asked") return end;
  const { messages } = await bench.core.sessions.history("main", { limit: 9, includeTools: true });
  const tool = messages.find(({ role }) => role === "tool")!.text;
  if (!/stored/.test(tool)) return tool;
  return `told in ${(await telegram.until(({ text }) => text === "news")).chat}`;
}

const about = (rule: "allow" | "deny", to: string): Rule => ({ [rule]: "message", channel: "telegram", to }) as Rule;

test.each(Object.entries(moves))(
  "of a group that moved each address is forbidden, or allowed, by either: %s",
  async (_, how) => {
    for (const [of, to] of [
      [OLD, NEW],
      [NEW, OLD],
      [OLD, OLD],
      [NEW, NEW],
    ] as const) {
      const where = `${of} ${to}`;
      expect(await write([about("deny", of)], to, how), where).toMatch(/deny message: telegram\/-1?0?0?9/);
      expect(await write([about("allow", of)], to, how), where).toBe(`told in ${NEW}`);
      expect(await write([about("allow", "-77")], to, how), where).toBe("asked");
    }
  },
);

test("where Telegram says only when it is sent that the group moved, what forbids the new address holds", async () => {
  const chat = await openChat({ settings: { chats: { [OLD]: {} } }, agent: { rules: [about("deny", NEW)] } });
  const { bench, telegram } = chat;
  const gone = { description: "Bad Request: group chat was upgraded", parameters: { migrate_to_chat_id: Number(NEW) } };
  telegram.fail({ method: "sendMessage", chat: Number(OLD), ...gone });
  const { channels } = bench.core;
  await channels.send({ channel: "telegram", to: OLD, text: "by the agent", byAgent: true });
  await poll(async () => (await channels.list())[0]).toMatchObject({
    refused: 1,
    refusal: `${OLD}: the group is ${NEW} by now, and a rule keeps the agent from it`,
  });
  // A person's own word goes there; the agent's is not even stored now.
  await expect(channels.send({ channel: "telegram", to: OLD, text: "x", byAgent: true })).rejects.toThrow(
    `A rule keeps the agent from the chat "${NEW}" on telegram`,
  );
  await channels.send({ channel: "telegram", to: OLD, text: "by a person" });
  expect(await telegram.until(({ text }) => text === "by a person")).toMatchObject({ chat: Number(NEW) });
  expect(telegram.sent.map(({ text }) => text)).not.toContain("by the agent");
});

test("nor does the result of a job that the agent made go to where nobody knew that a group went", async () => {
  const { bench, telegram } = await openChat({
    settings: { chats: { [OLD]: {} } },
    agent: { rules: [about("deny", NEW)] },
    turns: [["one"], ["two"]],
  });
  const { jobs, sessions } = bench.core;
  const session = await sessions.create({ title: "Work" });
  const job = await jobs.add(
    {
      name: "mine",
      schedule: { kind: "at", at: "2040-01-01T00:00:00.000Z" },
      payload: { kind: "agentTurn", message: "report" },
      sessionTarget: "isolated",
      delivery: { mode: "announce", channel: "telegram", to: OLD },
    },
    { via: "subagent", id: session.key },
  );
  const fate = async () => (await jobs.firings({ jobId: job.id, limit: 1 }))[0]?.delivery;
  const gone = { description: "Bad Request: group chat was upgraded", parameters: { migrate_to_chat_id: Number(NEW) } };
  telegram.fail({ method: "sendMessage", chat: Number(OLD), ...gone });
  await jobs.run(job.id);
  const why = `the group is ${NEW} by now, and a rule keeps the agent from it`;
  await poll(fate).toEqual({ status: "refused", channel: "telegram", error: why });
  // By now it is known before.
  await jobs.run(job.id);
  const known = `A rule keeps the agent from the chat "${NEW}" on telegram`;
  await poll(fate).toEqual({ status: "failed", error: known });
  expect(telegram.sent).toEqual([]);
});

test.each(Object.entries(moves))("settings, session, grants and what waits follow the group: %s", async (_, how) => {
  const chat = await openChat({
    settings: { chats: { [NEW]: { tools: ["add"] } } },
    turns: [["one"], ["two"], ["three"]],
  });
  const { bench, telegram } = chat;
  sayIn(chat, OLD, "@pincer_bot one", { entities: MENTION });
  await telegram.until(({ text }) => text === "one");
  expect(bench.model.requests[0]!.tools).not.toHaveLength(1);
  // Something waits for the old address, and the new one is heard of by it alone.
  telegram.fail({ method: "sendMessage", chat: Number(OLD), status: 429, retryAfter: 3600 });
  await bench.core.channels.send({ channel: "telegram", to: OLD, text: "waits" });
  await poll(async () =>
    (await bench.store.listOutbox({ channel: "telegram", states: ["waiting"], limit: 9 })).map(({ place, error }) => [
      place,
      error !== undefined,
    ]),
  ).toEqual([[OLD, true]]);
  await move(chat, how);
  expect(await telegram.until(({ text }) => text === "waits")).toMatchObject({ chat: Number(NEW) });
  sayIn(chat, NEW, "@pincer_bot two", { entities: MENTION });
  expect(await telegram.until(({ text }) => text === "two")).toMatchObject({ chat: Number(NEW) });
  expect(bench.model.requests[1]!.tools.map(({ name }) => name)).toEqual(["add"]);
  const { messages } = await bench.core.sessions.history(`telegram-${OLD}`, { limit: 9, includeTools: false });
  expect(messages.filter(({ role }) => role === "user")).toHaveLength(2);
});

test("a stranger's group that moves is no chat to be written to by that", async () => {
  const chat = await openChat();
  await move(chat, moves["the old one says where it went"]);
  for (const to of [OLD, NEW])
    await expect(chat.bench.core.channels.send({ channel: "telegram", to, text: "x" })).rejects.toMatchObject({
      code: "forbidden",
    });
});
