import { expect, test } from "vitest";
import { channels } from "../../src/cli/doctor/channelsCheck.ts";
import type { Checkup } from "../../src/cli/doctor/check.ts";

const plain = {
  ...{ id: "telegram", state: "connected", account: "@my_bot", error: null, retryAt: null, webhook: null },
  ...{ people: [], pending: [], waiting: 0, inDoubt: 0, refused: 0, refusal: null },
};

const look = async (more: object) => {
  const client = { get: async () => ({ count: 1, channels: [{ ...plain, ...more }] }) };
  const found = await channels.run({ client } as unknown as Checkup);
  return found.map(({ level, text }) => `${level}: ${text}`);
};

test("the doctor says how a channel is, what its network could not post and why, and what did not arrive", async () => {
  const webhook = { url: "https://bot.example.org/channels/telegram", pending: 0, lastError: null, lastErrorAt: null };
  expect(await look({})).toEqual(["ok: telegram: connected as @my_bot"]);
  expect(await look({ webhook })).toEqual([`ok: telegram: connected, by webhook at ${webhook.url} as @my_bot`]);
  const failed = {
    ...webhook,
    pending: 12,
    lastError: "Connection timed out",
    lastErrorAt: "2026-11-26T08:00:00.000Z",
  };
  expect(await look({ webhook: failed })).toEqual([
    `warning: telegram: 12 messages wait to be posted to ${webhook.url}`,
    "ok: telegram: at 2026-11-26T08:00:00.000Z something could not be posted, and was later: Connection timed out",
  ]);
  const error = `Telegram cannot post messages to ${webhook.url}: Connection timed out`;
  expect(await look({ webhook: failed, error })).toEqual([`warning: telegram: ${error}`]);
  expect(await look({ state: "failed", error: "Unauthorized" })).toEqual(["broken: telegram: Unauthorized"]);
  expect(await look({ inDoubt: 2, refusal: "5: Forbidden: bot was blocked by the user" })).toEqual([
    "warning: telegram: 2 messages may not have arrived",
    "warning: telegram: not taken by the network, 5: Forbidden: bot was blocked by the user",
  ]);
  expect(await channels.run({} as Checkup)).toEqual([]);
});
