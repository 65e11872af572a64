import { expect, test } from "vitest";
import type { Rule } from "../../../src/protocol/rule.ts";
import { call } from "../../fakes/scriptedProvider.ts";
import { nextEvent, openBench } from "../bench.ts";
import { shell } from "../permission/shellTool.ts";
import { spawner } from "../permission/spawnerTool.ts";
import { failWrites, historyOf, jobByHand, user } from "./jobsBench.ts";
import { answering, line, nextRehearsalEnd, open, rehearsed } from "./rehearsalBench.ts";

const npmTest: Rule = { allow: "exec", command: "npm test" };
const gitPush: Rule = { allow: "exec", command: "git push" };

test("a rehearsal asks a person, is no firing, and leaves the schedule as it was", async () => {
  const { bench, job } = await open(["npm test"]);
  const page = await rehearsed(bench, job, { "npm test": "allow" });
  expect(page).toMatchObject({
    jobId: job.id,
    state: "finished",
    outcome: { type: "done", reply: "all done" },
    notes: [],
    mayDo: "nothing unasked: it asks a person",
    asked: [
      {
        number: 1,
        tool: "shell",
        exact: "npm test",
        cwd: "/",
        times: 1,
        decision: "allow",
        by: "panel",
        grants: [npmTest],
        words: "run exactly `npm test`",
        granted: false,
      },
    ],
  });
  expect(await historyOf(bench.store)).toEqual([]);
  const { rehearsal, ...after } = await bench.core.jobs.get(job.id);
  expect(after).toEqual(job);
  expect(rehearsal).toMatchObject({ runId: page.runId, sessionKey: page.sessionKey });
  const [run] = await bench.store.listRuns({ limit: 1 });
  expect(run!.origin).toEqual({ via: "cron", id: job.id, rehearsal: true });
});

test("an approval of a rehearsal offers this time and always for this job, by the narrowest rule, and nothing for the session", async () => {
  const { bench, job } = await open(["git log -1"]);
  const asked = nextEvent(bench.core, "approval.asked");
  await bench.core.jobs.rehearse(job.id, {});
  const { approval } = await asked;
  expect(approval.offers).toEqual([
    { decision: "allow", words: "this time" },
    {
      decision: "allow_job",
      rule: { allow: "exec", command: "git log -1" },
      words: "run exactly `git log -1`, always for this job",
    },
    { decision: "deny", words: "nothing; the model is told so" },
  ]);
});

test("exactly what is ticked is granted, and the job then does that and no more with nobody there", async () => {
  const lines = ["npm test", "git push", "npm test", "rm -r out"];
  const { bench, job } = await open(lines);
  const page = await rehearsed(bench, job, { "npm test": "allow", "git push": "allow", "rm -r out": "deny" });
  expect(page.asked.map(({ exact, times, decision }) => [exact, times, decision])).toEqual([
    ["npm test", 2, "allow"],
    ["git push", 1, "allow"],
    ["rm -r out", 1, "deny"],
  ]);
  const granted = await bench.core.jobs.takeGrants({ id: job.id, runId: page.runId, take: [1] });
  expect(granted.grants).toEqual([npmTest]);
  bench.model.turns.push([line("npm test", "a")], [line("git push", "b")], ["fired"]);
  const done = nextEvent(bench.core, "run.finished");
  await bench.core.jobs.run(job.id);
  await done;
  await expect
    .poll(async () => (await bench.core.jobs.firings({ limit: 1 }))[0])
    .toMatchObject({
      status: "ok",
      lacked: ["run git push"],
    });
  // Ticked anew: what was granted and is ticked no more goes.
  const next = await bench.core.jobs.takeGrants({ id: job.id, runId: page.runId, take: [2] });
  expect(next.grants).toEqual([gitPush]);
  const none = await bench.core.jobs.takeGrants({ id: job.id, runId: page.runId, take: [] });
  expect(none.grants).toBeUndefined();
});

test("always for this job is granted at once, asked once, and goes when it is not ticked at the end", async () => {
  const { bench, job } = await open(["npm test", "npm test"]);
  const page = await rehearsed(bench, job, { "npm test": "allow_job" });
  expect(page.asked).toMatchObject([{ exact: "npm test", times: 1, decision: "allow_job", granted: true }]);
  expect((await bench.core.jobs.get(job.id)).grants).toEqual([npmTest]);
  expect(page.mayDo).toBe("run exactly `npm test`");
  const after = await bench.core.jobs.takeGrants({ id: job.id, runId: page.runId, take: [] });
  expect(after.grants).toBeUndefined();
});

