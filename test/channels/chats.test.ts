import { expect, test } from "vitest";
import { ANNA, openChat, poll } from "./chatBench.ts";

test("what openclaw.yml says of a chat's session and tools holds from the next message on", async () => {
  const { telegram, bench, settings } = await openChat();
  const say = async (text: string) => {
    const before = bench.model.requests.length;
    telegram.say(ANNA, text);
    await poll(() => bench.model.requests.length).toBe(before + 1);
    await poll(() => telegram.texts(ANNA).length).toBe(before + 1);
    const [run] = await bench.core.runs.list({ limit: 1 });
    return [run!.sessionKey, bench.model.requests.at(-1)!.tools.map(({ name }) => name)];
  };
  const own = `telegram-${ANNA}`;
  expect(await say("all of them")).toEqual([own, ["add", "note"]]);
  settings.chats[String(ANNA)] = { tools: ["add"] };
  expect(await say("fewer")).toEqual([own, ["add"]]);
  // What a chat may not use it does not get by sharing a session.
  settings.session = "main";
  expect(await say("its own still")).toEqual([own, ["add"]]);
  delete settings.chats[String(ANNA)];
  expect(await say("all share")).toEqual(["main", ["add", "note"]]);
  expect(await bench.core.channels.chatOf("telegram", "main")).toBe(String(ANNA));
  settings.session = "chat";
  expect(await say("its own again")).toEqual([own, ["add", "note"]]);
  await bench.core.sessions.create({ key: "work" });
  settings.chats[String(ANNA)] = { session: "work" };
  expect(await say("a given one")).toEqual(["work", ["add", "note"]]);
  expect(await bench.core.channels.chatOf("telegram", "work")).toBe(String(ANNA));
  settings.chats = {};
  expect(await say("and its own")).toEqual([own, ["add", "note"]]);
});
