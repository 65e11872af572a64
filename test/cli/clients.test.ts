import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { writeGatewayFile } from "../../src/config/stateFolder.ts";
import { type FakeGateway, openFakeGateway } from "./fakeGateway.ts";
import { pincer } from "./pincer.ts";

const TOKEN = "mJ4kPzRq8sVw2xYb6nTc0dLf";
let gateway: FakeGateway;
let home: string;
let env: Record<string, string>;

beforeAll(async () => {
  gateway = await openFakeGateway();
});
afterAll(() => gateway.close());
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "pincer-cli-"));
  env = { PINCER_HOME: home };
  gateway.seen.length = 0;
  for (const key of Object.keys(gateway.answers)) delete gateway.answers[key];
  writeGatewayFile(home, {
    url: gateway.url,
    pid: process.pid,
    started: "2026-11-22T00:00:00Z",
    token: TOKEN,
    version: "1",
  });
});
afterEach(() => rmSync(home, { recursive: true }));

const now = Date.now();
const ago = (ms: number) => new Date(now - ms).toISOString();
const usage = { inputTokens: 1200, outputTokens: 30, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: null };
const job = {
  id: "job_1",
  name: "Morning",
  schedule: { kind: "cron", expr: "0 9 * * *", tz: "Europe/Berlin" },
  enabled: true,
  nextRunAt: new Date(now + 7_400_000).toISOString(),
  lastRunAt: ago(3_700_000),
  lastStatus: "ok",
};
const session = {
  key: "main",
  kind: "main",
  state: "idle",
  title: "A \u001b[31mred\u001b[0m title",
  messageCount: 4,
  updatedAt: ago(200_000),
  model: null,
};
const ok = { status: "ok", runId: "run_1", sessionKey: "main", reply: "five" };

