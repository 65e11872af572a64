import { expect, test } from "vitest";
import { AppError } from "../../../src/base/appError.ts";
import type { Rule } from "../../../src/protocol/rule.ts";
import { createFakeClock } from "../../fakes/fakeClock.ts";
import { call } from "../../fakes/scriptedProvider.ts";
import { type Bench, nextEvent, openBench } from "../bench.ts";
import { jobByHand, user } from "../jobs/jobsBench.ts";
import { shell } from "./shellTool.ts";
import { spawner } from "./spawnerTool.ts";

const npmTest: Rule = { allow: "exec", command: "npm test" };
const line = (text: string, id: string) => call("shell", { line: text }, id);

async function ask(bench: Bench, origin = user) {
  const asked = nextEvent(bench.core, "approval.asked");
  const run = await bench.core.sessions.send({ text: "go", origin, sessionKey: "main" });
  return { run, approval: (await asked).approval };
}

async function results({ store }: Bench, sessionKey = "main") {
  const { messages } = await store.listMessages(sessionKey, { limit: 100 });
  return messages.flatMap((message) => (message.role === "tool" ? [message] : []));
}

test("only what is offered can be answered, and only by the rule that is offered", async () => {
  const bench = await openBench({ tools: [shell], turns: [[line("cat .env", "1")], ["done"]] });
  const { run, approval } = await ask(bench);
  expect(approval.offers.map((offer) => offer.decision)).toEqual(["allow", "deny"]);
  for (const decision of ["allow_session", "allow_job", "allow_always"] as const) {
    await expect(bench.core.approvals.answer(approval.id, decision, "panel")).rejects.toMatchObject({
      code: "bad_request",
      message: `decision: ${decision} is not offered for this call; there are allow, deny`,
    });
  }
  await bench.core.approvals.answer(approval.id, "allow", "panel");
  expect((await run.outcome).type).toBe("done");
});

test("of two offers of a kind the rule picks one; a rule that is not offered is refused", async () => {
  const turns = [[line("git log -1", "1")], [line("git log -2", "2")], [line("git push", "3")], ["done"]];
  const bench = await openBench({ tools: [shell], turns });
  const { run, approval } = await ask(bench);
  const answer = (rule: Rule) => bench.core.approvals.answer(approval.id, "allow_session", "panel", { rule });
  await expect(answer({ allow: "exec", command: "git *" })).rejects.toMatchObject({
    code: "bad_request",
    message: "rule: allow exec: git * is not what allow_session offers here",
  });
  const next = nextEvent(bench.core, "approval.asked");
  await answer({ command: "git log *", allow: "exec" });
  const { approval: second } = await next;
  expect(second.summary).toBe("run git push");
  await bench.core.approvals.answer(second.id, "deny", "panel");
  await run.outcome;
  expect((await results(bench)).map((message) => message.allowedBy)).toEqual([
    "panel",
    "allowed for this session: allow exec: git log *",
    undefined,
  ]);
});

test("what waits beside an answered call goes on when the answer covers it, and only then", async () => {
  const both = [line("npm test", "1"), line("npm test", "2"), line("npm start", "3")];
  const bench = await openBench({ tools: [shell], turns: [both, ["done"]] });
  const { run, approval } = await ask(bench);
  await expect.poll(async () => (await bench.core.approvals.list()).length).toBe(3);
  await bench.core.approvals.answer(approval.id, "allow_session", "panel");
  const left = await bench.core.approvals.list();
  expect(left.map((one) => one.summary)).toEqual(["run npm start"]);
  await bench.core.approvals.answer(left[0]!.id, "deny", "panel");
  await run.outcome;
});

test("allow_always writes the rule down, is no answer where it has no place, and is one for the call where writing fails", async () => {
  const kept: Rule[] = [];
  const faults = ["It has faults", "The disk is full"];
  const bench: Bench = await openBench({
    tools: [shell],
    turns: [[line("npm test", "1")], [line("npm test", "2")], [line("npm test", "3")], ["done"]],
    keepRule: async (rule, mayWrite) => {
      if (faults.length === 2) throw new AppError("conflict", faults.shift()!);
      await mayWrite();
      if (faults.length === 1) throw new AppError("unavailable", faults.shift()!);
      kept.push(rule);
      bench.settings.rules = kept;
    },
  });
  const { run, approval } = await ask(bench);
  const always = (id: string) => bench.core.approvals.answer(id, "allow_always", "panel");
  await expect(always(approval.id)).rejects.toMatchObject({ code: "conflict", message: "It has faults" });
  expect(await bench.core.approvals.list()).toHaveLength(1);
  const again = nextEvent(bench.core, "approval.asked");
  await expect(always(approval.id)).rejects.toMatchObject({
    code: "unavailable",
    message: "The call was allowed, and only this once, for the rule could not be kept: The disk is full",
  });
  await always((await again).approval.id);
  await run.outcome;
  expect(kept).toEqual([npmTest]);
  const allowed = (await results(bench)).map((message) => message.allowedBy);
  expect(allowed).toEqual(["panel", "panel", "rule allow exec: npm test"]);
});