test("what a job had before stays, is not asked about, and is kept beside what is ticked", async () => {
  const { bench, job } = await open(["npm test", "git push"], { grants: [npmTest] });
  const page = await rehearsed(bench, job, { "git push": "allow" });
  expect(page.asked.map(({ exact }) => exact)).toEqual(["git push"]);
  const given = await bench.core.jobs.takeGrants({ id: job.id, runId: page.runId, take: [1] });
  expect(given.grants).toEqual([npmTest, gitPush]);
});

test("two rehearsals at once, and one beside a firing, are refused with a sentence", async () => {
  const { bench, job } = await open(["npm test"]);
  const asked = nextEvent(bench.core, "approval.asked");
  const both = await Promise.allSettled([bench.core.jobs.rehearse(job.id, {}), bench.core.jobs.rehearse(job.id, {})]);
  expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  await asked;
  await expect(bench.core.jobs.rehearse(job.id, {})).rejects.toMatchObject({
    code: "conflict",
    message: 'The job "Watch" is being rehearsed already; answer what it asks, or cancel that run',
  });
  await expect(bench.core.jobs.run(job.id)).rejects.toMatchObject({
    code: "conflict",
    message: 'The job "Watch" is being rehearsed',
  });
});

test("a job that was changed or removed while it was rehearsed is granted nothing, and the page says why", async () => {
  const { bench, job } = await open(["npm test"]);
  const asked = nextEvent(bench.core, "approval.asked");
  const { runId } = await bench.core.jobs.rehearse(job.id, {});
  const { approval } = await asked;
  await bench.core.jobs.update(job.id, { payload: { kind: "agentTurn", message: "delete everything" } });
  await expect(bench.core.approvals.answer(approval.id, "allow_job", "panel")).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringContaining("was changed since this run began"),
  });
  const done = nextRehearsalEnd(bench, job.id);
  await bench.core.approvals.answer(approval.id, "allow", "panel");
  await done;
  const take = { id: job.id, runId, take: [1] };
  await expect(bench.core.jobs.takeGrants(take)).rejects.toMatchObject({ code: "conflict" });
  expect((await bench.core.jobs.rehearsal({ id: job.id })).notes).toEqual([
    "The job was changed since: what it does now was not asked about, so it can be granted nothing. Rehearse it again.",
  ]);
  await bench.core.jobs.remove(job.id);
  expect(await bench.core.jobs.rehearsal({ runId })).toMatchObject({
    name: null,
    mayDo: null,
    notes: ["The job was removed: there is nothing to grant it to."],
  });
  await expect(bench.core.jobs.takeGrants(take)).rejects.toMatchObject({ code: "not_found" });
});

test("always for a job that was removed meanwhile is no answer", async () => {
  const { bench, job } = await open(["npm test"]);
  const asked = nextEvent(bench.core, "approval.asked");
  const { runId } = await bench.core.jobs.rehearse(job.id, {});
  const { approval } = await asked;
  await bench.core.jobs.remove(job.id);
  await expect(bench.core.approvals.answer(approval.id, "allow_job", "panel")).rejects.toMatchObject({
    code: "conflict",
    message: "The job was removed, so nothing can be granted to it; allow this call alone",
  });
  await bench.core.approvals.answer(approval.id, "allow", "panel");
  await expect.poll(async () => (await bench.core.runs.get(runId)).state).toBe("finished");
});

test("a heartbeat that has nothing to say says nothing, though its result was to be sent", async () => {
  const bench = await openBench({ tools: [shell], turns: [["HEARTBEAT_OK"]] });
  const job = await bench.core.jobs.add(jobByHand({ payload: { kind: "heartbeat" } }), user);
  const done = nextRehearsalEnd(bench, job.id);
  await bench.core.jobs.rehearse(job.id, { deliver: true });
  await done;
  expect(bench.events.some((event) => event.type === "job.announced")).toBe(false);
});