describe("a verb asks its route and prints the answer", () => {
  interface Row {
    args: string[];
    asks: string;
    body?: unknown;
    answer: unknown;
    prints: string;
  }
  const table: Row[] = [
    {
      args: ["send", "2+3?"],
      asks: "POST /api/sessions/send",
      body: { message: "2+3?", sessionKey: "main", timeoutSeconds: 120 },
      answer: ok,
      prints: "five\n",
    },
    {
      args: ["send", "hi", "-s", "abc", "-m", "openai/gpt-6-luna", "-t", "5"],
      asks: "POST /api/sessions/send",
      body: { message: "hi", sessionKey: "abc", timeoutSeconds: 5, model: "openai/gpt-6-luna" },
      answer: ok,
      prints: "five\n",
    },
    {
      args: ["send", "hi", "-t", "0"],
      asks: "POST /api/sessions/send",
      body: { message: "hi", sessionKey: "main", timeoutSeconds: 0 },
      answer: { status: "accepted", runId: "run_2", sessionKey: "main", reply: null },
      prints: "run_2\n",
    },
    {
      args: ["spawn", "count files", "--timeout", "9", "--label", "Count"],
      asks: "POST /api/sessions/spawn",
      body: { task: "count files", runTimeoutSeconds: 9, wait: true, label: "Count" },
      answer: ok,
      prints: "five\n",
    },
    {
      args: ["spawn", "count files", "--no-wait"],
      asks: "POST /api/sessions/spawn",
      body: { task: "count files", runTimeoutSeconds: 300, wait: false },
      answer: { ...ok, status: "accepted", reply: null },
      prints: "run_1\n",
    },
    {
      args: ["sessions"],
      asks: "GET /api/sessions/list?limit=50",
      answer: {
        sessions: [session, { ...session, key: "s_2", title: null, state: "running", updatedAt: ago(90_000) }],
      },
      prints:
        "KEY   KIND  STATE    MESSAGES  UPDATED  TITLE\n" +
        "main  main  idle     4         3m ago   A \\u{1b}[31mred\\u{1b}[0m title\n" +
        "s_2   main  running  4         1m ago   -\n",
    },
    {
      args: ["sessions", "list", "--kinds", "main,isolated", "--search", "a b", "-n", "5"],
      asks: "GET /api/sessions/list?kinds=main%2Cisolated&limit=5&search=a+b",
      answer: { sessions: [] },
      prints: "KEY  KIND  STATE  MESSAGES  UPDATED  TITLE\n",
    },
    {
      args: ["sessions", "create", "Notes"],
      asks: "POST /api/sessions/create",
      body: { title: "Notes" },
      answer: { sessionKey: "s_3" },
      prints: "s_3\n",
    },
    {
      args: ["sessions", "rename", "s_3", "New"],
      asks: "POST /api/sessions/rename",
      body: { sessionKey: "s_3", title: "New" },
      answer: {},
      prints: 's_3 is now "New"\n',
    },
    {
      args: ["sessions", "delete", "s_3"],
      asks: "POST /api/sessions/delete",
      body: { sessionKey: "s_3" },
      answer: { deleted: true },
      prints: "s_3 is deleted\n",
    },
    {
      args: ["sessions", "delete", "main"],
      asks: "POST /api/sessions/delete",
      body: { sessionKey: "main" },
      answer: { deleted: false },
      prints: "main is reset\n",
    },
    {
      args: ["sessions", "reset", "s_3"],
      asks: "POST /api/sessions/reset",
      body: { sessionKey: "s_3" },
      answer: {},
      prints: "s_3 is reset\n",
    },
    {
      args: ["sessions", "abort", "s_3"],
      asks: "POST /api/sessions/abort",
      body: { sessionKey: "s_3" },
      answer: { aborted: 2 },
      prints: "2 cancelled\n",
    },
    {
      args: ["history", "--tools", "-n", "2"],
      asks: "GET /api/sessions/history?sessionKey=main&limit=2&includeTools=true",
      answer: {
        hasMore: false,
        messages: [
          { role: "assistant", text: "Let me see", toolCalls: [{ name: "read" }], createdAt: ago(80_000) },
          { role: "tool", name: "read", text: "5\n", createdAt: ago(3_700_000) },
        ],
      },
      prints: "assistant (1m ago)\nLet me see\n[read]\n\nread (1h ago)\n5\n\n",
    },
    {
      args: ["status"],
      asks: "GET /api/gateway/status",
      answer: {
        url: "http://127.0.0.1:3000",
        version: "1.2.3",
        pid: 7,
        startedAt: ago(90_000_000),
        runs: { active: 1, queued: 0 },
        approvals: 2,
      },
      prints:
        "address    http://127.0.0.1:3000\nversion    1.2.3\nprocess    7\nstarted    1d ago\nruns       1 active, 0 queued\napprovals  2 waiting\n",
    },
    {
      args: ["status", "main"],
      asks: "GET /api/session/status?sessionKey=main",
      answer: {
        sessionKey: "main",
        kind: "main",
        state: "idle",
        model: "openai/gpt-6-luna",
        workspace: null,
        updatedAt: ago(80_000),
        usage,
        context: { usedTokens: 4200, windowTokens: 200_000, percent: 2.1 },
        runs: { total: 3, active: 0, queued: 0, failed: 1 },
        subagents: [],
      },
      prints:
        "session     main\nkind        main\nstate       idle\nmodel       openai/gpt-6-luna\nworkspace   -\nupdated     1m ago\n" +
        "runs        3 in all, 0 active, 0 queued, 1 failed\ncontext     4.2k of 200.0k tokens (2 %)\nusage       1.2k in, 30 out, ?\nsub-agents  -\n",
    },
    {
      args: ["cron"],
      asks: "GET /api/cron/list",
      answer: {
        jobs: [
          job,
          {
            ...job,
            id: "job_2",
            enabled: false,
            schedule: { kind: "every", everyMs: 1_800_000 },
            lastRunAt: null,
            lastStatus: null,
          },
        ],
      },
      prints:
        "ID     NAME     SCHEDULE                 NEXT      LAST    RESULT\n" +
        "job_1  Morning  0 9 * * * Europe/Berlin  in 2h     1h ago  ok\n" +
        "job_2  Morning  every 30m 0s             disabled  -       -\n",
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
      args: ["cron", "runs", "job_1"],
      asks: "GET /api/cron/runs?id=job_1&limit=50",
      answer: {
        runs: [
          {
            jobId: "job_1",
            slot: ago(140_000),
            status: "failed",
            cause: "retry",
            startedAt: ago(120_000),
            finishedAt: ago(45_000),
            error: "No key",
          },
        ],
      },
      prints:
        "DUE     JOB    CAUSE  RESULT  TOOK    SESSION  ERROR\n2m ago  job_1  retry  failed  1m 15s  -        No key\n",
    },
    {
      args: ["approvals"],
      asks: "GET /api/approvals/list",
      answer: {
        approvals: [
          {
            id: "apr_1",
            sessionKey: "main",
            tool: "exec",
            reason: "runs a command",
            expiresAt: new Date(now + 280_000).toISOString(),
            summary: "rm",
            subject: { type: "command", cwd: "/work", command: "rm -r build" },
          },
        ],
      },
      prints: "apr_1  exec in main: runs a command; expires in 4m\n    /work$ rm -r build\n",
    },
    {
      args: ["approvals", "allow", "apr_1"],
      asks: "POST /api/approvals/answer",
      body: { id: "apr_1", decision: "allow" },
      answer: {},
      prints: "Allowed\n",
    },
    {
      args: ["approvals", "allow", "apr_1", "--session"],
      asks: "POST /api/approvals/answer",
      body: { id: "apr_1", decision: "allow_session" },
      answer: {},
      prints: "Allowed\n",
    },
    {
      args: ["approvals", "deny", "apr_1"],
      asks: "POST /api/approvals/answer",
      body: { id: "apr_1", decision: "deny" },
      answer: {},
      prints: "Denied\n",
    },
    {
      args: ["models"],
      asks: "GET /api/models/list",
      answer: {
        default: "a/b",
        models: [
          {
            id: "a/b",
            provider: "a",
            ready: true,
            windowTokens: 200_000,
            price: { inputPerMTok: 3, outputPerMTok: 15 },
          },
          { id: "c/d", provider: "c", ready: false, reason: "No key is set" },
        ],
      },
      prints:
        "MODEL          READY  WINDOW  IN $/M  OUT $/M\na/b (default)  yes    200.0k  3       15\nc/d            no     -       -       -        No key is set\n",
    },
    {
      args: ["usage", "--days", "7"],
      asks: "GET /api/usage/cost?days=7",
      answer: {
        days: 7,
        total: { ...usage, costUsd: 0.0123, requests: 3 },
        rows: [{ day: "2026-11-22", model: "a/b", requests: 3, ...usage, costUsd: 0.0123, unpriced: 1 }],
      },
      prints:
        "DAY         MODEL  REQUESTS  IN    OUT  COST\n2026-11-22  a/b    3         1.2k  30   $0.0123 + ?\ntotal       -      3         1.2k  30   $0.0123\n",
    },
    { args: ["token", "show"], asks: "", answer: {}, prints: `${TOKEN}\n` },
    {
      args: ["token", "rotate"],
      asks: "POST /api/gateway/token/rotate",
      body: {},
      answer: { token: "fresh" },
      prints: "fresh\n",
    },
  ];

  test.each(table)("$args", async ({ args, asks, body, answer, prints }) => {
    gateway.answers[asks.split("?")[0]!] = { json: answer };
    expect(await pincer(args, env)).toEqual({ code: 0, stdout: prints, stderr: "" });
    expect(gateway.seen.map(({ method, path }) => `${method} ${path}`)).toEqual(asks === "" ? [] : [asks]);
    for (const seen of gateway.seen) {
      expect(seen).toMatchObject({ token: TOKEN, client: "cli" });
      expect(seen.body).toEqual(body);
    }
  });

  test("prints the answer as it came with --json", async () => {
    const answer = { ...ok, usage, durationMs: 12, later: [1] };
    gateway.answers["POST /api/sessions/send"] = { json: answer };
    const { stdout } = await pincer(["send", "hi", "--json"], env);
    expect(JSON.parse(stdout)).toEqual(answer);
    expect(stdout).toBe(`${JSON.stringify(answer)}\n`);
  });

  test("reads the message from stdin", async () => {
    gateway.answers["POST /api/sessions/send"] = { json: ok };
    await pincer(["send", "-"], env, { input: "from a\npipe" });
    expect(gateway.seen[0]?.body).toMatchObject({ message: "from a\npipe" });
  });

  test("runs tasks one after another, or side by side, and names each", async () => {
    gateway.answers["POST /api/sessions/spawn"] = { json: ok };
    const { stdout } = await pincer(["spawn", "one", "two", "--parallel"], env);
    expect(stdout).toBe("== one (main)\nfive\n== two (main)\nfive\n");
    expect(gateway.seen.map(({ body }) => (body as { task: string }).task).sort()).toEqual(["one", "two"]);
  });
});

