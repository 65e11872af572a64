import { expect, test } from "vitest";
import { bench, TOKEN, useClientBench } from "../clientBench.ts";
import { pincer } from "../pincer.ts";
import type { verbsAsked } from "./verbsAsked.ts";

useClientBench();

const now = Date.now();
const job = {
  id: "job_1",
  name: "Morning",
  schedule: { kind: "cron", expr: "0 9 * * *", tz: "Europe/Berlin" },
  enabled: true,
  nextRunAt: new Date(now + 9_000_000).toISOString(),
  lastRunAt: new Date(now - 5_400_000).toISOString(),
  lastStatus: "ok",
};

const table: typeof verbsAsked = [
  {
    args: [
      ...[
        "cron",
        "add",
        "--name",
        "Fix",
        "--file",
        "src/**",
        "--debounce",
        "2s",
        "--message",
        "Fix",
        "--condition",
        "true",
      ],
      ...["--budget-tokens", "9"],
    ],
    asks: "POST /api/cron/add",
    body: {
      job: {
        name: "Fix",
        schedule: { kind: "file", glob: "src/**", debounceMs: 2000 },
        payload: { kind: "agentTurn", message: "Fix" },
        sessionTarget: "isolated",
        enabled: true,
        condition: { command: "true" },
        budgetTokens: 9,
      },
    },
    answer: { job: { ...job, schedule: { kind: "file", glob: "src/**" }, nextRunAt: null } },
    prints: "job_1  when src/** changes\n",
  },
  {
    args: ["cron", "update", "job_1", "--after", "Tea", "--on", "failed", "--clear", "model", "grants"],
    asks: "POST /api/cron/update",
    body: {
      id: "job_1",
      patch: { schedule: { kind: "after", jobId: "Tea", on: "failed" }, model: null, grants: null },
    },
    answer: { job: { ...job, schedule: { kind: "after", jobId: "job_2", on: "failed" } } },
    prints: "Morning: after job_2 has failed\n",
  },
  {
    args: ["cron", "next", "-n", "2"],
    asks: "GET /api/cron/next?count=2",
    answer: {
      firings: [{ jobId: "job_1", name: "Morning", slot: job.nextRunAt, at: job.nextRunAt, cause: "schedule" }],
      waiting: [{ jobId: "job_2", name: "Built", schedule: { kind: "exit", command: "npm run build" } }],
    },
    prints: expect.stringMatching(
      /^AT +IN +JOB +NAME +WHY\n\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \S+ +in 2h +job_1 +Morning +schedule\n- +- +job_2 +Built +when npm run build ends\n$/,
    ) as string,
  },
];

test.each(table)("$args", async ({ args, asks, body, answer, prints }) => {
  bench.gateway.answers[asks.split("?")[0]!] = { json: answer };
  expect(await pincer(args, bench.env)).toEqual({ code: 0, stdout: prints, stderr: "" });
  expect(bench.gateway.seen.map(({ method, path }) => `${method} ${path}`)).toEqual([asks]);
  for (const seen of bench.gateway.seen) {
    expect(seen).toMatchObject({ token: TOKEN, client: "cli" });
    expect(seen.body).toEqual(body);
  }
});

const chat = { mode: "announce", channel: "telegram", to: "123", content: "report" };

test.each([
  ["its zone", {}, ["--cron", "0 8 * * *"], { schedule: { kind: "cron", expr: "0 8 * * *", tz: "Europe/Berlin" } }],
  ["its expression", {}, ["--tz", "UTC"], { schedule: { kind: "cron", expr: "0 9 * * *", tz: "UTC" } }],
  ["nothing of another kind", {}, ["--file", "b"], { schedule: { kind: "file", glob: "b" } }],
  [
    "for how long it waits",
    { schedule: { kind: "file", glob: "a", debounceMs: 5000 } },
    ["--file", "b"],
    { schedule: { kind: "file", glob: "b", debounceMs: 5000 } },
  ],
  [
    "which end it waits for",
    { schedule: { kind: "after", jobId: "job_2", on: "failed" } },
    ["--after", "Tea"],
    { schedule: { kind: "after", jobId: "Tea", on: "failed" } },
  ],
  [
    "the limit of its condition",
    { condition: { command: "a", timeoutSeconds: 9 } },
    ["--condition", "b"],
    { condition: { command: "b", timeoutSeconds: 9 } },
  ],
  ["that its report is sent, and to which chat", { delivery: chat }, ["--channel", "telegram"], { delivery: chat }],
  [
    "no chat of another network",
    { delivery: chat },
    ["--channel", "discord"],
    { delivery: { mode: "announce", channel: "discord", content: "report" } },
  ],
  [
    "nothing of another delivery",
    { delivery: chat },
    ["--webhook", "https://example.org/"],
    { delivery: { mode: "webhook", url: "https://example.org/" } },
  ],
])("a change of a part keeps %s", async (_, more, args, patch) => {
  bench.gateway.answers["GET /api/cron/get"] = { json: { job: { ...job, ...more } } };
  bench.gateway.answers["POST /api/cron/update"] = { json: { job } };
  expect(await pincer(["cron", "update", "job_1", ...args], bench.env)).toMatchObject({ code: 0, stderr: "" });
  expect(bench.gateway.seen.at(-1)!.body).toEqual({ id: "job_1", patch });
});

test("a job that stays off with its new schedule says so", async () => {
  bench.gateway.answers["POST /api/cron/update"] = { json: { job: { ...job, enabled: false } } };
  const { stdout, stderr } = await pincer(["cron", "update", "job_1", "--every", "1h"], bench.env);
  expect(`${stdout}${stderr}`).toMatch(/Morning: disabled[^]*does not fire at its new time: pincer cron enable job_1/);
  expect((await pincer(["cron", "update", "job_1", "--name", "Noon"], bench.env)).stderr).toBe("");
});

test("a zone is no part of a job that has no expression", async () => {
  bench.gateway.answers["GET /api/cron/get"] = {
    json: { job: { ...job, schedule: { kind: "every", everyMs: 60_000 } } },
  };
  const { code, stderr } = await pincer(["cron", "update", "job_1", "--tz", "UTC"], bench.env);
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: "pincer: --tz belongs to --cron, and the job has no cron expression\n",
  });
});
