import { expect, test } from "vitest";
import { openBench } from "../bench.ts";

const origin = { via: "panel" as const };

test("how long the model thinks is the session's, and goes with every request until it is taken away", async () => {
  const { core, model } = await openBench({ turns: [["One"], ["Two"]] });
  const say = async (text: string) => (await core.sessions.send({ text, origin, sessionKey: "main" })).outcome;
  await core.sessions.update("main", { effort: "high" });
  await say("Think");
  await core.sessions.update("main", { effort: null });
  await say("Go on");
  expect(model.requests.map(({ effort }) => effort)).toEqual(["high", undefined]);
});

test("of a session that is not there, that is said, whatever model it was to have", async () => {
  const { core } = await openBench({ turns: [] });
  await expect(core.sessions.update("s_nope", { model: "x" })).rejects.toMatchObject({ code: "not_found" });
});
