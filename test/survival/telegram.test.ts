import { onTestFinished } from "vitest";
import { startTelegramServer } from "../fakes/telegramServer.ts";
import { posixTest } from "../posix.ts";
import { KILLS_MS, killThrough } from "./chatKills.ts";

posixTest(
  "over kill -9 of the gateway each message of Telegram is answered once, and each file sent once, or said to be in doubt; its token is told nowhere",
  { timeout: KILLS_MS },
  async () => {
    const telegram = await startTelegramServer();
    onTestFinished(() => telegram.close());
    const { token, url } = telegram;
    const { ask } = await killThrough({
      ...{ id: "telegram", token, url, fileBytes: 3_000_000 },
      toId: (person) => person,
      say: (person, text) => void telegram.say(person, text),
      untilAsked: (times) => telegram.untilCall("getMe", times),
      texts: (person) => telegram.texts(person),
      files: (person) => telegram.sent.flatMap(({ chat, file }) => (chat === person && file ? file.data : [])),
    });
    const begun = telegram.calls.filter(({ method }) => method === "getMe").length;
    telegram.webhook = "https://elsewhere.example/hook";
    await ask("/api/channels/restart", { channel: "telegram", deleteWebhook: true });
    await telegram.untilCall("deleteWebhook");
    await telegram.untilCall("getMe", begun + 1);
  },
);