test("one that is cancelled says so, and what it asked until then can be granted", async () => {
  const { bench, job } = await open(["npm test", "git push"]);
  answering(bench, { "npm test": "allow" });
  const { runId } = await bench.core.jobs.rehearse(job.id, {});
  await expect
    .poll(async () => (await bench.core.approvals.list()).map(({ summary }) => summary))
    .toEqual(["run git push"]);
  const done = nextRehearsalEnd(bench, job.id);
  await expect(bench.core.jobs.takeGrants({ id: job.id, runId, take: [1] })).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringContaining("The rehearsal goes on"),
  });
  await bench.core.runs.cancel(runId);
  await done;
  expect(await bench.core.jobs.rehearsal({ runId })).toMatchObject({
    outcome: { type: "cancelled" },
    notes: [expect.stringContaining("It was cancelled")],
    asked: [{ decision: "allow" }, { decision: null }],
  });
  expect((await bench.core.jobs.takeGrants({ id: job.id, runId, take: [1, 2] })).grants).toEqual([npmTest, gitPush]);
});

test("one whose gateway was killed in the middle goes on with the next, asks again, and says so", async () => {
  const { bench, job } = await open(["npm test", "git push"]);
  answering(bench, { "npm test": "allow" });
  const { runId } = await bench.core.jobs.rehearse(job.id, {});
  await expect.poll(async () => (await bench.core.approvals.list()).length).toBe(1);
  const next = await bench.kill([["all done"]]);
  const done = nextRehearsalEnd(next, job.id);
  const [waiting] = await next.core.approvals.list();
  await expect(next.core.jobs.rehearse(job.id, {})).rejects.toMatchObject({ code: "conflict" });
  await next.core.approvals.answer(waiting!.id, "allow", "panel");
  await done;
  const page = await next.core.jobs.rehearsal({ runId });
  expect(page.notes).toEqual([
    expect.stringContaining("The gateway went away in the middle: the rehearsal was gone on"),
  ]);
  expect(page.asked.map(({ exact, decision }) => [exact, decision])).toEqual([
    ["npm test", "allow"],
    ["git push", "allow"],
  ]);
  expect((await next.core.jobs.takeGrants({ id: job.id, runId, take: [1, 2] })).grants).toEqual([npmTest, gitPush]);
});

test("a job of openclaw.yml gets the lines to write there, and is not changed", async () => {
  const bench = await openBench({ tools: [shell], turns: [[line("npm test", "1")], ["done"]] });
  await bench.core.jobs.declare([{ file: "/home/me/openclaw.yml", jobs: [jobByHand({ name: "Nightly" })] }]);
  const [job] = await bench.core.jobs.list();
  const asked = nextEvent(bench.core, "approval.asked");
  const done = nextRehearsalEnd(bench, job!.id);
  const { runId } = await bench.core.jobs.rehearse(job!.id, {});
  const { approval } = await asked;
  expect(approval.offers[1]!.words).toBe(
    "run exactly `npm test`, always for this job: what to write into /home/me/openclaw.yml is shown at the end",
  );
  await bench.core.approvals.answer(approval.id, "allow_job", "panel");
  await done;
  expect(await bench.core.jobs.rehearsal({ runId })).toMatchObject({
    file: "/home/me/openclaw.yml",
    yaml: '    grants:\n      - { allow: exec, command: "npm test" }',
    asked: [{ decision: "allow_job", granted: false }],
  });
  expect((await bench.core.jobs.get(job!.id)).grants).toBeUndefined();
  await expect(bench.core.jobs.takeGrants({ id: job!.id, runId, take: [1] })).rejects.toMatchObject({
    code: "conflict",
    message:
      'The job "Nightly" is declared in /home/me/openclaw.yml, which alone changes it. Write this into its entry there:\n    grants:\n      - { allow: exec, command: "npm test" }',
  });
  const other = jobByHand({ name: "Nightly", payload: { kind: "agentTurn", message: "another thing" } });
  await bench.core.jobs.declare([{ file: "/home/me/openclaw.yml", jobs: [other] }]);
  const page = await bench.core.jobs.rehearsal({ runId });
  expect([page.file, page.yaml]).toEqual(["/home/me/openclaw.yml", undefined]);
  await expect(bench.core.jobs.takeGrants({ id: job!.id, runId, take: [1] })).rejects.toThrow(
    /was changed since this run began/,
  );
});

