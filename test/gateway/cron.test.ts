import { expect, test } from "vitest";
import { openGatewayBench } from "./bench.ts";
import { checkAnswer } from "./checkAnswer.ts";

const job = {
  name: "Morning",
  schedule: { kind: "cron", expr: "0 9 * * *", tz: "Europe/Berlin" },
  payload: { kind: "agentTurn", message: "What is new?" },
  sessionTarget: "isolated",
};

test("a job's life over REST", async () => {
  const { get, post } = await openGatewayBench({ turns: [["nothing new"]] });
  const added = await post("/api/cron/add", { job });
  checkAnswer("cron.add", added.status, added.body);
  expect(added).toMatchObject({
    status: 200,
    body: {
      job: { ...job, enabled: true, lastRunAt: null, lastStatus: null, createdBy: { via: "api", id: "default" } },
    },
  });
  const { id, nextRunAt } = added.body.job;
  expect(Date.parse(nextRunAt)).toBeGreaterThan(Date.now());
  expect((await get("/api/cron/list")).body).toMatchObject({ count: 1, jobs: [{ id }] });
  const got = await get(`/api/cron/get?id=${id}`);
  checkAnswer("cron.get", got.status, got.body);
  expect(got.body).toMatchObject({
    job: { id },
    words: "every day at 09:00 (Europe/Berlin)",
    next: [nextRunAt, {}, {}, {}, {}],
  });
  const updated = await post("/api/cron/update", { id, patch: { enabled: false, misfire: "skip" } });
  checkAnswer("cron.update", updated.status, updated.body);
  expect(updated.body.job).toMatchObject({ name: "Morning", enabled: false, misfire: { policy: "skip" } });
  const cleared = await post("/api/cron/update", { id, patch: { misfire: null, enabled: true } });
  checkAnswer("cron.update", cleared.status, cleared.body);
  expect("misfire" in cleared.body.job).toBe(false);
  const next = await get(`/api/cron/next?count=3&id=${id}`);
  checkAnswer("cron.next", next.status, next.body);
  expect(next.body).toMatchObject({ firings: [{ jobId: id, slot: nextRunAt }, {}, {}], waiting: [] });
  const run = await post("/api/cron/run", { id });
  checkAnswer("cron.run", run.status, run.body);
  expect(run).toMatchObject({ status: 200, body: { id, run: { cause: "manual", jobId: id } } });
  const runs = await get(`/api/cron/runs?id=${id}`);
  checkAnswer("cron.runs", runs.status, runs.body);
  expect(runs.body.count).toBe(1);
  await get(`/api/runs/wait?runId=${run.body.runId}`);
  const report = await get(`/api/runs/report?id=${run.body.runId}`);
  checkAnswer("runs.report", report.status, report.body);
  expect(report.body).toMatchObject({ report: { origin: { via: "cron", id }, answer: "nothing new", ended: "done" } });
  expect(report.body.markdown).toMatch(/^# Report of run /);
  expect((await get("/api/runs/report?runId=run_none")).status).toBe(404);
  expect(await post("/api/cron/remove", { id })).toMatchObject({ status: 200, body: { id, removed: true } });
  expect((await get(`/api/cron/get?id=${id}`)).status).toBe(404);
  const woken = await post("/api/cron/wake", { text: "The build is red" });
  checkAnswer("cron.wake", woken.status, woken.body);
});

test("a job may stand without the wrapper, and all four pairs of payload and target are taken", async () => {
  const { post } = await openGatewayBench();
  const schedule = { kind: "every", everyMs: 3_600_000 };
  for (const payload of [job.payload, { kind: "systemEvent", text: "tick" }]) {
    for (const sessionTarget of ["main", "isolated"]) {
      const flat = await post("/api/cron/add", {
        name: "x",
        schedule,
        payload,
        sessionTarget,
        misfire: "once",
        enabled: false,
      });
      expect(flat).toMatchObject({
        status: 200,
        body: { job: { schedule, payload, sessionTarget, enabled: false, misfire: { policy: "once" } } },
      });
    }
  }
});

test("what is wrong with a job is told by its path", async () => {
  const { post } = await openGatewayBench();
  const table: [object, string | undefined][] = [
    [{ name: "" }, "job.name"],
    [{ schedule: { kind: "daily" } }, "job.schedule.kind"],
    [{ schedule: { kind: "every", everyMs: 999 } }, "job.schedule.everyMs"],
    [{ schedule: { kind: "every", everyMs: 1e300 } }, "job.schedule.everyMs"],
    [{ schedule: { kind: "every", everyMs: 1500.5 } }, "job.schedule.everyMs"],
    [{ schedule: { kind: "at", at: "tomorrow" } }, "job.schedule.at"],
    [{ schedule: { kind: "at", at: "2026-02-30T00:00:00Z" } }, "job.schedule.at"],
    [{ payload: { kind: "agentTurn", text: "x" } }, "job.payload.message"],
    [{ delivery: { mode: "webhook" } }, "job.delivery.url"],
    [{ delivery: { mode: "webhook", url: "file:///etc/passwd" } }, "job.delivery.url"],
    [{ misfire: "sometimes" }, "job.misfire"],
    [{ misfire: { policy: "sometimes" } }, "job.misfire.policy"],
    [{ colour: "red" }, "job.colour"],
    [{ schedule: { kind: "cron", expr: "61 * * * *" } }, "job.schedule.expr"],
    [{ schedule: { kind: "cron", expr: "0 9 * * *", tz: "Mars/Base" } }, "job.schedule.tz"],
    // The core's own refusals.
    [{ schedule: { kind: "at", at: "2001-01-01T00:00:00Z" } }, "schedule.at"],
    [{ sessionTarget: "nowhere" }, "sessionTarget"],
    [{ model: "none/such" }, undefined],
  ];
  for (const [wrong, path] of table) {
    const { status, body } = await post("/api/cron/add", { job: { ...job, ...wrong } });
    checkAnswer("cron.add", status, body);
    expect([status, body.error.code, ...(path ? [body.error.details[0].path] : [])], JSON.stringify(wrong)).toEqual([
      400,
      "bad_request",
      ...(path ? [path] : []),
    ]);
  }
});

test("each route of jobs takes the name that one job has; of several only their ids", async () => {
  const { get, post } = await openGatewayBench({ turns: [["fired"], ["rehearsed"]] });
  const job = {
    name: "Morning",
    schedule: { kind: "cron", expr: "0 9 * * *" },
    payload: { kind: "agentTurn", message: "look" },
    sessionTarget: "isolated",
  };
  const { id } = (await post("/api/cron/add", { job })).body.job;
  expect((await get("/api/cron/get?id=Morning")).body).toMatchObject({ job: { id }, next: [{}, {}, {}, {}, {}] });
  expect((await post("/api/cron/update", { id: "Morning", patch: { misfire: "skip" } })).body).toMatchObject({
    job: { id },
  });
  expect((await get("/api/cron/next?count=1&id=Morning")).body).toMatchObject({ firings: [{ jobId: id }] });
  const run = await post("/api/cron/run", { id: "Morning" });
  expect(run.body).toMatchObject({ id, run: { jobId: id } });
  await get(`/api/runs/wait?runId=${run.body.runId}`);
  expect((await get("/api/cron/runs?id=Morning")).body).toMatchObject({ count: 1 });
  await expect.poll(async () => (await post("/api/cron/rehearse", { id: "Morning" })).body).toMatchObject({ id });
  const rehearsal = await get("/api/cron/rehearsal?id=Morning");
  expect(rehearsal.body).toMatchObject({ jobId: id });
  await get(`/api/runs/wait?runId=${rehearsal.body.runId}`);
  const given = { id: "Morning", runId: rehearsal.body.runId, take: [] };
  await expect.poll(async () => (await post("/api/cron/grant", given)).body).toMatchObject({ job: { id } });
  const { id: other } = (await post("/api/cron/add", { job })).body.job;
  const both = await post("/api/cron/remove", { id: "Morning" });
  expect([both.status, both.body.error.message]).toEqual([409, '2 jobs are named "Morning"; say which by its id']);
  expect((await post("/api/cron/remove", { id: other })).body).toEqual({ id: other, removed: true });
  expect((await post("/api/cron/remove", { id: "Morning" })).body).toEqual({ id, removed: true });
  expect((await get("/api/cron/get?id=Morning")).body.error.message).toBe('No job has the id or the name "Morning"');
});

test("a change whose fields stand beside patch says which", async () => {
  const { post } = await openGatewayBench();
  const said = async (input: object) => (await post("/api/cron/update", input)).body.error.message;
  const here = "Unknown field here: a job's fields stand in patch";
  expect(await said({ id: "a", enabled: false, name: "b" })).toBe(`patch: Required; enabled: ${here}; name: ${here}`);
  expect(await said({ id: "a", patch: {}, enabled: false })).toBe(`enabled: ${here}`);
  expect(await said({ id: "a" })).toBe("patch: Required");
  // Wherever something is missing, what nobody knows may be it.
  const sent = await post("/api/cron/remove", { words: "a" });
  expect(sent.body.error.message).toMatch(/^id: Required; words: Unknown field/);
});
