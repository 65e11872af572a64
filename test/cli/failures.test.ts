import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { writeGatewayFile } from "../../src/config/stateFolder.ts";
import { bench, TOKEN, useClientBench } from "./clientBench.ts";
import { openFakeGateway } from "./fakeGateway.ts";
import { pincer } from "./pincer.ts";

useClientBench();

describe("what goes wrong is a sentence", () => {
  test("the gateway's own, with its details", async () => {
    bench.gateway.answers["POST /api/cron/add"] = {
      status: 400,
      json: {
        error: {
          code: "bad_request",
          message: "Invalid input",
          details: [{ path: "job.schedule.expr", message: "never fires" }],
        },
      },
    };
    expect(await pincer(["cron", "add", "--name", "x", "--cron", "0 0 30 2 *", "--message", "x"], bench.env)).toEqual({
      code: 1,
      stdout: "",
      stderr: "pincer: Invalid input\n  job.schedule.expr: never fires\n",
    });
  });

  test("a session that is not there, with what lists those that are", async () => {
    bench.gateway.answers["POST /api/sessions/send"] = {
      status: 404,
      json: { error: { code: "not_found", message: 'No session "work" exists' } },
    };
    expect(await pincer(["send", "-s", "work", "x"], bench.env)).toEqual({
      code: 1,
      stdout: "",
      stderr: 'pincer: No session "work" exists\n  `pincer sessions` lists the keys of those there are\n',
    });
  });

  test("a gateway whose state folder cannot be had", async () => {
    const file = join(bench.env["PINCER_HOME"]!, "file");
    writeFileSync(file, "");
    for (const state of [file, join(file, "x")])
      expect(await pincer(["gateway", "--state", state], bench.env)).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(
          /^pincer: .* could not be written: (there is a file of that name|a part of it is a file); name another one by PINCER_HOME, --state, .*\n$/,
        ),
      });
  });

  test("with --json a failure is JSON as well, once", async () => {
    const { stdout, code } = await pincer(["runs", "get", "run_9", "--json"], bench.env);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "not_found" } });
    const usage = await pincer(["send", "--json"], bench.env);
    expect(usage.code).toBe(2);
    expect(JSON.parse(usage.stdout)).toMatchObject({ error: { code: "usage" } });
    bench.gateway.answers["POST /api/sessions/send"] = {
      json: { status: "accepted", runId: "run_7", sessionKey: "main", reply: null },
    };
    expect((await pincer(["send", "x", "-t", "1", "--json"], bench.env)).stdout.trim().split("\n")).toHaveLength(1);
  });

  test.each([
    [
      ["cron", "run", "job_1"],
      "POST /api/cron/run",
      { runId: null, run: { status: "failed", error: "The folder is away" } },
      { stdout: "Fired: failed\n", stderr: "pincer: The folder is away\n" },
    ],
    [
      ["hooks", "test", "ci", "--send"],
      "POST /api/hooks/test",
      {
        hook: { target: "nightly" },
        text: "Go",
        missing: [],
        delivery: { ok: true, status: "skipped", runId: null, sessionKey: null, reason: "The job is off" },
      },
      { stdout: "Go\n\nNot done: skipped\n", stderr: "pincer: The job is off\n" },
    ],
    [
      ["mcp", "restart", "git"],
      "POST /api/mcp/restart",
      { server: { name: "git", state: "failed", tools: [], error: "It ended with 1" } },
      { stdout: "git is failed: It ended with 1\n", stderr: "pincer: git could not be started\n" },
    ],
  ])("what was asked for and failed: %j", async (args, asks, answer, said) => {
    bench.gateway.answers[asks] = { json: answer };
    expect(await pincer(args, bench.env)).toEqual({ code: 1, ...said });
    expect(await pincer([...args, "--json"], bench.env)).toEqual({
      code: 1,
      stdout: `${JSON.stringify(answer)}\n`,
      stderr: said.stderr,
    });
  });

  test("a wait that ended first", async () => {
    bench.gateway.answers["POST /api/sessions/send"] = {
      status: 202,
      json: { status: "accepted", runId: "run_7", sessionKey: "main", reply: null },
    };
    expect(await pincer(["send", "x", "-t", "1"], bench.env)).toEqual({
      code: 1,
      stdout: "",
      stderr: "pincer: No reply within 1 s; run run_7 goes on\n",
    });
  });

  test("an answer that is no gateway's", async () => {
    bench.gateway.answers["GET /api/models/list"] = { raw: "<html>hello</html>" };
    expect((await pincer(["models"], bench.env)).stderr).toBe(
      "pincer: The response (status 200) is not that of a Pincer gateway\n",
    );
  });

  test("no gateway at all, and one that is gone", async () => {
    expect(await pincer(["models", "--state", join(bench.home, "none")], bench.env)).toMatchObject({
      code: 1,
      stderr: `pincer: No gateway runs on ${join(bench.home, "none")}; start one with: pincer gateway\n`,
    });
    // The highest process id that Linux hands out is lower.
    await writeGatewayFile(bench.home, {
      url: bench.gateway.url,
      pid: 99_999_999,
      started: "",
      token: TOKEN,
      version: "1",
    });
    expect((await pincer(["models"], bench.env)).stderr).toContain("(process 99999999) is gone");
    expect(bench.gateway.seen).toEqual([]);
  });

  test("a port that nobody listens at", async () => {
    const { code, stderr } = await pincer(["models", "--url", "http://127.0.0.1:9"], {
      ...bench.env,
      PINCER_URL: "http://127.0.0.1:9",
      PINCER_TOKEN: TOKEN,
    });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: "pincer: Nothing listens at http://127.0.0.1:9; start a gateway with: pincer gateway\n",
    });
  });

  test.each([
    [["send"], "error: missing required argument 'message'\nSee: pincer send --help\n"],
    [["send", "--bogus", "x"], "error: unknown option '--bogus'\nSee: pincer send --help\n"],
    [
      ["send", "x", "--timeout", "soon"],
      "error: option '-t, --timeout <seconds>' argument 'soon' is invalid. Write a number of seconds.\nSee: pincer send --help\n",
    ],
    [
      ["cron", "updaet", "X"],
      "error: unknown command 'updaet' of pincer cron; there are: list, get, add, update, remove, run, rehearse, grant, runs, next, enable, disable, wake\nSee: pincer cron --help\n",
    ],
    [
      ["cron", "add", "--name", "x", "--budget", "abc"],
      "error: option '--budget <dollars>' argument 'abc' is invalid. Write a number of US dollars such as 0.05.\nSee: pincer cron add --help\n",
    ],
    [["cron", "update", "X", "--on", "ok"], "error: --on belongs to --after\nSee: pincer cron update --help\n"],
    [
      ["cron", "update", "X", "--model", "a/b", "--clear", "model"],
      "error: model is given and cleared\nSee: pincer cron update --help\n",
    ],
    [
      ["mcp", "log", "x", "-n", "abc"],
      "error: option '-n, --lines <count>' argument 'abc' is invalid. Write a whole number from 1 on.\nSee: pincer mcp log --help\n",
    ],
    [
      ["mcp", "import", ".mcp.json", "--yes", "--state", ""],
      "error: option '--state <dir>' argument '' is invalid. The path of a folder is wanted, and this is blank.\nSee: pincer mcp import --help\n",
    ],
    [["cron", "update", "X", "--to", "1"], "error: --to belongs to --channel\nSee: pincer cron update --help\n"],
    [
      ["cron", "update", "X", "--report"],
      "error: --report belongs to --announce, --channel or --webhook\nSee: pincer cron update --help\n",
    ],
    [
      ["cron", "add", "--name", "x", "--webhook", "https://example.org/", "--channel", "telegram"],
      "error: option '--channel <name>' cannot be used with option '--webhook <url>'\nSee: pincer cron add --help\n",
    ],
    [["cron", "update", "X"], "error: nothing to change is given\nSee: pincer cron update --help\n"],
    [
      ["history", "-n", "0"],
      "error: option '-n, --limit <count>' argument '0' is invalid. Write a whole number from 1 on.\nSee: pincer history --help\n",
    ],
    [["sing"], "error: unknown command 'sing'\n(Did you mean send?)\nSee: pincer --help\n"],
    [["foo"], "error: unknown command 'foo'\nSee: pincer --help\n"],
    [["help", "foo"], "error: unknown command 'foo'\nSee: pincer --help\n"],
    [
      ["status", "a", "b"],
      "error: too many arguments for 'status'. Expected 1 argument but got 2: a, b.\nSee: pincer status --help\n",
    ],
    [
      ["cron", "add", "--name", "x", "--cron", "* * * * *"],
      "error: one of --message and --event is needed\nSee: pincer cron add --help\n",
    ],
    [
      ["cron", "add", "--name", "x", "--every", "1h", "--at", "20m", "--event", "x"],
      "error: option '--every <duration>' cannot be used with option '--at <moment>'\nSee: pincer cron add --help\n",
    ],
  ])("usage: %j", async (args, stderr) => {
    expect(await pincer(args, bench.env)).toEqual({ code: 2, stdout: "", stderr });
    expect(bench.gateway.seen).toEqual([]);
  });
});

