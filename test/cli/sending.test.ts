import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Clock, systemClock } from "../../src/base/clock.ts";
import { bench, useClientBench } from "./clientBench.ts";
import { pincer } from "./pincer.ts";

useClientBench();

/** Nobody has to wait as long as a person would. */
const hurried: Clock = { ...systemClock, at: (time, fn) => systemClock.at(Date.now() + (time - Date.now()) / 50, fn) };

const sent = () => bench.gateway.seen.some(({ path }) => /^\/api\/sessions\/(send|spawn)/.test(path));

/** Looks for its run at Ctrl+C for as long as the answer takes: whoever stands still meanwhile is waited for. */
const PATIENT = `data:text/javascript,${encodeURIComponent("AbortSignal.timeout = () => new AbortController().signal")}`;

/** Its timers of more than three seconds run from SIGUSR2 on: what is to come before them has come, whoever stands still. */
const UNHURRIED = `data:text/javascript,${encodeURIComponent(`
  const start = setTimeout;
  const held = [];
  globalThis.setTimeout = (fn, ms, ...given) =>
    ms > 3000 ? (held.push(() => fn(...given)), start(() => {}, 2 ** 30)) : start(fn, ms, ...given);
  process.once("SIGUSR2", () => ((globalThis.setTimeout = start), held.forEach((end) => end())));
`)}`;

const startCli = (...args: string[]) => startProcess([], args);
const startPatientCli = (...args: string[]) => startProcess(["--import", PATIENT], args);

