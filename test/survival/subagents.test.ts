import { expect, onTestFinished, test } from "vitest";
import type { Script } from "../fakes/modelTurn.ts";
import { openSurvivalBench } from "./bench.ts";
import { createRandom } from "../random.ts";

// Sub-agents at the built gateway, which is killed again and again while they work, end and report.

const PARTS = ["alpha", "beta", "gamma", "delta"];

/** Spawns all parts for "go"; each part writes for a while, delegating to another that does; a result is answered with a word. */
const script: Script = ({ text, toolResults }) => {
  if (text.includes("Sub-agent")) return { text: `heard ${/result of (\w+)/.exec(text)?.[1] ?? "nothing"}` };
  if (toolResults.length > 0) return { text: "started" };
  if (text === "go")
    return { toolCalls: PARTS.map((task) => ({ name: "sessions_spawn", input: { task, label: task } })) };
  return { text: `result of ${text} ${"word ".repeat(30)}`, delayMs: 40 };
};

test("killed at any moment, every result comes to the parent once, and each is answered", async () => {
  const bench = await openSurvivalBench({ script, config: "agent: { approvals: auto }\n" });
  onTestFinished(() => bench.close());
  const random = createRandom(20261125);
  let gateway = await bench.start();
  await gateway.call("/api/sessions/send", { message: "go", timeoutSeconds: 0 });
  // From the first part on: a run that is killed three times before it has spawned one ends without.
  const isAtWork = () => bench.model.requests.some(({ text }) => PARTS.includes(text));
  while (!isAtWork()) await bench.model.received(bench.model.requests.length + 1);
  for (let kills = 0; kills < 4; kills += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100 + random() * 900));
    await gateway.kill();
    gateway = await bench.start();
  }
  const open = async () =>
    ((await gateway.call("/api/runs/list?states=running&states=queued")) as { count: number }).count;
  await expect.poll(open, { timeout: 40_000 }).toBe(0);
  const { messages } = (await gateway.call("/api/sessions/history?includeTools=true&limit=200")) as {
    messages: { role: string; text: string }[];
  };
  const brought = messages.flatMap(({ role, text }) =>
    role === "system" ? (/^Sub-agent \S+ \("(\w+)"\)/.exec(text)?.slice(1) ?? []) : [],
  );
  const { subagents } = (await gateway.call("/api/subagents/list")) as { subagents: { title: string }[] };
  // A call that was in flight is not made again, so a part may never have been spawned; what was, has reported.
  expect(brought.toSorted()).toEqual(subagents.map(({ title }) => title).toSorted());
  expect(brought.length).toBeGreaterThan(0);
  expect(messages.at(-1)!.role).toBe("assistant");
});
