import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import selfsigned from "selfsigned";
import { expect, onTestFinished, test } from "vitest";
import { AppError } from "../../src/base/appError.ts";
import type { ChannelAgent } from "../../src/core/ports/outside/channelAgent.ts";
import type { Batch } from "../../src/core/ports/batch.ts";
import { certificateNames } from "../../src/gateway/listen/tls.ts";
import { openGatewayBench } from "../gateway/bench.ts";
import type { TelegramServer } from "../fakes/telegramServer.ts";
import { ANNA, BORIS, type ChatBench, createAheadClock, openChat, poll } from "./chatBench.ts";

const SECRET = "X-Telegram-Bot-Api-Secret-Token";

/** A core whose bot has a webhook, which leads to a gateway of its own. */
async function openPosted(options: Parameters<typeof openChat>[0] = {}) {
  let url = "";
  const chat = await openChat({
    ...options,
    async webhook(bench) {
      const { gateway } = await openGatewayBench({ over: bench });
      url = `${gateway.url}/channels/telegram`;
      return { url };
    },
  });
  return { ...chat, url };
}

async function listed({ bench }: Pick<ChatBench, "bench">) {
  return (await bench.core.channels.list())[0]!;
}

const posted = ({ poster }: TelegramServer) => poster.answers.map(({ status }) => status);
const calls = ({ calls: all }: TelegramServer, ...methods: string[]) =>
  all.filter(({ method }) => methods.includes(method)).map(({ method }) => method);

test("messages are posted to the gateway's door, answered once, and the list says so; on its end Telegram keeps what comes", async () => {
  const { telegram, bench, url, close, run } = await openPosted({ turns: [["one"], ["two"], ["three"], ["four"]] });
  telegram.say(ANNA, "first");
  await telegram.until(({ text }) => text === "one");
  expect(telegram.poster.current()).toMatchObject({ url, allowed: ["message", "edited_message", "callback_query"] });
  expect(telegram.poster.current()!.secret).toMatch(/^[\w-]{43}$/);
  expect(await listed({ bench })).toMatchObject({
    ...{ state: "connected", error: null, account: "@pincer_bot" },
    webhook: { url, pending: expect.any(Number), lastError: null, lastErrorAt: null },
  });
  expect(calls(telegram, "getUpdates")).toEqual([]);
  expect(posted(telegram)).toEqual([200]);
  // Each process has a secret of its own.
  const { secret } = telegram.poster.current()!;
  await close();
  expect([telegram.webhook, (await listed({ bench })).webhook]).toEqual([undefined, null]);
  expect(telegram.calls.find(({ method }) => method === "deleteWebhook")!.params).toEqual({});
  telegram.say(ANNA, "second");
  run();
  await telegram.until(({ text }) => text === "two");
  expect(telegram.poster.current()!.secret).not.toBe(secret);
  // To polling and back.
  await close();
  telegram.say(ANNA, "third");
  run({ webhook: undefined });
  await telegram.until(({ text }) => text === "three");
  await close();
  telegram.say(BORIS, "fourth");
  run({ webhook: { url } });
  await telegram.until(({ text }) => text === "four");
  expect(bench.model.requests).toHaveLength(4);
  expect(telegram.texts(ANNA)).toEqual(["one", "two", "three"]);
  expect(telegram.pending()).toBe(0);
});