describe("the token", () => {
  test("of the gateway here goes to no other address", async () => {
    const other = await openFakeGateway();
    const { code, stderr } = await pincer(["models", "--url", other.url], bench.env);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `pincer: No token for ${other.url}: set PINCER_URL and PINCER_TOKEN, or name a file with --token-file\n`,
    });
    expect(other.seen).toEqual([]);
    await other.close();
  });

  test("of the environment goes to PINCER_URL's origin and to the gateway here, and to no other address", async () => {
    const other = await openFakeGateway();
    other.answers["GET /api/models/list"] = { json: { models: [], default: null } };
    bench.gateway.answers["GET /api/models/list"] = { json: { models: [], default: null } };
    const env = { ...bench.env, PINCER_TOKEN: "from-env", PINCER_URL: bench.gateway.url };
    for (const option of ["--url", "--gateway"]) {
      expect(await pincer(["models", option, other.url], env)).toMatchObject({
        code: 1,
        stderr: `pincer: No token for ${other.url}: PINCER_TOKEN is for ${bench.gateway.url}; name a file with --token-file\n`,
      });
    }
    // The same name at the front is another origin.
    expect((await pincer(["models"], { ...env, PINCER_URL: "", PINCER_TOKEN: " " })).code).toBe(0);
    expect((await pincer(["models", "--gateway", `${bench.gateway.url}@${other.url.slice(7)}`], env)).code).toBe(1);
    expect(other.seen).toEqual([]);
    expect(bench.gateway.seen.map(({ token }) => token)).toEqual([TOKEN]);
    expect((await pincer(["models"], { ...env, PINCER_URL: other.url })).code).toBe(0);
    expect(other.seen.map(({ token }) => token)).toEqual(["from-env"]);
    await other.close();
  });

  test("of the environment is not sent where a page's address is given", async () => {
    const site = await openFakeGateway();
    bench.gateway.answers["POST /api/browser"] = { json: { action: "open" } };
    const env = { ...bench.env, PINCER_TOKEN: "from-env", PINCER_URL: bench.gateway.url };
    expect((await pincer(["browser", "open", "--url", site.url], env)).code).toBe(0);
    expect(site.seen).toEqual([]);
    expect(bench.gateway.seen).toMatchObject([{ token: "from-env", body: { action: "open", url: site.url } }]);
    await site.close();
  });

  test("is not shown to a program that cannot prove to be the gateway", async () => {
    await writeGatewayFile(bench.home, {
      url: bench.gateway.url,
      pid: process.pid,
      started: "",
      token: TOKEN,
      version: "1",
      nonce: "n",
    });
    bench.gateway.answers["GET /health"] = { json: { ok: true, proof: "made up" } };
    expect(await pincer(["models"], bench.env)).toMatchObject({
      code: 1,
      stderr: `pincer: What answers at ${bench.gateway.url} is not the gateway that was started there\n`,
    });
    expect(bench.gateway.seen).toMatchObject([{ token: undefined }]);
  });

  test("comes from a file, else from the environment, else from the gateway here", async () => {
    bench.gateway.answers["GET /api/models/list"] = { json: { models: [], default: null } };
    const file = join(bench.home, "t");
    writeFileSync(file, "from-file\n");
    await pincer(["models", "--token-file", file], { ...bench.env, PINCER_TOKEN: "from-env" });
    await pincer(["models"], { ...bench.env, PINCER_TOKEN: "from-env", PINCER_URL: bench.gateway.url });
    await pincer(["models", "--url", `${bench.gateway.url}/`], bench.env);
    expect(bench.gateway.seen.map(({ token }) => token)).toEqual(["from-file", "from-env", TOKEN]);
  });

  test("that nobody serves with is replaced where it lies", async () => {
    const state = join(bench.home, "idle");
    const first = (await pincer(["token", "--state", state], bench.env)).stdout;
    expect(first).toMatch(/^[\w-]{43}\n$/);
    const second = (await pincer(["token", "rotate", "--state", state], bench.env)).stdout;
    expect(second).not.toBe(first);
    expect((await pincer(["token", "show", "--state", state, "--json"], bench.env)).stdout).toBe(
      `{"token":"${second.trim()}"}\n`,
    );
    expect(bench.gateway.seen).toEqual([]);
  });
});