/** The command line as a process, the first of whose requests for a run has come to the gateway. */
async function startProcess(node: string[], args: string[]) {
  const cli = fileURLToPath(new URL("../../src/cli.ts", import.meta.url));
  const env = { ...process.env, PINCER_URL: "", PINCER_TOKEN: "", ...bench.env };
  const child = spawn(process.execPath, [...node, cli, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (chunk: string) => (said[name] += chunk));
  // Not "exit", which may come before its last words.
  const closed = new Promise<number | null>((resolve) => child.once("close", resolve));
  await expect.poll(sent).toBe(true);
  return {
    said,
    closed,
    async end(signal: NodeJS.Signals) {
      child.kill(signal);
      return { code: await closed, ...said };
    },
  };
}

describe("send --stream", () => {
  const event = (fact: object) => ({ id: 1, seq: 1, runId: "run_1", sessionKey: "main", at: "", ...fact });
  const stream = (...facts: object[]) =>
    (bench.gateway.answers["POST /api/sessions/send"] = { events: facts.map(event) });

  test("prints the text as it comes", async () => {
    stream(
      { type: "run.started", model: "a/b" },
      { type: "text.delta", text: "fi" },
      {
        type: "approval.asked",
        approval: {
          id: "apr_1",
          tool: "exec",
          sessionKey: "main",
          reason: "runs a command",
          subject: { type: "command", command: "rm -r x", cwd: "/w" },
          offers: [
            { decision: "allow", words: "this call only" },
            { decision: "deny", words: "nothing" },
          ],
        },
      },
      { type: "text.delta", text: "ve" },
      { type: "run.finished", outcome: { type: "done", reply: "five" } },
    );
    expect(await pincer(["send", "2+3?", "--stream"], bench.env)).toEqual({
      code: 0,
      stdout: "five\n",
      stderr:
        "Waits for approval of exec (runs a command):\n│ /w$ rm -r x\npincer approvals allow apr_1\npincer approvals deny apr_1\n",
    });
    expect(bench.gateway.seen[0]?.accept).toBe("text/event-stream");
  });

  test("prints the reply when its deltas were lost, and one event per line with --json", async () => {
    stream({ type: "run.finished", outcome: { type: "done", reply: "five" } });
    expect((await pincer(["send", "x", "--stream"], bench.env)).stdout).toBe("five\n");
    const { stdout } = await pincer(["send", "x", "--stream", "--json"], bench.env);
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
    expect(await pincer(["send", "x", "--stream"], bench.env)).toEqual({ code: 1, stdout: "so far\n", stderr });
  });

  test("says so when the stream breaks off, and when the wait ends first", async () => {
    stream({ type: "text.delta", text: "so far" });
    expect(await pincer(["send", "x", "--stream"], bench.env)).toMatchObject({
      code: 1,
      stderr: "pincer: The stream ended before run run_1 did\n",
    });
    const later = { afterSeen: 999, events: [] };
    const begun = { type: "text.delta", text: "so far" };
    bench.gateway.answers["POST /api/sessions/send"] = { events: [event(begun)], later };
    const over = Promise.withResolvers<void>();
    const clock: Clock = { ...systemClock, at: (_time, fn) => (void over.promise.then(fn), { dispose() {} }) };
    const printed = (stdout: string) => void (stdout.includes("so far") && over.resolve());
    expect(await pincer(["send", "x", "--stream", "-t", "0.3"], bench.env, { clock, printed })).toEqual({
      code: 1,
      stdout: "so far",
      stderr: "pincer: No reply within 0.3 s; run run_1 goes on\n",
    });
    bench.gateway.answers["POST /api/sessions/send"] = { events: [], later };
    expect((await pincer(["send", "x", "--stream", "-t", "0.1"], bench.env)).stderr).toBe(
      "pincer: No reply within 0.1 s; what runs in main goes on\n",
    );
  });
});

const GOES_ON = "what runs in main goes on";

test.each([
  [["send", "x"], "/api/sessions/send", 120, `No reply within 120 s; ${GOES_ON}`],
  [["send", "x", "-t", "400"], "/api/sessions/send", 400, `No reply within 400 s; ${GOES_ON}`],
  [
    ["send", "x", "-t", "0"],
    "/api/sessions/send",
    0,
    "No answer within 30 s, so that nobody knows whether it was taken; see what runs with: pincer runs --session main",
  ],
  [["plan", "accept"], "/api/plans/accept", 120, `No reply within 120 s; ${GOES_ON}`],
])(
  "%j ends when its time is over, also where the gateway is gone without a word",
  async (words, path, seconds, said) => {
    bench.gateway.answers[`POST ${path}`] = { json: {}, afterSeen: 999 };
    const over = Promise.withResolvers<void>();
    const isLate = (time: number) => time - Date.now() > (seconds + 20) * 1000;
    const clock: Clock = {
      ...systemClock,
      at: (time, fn) => (isLate(time) ? (void over.promise.then(fn), { dispose() {} }) : systemClock.at(time, fn)),
    };
    const ended = pincer(words, bench.env, { clock });
    await expect.poll(() => bench.gateway.seen.map((one) => one.path)).toContain(path);
    over.resolve();
    expect(await ended).toEqual({ code: 1, stdout: "", stderr: `pincer: ${said}\n` });
  },
);

test("its process ends with it, though the gateway does not say either what waits for approval", async () => {
  bench.gateway.answers["POST /api/sessions/send"] = { events: [], later: { afterSeen: 999, events: [] } };
  bench.gateway.answers["GET /api/approvals/list"] = { json: {}, afterSeen: 999 };
  const child = await startProcess(["--import", UNHURRIED], ["send", "x", "--stream", "-t", "6"]);
  await expect.poll(() => bench.gateway.seen.map(({ path }) => path)).toContain("/api/approvals/list");
  expect((await child.end("SIGUSR2")).code).toBe(1);
  expect(child.said.stderr).toBe(`pincer: No reply within 6 s; ${GOES_ON}\n`);
});

test("Ctrl+C ends it, though the gateway does not say either which run goes on", async () => {
  bench.gateway.answers["POST /api/sessions/send"] = { json: {}, afterSeen: 999 };
  bench.gateway.answers["GET /api/runs/list"] = { json: {}, afterSeen: 999 };
  const child = await startCli("send", "x", "--no-stream");
  const { code, stderr } = await child.end("SIGINT");
  expect([code, stderr]).toEqual([130, "\nWhat runs in main goes on; see it with: pincer runs --session main\n"]);
});

describe("what is sent", () => {
  const ok = { status: "ok", runId: "run_1", sessionKey: "main", reply: "five" };

  test("reads the message from stdin", async () => {
    bench.gateway.answers["POST /api/sessions/send"] = { json: ok };
    await pincer(["send", "-"], bench.env, { input: "from a\npipe" });
    expect(bench.gateway.seen[0]?.body).toMatchObject({ message: "from a\npipe" });
  });

  test("reads a task from stdin, and names the tasks that failed", async () => {
    bench.gateway.answers["POST /api/sessions/spawn"] = { json: ok };
    await pincer(["spawn", "-"], bench.env, { input: "from a pipe" });
    expect(bench.gateway.seen[0]?.body).toMatchObject({ task: "from a pipe" });
    bench.gateway.answers["POST /api/sessions/spawn"] = {
      status: 502,
      json: { error: { code: "provider_error", message: "no key" } },
    };
    expect(await pincer(["spawn", "one", "two", "--parallel"], bench.env)).toMatchObject({
      code: 1,
      stderr: "== one failed: no key\n== two failed: no key\npincer: 2 of 2 tasks failed\n",
    });
    // One after another as well, and for programs too.
    const { code, stdout, stderr } = await pincer(["spawn", "one", "two", "--json"], bench.env);
    expect([code, stderr]).toEqual([1, "== one failed: no key\n== two failed: no key\npincer: 2 of 2 tasks failed\n"]);
    const error = { code: "provider_error", message: "no key" };
    expect(
      stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      { task: "one", error },
      { task: "two", error },
    ]);
  });

  test("says meanwhile what waits for approval, with the exact change, and how to answer", async () => {
    bench.gateway.answers["GET /api/approvals/list"] = {
      json: {
        approvals: [
          {
            id: "apr_2",
            tool: "write",
            sessionKey: "main",
            reason: "writes a file",
            subject: { type: "edit", path: "a.txt", before: "one\n", after: "one\ntwo\u202e\n" },
            offers: [
              { decision: "allow", words: "this call only" },
              { decision: "deny", words: "nothing" },
            ],
          },
        ],
      },
    };
    bench.gateway.answers["POST /api/sessions/send"] = { json: ok, afterSeen: 3 };
    const { stderr, stdout } = await pincer(["send", "x", "-t", "100000"], bench.env, { clock: hurried });
    expect(stdout).toBe("five\n");
    expect(stderr).toContain("Waits for approval of write (writes a file):\n│ --- a.txt\n│ +++ a.txt\n│ @@");
    expect(stderr).toContain("\n│  one\n│ +two\\u{202e}\n");
    expect(stderr.match(/pincer approvals allow apr_2/g)).toHaveLength(1);
  });

  const question = (id: string, sessionKey: string) => ({
    id,
    tool: "exec",
    sessionKey,
    reason: "runs a command",
    subject: { type: "command", cwd: "/w", command: `true\npincer approvals deny ${id}; rm -r x` },
    offers: [{ decision: "allow", words: "this call only" }],
  });
  const asks = (...approvals: object[]) => {
    bench.gateway.answers["GET /api/approvals/list"] = { json: { approvals } };
    bench.gateway.answers["GET /api/subagents/list"] = { json: { subagents: [{ key: "s_child" }] } };
  };

  test.each(["--stream", "--no-stream"])(
    "what a sub-agent asks is told as well, and nothing of others (%s)",
    async (how) => {
      asks(question("apr_1", "s_child"), question("apr_2", "s_other"));
      const fact = { id: 1, seq: 1, runId: "run_1", sessionKey: "main", at: "" };
      const started = { ...fact, type: "run.started", model: "a/b" };
      const finished = { ...fact, type: "run.finished", outcome: { type: "done", reply: "five" } };
      // The second look for questions comes when the first has told what it found.
      bench.gateway.answers["POST /api/sessions/send"] =
        how === "--stream"
          ? { events: [started], later: { afterSeen: 4, events: [finished] } }
          : { json: ok, afterSeen: 4 };
      const { stderr } = await pincer(["send", "x", how, "-t", "100000"], bench.env, { clock: hurried });
      expect(stderr).toContain(
        "Waits for approval of exec in s_child (runs a command):\n│ /w$ true\n│ pincer approvals deny",
      );
      expect(stderr.match(/^pincer approvals allow apr_1$/gm)).toHaveLength(1);
      expect(stderr).not.toContain("apr_2");
      expect(stderr).not.toMatch(/^ *pincer approvals deny apr_1; rm/m);
    },
  );

  test("what spawned tasks ask is told while they are waited for", async () => {
    asks(question("apr_1", "s_new"));
    bench.gateway.answers["POST /api/sessions/spawn"] = { json: ok, afterSeen: 3 };
    const { stderr } = await pincer(["spawn", "x"], bench.env, { clock: hurried });
    expect(stderr).toContain("Waits for approval of exec in s_new");
  });

  test.each([
    [
      "of another door beside it",
      [
        ["run_9", "panel"],
        ["run_5", "cli"],
      ],
      "Run run_5 goes on;",
    ],
    [
      "where the gateway does not know the command line",
      [
        ["run_9", "panel"],
        ["run_5", "api"],
      ],
      "Run run_5 goes on;",
    ],
    [
      "no other one, where it may be either",
      [
        ["run_9", "cli"],
        ["run_5", "cli"],
      ],
      "What runs in main goes on;",
    ],
  ])("Ctrl+C names its own run: %s", async (_, runs, words) => {
    const told = runs.map(([runId, via]) => ({ runId, state: "running", origin: { via } }));
    bench.gateway.answers["GET /api/runs/list"] = { json: { count: 2, runs: told } };
    bench.gateway.answers["POST /api/sessions/send"] = { json: ok, afterSeen: 999 };
    const child = await startPatientCli("send", "x", "--no-stream");
    expect((await child.end("SIGINT")).stderr).toContain(words);
  });

  test.each([
    ["--stream", false],
    ["--no-stream", false],
    ["--stream", true],
    ["--no-stream", true],
  ])("Ctrl+C says that the run goes on, and its id (%s, to a program: %s)", async (how, isJson) => {
    bench.gateway.answers["GET /api/runs/list"] = {
      json: {
        count: 1,
        runs: [{ runId: "run_5", state: "running", origin: { via: "cli" } }],
      },
    };
    bench.gateway.answers["POST /api/sessions/send"] =
      how === "--stream"
        ? {
            events: [{ id: 1, seq: 1, runId: "run_5", sessionKey: "main", at: "", type: "text.delta", text: "so far" }],
            later: { afterSeen: 999, events: [] },
          }
        : { json: ok, afterSeen: 999 };
    const child = await startPatientCli("send", "x", how, ...(isJson ? ["--json"] : []));
    // Only what was told of the run names it.
    if (how === "--stream") await expect.poll(() => child.said.stdout).toContain("so far");
    const { code, stdout, stderr } = await child.end("SIGINT");
    expect(code).toBe(130);
    expect(stderr).toBe(
      "\nRun run_5 goes on; see it with: pincer runs get run_5, stop it with: pincer runs cancel run_5\n",
    );
    const last = stdout.trim().split("\n").at(-1);
    if (isJson)
      expect(JSON.parse(last!)).toEqual({
        error: { code: "interrupted", message: stderr.trim(), sessionKey: "main", runId: "run_5" },
      });
  });

  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "a program that waits for any verb reads that %s ended it",
    async (signal) => {
      bench.gateway.answers["POST /api/sessions/spawn"] = { json: ok, afterSeen: 999 };
      const child = await startCli("spawn", "x", "--json");
      const { code, stdout } = await child.end(signal);
      expect(code).toBe({ SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }[signal]);
      expect(JSON.parse(stdout)).toEqual({
        error: { code: "interrupted", message: `Ended by ${signal} before the answer was there` },
      });
    },
  );

  test("events that end too early are followed by the failure, for a program", async () => {
    const begun = { id: 1, seq: 1, runId: "run_5", sessionKey: "main", at: "", type: "run.started" };
    bench.gateway.answers["POST /api/sessions/send"] = { events: [begun] };
    const { code, stdout } = await pincer(["send", "x", "--stream", "--json"], bench.env);
    expect(code).toBe(1);
    expect(
      stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([begun, { error: { code: "unavailable", message: "The stream ended before run run_5 did" } }]);
  });

  test("runs tasks one after another, or side by side, and names each", async () => {
    bench.gateway.answers["POST /api/sessions/spawn"] = { json: ok };
    const { stdout } = await pincer(["spawn", "one", "two", "--parallel"], bench.env);
    expect(stdout).toBe("== one (main)\nfive\n== two (main)\nfive\n");
    expect(bench.gateway.seen.map(({ body }) => (body as { task: string }).task).sort()).toEqual(["one", "two"]);
  });
});