test("only Telegram may post: a wrong secret or none is refused before its body, and nobody finds anything where no webhook is", async () => {
  const { telegram, bench, url, close } = await openPosted();
  await poll(() => telegram.webhook).toBe(url);
  await poll(async () => (await listed({ bench })).state).toBe("connected");
  const body = JSON.stringify({ update_id: 7, message: { message_id: 1, chat: { id: ANNA, type: "private" } } });
  const json = { "content-type": "application/json" };
  const statusOf = async (headers: Record<string, string>, text = body) =>
    (await fetch(url, { method: "POST", headers: { ...json, ...headers }, body: text })).status;
  const { secret } = telegram.poster.current()!;
  const right = { [SECRET]: secret };
  for (const wrong of ["", "x", secret.slice(1), `${secret}x`, secret.toLowerCase(), `${secret}, ${secret}`])
    expect(await statusOf({ [SECRET]: wrong }), wrong).toBe(401);
  expect(await statusOf({})).toBe(401);
  expect(await statusOf({ Authorization: "Bearer T0ken-of-the-tests-0123456789abcdefghijklmnopq" })).toBe(401);
  expect(await statusOf(right, "[]")).toBe(400);
  expect(await statusOf(right, "{}")).toBe(400);
  expect(await statusOf(right, "null")).toBe(400);
  expect(await statusOf(right, '{"update_id":"7"}')).toBe(400);
  expect(await statusOf({ ...right, "content-type": "text/plain" })).toBe(415);
  expect(await statusOf(right, JSON.stringify({ update_id: 8, x: "y".repeat(1_100_000) }))).toBe(413);
  expect((await fetch(url, { headers: right })).status).toBe(405);
  for (const path of ["/channels/discord", "/channels/telegram/x", "/channels"])
    expect((await fetch(new URL(path, url), { method: "POST", headers: { ...json, ...right }, body })).status).toBe(
      404 - (path === "/channels" ? 3 : 0),
    );
  // A body that nobody is let send is not waited for.
  const held = request(url, { method: "POST", headers: { ...json, [SECRET]: "wrong", "content-length": "1000" } });
  held.flushHeaders();
  const [refused] = (await once(held, "response")) as [{ statusCode: number }];
  expect(refused.statusCode).toBe(401);
  held.on("error", () => {}).destroy();
  // One that is held until the webhook is gone starts nothing.
  const length = { "content-length": String(body.length), expect: "100-continue" };
  const late = request(url, { method: "POST", headers: { ...json, ...right, ...length } });
  const answered = once(late, "response") as Promise<[{ statusCode: number }]>;
  late.flushHeaders();
  // Its head was let in.
  await once(late, "continue");
  await close();
  late.end(body);
  const [gone] = await answered;
  expect(gone.statusCode).toBe(404);
  expect(await statusOf(right)).toBe(404);
  expect(await bench.store.listInbox({ channel: "telegram", states: ["new", "taken", "done"], limit: 9 })).toEqual([]);
});

test("the door is called by the name that Telegram uses, and no other of the gateway's is", async () => {
  const { telegram, url } = await openPosted({ turns: [["hello"]] });
  await poll(() => telegram.webhook).toBe(url);
  const { port } = new URL(url);
  const statusOf = async (path: string, host: string) => {
    const headers = { host, "content-type": "application/json", [SECRET]: telegram.poster.current()!.secret };
    const asked = request({ port, path, method: "POST", headers }).end("{}");
    return ((await once(asked, "response")) as [{ statusCode: number }])[0].statusCode;
  };
  expect(await statusOf("/channels/telegram", "127.0.0.1")).toBe(400);
  // A proxy may name a port behind it.
  expect(await statusOf("/channels/telegram", "127.0.0.1:8443")).toBe(400);
  for (const other of [
    "evil.example",
    "evil.example:8443",
    "127.0.0.1:",
    "127.0.0.1:x",
    "127.0.0.1:8443:1",
    "127.0.0.1.evil",
  ])
    expect(await statusOf("/channels/telegram", other), other).toBe(403);
  expect(await statusOf("/hooks/x", "127.0.0.1:8443")).toBe(403);
  expect(await statusOf("/hooks/x", "127.0.0.1")).toBe(403);
  expect(await statusOf("/api/sessions/send", "127.0.0.1")).toBe(403);
});

test("what cannot be stored is refused, comes again, and is answered once; repeats are, too", async () => {
  const { telegram, bench, close, run, url } = await openPosted({ turns: [["stored"], ["again"]] });
  await poll(() => telegram.webhook).toBe(url);
  await close();
  let isFull = true;
  const commit = async (batch: Batch) => {
    if (isFull && batch.channels?.some((one) => "receive" in one))
      throw new AppError("unavailable", "The disk is full");
    return bench.store.commit(batch);
  };
  const agent: ChannelAgent = { ...bench.core, store: { ...bench.store, commit } };
  run({ agent });
  telegram.say(ANNA, "keep this");
  await poll(() => posted(telegram).filter((status) => status === 503).length).toBeGreaterThan(0);
  await poll(async () => (await listed({ bench })).state).toBe("waiting");
  expect((await listed({ bench })).error).toMatch(/The disk is full/);
  isFull = false;
  await telegram.until(({ text }) => text === "stored");
  await poll(() => telegram.pending()).toBe(0);
  expect(posted(telegram).at(-1)).toBe(200);
  // Telegram did not read that it was taken.
  telegram.update({
    update_id: 1000,
    message: {
      message_id: 1,
      from: { id: ANNA, first_name: "A" },
      chat: { id: ANNA, type: "private" },
      text: "keep this",
    },
  });
  telegram.say(ANNA, "more");
  await telegram.until(({ text }) => text === "again");
  expect(bench.model.requests).toHaveLength(2);
});

