import { existsSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { expect, test } from "vitest";
import type { AgentSettings } from "../../../src/core/ports/settings.ts";
import { defineTool } from "../../../src/core/ports/tool.ts";
import type { Origin, StoredMessage } from "../../../src/protocol/message.ts";
import { createDiskFiles } from "../../../src/tools/files/diskFiles.ts";
import * as allTools from "../../../src/tools/index.ts";
import { call, type Turn } from "../../fakes/scriptedProvider.ts";
import { type Bench, nextEvent, openBench } from "../bench.ts";
import { planRefusal } from "../../../src/core/permission/planning.ts";
import { spawner } from "./spawnerTool.ts";

const me: Origin = { via: "panel", id: "default" };

/** A tool of a server, which says what every such tool says. */
const ofServer = (name: string) =>
  defineTool({
    name: `mcp__hub__${name}`,
    server: "hub",
    description: "Of a server.",
    input: z.object({}),
    effect: "network",
    approval: async () => ({
      summary: `call ${name}`,
      subject: { type: "other", text: name },
      reason: "calls a server",
      safe: false,
      protected: false,
      effects: [{ kind: "call", place: `hub/${name}`, before: "digest" }],
    }),
    run: async () => ({ text: `called ${name}` }),
  });

const open = (turns: Turn[], settings: Partial<AgentSettings> = {}): Promise<Bench> =>
  openBench({
    turns,
    files: createDiskFiles(),
    tools: [...Object.values(allTools), ofServer("list"), ofServer("close"), spawner],
    settings: { approvals: "auto", sandbox: "off", ...settings },
  });

const said = (messages: StoredMessage[]) =>
  messages.flatMap((message) => (message.role === "tool" ? [`${message.name} ${message.notRun ?? "ran"}`] : []));

const history = async ({ core }: Bench, key = "main") =>
  (await core.sessions.history(key, { limit: 100, includeTools: true })).messages;

test("a run that plans only looks, whatever mode, rules and grants would let it do", async () => {
  const calls = [
    call("write", { path: "a", content: "x" }, "1"),
    call("apply_patch", { patch: "*** Begin Patch\n*** Add File: b\n+x\n*** End Patch" }, "2"),
    call("exec", { command: "touch c" }, "3"),
    call("exec", { command: "ls" }, "4"),
    call("exec", { command: "ls", background: true }, "5"),
    call("memory", { action: "add", text: "note this" }, "6"),
    call("memory", { action: "search", text: "this" }, "7"),
    call("cron", { action: "add", job: {} }, "8"),
    call("cron", { action: "list" }, "9"),
    call("sessions_send", { sessionKey: "main", message: "x" }, "10"),
    call("sessions_spawn", { task: "x", worktree: true }, "11"),
    call("mcp__hub__list", {}, "12"),
    call("mcp__hub__close", {}, "13"),
    call("list", {}, "14"),
    call("exec", { id: "bg_none" }, "15"),
    call("exec", { id: "bg_none", stop: true }, "16"),
  ];
  const bench = await open([calls, ["# The plan"]], {
    rules: [
      { allow: "exec", command: "touch *" },
      { allow: "mcp", server: "hub" },
      { allow: "mcp", server: "hub", tool: "list", readOnly: true },
    ],
  });
  const grants = [{ allow: "edit" as const, path: "**" }];
  const run = await bench.core.sessions.send({ text: "go", origin: me, sessionKey: "main", plan: true, grants });
  expect(await run.outcome).toMatchObject({ type: "done", reply: "# The plan" });
  const shown = (await history(bench)).flatMap((one) => (one.role === "tool" ? [one] : []));
  const byId = new Map(shown.map((one) => [one.callId, one]));
  const ran = calls.flatMap((one) =>
    byId.get((one as { id: string }).id)?.notRun ? [] : [(one as { id: string }).id],
  );
  expect(ran).toEqual(["4", "5", "7", "9", "12", "14", "15"]);
  expect(byId.get("3")!.text).toContain("only commands run that are known to read");
  expect(byId.get("13")!.text).toContain("no rule of the user says that mcp__hub__close only looks");
  for (const name of ["a", "b", "c"]) expect(existsSync(join(bench.folder, name))).toBe(false);
  const [request] = bench.model.requests;
  expect(request!.tools.map(({ name }) => name)).not.toContain("write");
  expect(JSON.stringify(request)).toContain("You are to make a plan");
});

test("a tool that can do more than look is refused unless this call says that it does not", () => {
  const refused = Object.values(allTools)
    .filter((tool) => planRefusal(tool, {}, { rules: [], workspace: "/w" }) !== undefined)
    .map(({ name }) => name);
  expect(refused.toSorted()).toEqual([
    "apply_patch",
    "browser",
    "cron",
    "edit",
    "exec",
    "memory",
    "refactor",
    "run_task",
    "sessions_cancel",
    "sessions_send",
    "sessions_spawn",
    "sessions_steer",
    "web_fetch",
    "write",
  ]);
});

test("so do its sub-agents, what they spawn, and what goes on for it; the next message is as ever", async () => {
  const write = (id: string) => [call("write", { path: "a", content: "x" }, id)];
  const bench = await open([
    [call("spawner", {})],
    [call("spawner", {}, "deep")],
    write("leaf"),
    ["leaf done"],
    ["child done"],
    ["the plan"],
  ]);
  const run = await bench.core.sessions.send({ text: "go", origin: me, sessionKey: "main", plan: true });
  await run.outcome;
  const { sessions } = await bench.core.sessions.list({ limit: 10 });
  const told = await Promise.all(sessions.map(async ({ key }) => said(await history(bench, key))));
  expect(told.flat().filter((one) => one.startsWith("write"))).toEqual(["write denied"]);
  const all = await bench.core.runs.list({ limit: 50 });
  expect(all.length).toBeGreaterThan(2);
  expect(all.every(({ plan }) => plan === true)).toBe(true);
  // What a sub-agent reported is part of the plan, and takes the place of none.
  expect(all.some(({ outcome }) => outcome?.type === "done" && outcome.joined === run.id)).toBe(true);
  expect(await bench.core.plans.get("main")).toMatchObject({ runId: run.id, text: "the plan" });
  bench.model.turns.push([call("write", { path: "a", content: "x" }, "w")], ["written"]);
  await (
    await bench.core.sessions.send({ text: "do it", origin: me, sessionKey: "main" })
  ).outcome;
  expect(existsSync(join(bench.folder, "a"))).toBe(true);
});

test("a session that plans holds back whoever starts a run there, and gives nobody more than they had", async () => {
  const ls = (id: string) => [call("exec", { command: "ls" }, id)];
  const bench = await open([ls("1"), ["plan"], ls("2"), ["plan"]], { approvals: "ask" });
  await bench.core.sessions.setMode("main", "plan", me);
  await (
    await bench.core.sessions.send({ text: "go", origin: me, sessionKey: "main" })
  ).outcome;
  expect(said(await history(bench))).toEqual(["exec ran"]);
  // Another's commands are asked about as configured, also those that only read.
  const asked = nextEvent(bench.core, "approval.asked");
  const run = await bench.core.sessions.send({ text: "go", origin: { via: "api", id: "ci" }, sessionKey: "main" });
  await bench.core.approvals.answer((await asked).approval.id, "deny", "panel");
  await run.outcome;
  expect(await bench.core.runs.get(run.id)).toMatchObject({ plan: true });
});

test("a mode that is set while a run is under way holds for its next call", async () => {
  const bench = await open([]);
  bench.model.turns.push(async () => {
    await bench.core.sessions.setMode("main", "plan", me);
    return [call("write", { path: "a", content: "x" }, "w")];
  }, ["stopped"]);
  await (
    await bench.core.sessions.send({ text: "go", origin: me, sessionKey: "main" })
  ).outcome;
  expect(said(await history(bench))).toEqual(["write denied"]);
});

test("a mode that is set while a sub-agent is under way holds for that one's next call, and its answer is as ever", async () => {
  const bench = await open([]);
  bench.model.turns.push(
    [call("spawner", {})],
    async () => {
      await bench.core.sessions.setMode("main", "plan", me);
      return [call("write", { path: "a", content: "x" }, "w")];
    },
    ["looked"],
    ["told"],
  );
  await (
    await bench.core.sessions.send({ text: "go", origin: me, sessionKey: "main" })
  ).outcome;
  const { sessions } = await bench.core.sessions.list({ limit: 10 });
  const told = await Promise.all(sessions.map(async ({ key }) => said(await history(bench, key))));
  expect(told.flat().toSorted()).toEqual(["spawner ran", "write denied"]);
  expect(existsSync(join(bench.folder, "a"))).toBe(false);
});

test("a plan is accepted once, edited or as it is, and only the one that was read", async () => {
  const bench = await open([["# Plan A"], ["done A"], ["# Plan B"], ["done B"]]);
  const { plans, sessions, runs } = bench.core;
  await expect(plans.get("main")).rejects.toThrow("No plan waits in session main");
  await sessions.setMode("main", "plan", me);
  await (
    await sessions.send({ text: "go", origin: me, sessionKey: "main" })
  ).outcome;
  const first = await plans.get("main");
  expect(first).toMatchObject({ text: "# Plan A", holds: true });
  const both = await Promise.allSettled(
    [1, 2].map(() =>
      plans.accept({ sessionKey: "main", origin: me, runId: first.runId, text: "# Plan A, edited", endsMode: true }),
    ),
  );
  expect(both.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  const [accepted] = both;
  if (accepted?.status !== "fulfilled") throw new Error("It was not accepted");
  expect(await accepted.value.outcome).toMatchObject({ reply: "done A" });
  expect((await runs.get(accepted.value.id)).plan).toBeUndefined();
  expect((await sessions.get("main")).mode).toBeUndefined();
  expect(JSON.stringify(bench.model.requests.at(-1)!.messages.at(-1))).toContain("Carry out this one");
  await (
    await sessions.send({ text: "again", origin: me, sessionKey: "main", plan: true })
  ).outcome;
  await expect(
    plans.accept({ sessionKey: "main", origin: me, runId: first.runId, endsMode: true }),
  ).rejects.toMatchObject({
    code: "conflict",
  });
  const second = await plans.accept({ sessionKey: "main", origin: me, endsMode: true });
  expect(await second.outcome).toMatchObject({ reply: "done B" });
  expect(JSON.stringify(bench.model.requests.at(-1)!.messages.at(-1))).toContain("I accept the plan. Carry it out.");
});

test("what a job reports in the session meanwhile is no plan, and leaves the one that waits", async () => {
  const bench = await open([["# The plan"], ["Good morning"], ["done"]]);
  const { plans, sessions } = bench.core;
  await sessions.setMode("main", "plan", me);
  const run = await sessions.send({ text: "go", origin: me, sessionKey: "main" });
  await run.outcome;
  const job = { id: "job_1", of: "digest" };
  await (
    await sessions.send({ text: "greet", origin: { via: "cron", id: "job_1" }, sessionKey: "main", job })
  ).outcome;
  expect(await plans.get("main")).toEqual({ runId: run.id, sessionKey: "main", text: "# The plan", holds: true });
  expect(
    await (
      await plans.accept({ sessionKey: "main", origin: me, runId: run.id, endsMode: true })
    ).outcome,
  ).toMatchObject({
    reply: "done",
  });
  expect(JSON.stringify(bench.model.requests.at(-1)!.messages.at(-1))).toContain(
    "I accept this plan. Carry it out:\\n\\n# The plan",
  );
});

test("a call by hand in a session that plans only looks", async () => {
  const bench = await open([]);
  const by = (name: string, input: object) =>
    bench.core.tools.invoke({ sessionKey: "main", name, input, origin: me, signal: new AbortController().signal });
  await bench.core.sessions.setMode("main", "plan", me);
  expect(await by("write", { path: "a", content: "x" })).toMatchObject({
    isError: true,
    text: expect.stringContaining("Nothing is changed while a plan is made") as string,
  });
  expect(await by("list", {})).toMatchObject({ isError: false });
  expect(existsSync(join(bench.folder, "a"))).toBe(false);
  await bench.core.sessions.setMode("main", null, me);
  expect(await by("write", { path: "a", content: "x" })).toMatchObject({ isError: false });
});

test("who may not set a session's mode ends none by accepting, however the two come together", async () => {
  const bench = await open([["# The plan"]]);
  const { plans, sessions } = bench.core;
  await (
    await sessions.send({ text: "go", origin: me, sessionKey: "main", plan: true })
  ).outcome;
  const [set, accepted] = await Promise.allSettled([
    sessions.setMode("main", "plan", me),
    plans.accept({ sessionKey: "main", origin: { via: "api", id: "ci" }, endsMode: false }),
  ]);
  expect(set.status).toBe("fulfilled");
  expect((await sessions.get("main")).mode).toMatchObject({ is: "plan" });
  if (accepted.status === "fulfilled") await accepted.value.outcome;
  await expect(plans.accept({ sessionKey: "main", origin: me, endsMode: false })).rejects.toThrow();
  expect((await sessions.get("main")).mode).toMatchObject({ is: "plan" });
});

test("where the configuration denies, a session is told to plan and as configured again, and nothing that goes further", async () => {
  const { core } = await open([], { approvals: "deny" });
  await expect(core.sessions.setMode("main", "auto-safe", me)).rejects.toMatchObject({ code: "forbidden" });
  expect(await core.sessions.setMode("main", "plan", me)).toMatchObject({ mode: { is: "plan" } });
  expect((await core.sessions.setMode("main", null, me)).mode).toBeUndefined();
});

test("a plan that was accepted is told again behind a summary, as it was edited, and once", async () => {
  const bench = await open([["# Plan A"], ["done"]]);
  const { plans, sessions } = bench.core;
  const say = async (text: string) => await (await sessions.send({ text, origin: me, sessionKey: "main" })).outcome;
  const told = () =>
    bench.model.requests.at(-1)!.messages.flatMap((one) => (one.role === "system" && one.kind === "plan" ? [one] : []));
  await (
    await sessions.send({ text: "go", origin: me, sessionKey: "main", plan: true })
  ).outcome;
  await (
    await plans.accept({ sessionKey: "main", origin: me, text: "# Mine\n\n1. Only step one", endsMode: true })
  ).outcome;
  for (const text of ["one", "two", "three", "four"]) await say(`${text} ${"long ".repeat(9000)}`);
  expect(told()).toEqual([]);
  for (const round of [1, 2]) {
    bench.model.turns.push(["What was said is in short this"]);
    expect(await sessions.compact("main"), `round ${round}`).toMatchObject({ compacted: true });
    await say(`next ${"long ".repeat(20_000)}`);
    expect(told(), `round ${round}`).toMatchObject([{ place: "accepted" }]);
    expect(told()[0]!.text).toContain("# Mine\n\n1. Only step one");
    await say("and so on");
  }
});

test("a plan that is ended is told no more, whenever the session is summed up, and a later one is as any", async () => {
  const bench = await open([["# Plan A"], ["done"]]);
  const { plans, sessions } = bench.core;
  const say = async (text: string, plan?: true) =>
    await (
      await sessions.send({ text, origin: me, sessionKey: "main", ...(plan ? { plan } : {}) })
    ).outcome;
  const told = () =>
    bench.model.requests
      .at(-1)!
      .messages.flatMap((one) => (one.role === "system" && one.kind === "plan" ? [one.place] : []));
  const compact = async () => {
    for (const word of ["one", "two", "three", "four"]) await say(`${word} ${"long ".repeat(9000)}`);
    bench.model.turns.push(["What was said is in short this"]);
    expect(await sessions.compact("main")).toMatchObject({ compacted: true });
    const asked = JSON.stringify(bench.model.requests.at(-1)!.messages);
    await say("next");
    return asked;
  };
  const accept = async () => await (await plans.accept({ sessionKey: "main", origin: me, endsMode: true })).outcome;
  await expect(plans.end({ sessionKey: "main", origin: me })).rejects.toMatchObject({
    code: "not_found",
    message: "No plan that was accepted holds in session main",
  });
  await say("go", true);
  await accept();
  await compact();
  expect(told()).toEqual(["accepted"]);
  await plans.end({ sessionKey: "main", origin: me });
  await expect(plans.end({ sessionKey: "main", origin: me })).rejects.toMatchObject({ code: "not_found" });
  await say("and now");
  expect(told()).toEqual(["accepted", "ended"]);
  // Who sums up reads that it is over.
  expect(await compact()).toContain("The user has ended the plan");
  expect(told()).toEqual([]);
  await compact();
  expect(told()).toEqual([]);
  bench.model.turns.push(["# Plan B"], ["done"]);
  await say("again", true);
  await accept();
  await compact();
  expect(told()).toEqual(["accepted"]);
});

test("no plan is ended under a run that carries it out", async () => {
  const begun = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const bench = await open([["# Plan A"], () => (begun.resolve(), [{ wait: go.promise }, "done"])]);
  const { plans, sessions } = bench.core;
  const planned = await sessions.send({ text: "go", origin: me, sessionKey: "main", plan: true });
  await planned.outcome;
  const run = await plans.accept({ sessionKey: "main", origin: me, endsMode: true });
  await begun.promise;
  await expect(plans.end({ sessionKey: "main", origin: me })).rejects.toMatchObject({ code: "conflict" });
  go.resolve();
  await run.outcome;
  await plans.end({ sessionKey: "main", origin: me });
  await sessions.reset("main");
  await expect(plans.end({ sessionKey: "main", origin: me })).rejects.toMatchObject({ code: "not_found" });
});
