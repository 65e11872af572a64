import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Tool } from "../../src/core/ports/tool.ts";
import type { Rule } from "../../src/protocol/rule.ts";
import { createMessageSend } from "../../src/tools/sessions/messageSendTool.ts";
import { nextEvent } from "../core/bench.ts";
import { call, type Turn } from "../fakes/scriptedProvider.ts";
import { posixTest } from "../posix.ts";
import { ANNA, BORIS, type ChatBench, openChat, poll } from "./chatBench.ts";

const channel = "telegram";

/** A chat whose agent calls the tool with each of these inputs, one a run, and then says "done". */
async function openSending(inputs: object[], agent: { rules?: Rule[] } = {}): Promise<ChatBench> {
  const messageSend = createMessageSend(
    () => chat.bench.core.channels,
    () => [channel],
  );
  const turns: Turn[] = inputs.flatMap((input) => [[call("message_send", { channel, ...input })], ["done"]]);
  const chat = await openChat({ turns, tools: [messageSend as Tool], agent });
  for (const folder of ["out", "private"]) mkdirSync(join(chat.bench.folder, folder));
  writeFileSync(join(chat.bench.folder, "out/report.pdf"), "%PDF-1.4 report");
  writeFileSync(join(chat.bench.folder, ".env"), "TOKEN=secret");
  return chat;
}

/** What the tool said in the newest run. */
async function said({ bench }: ChatBench, sessionKey = "main"): Promise<string> {
  const { messages } = await bench.core.sessions.history(sessionKey, { limit: 9, includeTools: true });
  return messages.filter(({ role }) => role === "tool").at(-1)!.text;
}

/** Runs one message to its end with nobody to ask, under these grants. */
async function alone({ bench }: ChatBench, grants?: Rule[]): Promise<void> {
  const request = { text: "send it", origin: { via: "api" as const }, sessionKey: "main", workspace: bench.folder };
  const run = await bench.core.sessions.send({ ...request, attended: false, ...(grants ? { grants } : {}) });
  await run.outcome;
}

test("who is to be asked by default is asked; a rule, and a grant where nobody is there, lets messages to its chat go, and no others", async () => {
  const chat = await openSending([{ text: "1" }, { text: "2" }, { text: "3", to: String(BORIS) }, { text: "4" }]);
  const granted: Rule[] = [{ allow: "message", channel, to: String(ANNA) }];
  await alone(chat);
  expect(await said(chat)).toMatch(/Nobody is there to be asked, and no grant allows it: send to telegram 111: ⏎ 1\./);
  await alone(chat, granted);
  await alone(chat, granted);
  expect(await said(chat)).toMatch(/no grant allows it: send to telegram 222: ⏎ 3\./);
  // A deny rule wins over every grant.
  chat.bench.settings.rules = [{ deny: "message", channel, to: "*" }];
  await alone(chat, granted);
  expect(await said(chat)).toMatch(/A rule refuses this: deny message: telegram\/\*/);
  await poll(() => chat.telegram.texts(ANNA)).toEqual(["2"]);
  expect(chat.telegram.texts(BORIS)).toEqual([]);
});

test("an address has one spelling: no other gets around a rule, and what is none is said to be none", async () => {
  const none = ["111:", "111:0", "111:abc", "111:-3", "111:1:2", "0111", "+111", "1e2", "111.0", "@anna", "*"];
  const same = [" 111", "telegram:111", "111:7", "111:topic:7"];
  const chat = await openSending([...none, ...same, `telegram:${BORIS}`].map((to) => ({ to, text: to })));
  chat.bench.settings.rules = [{ deny: "message", channel, to: String(ANNA) }];
  const granted: Rule[] = [{ allow: "message", channel, to: "*" }];
  for (const to of none) {
    await alone(chat, granted);
    expect(await said(chat), to).toContain(`to: "${to}" is no address of a chat`);
  }
  for (const to of same) {
    await alone(chat, granted);
    expect(await said(chat), to).toMatch(/A rule refuses this: deny message: telegram\/111/);
  }
  await alone(chat, granted);
  await poll(() => chat.telegram.sent.map((one) => one.chat)).toEqual([BORIS]);
});