test("where Telegram does not take the webhook, messages are fetched, and the list says why", async () => {
  const { telegram, bench, close, run } = await openPosted({ turns: [["fetched"]] });
  await close();
  telegram.isLocal = false;
  run();
  telegram.say(ANNA, "hello");
  await telegram.until(({ text }) => text === "fetched");
  expect(await listed({ bench })).toMatchObject({
    ...{ state: "connected", webhook: null },
    error:
      "Telegram answered 400 to setWebhook: Bad Request: bad webhook: An HTTPS URL must be provided for webhook. Messages are fetched by polling, and the webhook is tried again every ten minutes",
  });
  await close();
  run({ webhook: { url: "https://bot.example.org", certificate: "/nowhere/cert.pem" } });
  await poll(async () => (await listed({ bench })).error).toMatch(/certificate cannot be read: ENOENT, \/nowhere/);
});

test("a webhook of another program is left alone, whenever it was set; one that a killed process left is taken over or deleted", async () => {
  const { telegram, bench, url, close, run } = await openPosted({ turns: [["mine"], ["polled"], ["back"]] });
  await poll(() => telegram.webhook).toBe(url);
  const theirs = "https://elsewhere.example/bot-secret";
  telegram.webhook = theirs;
  await poll(async () => listed({ bench })).toMatchObject({
    ...{ state: "waiting", webhook: null },
    error: expect.stringMatching(
      /Another program has set a webhook for this bot, at elsewhere\.example, .*--delete-webhook/,
    ),
  });
  await close();
  expect(telegram.webhook).toBe(theirs);
  run();
  await poll(async () => (await listed({ bench })).error).toMatch(/Another program has set a webhook/);
  expect(telegram.webhook).toBe(theirs);
  await close();
  run({ deleteWebhook: true });
  telegram.say(ANNA, "hello");
  await telegram.until(({ text }) => text === "mine");
  // As after kill -9: it is set still, and nobody runs.
  await close();
  telegram.webhook = url;
  await bench.store.commit({
    channels: [{ note: { channel: "telegram", key: "webhook:4242" }, value: { urls: [url] } }],
  });
  telegram.say(ANNA, "without it");
  run({ webhook: undefined });
  await telegram.until(({ text }) => text === "polled");
  expect(telegram.webhook).toBeUndefined();
  await close();
  // Nor is one deleted that is not ours.
  telegram.webhook = url;
  run();
  await poll(async () => (await listed({ bench })).error).toMatch(/A webhook is set for this bot/);
  expect(telegram.webhook).toBe(url);
  await close();
  run({ webhook: { url } });
  telegram.say(ANNA, "and back");
  await telegram.until(({ text }) => text === "back");
});

test("who ends before it has looked leaves the webhook of another program where it is", async () => {
  const { telegram, url, close } = await openPosted();
  await poll(() => telegram.webhook).toBe(url);
  telegram.webhook = "https://elsewhere.example/hook";
  await close();
  expect(telegram.webhook).toBe("https://elsewhere.example/hook");
  expect(calls(telegram, "deleteWebhook")).toEqual([]);
});

test("who finds the webhook deleted by another program does not set it at once again", async () => {
  const { telegram, bench, url } = await openPosted();
  await poll(() => telegram.webhook).toBe(url);
  telegram.poster.delete();
  await poll(async () => listed({ bench })).toMatchObject({
    state: "waiting",
    error: expect.stringMatching(/Another program has deleted the webhook of this bot: it is set again in ten minutes/),
  });
  const { retryAt } = await listed({ bench });
  expect(Date.parse(retryAt!) - Date.now()).toBeGreaterThan(500_000);
  expect(telegram.webhook).toBeUndefined();
});

test("so does who looked last by a clock that was ahead", async () => {
  const clock = createAheadClock(365 * 24 * 3_600_000);
  const { telegram, bench, url } = await openPosted({ clock });
  await poll(() => telegram.webhook).toBe(url);
  await poll(() => calls(telegram, "getWebhookInfo").length).toBeGreaterThan(1);
  clock.setBack();
  telegram.poster.delete();
  await poll(async () => (await listed({ bench })).error ?? "").toMatch(/Another program has deleted the webhook/);
});

test("only who holds the bot registers, and who has lost it leaves the webhook to the other", async () => {
  const { telegram, bench, url, run } = await openPosted({ turns: [["held"]] });
  await poll(() => telegram.webhook).toBe(url);
  const second = await openChat({ telegram, webhook: async () => ({ url: "https://127.0.0.1:9/other" }) });
  onTestFinished(() => second.close());
  // Another state folder, another lease: it does not fight.
  await poll(async () => (await listed(second)).error).toMatch(
    /Another program has set a webhook for this bot, at 127/,
  );
  expect(telegram.webhook).toBe(url);
  run({ owner: "beside" });
  await poll(async () => (await listed({ bench })).error).toMatch(/test \(process \d+\) runs it/);
  expect(calls(telegram, "setWebhook")).toHaveLength(1);
  telegram.say(ANNA, "hello");
  await telegram.until(({ text }) => text === "held");
});

