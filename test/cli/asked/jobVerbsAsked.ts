import { ago, type Asked, job, usage } from "./verbsAsked.ts";

/** What `pincer cron`, `runs` and `hooks` ask, and print. */
export const jobVerbsAsked: Asked[] = [
  {
    args: ["hooks"],
    asks: "GET /api/hooks/list",
    answer: {
      hooks: [
        {
          name: "ci",
          path: "/hooks/ci",
          proof: "token",
          header: "authorization",
          does: "message",
          target: "isolated",
          paths: ["payload.a"],
        },
        {
          name: "gh",
          path: "/hooks/gh",
          proof: "github",
          header: "x-hub-signature-256",
          does: "job",
          target: "nightly",
          paths: [],
        },
      ],
    },
    prints:
      "NAME  POST TO    PROOF                         DOES     TARGET    PUTS IN\n" +
      "ci    /hooks/ci  token                         message  isolated  payload.a\n" +
      "gh    /hooks/gh  x-hub-signature-256 (github)  job      nightly\n",
  },
  {
    args: ["hooks", "test", "ci", "--payload", '{"a": 1}', "--send"],
    asks: "POST /api/hooks/test",
    body: { name: "ci", payload: { a: 1 }, send: true },
    answer: {
      hook: { target: "isolated" },
      text: "It is 1",
      missing: ["payload.b"],
      delivery: { ok: true, status: "accepted", runId: "run_1", sessionKey: "s_1" },
    },
    prints: "It is 1\n\nNot in the payload: payload.b\n\nRun run_1 in s_1\n",
  },
  {
    args: ["cron"],
    asks: "GET /api/cron/list",
    answer: {
      jobs: [
        { ...job, mayDo: "run exactly `npm test`" },
        {
          ...job,
          id: "job_2",
          mayDo: "nothing unasked: it asks a person",
          enabled: false,
          schedule: { kind: "every", everyMs: 1_800_000 },
          lastRunAt: null,
          lastStatus: null,
        },
      ],
    },
    prints:
      "ID     NAME     SCHEDULE                 NEXT      LAST    RESULT  MAY DO\n" +
      "job_1  Morning  0 9 * * * Europe/Berlin  in 2h     1h ago  ok      run exactly `npm test`\n" +
      "job_2  Morning  every 30m 0s             disabled  -       -       nothing unasked: it asks a person\n",
  },
  {
    args: [
      "cron",
      "add",
      "--name",
      "Morning",
      "--cron",
      "0 9 * * *",
      "--tz",
      "Europe/Berlin",
      "--message",
      "Summarise",
    ],
    asks: "POST /api/cron/add",
    body: {
      job: {
        name: "Morning",
        schedule: { kind: "cron", expr: "0 9 * * *", tz: "Europe/Berlin" },
        payload: { kind: "agentTurn", message: "Summarise" },
        sessionTarget: "isolated",
        enabled: true,
      },
    },
    answer: { job },
    prints: "job_1  next in 2h\n",
  },
  {
    args: [
      "cron",
      "add",
      "--name",
      "Tea",
      "--every",
      "1.5h",
      "--event",
      "Tea",
      "--target",
      "main",
      "-t",
      "60",
      "--disabled",
    ],
    asks: "POST /api/cron/add",
    body: {
      job: {
        name: "Tea",
        schedule: { kind: "every", everyMs: 5_400_000 },
        payload: { kind: "systemEvent", text: "Tea" },
        sessionTarget: "main",
        enabled: false,
        timeoutSeconds: 60,
      },
    },
    answer: { job: { ...job, enabled: false } },
    prints: "job_1  disabled\n",
  },
  {
    args: ["cron", "remove", "job_1"],
    asks: "POST /api/cron/remove",
    body: { id: "job_1" },
    answer: {},
    prints: "job_1 is removed\n",
  },
  {
    args: ["cron", "disable", "job_1"],
    asks: "POST /api/cron/update",
    body: { id: "job_1", patch: { enabled: false } },
    answer: { job },
    prints: "Morning is disabled\n",
  },
  {
    args: ["cron", "run", "job_1"],
    asks: "POST /api/cron/run",
    body: { id: "job_1" },
    answer: { runId: "run_9", run: { status: "running", sessionKey: "s_9" } },
    prints: "Fired: run run_9 in s_9\n",
  },
  {
    args: ["runs", "report", "run_1"],
    asks: "GET /api/runs/report?runId=run_1",
    answer: { report: {}, markdown: "# Report of run run\\_1\n" },
    prints: "# Report of run run\\_1\n",
  },
  {
    args: [
      "cron",
      "add",
      "--name",
      "n",
      "--every",
      "1h",
      "--message",
      "m",
      "--webhook",
      "https://example.com/h",
      "--report",
    ],
    asks: "POST /api/cron/add",
    body: {
      job: {
        name: "n",
        schedule: { kind: "every", everyMs: 3_600_000 },
        payload: { kind: "agentTurn", message: "m" },
        sessionTarget: "isolated",
        enabled: true,
        delivery: { mode: "webhook", url: "https://example.com/h", content: "report" },
      },
    },
    answer: { job: { id: "job_1", enabled: false } },
    prints: "job_1  disabled\n",
  },
  {
    args: ["cron", "runs", "job_1"],
    asks: "GET /api/cron/runs?id=job_1&limit=50",
    answer: {
      runs: [
        {
          jobId: "job_1",
          slot: ago(9_000_000),
          status: "failed",
          cause: "retry",
          startedAt: ago(120_000),
          finishedAt: ago(45_000),
          durationMs: 75_000,
          runId: "run_1",
          usage: { ...usage, costUsd: 0.5 },
          error: "No key",
        },
        {
          ...{ jobId: "job_1", slot: ago(9_000_000), status: "ok", cause: "schedule", startedAt: ago(120_000) },
          delivery: { status: "refused", channel: "telegram", error: "Forbidden: bot was blocked by the user" },
        },
      ],
    },
    prints:
      "DUE     JOB    CAUSE     RESULT  DELIVERY  TOOK    TOKENS  COST     RUN    SESSION  WHY\n" +
      "2h ago  job_1  retry     failed  -         1m 15s  1.2k    $0.5000  run_1  -        No key\n" +
      "2h ago  job_1  schedule  ok      refused   -       -       -        -      -        Forbidden: bot was blocked by the user\n",
  },
];