test("a file goes when a person has allowed that very file, by name and size, and not as another one", async () => {
  const files = ["out/report.pdf"];
  const chat = await openSending([{ text: "The report", files }, { files }, { files: ["out/report.pdf", ".env"] }]);
  const { bench, telegram } = chat;
  const ask = async () => {
    const asked = nextEvent(bench.core, "approval.asked");
    const request = { text: "send", origin: { via: "panel" as const }, sessionKey: "main", workspace: bench.folder };
    const run = await bench.core.sessions.send(request);
    return { run, approval: (await asked).approval };
  };
  const first = await ask();
  expect(first.approval).toMatchObject({
    subject: { type: "other", text: `send to telegram ${ANNA}:\nThe report\nwith the file "out/report.pdf" (15 B)` },
    offers: [{ decision: "allow" }, { decision: "deny" }],
  });
  await bench.core.approvals.answer(first.approval.id, "allow", "panel");
  expect((await telegram.until(({ file }) => file !== undefined)).file).toMatchObject({
    name: "report.pdf",
    data: Buffer.from("%PDF-1.4 report"),
  });
  expect(telegram.texts(ANNA)).toEqual(["The report", ""]);

  await first.run.outcome;
  const second = await ask();
  writeFileSync(join(bench.folder, "out/report.pdf"), "%PDF-1.4 another");
  await bench.core.approvals.answer(second.approval.id, "allow", "panel");
  await second.run.outcome;
  expect(await said(chat)).toMatch(/Nothing was done|has changed/);

  const third = await ask();
  expect(third.approval.reason).toBe("sends a message over telegram; .env may hold secrets");
  await bench.core.approvals.answer(third.approval.id, "deny", "panel");
  await third.run.outcome;
  expect(telegram.sent).toHaveLength(2);
});

test("where nobody is there, a file needs a rule for the chat and one for its path, and a secret one that names it", async () => {
  const pdf = { files: ["out/report.pdf"] };
  const chat = await openSending([pdf, pdf, { files: [".env"] }]);
  const message: Rule = { allow: "message", channel, to: "*" };
  await alone(chat, [message]);
  expect(await said(chat)).toMatch(/no grant allows it/);
  await alone(chat, [message, { allow: "read", path: "out/**" }]);
  await alone(chat, [message, { allow: "read", path: "**" }]);
  expect(await said(chat)).toMatch(/no grant allows it: send to telegram 111: ⏎ with the file "\.env"/);
  await poll(() => chat.telegram.sent.map(({ file }) => file?.name)).toEqual(["report.pdf"]);
});

posixTest("what cannot be sent is said before anybody is asked", async () => {
  const cases: [string, RegExp][] = [
    ["../outside.txt", /is outside the workspace/],
    ["link.txt", /is outside the workspace/],
    ["dangling", /is a link that leads nowhere/],
    ["empty.txt", /empty\.txt is empty/],
    ["out", /is a folder/],
    ["pipe", /is not a regular file/],
    ["missing.pdf", /missing\.pdf does not exist/],
    ["big.bin", /big\.bin has 60 MB, and may have 50 MB at most/],
  ];
  const chat = await openSending([...cases.map(([path]) => ({ files: [path] })), { text: " " }]);
  const { folder } = chat.bench;
  symlinkSync("/etc/hostname", join(folder, "link.txt"));
  symlinkSync("nowhere", join(folder, "dangling"));
  writeFileSync(join(folder, "empty.txt"), "");
  writeFileSync(join(folder, "big.bin"), "");
  truncateSync(join(folder, "big.bin"), 60_000_000);
  execFileSync("mkfifo", [join(folder, "pipe")]);
  for (const [path, words] of cases) {
    await alone(chat, [{ allow: "message", channel, to: "*" }]);
    expect(await said(chat), path).toMatch(words);
  }
  await alone(chat, [{ allow: "message", channel, to: "*" }]);
  expect(await said(chat)).toMatch(/has a text, or files, or both/);
  expect([chat.telegram.sent, existsSync(`${folder}.state/outbox`)]).toEqual([[], false]);
});

posixTest("a run of a chat sends there where it names no other, with strange names shown as they are", async () => {
  const name = "a\nb\u202egpj.exe";
  const chat = await openSending([{ files: [name] }]);
  const { bench, telegram, settings } = chat;
  settings.chats[String(BORIS)] = { workspace: bench.folder };
  writeFileSync(join(bench.folder, name), "MZ");
  telegram.say(BORIS, "send me the program");
  const ask = await telegram.until(({ buttons }) => buttons.length > 0);
  expect(ask.chat).toBe(BORIS);
  expect(ask.text).toContain(`send to telegram ${BORIS}:`);
  expect(ask.text).toContain('with the file "a\\nb\\u{202e}gpj.exe" (2 B)');
  telegram.press(BORIS, ask, "Allow once");
  const sent = await telegram.until(({ file }) => file !== undefined);
  expect(sent).toMatchObject({ chat: BORIS, file: { name: "a_b_gpj.exe" } });
});
