import { expect, test } from "vitest";
import { openBench } from "../bench.ts";

const origin = { via: "api" as const };

test("a session may have no folder, and neither has what it spawns or becomes", async () => {
  const { core, folder } = await openBench();
  const without = await core.sessions.create({ workspace: null });
  expect(without.workspace).toBeUndefined();
  expect((await core.sessions.create({})).workspace).toBe(folder);
  const child = await core.sessions.send({ text: "go", origin, parentKey: without.key });
  expect((await core.sessions.get(child.sessionKey)).workspace).toBeUndefined();
  expect((await core.sessions.fork(without.key, {})).workspace).toBeUndefined();
  const alone = await core.sessions.send({ text: "go", origin, workspace: null });
  expect((await core.sessions.get(alone.sessionKey)).workspace).toBeUndefined();
  await Promise.all([child.outcome, alone.outcome]);
});