describe("send --stream", () => {
  const event = (fact: object) => ({ id: 1, seq: 1, runId: "run_1", sessionKey: "main", at: "", ...fact });
  const stream = (...facts: object[]) => (gateway.answers["POST /api/sessions/send"] = { events: facts.map(event) });

  test("prints the text as it comes", async () => {
    stream(
      { type: "run.started", model: "a/b" },
      { type: "text.delta", text: "fi" },
      { type: "approval.asked", approval: { id: "apr_1", summary: "rm -r x", reason: "runs a command" } },
      { type: "text.delta", text: "ve" },
      { type: "run.finished", outcome: { type: "done", reply: "five" } },
    );
    expect(await pincer(["send", "2+3?", "--stream"], env)).toEqual({
      code: 0,
      stdout: "five\n",
      stderr: "Waits for approval (runs a command): rm -r x\n  pincer approvals allow apr_1\n",
    });
    expect(gateway.seen[0]?.accept).toBe("text/event-stream");
  });

  test("prints the reply when its deltas were lost, and one event per line with --json", async () => {
    stream({ type: "run.finished", outcome: { type: "done", reply: "five" } });
    expect((await pincer(["send", "x", "--stream"], env)).stdout).toBe("five\n");
    const { stdout } = await pincer(["send", "x", "--stream", "--json"], env);
    expect(JSON.parse(stdout)).toMatchObject({ type: "run.finished", runId: "run_1" });
  });

  test.each([
    [
      { type: "failed", error: { code: "provider_error", message: "anthropic refused the key" } },
      "pincer: anthropic refused the key\n",
    ],
    [{ type: "cancelled", reply: "" }, "pincer: Run run_1 was cancelled\n"],
    [{ type: "timed_out", reply: "" }, "pincer: Run run_1 passed its time limit\n"],
  ])("fails as the run did: %j", async (outcome, stderr) => {
    stream({ type: "text.delta", text: "so far" }, { type: "run.finished", outcome });
    expect(await pincer(["send", "x", "--stream"], env)).toEqual({ code: 1, stdout: "so far\n", stderr });
  });

  test("says so when the stream breaks off, and when the wait ends first", async () => {
    stream({ type: "text.delta", text: "so far" });
    expect(await pincer(["send", "x", "--stream"], env)).toMatchObject({
      code: 1,
      stderr: "pincer: The stream ended before run run_1 did\n",
    });
    gateway.answers["POST /api/sessions/send"] = {
      events: [event({ type: "run.started", model: "a/b" })],
      hangs: true,
    };
    expect(await pincer(["send", "x", "--stream", "-t", "0.3"], env)).toEqual({
      code: 1,
      stdout: "",
      stderr: "pincer: No reply within 0.3 s; run run_1 goes on\n",
    });
  });
});

