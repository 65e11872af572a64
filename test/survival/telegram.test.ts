import { expect, onTestFinished } from "vitest";
import { freePort } from "../fakes/freePort.ts";
import { startTelegramServer, type TelegramServer } from "../fakes/telegramServer.ts";
import { posixTest } from "../posix.ts";
import { KILLS_MS, killThrough } from "./chatKills.ts";

posixTest(
  "over kill -9 of the gateway each message of Telegram is answered once, and each file sent once, or said to be in doubt; its token is told nowhere",
  { timeout: KILLS_MS },
  async () => {
    const telegram = await startTelegramServer();
    onTestFinished(() => telegram.close());
    const { ask } = await killThrough(ofTelegram(telegram));
    const begun = telegram.calls.filter(({ method }) => method === "getMe").length;
    telegram.webhook = "https://elsewhere.example/hook";
    await ask("/api/channels/restart", { channel: "telegram", deleteWebhook: true });
    await telegram.untilCall("deleteWebhook");
    await telegram.untilCall("getMe", begun + 1);
  },
);

posixTest(
  "the same where Telegram posts its messages, also while it is changed for polling and back at each start",
  { timeout: KILLS_MS },
  async () => {
    const telegram = await startTelegramServer();
    onTestFinished(() => telegram.close());
    const port = await freePort();
    const webhook = { url: `http://127.0.0.1:${port}` };
    // Two runs by each way, so that all four changes come.
    const settings = (run: number) => (run % 4 < 2 ? { webhook } : {});
    const { ask } = await killThrough({ ...ofTelegram(telegram), port, settings });
    expect(telegram.poster.answers.some(({ status }) => status === 200)).toBe(true);
    const { channels } = JSON.parse(await ask("/api/channels/list")) as { channels: { webhook: { url: string } }[] };
    if (telegram.webhook) expect(channels[0]!.webhook.url).toBe(`${webhook.url}/channels/telegram`);
    expect(await ask("/api/logs/tail?lines=500")).not.toContain(telegram.poster.current()?.secret ?? telegram.token);
  },
);

function ofTelegram(telegram: TelegramServer) {
  const { token, url } = telegram;
  return {
    ...{ id: "telegram" as const, token, url, fileBytes: 3_000_000 },
    toId: (person: number) => person,
    say: (person: number, text: string) => void telegram.say(person, text),
    untilAsked: (times: number) => telegram.untilCall("getMe", times),
    texts: (person: number) => telegram.texts(person),
    files: (person: number) => telegram.sent.flatMap(({ chat, file }) => (chat === person && file ? file.data : [])),
  };
}
