import { onTestFinished } from "vitest";
import { startDiscordServer } from "../fakes/discord/discordServer.ts";
import { posixTest } from "../posix.ts";
import { KILLS_MS, killThrough } from "./chatKills.ts";

posixTest(
  "over kill -9 of the gateway each message of Discord is answered once, and each file sent once, also where the session is lost meanwhile; its token is told nowhere",
  { timeout: KILLS_MS },
  async () => {
    const discord = await startDiscordServer();
    onTestFinished(() => discord.close());
    const { token, url } = discord;
    const dm = (person: number) => discord.dm(String(person));
    const asked = () => discord.calls.filter(({ path }) => path === "/users/@me").length;
    await killThrough({
      ...{ id: "discord", token, url, fileBytes: 300_000 },
      toId: String,
      // Nobody may be there to hear it, and the session may be lost: it is read when one is there again.
      say: (person, text) => void discord.say(String(person), text),
      async untilAsked(times) {
        await discord.untilSo(() => asked() >= times);
        if (times % 2 === 0) discord.gateway.forget();
      },
      texts: (person) => discord.texts(dm(person)),
      files: (person) => discord.sent.flatMap(({ channel, file }) => (channel === dm(person) && file ? file.data : [])),
    });
  },
);