describe("what goes wrong is a sentence", () => {
  test("the gateway's own, with its details", async () => {
    gateway.answers["POST /api/cron/add"] = {
      status: 400,
      json: {
        error: {
          code: "bad_request",
          message: "Invalid input",
          details: [{ path: "job.schedule.expr", message: "never fires" }],
        },
      },
    };
    expect(await pincer(["cron", "add", "--name", "x", "--cron", "0 0 30 2 *", "--message", "x"], env)).toEqual({
      code: 1,
      stdout: "",
      stderr: "pincer: Invalid input\n  job.schedule.expr: never fires\n",
    });
  });

  test("a wait that ended first", async () => {
    gateway.answers["POST /api/sessions/send"] = {
      status: 202,
      json: { status: "accepted", runId: "run_7", sessionKey: "main", reply: null },
    };
    expect(await pincer(["send", "x", "-t", "1"], env)).toEqual({
      code: 1,
      stdout: "",
      stderr: "pincer: No reply within 1 s; run run_7 goes on\n",
    });
  });

  test("an answer that is no gateway's", async () => {
    gateway.answers["GET /api/models/list"] = { raw: "<html>hello</html>" };
    expect((await pincer(["models"], env)).stderr).toBe(
      "pincer: The answer (status 200) is not that of a Pincer gateway\n",
    );
  });

  test("no gateway at all, and one that is gone", async () => {
    expect(await pincer(["models", "--state", join(home, "none")], env)).toMatchObject({
      code: 1,
      stderr: `pincer: No gateway runs on ${join(home, "none")}; start one with: pincer gateway\n`,
    });
    // The highest process id that Linux hands out is lower.
    writeGatewayFile(home, { url: gateway.url, pid: 99_999_999, started: "", token: TOKEN, version: "1" });
    expect((await pincer(["models"], env)).stderr).toContain("(process 99999999) is gone");
    expect(gateway.seen).toEqual([]);
  });

  test("a port that nobody listens at", async () => {
    const { code, stderr } = await pincer(["models", "--url", "http://127.0.0.1:9"], { ...env, PINCER_TOKEN: TOKEN });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: "pincer: Nothing listens at http://127.0.0.1:9; start a gateway with: pincer gateway\n",
    });
  });

  test.each([
    [["send"], "error: missing required argument 'message'\n"],
    [
      ["send", "x", "--timeout", "soon"],
      "error: option '-t, --timeout <seconds>' argument 'soon' is invalid. Write a number of seconds.\n",
    ],
    [["sing"], "error: unknown command 'sing'\n(Did you mean send?)\n"],
    [["cron", "add", "--name", "x", "--cron", "* * * * *"], "error: one of --message and --event is needed\n"],
    [
      ["cron", "add", "--name", "x", "--every", "1h", "--at", "20m", "--event", "x"],
      "error: option '--every <duration>' cannot be used with option '--at <moment>'\n",
    ],
  ])("usage: %j", async (args, stderr) => {
    expect(await pincer(args, env)).toEqual({ code: 2, stdout: "", stderr });
    expect(gateway.seen).toEqual([]);
  });
});