test("no rule is kept of an answer that another was faster than", async () => {
  const kept: Rule[] = [];
  const keepRule = async (rule: Rule, mayWrite: () => Promise<void>) => {
    await mayWrite();
    kept.push(rule);
  };
  const bench = await openBench({ tools: [shell], turns: [[line("npm test", "1")], ["done"]], keepRule });
  const { run, approval } = await ask(bench);
  const denied = bench.core.approvals.answer(approval.id, "deny", "panel");
  await expect(bench.core.approvals.answer(approval.id, "allow_always", "api")).rejects.toMatchObject({
    code: "not_found",
  });
  await denied;
  await run.outcome;
  expect(kept).toEqual([]);
});

test("an answer that came in time counts, however long its rule takes to be kept", async () => {
  const clock = createFakeClock();
  const bench: Bench = await openBench({
    tools: [shell],
    turns: [[line("npm test", "1")], ["done"]],
    clock,
    async keepRule(_, mayWrite) {
      await mayWrite();
      await clock.advance(bench.settings.approvalTimeoutMs);
    },
  });
  const { run, approval } = await ask(bench);
  await bench.core.approvals.answer(approval.id, "allow_always", "panel");
  await run.outcome;
  expect((await results(bench)).map((message) => message.text)).toEqual(["ran npm test"]);
});

test("a job that asks can be granted what it asked for; from then on it asks for nothing, and says what it lacked", async () => {
  const bench = await openBench({
    tools: [shell],
    turns: [[line("npm test", "1")], ["done"], [line("npm test", "2"), line("rm x", "3"), line("rm x", "4")], ["done"]],
  });
  const job = await bench.core.jobs.add(jobByHand(), user);
  const asked = nextEvent(bench.core, "approval.asked");
  await bench.core.jobs.run(job.id);
  const { approval } = await asked;
  expect(approval.offers.map((offer) => offer.decision)).toEqual(["allow", "allow_session", "allow_job", "deny"]);
  const ended = nextEvent(bench.core, "run.finished");
  await bench.core.approvals.answer(approval.id, "allow_job", "panel");
  await ended;
  expect((await bench.core.jobs.get(job.id)).grants).toEqual([npmTest]);
  await expect.poll(async () => (await bench.core.jobs.get(job.id)).lastStatus).toBe("ok");

  const done = nextEvent(bench.core, "run.finished");
  await bench.core.jobs.run(job.id);
  await done;
  await expect.poll(async () => (await bench.core.jobs.get(job.id)).lastStatus).toBe("ok");
  const [slot] = await bench.core.jobs.firings({ jobId: job.id, limit: 1 });
  expect(slot).toMatchObject({ status: "ok", lacked: ["run rm x"] });
});

test("a token's grants hold for what comes with it, as they are now, and for its sub-agents", async () => {
  const bench = await openBench({
    tools: [shell, spawner],
    settings: { tokens: { ci: { scope: "write", grants: [npmTest] } } },
    turns: [
      [line("npm test", "1")],
      ["done"],
      [call("spawner", {}, "2")],
      [line("npm test", "3")],
      ["done"],
      ["done"],
      [line("npm test", "4")],
      ["done"],
    ],
  });
  const ci = { via: "api", id: "ci" } as const;
  const send = (origin: typeof ci | { via: "cron"; id: string }) =>
    bench.core.sessions.send({ text: "go", origin, sessionKey: "main" });
  for (let at = 0; at < 2; at++) await (await send(ci)).outcome;
  const started = bench.events.flatMap((event) => (event.type === "tool.started" ? [event.allowedBy] : []));
  expect(started).toEqual(["grant allow exec: npm test", undefined, "grant allow exec: npm test"]);
  bench.settings.tokens = {};
  const { run, approval } = await ask(bench, ci);
  await bench.core.approvals.answer(approval.id, "deny", "panel");
  await run.outcome;
});

test.each<[given: Rule[] | undefined, token: Rule[], asks: boolean]>([
  [undefined, [npmTest], false],
  [[npmTest], [npmTest], false],
  [[npmTest], [{ allow: "exec", command: "npm *" }], false],
  [[{ allow: "exec", command: "npm *" }], [npmTest], false],
  [[], [npmTest], true],
  [[npmTest], [], true],
  [[npmTest], [{ allow: "exec", command: "npm start" }], true],
])("a sub-agent granted %j has no more than its caller's %j", async (given, grants, asks) => {
  const bench = await openBench({
    tools: [shell, spawner],
    settings: { tokens: { ci: { scope: "write", grants } } },
    turns: [[call("spawner", given ? { grants: given } : {}, "1")], [line("npm test", "2")], ["done"], ["done"]],
  });
  const first = Promise.race([nextEvent(bench.core, "approval.asked"), nextEvent(bench.core, "run.finished")]);
  const origin = { via: "api", id: "ci" } as const;
  const run = await bench.core.sessions.send({ text: "go", origin, sessionKey: "main" });
  const event = await first;
  expect(event.type).toBe(asks ? "approval.asked" : "run.finished");
  if (event.type === "approval.asked") await bench.core.approvals.answer(event.approval.id, "deny", "panel");
  await run.outcome;
});