test("over TLS of its own Telegram is shown the certificate, which is for the name that it asks by", async () => {
  const { telegram, bench, close, run } = await openPosted({ turns: [["over TLS"]] });
  await close();
  const names = ["bot.example.org"];
  const { gateway } = await openGatewayBench({ over: bench, gateway: { tls: "selfSigned", names } });
  expect(certificateNames(gateway.certificate!)).toContain("bot.example.org");
  const certificate = join(bench.folder, "tls", "cert.pem");
  run({ webhook: { url: `${gateway.url}/channels/telegram`, certificate } });
  telegram.say(ANNA, "hello");
  await telegram.until(({ text }) => text === "over TLS");
  expect(telegram.poster.current()!.certificate!.trim()).toBe(gateway.certificate!.trim());
  // One that is renewed is shown to it, too, once the one from before is served no more.
  const renewed = (
    await selfsigned.generate([{ name: "commonName", value: "bot.example.org" }], {
      keyType: "ec",
      extensions: [{ name: "keyUsage", keyCertSign: true }],
    })
  ).cert;
  await writeFile(certificate, renewed);
  const looks = calls(telegram, "getWebhookInfo").length;
  await poll(() => calls(telegram, "getWebhookInfo").length).toBeGreaterThan(looks + 1);
  expect(telegram.poster.current()!.certificate!.trim()).toBe(gateway.certificate!.trim());
  telegram.poster.current()!.lastError = { at: Math.ceil(Date.now() / 1000), message: "SSL error" };
  await poll(() => telegram.poster.current()?.certificate?.trim()).toBe(renewed.replaceAll("\r", "").trim());
  await writeFile(certificate, gateway.certificate!);
  telegram.say(ANNA, "once more");
  await poll(() => telegram.poster.current()?.certificate?.trim()).toBe(gateway.certificate!.trim());
  // A key in the file stays here.
  await close();
  const both = join(bench.folder, "both.pem");
  const [pem, key] = await Promise.all(
    ["cert.pem", "key.pem"].map((name) => readFile(join(bench.folder, "tls", name), "utf8")),
  );
  await writeFile(both, `${key}\n${pem}`);
  run({ webhook: { url: `${gateway.url}/channels/telegram`, certificate: both } });
  await poll(() => telegram.poster.current()?.certificate?.trim()).toBe(gateway.certificate!.trim());
  expect(JSON.stringify(telegram.calls)).not.toContain("PRIVATE KEY");
});

test("what no shape fits is taken and left out, since Telegram would send it for a day and nothing behind it", async () => {
  const { telegram, url } = await openPosted({ turns: [["heard"]] });
  await poll(() => telegram.webhook).toBe(url);
  const { secret } = telegram.poster.current()!;
  const deep = `${'{"a":'.repeat(40)}1${"}".repeat(40)}`;
  for (const [at, rest] of [
    '"message":7',
    '"__proto__":{}',
    '"poll":"\\u0000"',
    '"poll":"\\ud800"',
    `"poll":${deep}`,
  ].entries()) {
    const body = `{"update_id":${500 + at},${rest}}`;
    const headers = { "content-type": "application/json", [SECRET]: secret };
    expect((await fetch(url, { method: "POST", headers, body })).status, rest).toBe(200);
  }
  telegram.say(ANNA, "behind it");
  await telegram.until(({ text }) => text === "heard");
});

test("where somebody set the same address without the secret, it is set anew: by whoever the posts come to", async () => {
  const { telegram, url } = await openPosted({ turns: [["heard"]] });
  await poll(() => telegram.webhook).toBe(url);
  const { secret } = telegram.poster.current()!;
  // As with curl: the posts come here and are refused.
  telegram.webhook = url;
  expect(telegram.poster.current()!.secret).not.toBe(secret);
  telegram.say(ANNA, "hello");
  await telegram.until(({ text }) => text === "heard");
  expect(posted(telegram)).toContain(401);
  expect(telegram.poster.current()!.secret).toMatch(/^[\w-]{43}$/);
});

test("a chain of certificates that ends with no authority is refused with the reason: Telegram could not trust it", async () => {
  const { bench, close, run } = await openPosted();
  await close();
  const ca = await selfsigned.generate([{ name: "commonName", value: "An authority" }], { keyType: "ec" });
  const leaf = await selfsigned.generate([{ name: "commonName", value: "bot.example.org" }], {
    keyType: "ec",
    ca: { key: ca.private, cert: ca.cert },
  });
  const certificate = join(bench.folder, "chain.pem");
  await writeFile(certificate, leaf.cert);
  run({ webhook: { url: "https://bot.example.org", certificate } });
  await poll(async () => (await listed({ bench })).error).toMatch(/none in .*chain\.pem signs itself, .*leave it out/);
});