describe("the token", () => {
  test("of the gateway here goes to no other address", async () => {
    const other = await openFakeGateway();
    const { code, stderr } = await pincer(["models", "--url", other.url], env);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `pincer: No token for ${other.url}: set PINCER_TOKEN, or name a file with --token-file\n`,
    });
    expect(other.seen).toEqual([]);
    await other.close();
  });

  test("is not shown to a program that cannot prove to be the gateway", async () => {
    writeGatewayFile(home, { url: gateway.url, pid: process.pid, started: "", token: TOKEN, version: "1", nonce: "n" });
    gateway.answers["GET /health"] = { json: { ok: true, proof: "made up" } };
    expect(await pincer(["models"], env)).toMatchObject({
      code: 1,
      stderr: `pincer: What answers at ${gateway.url} is not the gateway that was started there\n`,
    });
    expect(gateway.seen).toMatchObject([{ token: undefined }]);
  });

  test("comes from a file, else from the environment, else from the gateway here", async () => {
    gateway.answers["GET /api/models/list"] = { json: { models: [], default: null } };
    const file = join(home, "t");
    writeFileSync(file, "from-file\n");
    await pincer(["models", "--token-file", file], { ...env, PINCER_TOKEN: "from-env" });
    await pincer(["models"], { ...env, PINCER_TOKEN: "from-env", PINCER_URL: gateway.url });
    await pincer(["models", "--url", `${gateway.url}/`], env);
    expect(gateway.seen.map(({ token }) => token)).toEqual(["from-file", "from-env", TOKEN]);
  });

  test("that nobody serves with is replaced where it lies", async () => {
    const state = join(home, "idle");
    const first = (await pincer(["token", "--state", state], env)).stdout;
    expect(first).toMatch(/^[\w-]{43}\n$/);
    const second = (await pincer(["token", "rotate", "--state", state], env)).stdout;
    expect(second).not.toBe(first);
    expect((await pincer(["token", "show", "--state", state, "--json"], env)).stdout).toBe(
      `{"token":"${second.trim()}"}\n`,
    );
    expect(gateway.seen).toEqual([]);
  });
});
