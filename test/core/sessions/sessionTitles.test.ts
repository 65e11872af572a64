import { expect, test } from "vitest";
import { openBench } from "../bench.ts";

const origin = { via: "panel" as const };

test("a session made without a title is called after the first thing said in it", async () => {
  const { core } = await openBench({ turns: [["One"], ["Two"], ["Three"]] });
  const { key } = await core.sessions.create({});
  const say = async (text: string, sessionKey = key) =>
    (await core.sessions.send({ text, origin, sessionKey })).outcome;
  await say("Explain the build\nin two lines");
  expect((await core.sessions.get(key)).title).toBe("Explain the build");
  await say("And the tests?");
  expect((await core.sessions.get(key)).title).toBe("Explain the build");
  await say("Hello", "main");
  expect((await core.sessions.get("main")).title).toBe("Main");
});
