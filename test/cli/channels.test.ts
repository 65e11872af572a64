import { resolve } from "node:path";
import { expect, test } from "vitest";
import { bench, useClientBench } from "./clientBench.ts";
import { pincer } from "./pincer.ts";

useClientBench();

const channel = {
  id: "telegram",
  state: "waiting",
  account: "@my_bot",
  error: "Telegram did not answer getUpdates: ECONNREFUSED",
  retryAt: "2026-11-26T08:00:00.000Z",
  webhook: null,
  people: [{ id: "123", name: null, by: "allow" }],
  pending: [{ id: "666", name: "Eve", expiresAt: "2026-11-26T08:10:00.000Z" }],
  waiting: 2,
  inDoubt: 1,
  refused: 2,
  refusal: "123: Telegram answered 403 to sendMessage",
};

test("channels are listed with their last fault, who may talk and who waits", async () => {
  bench.gateway.answers["GET /api/channels/list"] = { json: { count: 1, channels: [channel] } };
  const { code, stdout } = await pincer(["channels"], bench.env);
  expect(code).toBe(0);
  expect(
    stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.trimEnd().replaceAll(/ {2,}/g, " | ")),
  ).toEqual([
    "CHANNEL | STATE | ACCOUNT | PEOPLE | WAITING | IN DOUBT",
    "telegram | waiting | @my_bot | 1 | 2 | 1",
    "telegram: Telegram did not answer getUpdates: ECONNREFUSED (tried again at 2026-11-26T08:00:00.000Z)",
    "telegram: 2 not taken by the network; the last for 123: Telegram answered 403 to sendMessage",
    "telegram: 123 may talk (allow)",
    "telegram: 666 Eve was shown a code, until 2026-11-26T08:10:00.000Z",
  ]);
});

test("of a webhook the list says where it is, what waits there and what went wrong", async () => {
  const url = "https://bot.example.org/channels/telegram";
  const webhook = {
    url,
    pending: 3,
    lastError: "Wrong response from the webhook: 502 Bad Gateway",
    lastErrorAt: "2026-11-26T07:00:00.000Z",
  };
  bench.gateway.answers["GET /api/channels/list"] = { json: { count: 1, channels: [{ ...channel, webhook }] } };
  const { stdout } = await pincer(["channels"], bench.env);
  expect(stdout).toContain(
    `telegram: messages are posted to ${url} (webhook), 3 wait there; the last that could not be, at 2026-11-26T07:00:00.000Z: Wrong response from the webhook: 502 Bad Gateway\n`,
  );
});

test("a code is confirmed, a text sent, a channel muted, a person removed", async () => {
  const person = { id: "666", name: "Eve", by: "pairing" };
  Object.assign(bench.gateway.answers, {
    "GET /api/channels/list": { json: { count: 1, channels: [channel] } },
    "POST /api/channels/pair": { json: { channel: "telegram", person } },
    "POST /api/channels/send": { json: { channel: "telegram", key: "out_1" } },
    "POST /api/channels/mute": { json: { channel: "telegram", muted: true } },
    "POST /api/channels/restart": { json: { channel: "telegram", restarted: true } },
    "POST /api/channels/remove": { json: { channel: "telegram", person: "666" } },
  });
  const said = async (...args: string[]) => {
    const { stdout } = await pincer(["channels", ...args], bench.env);
    return [stdout.trimEnd(), bench.gateway.seen.at(-1)!.body];
  };
  expect(await said("pair", "ACDE-FGHJ")).toEqual([
    "Eve (666) may talk on telegram, in a private chat",
    { channel: "telegram", code: "ACDE-FGHJ" },
  ]);
  expect(await said("send", "hello", "--to", "123")).toEqual([
    "To be sent as out_1",
    { channel: "telegram", text: "hello", to: "123" },
  ]);
  const path = (name: string) => resolve(name);
  expect(await said("send", "--file", "a.pdf", "both", "--file", "/x/b.png")).toEqual([
    "To be sent as out_1",
    { channel: "telegram", text: "both", files: [path("a.pdf"), path("/x/b.png")] },
  ]);
  expect(await said("send", "--file", "a.pdf")).toEqual([
    "To be sent as out_1",
    { channel: "telegram", files: [path("a.pdf")] },
  ]);
  expect(await said("mute")).toEqual(["telegram is muted", { channel: "telegram", muted: true }]);
  expect(await said("restart", "--delete-webhook")).toEqual([
    "telegram begins anew",
    { channel: "telegram", deleteWebhook: true },
  ]);
  expect(await said("remove", "666")).toEqual([
    "666 may not talk on telegram any more",
    { channel: "telegram", person: "666" },
  ]);
});

test("where several channels are set up one has to be named", async () => {
  const both = [channel, { ...channel, id: "discord" }];
  Object.assign(bench.gateway.answers, {
    "GET /api/channels/list": { json: { count: 2, channels: both } },
    "POST /api/channels/restart": { json: { channel: "discord", restarted: true } },
  });
  const { code, stderr } = await pincer(["channels", "restart"], bench.env);
  expect([code === 0, stderr]).toEqual([false, expect.stringContaining("--channel telegram or --channel discord")]);
  const named = await pincer(["channels", "restart", "--channel", "discord"], bench.env);
  expect(named.stdout.trimEnd()).toBe("discord begins anew");
});
