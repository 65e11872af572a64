import { randomBytes } from "node:crypto";
import { symlinkSync, writeFileSync } from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { basename, join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import * as z from "zod";
import { systemClock } from "../../src/base/clock.ts";
import { createDiscordRest } from "../../src/channels/discord/discordRest.ts";
import { createBotApi } from "../../src/channels/telegram/botApi.ts";
import { channelsSend } from "../../src/gateway/routes/channelRoutes.ts";
import { defineTool, type Tool } from "../../src/core/ports/tool.ts";
import { createFakeClock } from "../fakes/fakeClock.ts";
import { call } from "../fakes/scriptedProvider.ts";
import { createMessageSend } from "../../src/tools/sessions/messageSendTool.ts";
import { posixTest } from "../posix.ts";
import { ANNA, type ChatBench, openChat, poll } from "./chatBench.ts";

/** A call of a door that keeps no answers. */
const asked = { origin: { via: "cli" }, keep: () => [] };

/** A PNG as far as its header: 1 × 1 points, or as many as said. */
function png(width = 1, height = 1): Buffer {
  const bytes = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ", "base64");
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  return bytes;
}

async function sendFile({ bench }: ChatBench, name: string, data: Buffer): Promise<string> {
  const files = [await bench.core.channels.keep("telegram", { name, data })];
  return bench.core.channels.send({ channel: "telegram", text: "", files });
}

async function keptFiles({ bench }: ChatBench): Promise<string[]> {
  return readdir(`${bench.folder}.state/outbox`).catch(() => []);
}

test("files go out behind their text byte for byte, pictures as such, and no copy of them stays", async () => {
  const chat = await openChat();
  const { bench, telegram } = chat;
  const data = Buffer.concat([Buffer.from("\r\n--pincer-\r\n\r\n\0\xff", "latin1"), randomBytes(100_000)]);
  const given = [
    { name: '../../a"b\r\nc\u202egpj.exe', data },
    { name: "shot.png", data: png() },
    { name: "long.png", data: png(2100, 100) },
  ];
  const files = [];
  for (const one of given) files.push(await bench.core.channels.keep("telegram", one));
  await bench.core.channels.send({ channel: "telegram", text: "**Three** files", files });
  await poll(() => telegram.sent.length).toBe(4);
  expect(telegram.sent.map(({ method, text, file }) => [method, text, file?.name])).toEqual([
    ["sendMessage", "Three files", undefined],
    ["sendDocument", "", "a_b__c_gpj.exe"],
    ["sendPhoto", "", "shot.png"],
    ["sendDocument", "", "long.png"],
  ]);
  expect(telegram.sent[1]!.file!.data.equals(data)).toBe(true);
  await poll(() => keptFiles(chat)).toEqual([]);
});

test("what the network does not take is said before anything is sent, and nothing of it is kept", async () => {
  const chat = await openChat();
  await expect(sendFile(chat, "a.bin", Buffer.alloc(60_000_000))).rejects.toMatchObject({
    code: "payload_too_large",
    message: "a.bin has 60 MB; telegram takes files of 50 MB at most",
  });
  await expect(sendFile(chat, "empty.txt", Buffer.alloc(0))).rejects.toMatchObject({ code: "bad_request" });
  const { channels } = chat.bench.core;
  const files = [await channels.keep("telegram", { name: "a", data: Buffer.from("a") })];
  await expect(channels.send({ channel: "telegram", to: "31337", text: "", files })).rejects.toMatchObject({
    code: "forbidden",
  });
  expect([chat.telegram.sent, await keptFiles(chat)]).toEqual([[], []]);
});

test("a picture that is refused as one goes as a file; a file that is refused is said in its chat", async () => {
  const chat = await openChat();
  const { telegram, bench } = chat;
  telegram.fail({ method: "sendPhoto", description: "Bad Request: PHOTO_INVALID_DIMENSIONS" });
  telegram.fail({ method: "sendDocument", chat: ANNA, status: 429, retryAfter: 1, description: "Too Many Requests" });
  await sendFile(chat, "shot.png", png());
  expect(await telegram.until(({ file }) => file !== undefined)).toMatchObject({
    method: "sendDocument",
    file: { name: "shot.png", data: png() },
  });
  telegram.fail({ method: "sendDocument", status: 413, body: "<html>413 Request Entity Too Large</html>" });
  await sendFile(chat, "`big`.zip", Buffer.from("PK"));
  const { text } = await telegram.until(({ method }) => method === "sendMessage");
  expect(text).toBe("⚠️ The file 'big'.zip was not sent: Telegram answered 413 to sendDocument");
  await poll(async () => (await bench.core.channels.list())[0]).toMatchObject({ refused: 1, inDoubt: 0, waiting: 0 });
});

test("a line that breaks in the middle of an upload has brought nothing: it is sent once more, and is not in doubt", async () => {
  const chat = await openChat();
  const { telegram, bench } = chat;
  const data = randomBytes(20_000_000);
  telegram.fail({ method: "sendDocument", drop: "upload" });
  await sendFile(chat, "big.bin", data);
  const sent = await telegram.until(({ file }) => file !== undefined);
  expect(sent.file!.data.equals(data)).toBe(true);
  await poll(async () => (await bench.core.channels.list())[0]).toMatchObject({ inDoubt: 0, waiting: 0 });
  expect(telegram.sent).toHaveLength(1);
});

test("a line that breaks behind an upload leaves it in doubt, with its copy until it is sent again; one that is gone is said", async () => {
  const chat = await openChat();
  const { telegram, bench } = chat;
  telegram.fail({ method: "sendDocument", drop: "done" });
  await sendFile(chat, "a.bin", Buffer.from("once"));
  await telegram.until(({ text }) => text.startsWith("The connection broke"));
  expect(await keptFiles(chat)).toHaveLength(1);
  telegram.say(ANNA, "/again");
  await poll(() => telegram.sent.filter(({ file }) => file?.data.toString() === "once").length).toBe(2);
  await poll(() => keptFiles(chat)).toEqual([]);
  await bench.core.channels.mute("telegram", true);
  await poll(async () => (await bench.core.channels.list())[0]!.state).toBe("muted");
  await sendFile(chat, "gone.bin", Buffer.from("gone"));
  await rm(`${bench.folder}.state/outbox`, { recursive: true });
  await sendFile(chat, "there.bin", Buffer.from("there"));
  await bench.core.channels.mute("telegram", false);
  await telegram.until(({ text }) => text === "⚠️ The file gone.bin was not sent: its file is not kept any more");
  await telegram.until(({ file }) => file?.data.toString() === "there");
});

test("a file that cannot be read is waited for, then said, and holds up nothing behind it for good", async () => {
  const clock = createFakeClock();
  const chat = await openChat({ clock });
  const { telegram, bench } = chat;
  await bench.core.channels.mute("telegram", true);
  await poll(async () => (await bench.core.channels.list())[0]!.state).toBe("muted");
  await sendFile(chat, "odd.bin", Buffer.from("odd"));
  const [kept] = await keptFiles(chat);
  const place = join(`${bench.folder}.state/outbox`, kept!);
  await rm(place);
  await mkdir(place);
  await sendFile(chat, "there.bin", Buffer.from("there"));
  await bench.core.channels.mute("telegram", false);
  await poll(
    async () => (await clock.advance(1000), telegram.sent.map(({ text, file }) => text || file?.name)),
  ).toEqual(["there.bin", "⚠️ The file odd.bin was not sent: its file cannot be read"]);
});

/** Looks at a page: each call shows it wider. */
function screenshotTool(): Tool {
  let width = 1;
  return defineTool({
    name: "look",
    description: "Looks",
    input: z.object({}),
    effect: "read",
    run: async () => ({
      text: "A page",
      images: [{ name: "screenshot.png", mediaType: "image/png", data: png((width += 1)).toString("base64") }],
    }),
  }) as Tool;
}

posixTest(
  "pictures that an answer shows come behind it: what a tool of its run made, and images of the folder that may be read",
  async () => {
    const answer = [
      "The page: ![it](screenshot.png), again ![it](screenshot.png), a chart ![c](out%20s/chart.png)",
      "![x](private.png) ![x](.env.png) ![x](../up.png) ![x](notes.png) ![x](gone.png) ![x](https://example.org/a.png)",
      `and \`![x](chart.png)\` as code, ![x](a%00b.png) ![x](${"n".repeat(300)}.png) ![x](%ff.png)`,
    ].join("\n\n");
    const chat = await openChat({
      turns: [[call("look", {})], [call("look", {})], [answer], ["![nothing of this run](screenshot.png)"]],
      tools: [screenshotTool()],
    });
    const { bench, telegram, settings } = chat;
    settings.chats[String(ANNA)] = { workspace: bench.folder };
    const put = (name: string, data: Buffer | string) => writeFileSync(join(bench.folder, name), data);
    await mkdir(join(bench.folder, "out s"));
    for (const name of ["out s/chart.png", "chart.png", ".env.png", `../${basename(bench.folder)}.state/secret.png`])
      put(name, png(50, 50));
    put("notes.png", "no picture");
    symlinkSync(`${bench.folder}.state/secret.png`, join(bench.folder, "private.png"));
    telegram.say(ANNA, "look");
    await poll(() => telegram.sent.filter(({ file }) => file).length).toBe(2);
    const [text, ...pictures] = telegram.sent.filter(({ silent }) => !silent);
    expect(text!.text).toContain("The page: it (screenshot.png)");
    expect(pictures.map(({ method, file }) => [method, file!.name, file!.data.readUInt32BE(16)])).toEqual([
      ["sendPhoto", "screenshot.png", 3],
      ["sendPhoto", "chart.png", 50],
    ]);
    telegram.say(ANNA, "again");
    await telegram.until(({ text }) => text.startsWith("nothing of this run"));
    await poll(async () => (await bench.core.channels.list())[0]).toMatchObject({ waiting: 0 });
    expect(telegram.sent.filter(({ file }) => file)).toHaveLength(2);
    await poll(() => keptFiles(chat)).toEqual([]);
  },
);

posixTest(
  "over the API files of the gateway's machine go out by their paths, and none that may hold secrets, nor to others",
  async () => {
    const chat = await openChat();
    const { bench, telegram } = chat;
    const path = (name: string) => join(bench.folder, name);
    for (const name of ["a.txt", ".env", "empty"]) writeFileSync(path(name), name === "empty" ? "" : name);
    symlinkSync(path(".env"), path("innocent.txt"));
    symlinkSync(path("a.txt"), path("link.txt"));
    const send = (input: { to?: string; text?: string; files?: string[] }) =>
      channelsSend.handle(bench.core, { channel: "telegram", ...input }, asked as never);
    await send({ text: "Two", files: [path("a.txt"), path("link.txt")] });
    await poll(() => telegram.sent.map(({ file, text }) => file?.name ?? text)).toEqual(["Two", "a.txt", "link.txt"]);
    for (const [input, code] of [
      [{ files: [path(".env")] }, "forbidden"],
      [{ files: [path("a.txt"), path("innocent.txt")] }, "forbidden"],
      [{ files: [`${bench.folder}.state/pincer.db`], to: "31337" }, "forbidden"],
      [{ files: ["a.txt"] }, "bad_request"],
      [{ files: [path("empty")] }, "bad_request"],
      [{ files: [bench.folder] }, "bad_request"],
      [{ files: [path("gone")] }, "not_found"],
      [{}, "bad_request"],
    ] as const)
      await expect(send(input as never), JSON.stringify(input)).rejects.toMatchObject({ code });
    await poll(() => keptFiles(chat)).toEqual([]);
    expect(telegram.sent).toHaveLength(3);
  },
);

test("an answer comes although its picture cannot be had, whatever is the reason", async () => {
  const { bench, telegram, close, run, settings } = await openChat({ turns: [["See ![it](a.png)"]] });
  settings.chats[String(ANNA)] = { workspace: bench.folder };
  await close();
  run({ openPicture: () => Promise.reject(new TypeError("as the test says")) });
  telegram.say(ANNA, "show it");
  await telegram.until(({ text }) => text === "See it (a.png)");
});

test("a file in which a known secret stands is not sent, whoever sends it, and the person is not asked first", async () => {
  const messageSend = createMessageSend(
    () => chat.bench.core.channels,
    () => ["telegram"],
  );
  const chat = await openChat({
    turns: [[call("message_send", { channel: "telegram", files: ["notes.bin"] })], ["![it](shot.png)"]],
    tools: [messageSend as Tool],
    holdsSecret: async (data) => data.includes("hush-hush"),
  });
  const { bench, telegram } = chat;
  writeFileSync(join(bench.folder, "notes.bin"), "\0 hush-hush");
  writeFileSync(join(bench.folder, "shot.png"), Buffer.concat([png(), Buffer.from("hush-hush")]));
  const code = "forbidden";
  await expect(sendFile(chat, "a.txt", Buffer.from("hush-hush"))).rejects.toMatchObject({
    code,
    message: "a.txt holds a key or a token that Pincer knows, and is not sent",
  });
  const files = [join(bench.folder, "notes.bin")];
  const input = { channel: "telegram", files };
  await expect(channelsSend.handle(bench.core, input, asked as never)).rejects.toMatchObject({
    code,
  });
  const request = { text: "x", origin: { via: "panel" as const }, sessionKey: "main", workspace: bench.folder };
  await (
    await bench.core.sessions.send(request)
  ).outcome;
  const { messages } = await bench.core.sessions.history("main", { limit: 9, includeTools: true });
  expect(messages.find(({ role }) => role === "tool")!.text).toMatch(/notes\.bin holds a key or a token/);
  expect([telegram.sent, await keptFiles(chat)]).toEqual([[], []]);
});

test("a job's result brings the pictures that it shows, and a failed one brings none", async () => {
  const chat = await openChat({
    turns: [[call("look", {})], ["The page:\n\n![it](screenshot.png)"], [{ fail: new Error("no") }]],
    tools: [screenshotTool()],
  });
  const { bench, telegram } = chat;
  const job = await bench.core.jobs.add(
    {
      name: "look",
      schedule: { kind: "at", at: "2040-01-01T00:00:00.000Z" },
      payload: { kind: "agentTurn", message: "look" },
      sessionTarget: "isolated",
      delivery: { mode: "announce", channel: "telegram", to: String(ANNA) },
    },
    { via: "api" },
  );
  await bench.core.jobs.run(job.id);
  await telegram.until(({ file }) => file !== undefined);
  expect(telegram.sent.map(({ method, chat: to, file }) => [method, to, file?.name])).toEqual([
    ["sendMessage", ANNA, undefined],
    ["sendPhoto", ANNA, "screenshot.png"],
  ]);
  await bench.core.jobs.run(job.id);
  await telegram.until(({ text }) => text.startsWith("look failed"));
  await poll(() => keptFiles(chat)).toEqual([]);
  expect(telegram.sent).toHaveLength(3);
});

test.each(["telegram", "discord"])("a file has its time to go up over a slow line to %s", async (network) => {
  const came = Promise.withResolvers<() => void>();
  const server = http.createServer((request, response) => {
    request.resume().once("end", () => came.resolve(() => response.end('{"ok":true,"result":{"id":"1"},"id":"1"}')));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => {
    vi.useRealTimers();
    server.close();
    server.closeAllConnections();
  });
  const apiRoot = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const token = network === "telegram" ? "123456:ABC-DEF_fake" : "MTIz.Gabc.fake-token";
  const file = { field: "document", name: "a.bin", mediaType: "application/zip", data: Buffer.alloc(10_000_000) };
  const path = "/channels/1/messages";
  const sent =
    network === "telegram"
      ? createBotApi({ token, apiRoot }).call("sendDocument", {}, { file })
      : createDiscordRest({ token, apiRoot, clock: systemClock }).call({ method: "POST", path, file });
  void came.promise.then((end) => {
    // At 50 kB a second.
    vi.advanceTimersByTime(200_000);
    end();
  });
  expect(await sent).toEqual(expect.objectContaining({ id: "1" }));
});
