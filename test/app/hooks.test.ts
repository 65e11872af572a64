import { createHmac } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createHooks } from "../../src/app/hooks/createHooks.ts";
import { postHook } from "../../src/app/hooks/postHook.ts";
import { createSignedPost } from "../../src/app/signedPost.ts";
import { systemClock } from "../../src/base/clock.ts";
import { createRedactor } from "../../src/base/redact.ts";
import { ownHooksSchema } from "../../src/config/schema/ownHookSchema.ts";
import type { HookMoment } from "../../src/protocol/hooks/ownHook.ts";
import { tempFolder } from "../tools/toolContext.ts";

type Given = Parameters<typeof ownHooksSchema.parse>[0];

function open(given: Given, folder = tempFolder({})) {
  const stateDir = tempFolder({});
  const redactor = createRedactor();
  redactor.add("topsecretvalue");
  const post = createSignedPost({ stateDir, clock: systemClock });
  const hooks = createHooks({
    config: () => ownHooksSchema.parse(given),
    redact: (value) => redactor.value(value),
    workspaces: () => [folder],
    post: (posting) => postHook(post, posting),
    clock: systemClock,
  });
  const call = async (moment: HookMoment, tool = "exec", body: Record<string, unknown> = {}, signal?: AbortSignal) =>
    (await hooks.call({ moment, tool, folder, body }, signal ?? new AbortController().signal)).map(
      ({ hook, outcome, reason }) => [hook, outcome, ...(reason === undefined ? [] : [reason])].join(": "),
    );
  return { hooks, call, folder, stateDir };
}