test("several calls that wait at once are each listed, and one always covers the same beside it", async () => {
  const calls = [line("npm test", "1"), line("npm test", "2"), line("git push", "3")];
  const { bench, job } = await open([], {}, { turns: [calls, ["done"]] });
  const done = nextRehearsalEnd(bench, job.id);
  const { runId } = await bench.core.jobs.rehearse(job.id, {});
  await expect.poll(async () => (await bench.core.approvals.list()).length).toBe(3);
  const [first] = await bench.core.approvals.list();
  await bench.core.approvals.answer(first!.id, "allow_job", "panel");
  await expect.poll(async () => (await bench.core.approvals.list()).length).toBe(1);
  await bench.core.approvals.answer((await bench.core.approvals.list())[0]!.id, "allow", "cli");
  await done;
  expect((await bench.core.jobs.rehearsal({ runId })).asked).toMatchObject([
    { exact: "npm test", times: 2, decision: "allow_job" },
    { exact: "git push", times: 1, decision: "allow", by: "cli" },
  ]);
});

test("what a sub-agent of a rehearsal asks stands on the same page, and always is the job's", async () => {
  const { bench, job } = await open(
    [],
    {},
    {
      tools: [shell, spawner],
      turns: [[call("spawner", {}, "s")], [line("npm test", "1")], ["child done"], ["done"]],
    },
  );
  const page = await rehearsed(bench, job, { "npm test": "allow_job" });
  expect(page.asked).toMatchObject([{ exact: "npm test", decision: "allow_job", granted: true }]);
});

test("a delivery is shown, and sent only where that was asked for", async () => {
  const { bench, job } = await open([], { delivery: { mode: "announce" } });
  const announced: string[] = [];
  bench.core.events.on((event) => event.type === "job.announced" && announced.push(event.text));
  const page = await rehearsed(bench, job);
  expect(page.delivery).toEqual({ mode: "announce", text: "all done", status: "not sent" });
  expect(announced).toEqual([]);
  bench.model.turns.push(["again"]);
  const done = nextRehearsalEnd(bench, job.id);
  await bench.core.jobs.rehearse(job.id, { deliver: true });
  await done;
  expect(announced).toEqual(["again"]);
  expect((await bench.core.jobs.rehearsal({ id: job.id })).delivery).toEqual({
    mode: "announce",
    text: "again",
    status: "delivered",
  });
  const quiet = await bench.core.jobs.add(jobByHand({ name: "Quiet" }), user);
  await expect(bench.core.jobs.rehearse(quiet.id, { deliver: true })).rejects.toMatchObject({
    code: "bad_request",
    message: 'deliver: The job "Quiet" delivers nowhere',
  });
});

test("a result is sent as it came out, though its end could not be stored at once", async () => {
  const { bench, job } = await open([], { delivery: { mode: "announce" } });
  failWrites(bench.store, ({ runs = [] }) => runs.some(({ patch }) => patch.state === "finished"));
  const done = nextRehearsalEnd(bench, job.id);
  await bench.core.jobs.rehearse(job.id, { deliver: true });
  await done;
  expect(bench.events.filter(({ type }) => type === "job.announced")).toMatchObject([
    { status: "ok", text: "all done" },
  ]);
});

test("who looks right when the run has ended is told what became of its result", async () => {
  const { bench, job } = await open([], { delivery: { mode: "announce" } });
  const told = new Promise((resolve) =>
    bench.core.events.on(({ type }) => type === "run.finished" && resolve(bench.core.jobs.rehearsal({ id: job.id }))),
  );
  await bench.core.jobs.rehearse(job.id, { deliver: true });
  expect(await told).toMatchObject({ state: "finished", delivery: { status: "delivered" } });
});

test("jobs that follow another follow no rehearsal of it", async () => {
  const { bench, job } = await open(["npm test"]);
  const after = await bench.core.jobs.add(
    jobByHand({ name: "After", schedule: { kind: "after", jobId: job.id, on: "ok" } }),
    user,
  );
  await rehearsed(bench, job, { "npm test": "allow" });
  expect(await historyOf(bench.store, after.id)).toEqual([]);
});

test("there is a sentence for a job that was not rehearsed, and for a run that is no rehearsal", async () => {
  const { bench, job } = await open([]);
  await expect(bench.core.jobs.rehearsal({ id: job.id })).rejects.toMatchObject({
    code: "not_found",
    message: 'The job "Watch" was not rehearsed yet',
  });
  const done = nextEvent(bench.core, "run.finished");
  const slot = await bench.core.jobs.run(job.id);
  await done;
  await expect(bench.core.jobs.rehearsal({ runId: slot.runId! })).rejects.toMatchObject({ code: "not_found" });
  await expect(bench.core.jobs.rehearsal({})).rejects.toMatchObject({ code: "bad_request" });
});
