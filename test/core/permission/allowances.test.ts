import { expect, test } from "vitest";
import type { Origin } from "../../../src/protocol/message.ts";
import { call } from "../../fakes/scriptedProvider.ts";
import { nextEvent, openBench } from "../bench.ts";
import { jobByHand, user } from "../jobs/jobsBench.ts";
import { shell } from "./shellTool.ts";

const turn = (line: string, id: string) => [[call("shell", { line }, id)], ["done"]];

test("what was allowed for a session is the word of one person, at one door", async () => {
  const origins: [Origin, asks: boolean][] = [
    [{ via: "panel", id: "default" }, false],
    [{ via: "panel", id: "another token" }, true],
    [{ via: "panel" }, true],
    [{ via: "api", id: "ci" }, true],
    [{ via: "telegram", id: "42" }, true],
    [{ via: "cron", id: "job_1" }, true],
    [{ via: "subagent", id: "run_1" }, true],
    [{ via: "webhook" }, true],
  ];
  const { core } = await openBench({
    tools: [shell],
    turns: [turn("npm test", "first"), ...origins.map((_, at) => turn("npm test", `c${at}`))].flat(),
  });
  const asked = nextEvent(core, "approval.asked");
  const first = await core.sessions.send({ text: "go", origin: { via: "panel", id: "default" }, sessionKey: "main" });
  await core.approvals.answer((await asked).approval.id, "allow_session", "panel");
  await first.outcome;

  for (const [origin, asks] of origins) {
    const next = Promise.race([nextEvent(core, "approval.asked"), nextEvent(core, "run.finished")]);
    const run = await core.sessions.send({ text: "go", origin, sessionKey: "main" });
    const event = await next;
    expect(event.type, origin.via).toBe(asks ? "approval.asked" : "run.finished");
    if (event.type === "approval.asked") await core.approvals.answer(event.approval.id, "deny", "panel");
    await run.outcome;
  }
});

test("what was allowed for a job's session counts in that run, and in no later one", async () => {
  const lines = [[call("shell", { line: "a" }, "1")], [call("shell", { line: "a" }, "2")], ["done"], ...turn("a", "3")];
  const { core } = await openBench({ tools: [shell], turns: lines });
  const origin = { via: "cron", id: "job_1" } as const;
  const asked = nextEvent(core, "approval.asked");
  const first = await core.sessions.send({ text: "go", origin, sessionKey: "main" });
  await core.approvals.answer((await asked).approval.id, "allow_session", "panel");
  expect((await first.outcome).type).toBe("done");
  const again = nextEvent(core, "approval.asked");
  const second = await core.sessions.send({ text: "go", origin, sessionKey: "main" });
  await core.approvals.answer((await again).approval.id, "deny", "panel");
  await second.outcome;
});

test("a job does what it was granted, and is refused at once what it was not; each call says who let it", async () => {
  const { core, store, events } = await openBench({
    tools: [shell],
    turns: [[call("shell", { line: "npm test" }, "1"), call("shell", { line: "rm x" }, "2")], ["done"]],
  });
  const job = await core.jobs.add(jobByHand({ grants: [{ allow: "exec", command: "npm test" }] }), user);
  const done = nextEvent(core, "run.finished");
  await core.jobs.run(job.id);
  const { sessionKey } = await done;
  const { messages } = await store.listMessages(sessionKey, { limit: 50 });
  const results = messages.filter((message) => message.role === "tool");
  expect(results.map((message) => message.text).sort()).toEqual([
    expect.stringMatching(/^Nobody is there to be asked, and no grant allows it: run rm x/),
    "ran npm test",
  ]);
  expect(events.filter((event) => event.type === "approval.asked")).toEqual([]);
  const started = events.filter((event) => event.type === "tool.started");
  expect(started).toMatchObject([{ callId: "1", allowedBy: "grant allow exec: npm test" }]);
});

test("grants are a person's to give, not a session's", async () => {
  const { core } = await openBench({ tools: [shell], turns: [] });
  const grants = [{ allow: "exec" as const, command: "npm test" }];
  const session = { via: "subagent", id: "main" } as const;
  await expect(core.jobs.add(jobByHand({ grants }), session)).rejects.toMatchObject({ code: "forbidden" });
  const { id } = await core.jobs.add(jobByHand({ grants }), user);
  const other = { payload: { kind: "agentTurn" as const, message: "something else" } };
  await expect(core.jobs.update(id, other, session)).rejects.toMatchObject({ code: "forbidden" });
  await expect(
    core.jobs.add(jobByHand({ grants: [{ allow: "exec", command: "a && b" }] }), user),
  ).rejects.toMatchObject({
    code: "bad_request",
  });
});