/** Whether the program is there whose id the file "child" holds, if it was begun at all, and has not ended. */
function isAtWork(folder: string): boolean {
  try {
    const pid = Number(readFileSync(join(folder, "child"), "utf8"));
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

const node = process.execPath;
/** A program without a shell, whose arguments no shell reads. */
const program = (script: string, ...args: string[]) => [node, "-e", script, ...args];
const says = (text: string) => program(`process.stdout.write(${JSON.stringify(text)})`);
const fails = (code: number, text = "") =>
  program(`process.stderr.write(${JSON.stringify(text)}); process.exitCode = ${code}`);

test("a hook before a tool lets it pass, denies it with a reason, or fails, which lets nothing pass", async () => {
  const cases: [string[] | string, string][] = [
    [says(""), "ok"],
    [says("all is well"), "ok"],
    [says('{"decision": "allow"}'), "ok"],
    [says("{}"), "ok"],
    [says('{"decision": "deny", "reason": "not on Fridays"}'), "denied: not on Fridays"],
    [says('{"decision": "deny"}'), "denied: no reason was given"],
    [says('{"decision": "dney"}'), 'failed: It said a decision that is none: "dney"'],
    [says("{decision: deny}"), "failed: What it said is not valid JSON"],
    // What is said beside a decision, or in another agent's words, hides none.
    [says('checking the policy...\n{"decision": "deny", "reason": "after words"}'), "denied: after words"],
    [says('a: b\n{\n  "decision": "deny",\n  "reason": "in lines"\n}\n'), "denied: in lines"],
    [says('{"decision": "allow"}\n{"level": "info"}\n{"decision": "deny", "reason": "last"}\ndone'), "denied: last"],
    [says('[info] checked\n{"level": "info"}\n{"level": "debug"}'), "ok"],
    [says('{"level": "info"}\n{"decision": "de'), "failed: What it said is not valid JSON"],
    [says('\ufeff{"decision": "block", "reason": "blocked"}'), "denied: blocked"],
    [
      says('{"hookSpecificOutput": {"permissionDecision": "deny", "permissionDecisionReason": "in there"}}'),
      "denied: in there",
    ],
    [says('{"hookSpecificOutput": {"permissionDecision": "allow"}, "decision": "approve"}'), "ok"],
    [says('{"hookSpecificOutput": {"permissionDecision": "ask"}}'), 'failed: It said a decision that is none: "ask"'],
    [says('{"continue": false, "stopReason": "stopped"}'), "denied: stopped"],
    [says('[{"decision": "deny"}]'), 'failed: It said "decision", but no decision as JSON'],
    [says('"deny"'), 'failed: It said "deny", but no decision as JSON'],
    [says("no file is blocked"), "ok"],
    [says("deny"), 'failed: It said "deny", but no decision as JSON'],
    [says("DECISION=block"), 'failed: It said "DECISION", but no decision as JSON'],
    [
      program(`process.stdout.write(Buffer.from('{"decision": "deny"}', "utf16le"))`),
      "failed: What it said is no text in UTF-8",
    ],
    [
      program(`process.stdout.write(" ".repeat(200_000) + '{"decision": "deny"}')`),
      "failed: It said more than 100000 characters",
    ],
    [fails(2, "never push"), "denied: never push"],
    [program(`console.log(JSON.stringify({ reason: "in JSON" })); process.exitCode = 2`), "denied: in JSON"],
    [fails(2), "denied: no reason was given"],
    [fails(1, "broken"), "failed: Its exit code is 1: broken"],
    [["no-such-program-here"], "failed: There is no program no-such-program-here outside of the workspace"],
    [
      program("process.kill(process.pid, 'SIGKILL')"),
      process.platform === "win32" ? "failed: Its exit code is 1" : "failed: It was ended by SIGKILL",
    ],
  ];
  const told = await Promise.all(
    cases.map(async ([command]) => await open({ beforeTool: [{ name: "h", command }] }).call("beforeTool")),
  );
  expect(told).toEqual(cases.map(([, end]) => [`h: ${end}`]));
});

test("it is told what is called as JSON, without secrets, in the session's folder and a clean environment", async () => {
  process.env["PINCER_TEST_KEY"] = "leak";
  onTestFinished(() => void delete process.env["PINCER_TEST_KEY"]);
  const script = `let all = ""; process.stdin.on("data", (d) => (all += d)).on("end", () =>
    require("fs").writeFileSync("told.json", JSON.stringify({ told: JSON.parse(all), env: process.env, cwd: process.cwd(), argv: process.argv.slice(1) })))`;
  const { call, folder } = open({ beforeTool: [{ command: program(script, "$HOME; touch x"), env: { OWN: "1" } }] });
  const input = { command: "echo topsecretvalue", apiKey: "k", deep: [{ token: "t" }] };
  expect(await call("beforeTool", "exec", { tool: "exec", input })).toEqual(["beforeTool 1: ok"]);
  const { told, env, cwd, argv } = JSON.parse(readFileSync(join(folder, "told.json"), "utf8"));
  expect(told).toEqual({
    moment: "beforeTool",
    tool: "exec",
    input: { command: "echo [redacted]", apiKey: "[redacted]", deep: [{ token: "[redacted]" }] },
  });
  expect([cwd, argv, env.OWN, env.PINCER_HOOK, env.PINCER_TEST_KEY]).toEqual([
    folder,
    ["$HOME; touch x"],
    "1",
    "beforeTool",
    undefined,
  ]);
});

test("only those for the tool are called, in their order, and none after one that denies", async () => {
  const ok = says("");
  const { call, hooks } = open({
    beforeTool: [
      { name: "mcp", command: ok, tools: ["mcp__git*__push", "exec"] },
      { name: "no", command: fails(2, "no"), tools: ["e*c"] },
      { name: "all", command: ok },
    ],
    afterTool: [
      { name: "bad", command: fails(1) },
      { name: "next", command: ok },
    ],
  });
  expect(await call("beforeTool", "exec")).toEqual(["mcp: ok", "no: denied: no"]);
  expect(await call("beforeTool", "mcp__github__push")).toEqual(["mcp: ok", "all: ok"]);
  expect(await call("beforeTool", "mcp__github__pusher")).toEqual(["all: ok"]);
  expect(await call("afterTool", "read")).toEqual(["bad: failed: Its exit code is 1", "next: ok"]);
  expect([hooks.has("runFinished"), hooks.has("beforeTool", "read"), open({}).hooks.has("beforeTool")]).toEqual([
    false,
    true,
    false,
  ]);
});

test.skipIf(process.platform === "win32")(
  "one that hangs is ended with all it started, by its limit or with its run; one that floods keeps little",
  async () => {
    const line = "sleep 300 & echo $! > child; wait";
    const { call, folder } = open({ beforeTool: [{ name: "h", command: line, timeoutSeconds: 2 }] });
    expect(await call("beforeTool")).toEqual(["h: failed: It took longer than 2 s"]);
    await expect.poll(() => isAtWork(folder)).toBe(false);
    const stop = new AbortController();
    const long = open({
      runFinished: [
        { name: "h", command: line },
        { name: "never", command: "touch ran" },
      ],
    });
    const called = long.call("runFinished", undefined, {}, stop.signal);
    await expect
      .poll(() => existsSync(join(long.folder, "child")) && readFileSync(join(long.folder, "child"), "utf8"), {
        timeout: 15_000,
      })
      .toMatch(/\d\n/);
    stop.abort();
    expect(await called).toEqual(["h: failed: It was stopped", "never: failed: It was stopped"]);
    await expect.poll(() => isAtWork(long.folder)).toBe(false);
    expect(existsSync(join(long.folder, "ran"))).toBe(false);
    const flood = open({ beforeTool: [{ name: "h", command: "head -c 20000000 /dev/zero | tr '\\0' x >&2; exit 1" }] });
    expect((await flood.call("beforeTool"))[0]!.length).toBeLessThan(2100);
    // It need not read what it is told.
    const deaf = open({ beforeTool: [{ name: "h", command: "exec 0<&-; sleep 0.05" }] });
    expect(await deaf.call("beforeTool", "write", { input: { content: "x".repeat(1_000_000) } })).toEqual(["h: ok"]);
  },
);

test("an address is posted to, signed; it denies by what it answers, and fails where it does not answer well", async () => {
  const seen: { headers: Record<string, unknown>; body: string }[] = [];
  const answers: [number, string][] = [
    [204, ""],
    [200, '{"decision": "deny", "reason": "policy"}'],
    [500, "x"],
    [302, ""],
    [200, `${"checked\n".repeat(2000)}{"decision": "deny"}`],
  ];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (bytes) => (body += bytes));
    request.on("end", () => {
      seen.push({ headers: request.headers, body });
      const [status, text] = answers.shift()!;
      response.writeHead(status, { location: "http://127.0.0.1:1/" }).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/h`;
  const { call, stateDir } = open({ beforeTool: [{ name: "h", url }] });
  const ends = [];
  for (let at = 0; at < 5; at += 1) ends.push(...(await call("beforeTool", "exec", { tool: "exec" })));
  expect(ends).toEqual([
    "h: ok",
    "h: denied: policy",
    "h: failed: It answered with status 500",
    expect.stringMatching(/^h: failed: .* redirects too many times$/),
    "h: failed: It answered more than 10000 characters",
  ]);
  const { headers, body } = seen[0]!;
  expect(JSON.parse(body)).toEqual({ moment: "beforeTool", tool: "exec" });
  const key = readFileSync(join(stateDir, "webhook-secret"), "utf8");
  const signature = createHmac("sha256", key).update(`${headers["x-pincer-timestamp"]}.${body}`).digest("hex");
  expect(headers["x-pincer-signature"]).toBe(`sha256=${signature}`);
  server.close();
  server.closeAllConnections();
  expect((await call("beforeTool"))[0]).toMatch(/^h: failed: /);
  // Whoever may be reached by webhooks may be by hooks, and nobody else.
  const inside = open({ beforeTool: [{ name: "h", url: "http://169.254.169.254/latest" }] });
  expect((await inside.call("beforeTool"))[0]).toMatch(/^h: failed: .*169\.254\.169\.254/);
});
