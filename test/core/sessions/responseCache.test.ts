import { expect, test } from "vitest";
import type { Core } from "../../../src/core/core.ts";
import type { SendRequest } from "../../../src/protocol/run.ts";
import { openBench } from "../bench.ts";
import { failWrites } from "../jobs/jobsBench.ts";

const request: SendRequest = { text: "2+3?", origin: { via: "api" } };

const ask = (core: Core, more: Partial<SendRequest> = {}) => {
  const asked = { ...request, ...more };
  return core.responses.ask(asked, 60_000, () => core.sessions.send(asked));
};

/** What an ask comes to, kept or not. */
async function replyOf(core: Core, more: Partial<SendRequest> = {}): Promise<string | undefined> {
  const asked = await ask(core, more);
  return "found" in asked ? `kept: ${asked.found.reply}` : (await asked.stored)?.reply;
}

test("an answer is kept, and the next same request has it", async () => {
  const { core, model } = await openBench({ turns: [["5"], ["again"]] });
  const first = await ask(core);
  if ("found" in first) throw new Error("It was not asked");
  await first.stored;
  expect(await ask(core)).toMatchObject({ found: { reply: "5" } });
  expect(model.requests).toHaveLength(1);
});

test("an answer whose end could not be stored at once is kept all the same", async () => {
  const { core, model, store } = await openBench({ turns: [["5"], ["again"]] });
  failWrites(store, ({ runs = [] }) => runs.some(({ patch }) => patch.state === "finished"));
  const first = await ask(core);
  if ("found" in first) throw new Error("It was not asked");
  expect(await first.run.outcome).toMatchObject({ type: "failed", error: { code: "unavailable" } });
  expect(await first.stored).toMatchObject({ reply: "5" });
  expect(await ask(core)).toMatchObject({ found: { reply: "5" } });
  expect(model.requests).toHaveLength(1);
});

test.each<[string, Partial<SendRequest>]>([
  ["another agent", { agent: { name: "tester", instructions: "Test." } }],
  ["an agent of the name, with other instructions", { agent: { name: "reviewer", instructions: "Be brief." } }],
  ["an agent that thinks longer", { agent: { name: "reviewer", instructions: "Review.", effort: "high" } }],
  ["fewer tools", { tools: [] }],
  ["grants", { grants: [{ allow: "exec", command: "ls" }] }],
  ["a worktree of its own", { worktree: true }],
])("%s is asked by itself", async (_, more) => {
  const { core } = await openBench({ turns: [["one"], ["two"]] });
  const reviewer = { agent: { name: "reviewer", instructions: "Review." } };
  expect(await replyOf(core, reviewer)).toBe("one");
  expect(await replyOf(core, reviewer)).toBe("kept: one");
  const asked = await core.responses.ask({ ...request, ...reviewer, ...more }, 60_000, () =>
    core.sessions.send({ ...request, ...reviewer }),
  );
  expect(asked).not.toHaveProperty("found");
});

test("what a session is set to since, and the folder and tools that its parent gives, are asked anew", async () => {
  const { core, store } = await openBench({ turns: ["a", "b", "c", "d", "e"].map((text) => [text]) });
  const { key } = await core.sessions.create({});
  const own = { sessionKey: key };
  expect([await replyOf(core, own), await replyOf(core, own)]).toEqual(["a", "kept: a"]);
  await core.sessions.update(key, { effort: "high" });
  expect(await replyOf(core, own)).toBe("b");
  await store.commit({ sessions: [{ key, patch: { tools: ["add"] } }] });
  expect(await replyOf(core, own)).toBe("c");
  const below = { parentKey: key };
  expect([await replyOf(core, below), await replyOf(core, below)]).toEqual(["d", "kept: d"]);
  await store.commit({ sessions: [{ key, patch: { tools: [] } }] });
  expect(await replyOf(core, below)).toBe("e");
});
