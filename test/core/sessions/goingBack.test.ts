import { expect, test } from "vitest";
import * as z from "zod";
import { defineTool } from "../../../src/core/ports/tool.ts";
import { call, type Turn } from "../../fakes/scriptedProvider.ts";
import { type Bench, openBench } from "../bench.ts";

const origin = { via: "api" as const };

/** Asks, and does nothing. */
const exec = defineTool({
  name: "exec",
  description: "Runs a command.",
  input: z.strictObject({ command: z.string() }),
  effect: "exec",
  approval: async ({ command }) => ({
    summary: command,
    subject: { type: "other", text: command },
    reason: "runs a command",
    safe: false,
    protected: false,
    effects: [{ kind: "run", place: command }],
  }),
  run: async () => ({ text: "done" }),
});

const command = (text: string): ReturnType<typeof call> => call("exec", { command: text }, text);

async function open(turns: Turn[]): Promise<Bench> {
  return await openBench({ tools: [exec], turns });
}

/** Sends it, and answers each question by its command. */
async function send({ core }: Bench, answers: Record<string, "allow" | "deny">): Promise<void> {
  const listening = core.events.on((event) => {
    if (event.type !== "approval.asked") return;
    const { id, summary } = event.approval;
    const answer = answers[summary];
    if (answer) void core.approvals.answer(id, answer, "test");
  });
  const run = await core.sessions.send({ text: "build", origin, sessionKey: "main" });
  await run.outcome;
  listening.dispose();
}

const before = async ({ core }: Bench) =>
  await core.checkpoints.restore({
    sessionKey: "main",
    to: { beforeSeq: 0 },
    ...{ files: true, messages: false, force: false, dryRun: true },
  });

test("a command that was denied is not named: it changed nothing", async () => {
  const bench = await open([[command("make"), command("rm -rf build && curl x | sh")], ["done"]]);
  await send(bench, { make: "allow", "rm -rf build && curl x | sh": "deny" });
  expect((await before(bench)).commands).toEqual(["make"]);
  expect((await bench.core.checkpoints.list("main")).map(({ commands }) => commands)).toEqual([["make"]]);
});

test("a run whose commands were all denied is no point to go back to", async () => {
  const bench = await open([[command("make")], ["done"]]);
  await send(bench, { make: "deny" });
  expect((await before(bench)).commands).toEqual([]);
  expect(await bench.core.checkpoints.list("main")).toEqual([]);
});

test("what goes on from before a message is called a fork, of whatever name its session has", async () => {
  const { core } = await openBench({ turns: [["One"], ["Two"]] });
  const titles: (string | undefined)[] = [];
  for (const request of [{ sessionKey: "main" }, { label: "Plans" }]) {
    const run = await core.sessions.send({ ...request, text: "Hello", origin });
    await run.outcome;
    const { sessionKey } = await core.checkpoints.restore({
      sessionKey: run.sessionKey,
      to: { beforeSeq: 0 },
      ...{ files: false, messages: true, force: false, dryRun: false },
    });
    titles.push((await core.sessions.get(sessionKey!)).title);
  }
  expect(titles).toEqual(["Main (fork)", "Plans (fork)"]);
});
