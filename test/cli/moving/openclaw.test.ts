import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { openGatewayBench, TOKEN } from "../../gateway/bench.ts";
import { readTranscript } from "../../../src/cli/moving/openclaw/openclawMessages.ts";
import { posixTest } from "../../posix.ts";
import { tempFolder } from "../../tools/toolContext.ts";
import { pincer } from "../pincer.ts";

const T = Date.parse("2026-11-20T10:00:00.000Z");
const at = (seconds: number) => new Date(T + seconds * 1000).toISOString();

const entry = (id: string, parentId: string | null, message: object) => ({
  type: "message",
  id,
  parentId,
  timestamp: at(Number(id.replace(/\D/g, ""))),
  message: { timestamp: T, ...message },
});
const said = (text: string) => ({ role: "user", content: [{ type: "text", text }] });
const answered = (text: string, more: object[] = []) => ({
  role: "assistant",
  content: [{ type: "thinking", thinking: "hm" }, ...(text === "" ? [] : [{ type: "text", text }]), ...more],
  api: "anthropic-messages",
  provider: "mock",
  model: "mock-1",
  stopReason: "stop",
  usage: { input: 10, output: 2, cacheRead: 1, cacheWrite: 0, totalTokens: 13, cost: { total: 0.5 } },
});

const main = [
  { type: "session", version: 3, id: "aaaa", timestamp: at(0), cwd: "/srv/work" },
  { type: "model_change", id: "e0", parentId: null, timestamp: at(0), provider: "mock", modelId: "mock-1" },
  entry("e1", "e0", said("Do it")),
  entry("e2", "e1", answered("", [{ type: "toolCall", id: "t1", name: "exec", arguments: { command: "ls" } }])),
  entry("e3", "e2", {
    role: "toolResult",
    toolCallId: "t1",
    toolName: "exec",
    content: [{ type: "text", text: "a.txt" }],
    isError: false,
  }),
  entry("e4", "e3", answered("A branch that was left")),
  entry("e5", "e3", answered("Done", [{ type: "toolCall", id: "t2", name: "exec", arguments: { command: "rm" } }])),
  entry("e6", "e5", { role: "user", content: "Thanks" }),
  { type: "custom", id: "e7", parentId: "e6", timestamp: at(7), customType: "x" },
];

const jobs = [
  {
    id: "13903250-fb7a-4989-a320-0f803e169d3b",
    name: "daily",
    agentId: "main",
    enabled: true,
    createdAtMs: T,
    schedule: { kind: "cron", expr: "0 9 * * *", tz: "Europe/Berlin", staggerMs: 5000 },
    sessionTarget: "isolated",
    wakeMode: "next-heartbeat",
    payload: { kind: "agentTurn", message: "Sum up", model: "anthropic/claude-x", thinking: "low", toolsAllow: ["*"] },
    delivery: { mode: "announce", channel: "telegram", to: "123" },
    state: { nextRunAtMs: T },
    configRevision: "sha256:x",
  },
  {
    id: "j2",
    name: "tick",
    enabled: false,
    schedule: { kind: "every", everyMs: 60_000, anchorMs: 5 },
    payload: { kind: "systemEvent", text: "tick" },
    sessionTarget: "main",
    delivery: { mode: "announce", channel: "whatsapp", to: "+49" },
  },
  {
    id: "j3",
    name: "old",
    enabled: true,
    schedule: { kind: "at", atMs: T },
    payload: { kind: "agentTurn", message: "once" },
    sessionTarget: "isolated",
    deleteAfterRun: true,
  },
  {
    id: "j4",
    name: "hook",
    enabled: true,
    schedule: { kind: "every", everyMs: 60_000 },
    payload: { kind: "agentTurn", message: "x" },
    sessionTarget: "session:agent:main:conv:1",
    delivery: { mode: "webhook", to: "https://example.com/h" },
  },
  {
    id: "j5",
    name: "bad",
    schedule: { kind: "cron", expr: "99 * * * *" },
    payload: { kind: "agentTurn", message: "x" },
  },
  { id: "j6", name: "script", schedule: { kind: "every", everyMs: 60_000 }, payload: { kind: "script", command: "x" } },
  {
    id: "j7",
    name: "beat",
    schedule: { kind: "every", everyMs: 60_000 },
    payload: { kind: "heartbeat" },
    sessionTarget: "main",
  },
  "no job",
];

const lines = (entries: unknown[]) =>
  entries.map((one) => (typeof one === "string" ? one : JSON.stringify(one))).join("\n");

function openclaw(more: Record<string, string> = {}): string {
  const root = tempFolder();
  const files: Record<string, string> = {
    "cron/jobs.json": JSON.stringify({ version: 1, jobs }),
    "agents/main/sessions/sessions.json": JSON.stringify({
      "agent:main:main": { sessionId: "aaaa", updatedAt: T + 9000 },
      "agent:main:conv:1": {
        sessionId: "bbbb",
        sessionFile: "/elsewhere/agents/main/sessions/bbbb.jsonl",
        updatedAt: T,
        label: "Talk",
      },
      "agent:main:gone": { sessionId: "cccc" },
      "../../evil": { sessionId: "../../../etc/passwd", sessionFile: "../../../etc/passwd" },
    }),
    "agents/main/sessions/aaaa.jsonl": lines(main),
    "agents/main/sessions/bbbb.jsonl": lines([
      '{"type":"session","id":"bb',
      { type: "message", message: { role: "user", content: "Hi" }, timestamp: at(1) },
      "{}}",
      {
        type: "message",
        message: { role: "assistant", content: "Hello", provider: "mock", model: "m" },
        timestamp: at(2),
      },
      '{"type":"message","timestamp":1,"message":{"role":"user","content":"x","__proto__":{}}}',
      { type: "message", message: { role: "toolResult", toolCallId: "none", content: "stray" } },
      { type: "message", message: { role: "user", content: "half \ud800 a\0" }, timestamp: at(3) },
    ]),
    ...more,
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

function digest(folder: string): string {
  const hash = createHash("sha256");
  for (const name of (readdirSync(folder, { recursive: true }) as string[]).toSorted()) {
    const path = join(folder, name);
    const { mtimeMs } = statSync(path);
    hash.update(`${name} ${mtimeMs}`);
    if (statSync(path).isFile()) hash.update(readFileSync(path));
  }
  return hash.digest("hex");
}

test("OpenClaw's jobs and sessions are told first, then taken over, once; its folder stays as it is", async () => {
  const root = openclaw();
  const before = digest(root);
  const bench = await openGatewayBench();
  const env = { PINCER_URL: bench.gateway.url, PINCER_TOKEN: TOKEN };
  const dry = await pincer(["import", "openclaw", root], env);
  expect(dry).toMatchObject({ code: 0, stderr: "" });
  expect(dry.stdout).toContain("Would take");
  expect(dry.stdout).toMatch(/Nothing was written\.\nWith --apply it is taken over\./);
  expect((await bench.core.jobs.list()).length).toBe(0);

  const { stdout } = await pincer(["import", "openclaw", root, "--apply", "--json"], env);
  const taken = JSON.parse(stdout);
  expect(taken.jobs.map(({ name, state, enabled }: Record<string, unknown>) => [name, state, enabled])).toEqual([
    ["daily", "made", false],
    ["tick", "made", false],
    ["old", "made", false],
    ["hook", "made", false],
    ["beat", "made", false],
  ]);
  expect(taken.leftOut).toEqual([
    'Session "agent:main:conv:1": 2 broken lines',
    'Session "agent:main:gone" of agent "main": its transcript is not in the folder',
    'Session "../../evil" of agent "main": its transcript is not in the folder',
    'Job "daily": `thinking` has no counterpart',
    'Job "daily": `wakeMode` has no counterpart',
    'Job "daily": `staggerMs` has no counterpart; give it `jitterSeconds`',
    'Job "tick": it told its results on "whatsapp" to "+49"; here it tells them in the main session',
    'Job "old": `deleteAfterRun` has no counterpart',
    expect.stringContaining('Job "bad": schedule.expr: "99 * * * *" is not a cron expression'),
    'Job "script": what it does is neither an event nor a message for the agent',
    'Job "beat": its heartbeat looked around in the main session; here in one of its own',
    "A job without an id",
  ]);
  const { messages } = await bench.core.sessions.history("main", { limit: 50, includeTools: true });
  expect(messages.map(({ role, text }) => `${role} ${text}`)).toEqual([
    "user Do it",
    "assistant ",
    "tool a.txt",
    "assistant Done",
    "tool The transcript has no result of this call.",
    "user Thanks",
  ]);
  expect(messages[1]).toMatchObject({
    model: "mock/mock-1",
    createdAt: at(2),
    usage: { inputTokens: 10, costUsd: 0.5 },
  });
  const talk = await bench.core.sessions.get("agent:main:conv:1");
  expect(talk).toMatchObject({ title: "Talk", named: true, kind: "isolated", messageCount: 4 });
  expect(taken.leftFolders).toEqual([]);
  const all = await bench.core.jobs.list();
  const daily = all.find(({ name }) => name === "daily")!;
  expect(daily).toMatchObject({
    id: "13903250-fb7a-4989-a320-0f803e169d3b",
    schedule: { kind: "cron", expr: "0 9 * * *", tz: "Europe/Berlin" },
    payload: { kind: "agentTurn", message: "Sum up" },
    model: "anthropic/claude-x",
    delivery: { mode: "announce", channel: "telegram", to: "123" },
  });
  expect(all.find(({ name }) => name === "hook")).toMatchObject({
    sessionTarget: "agent:main:conv:1",
    delivery: { mode: "webhook", url: "https://example.com/h" },
  });
  const again = JSON.parse((await pincer(["import", "openclaw", root, "--apply", "--json"], env)).stdout);
  expect(again.sessions).toMatchObject({ made: 0, grown: 0, there: 2, messages: 0 });
  expect(new Set(again.jobs.map(({ state }: { state: string }) => state))).toEqual(new Set(["there"]));
  expect(digest(root)).toBe(before);
});

test("without a gateway it goes into the store; damaged stores of OpenClaw's are named", async () => {
  const root = openclaw({ "cron/jobs.json": "{", "agents/x/sessions/sessions.json": "[1]" });
  const home = join(tempFolder(), "home");
  const { code, stdout } = await pincer(["import", "openclaw", root, "--apply"], { PINCER_HOME: home });
  expect(code).toBe(0);
  expect(stdout).toContain("Took 2 new sessions, 10 messages");
  expect(stdout).toContain("jobs.json is no JSON");
});

test.each([
  [["import", "openclaw", "/none/there"], 1, /there is no such folder/],
  [["import", "openclaw", "/usr"], 1, /holds neither cron\/jobs\.json nor/],
  [["import", "clawd", "/tmp"], 2, /is no place to take over from/],
  [["import", "x.jsonl", "--apply"], 2, /--apply belongs to/],
  [["import"], 2, /missing required argument/],
])("what cannot be is said: %j", async (args, code, words) => {
  const result = await pincer(args, { PINCER_HOME: join(tempFolder(), "home") });
  expect([result.code, result.stdout]).toEqual([code, ""]);
  expect(result.stderr).toMatch(words);
});

posixTest("no link leads out of the folder", async () => {
  const root = openclaw();
  const secret = join(tempFolder({ "s.jsonl": lines(main) }), "s.jsonl");
  symlinkSync(secret, join(root, "agents/main/sessions/cccc.jsonl"));
  const { stdout } = await pincer(["import", "openclaw", root, "--json"], { PINCER_HOME: join(tempFolder(), "home") });
  expect(JSON.parse(stdout).leftOut).toContain(
    'Session "agent:main:gone" of agent "main": its transcript is not in the folder',
  );
});

posixTest("a store of OpenClaw's that is a link or a pipe is told, and not read", async () => {
  const root = openclaw();
  const elsewhere = join(tempFolder({ "s.json": '{"agent:main:main":{"sessionId":"aaaa"}}' }), "s.json");
  mkdirSync(join(root, "agents/linked/sessions"), { recursive: true });
  symlinkSync(elsewhere, join(root, "agents/linked/sessions/sessions.json"));
  mkdirSync(join(root, "agents/piped/sessions"), { recursive: true });
  execFileSync("mkfifo", [join(root, "agents/piped/sessions/sessions.json")]);
  const { stdout } = await pincer(["import", "openclaw", root, "--json"], { PINCER_HOME: join(tempFolder(), "home") });
  const { leftOut } = JSON.parse(stdout) as { leftOut: string[] };
  for (const agent of ["linked", "piped"])
    expect(leftOut).toContainEqual(
      expect.stringMatching(new RegExp(`agents/${agent}/sessions/sessions\\.json is no file of its own`)),
    );
});

test("a result that comes after an import is of the call that had none, and another branch has other runs", async () => {
  const path = join(tempFolder(), "t.jsonl");
  const asked = {
    type: "message",
    id: "2",
    parentId: "1",
    message: { role: "assistant", content: [{ type: "toolCall", id: "c", name: "t", arguments: {} }] },
  };
  const result = {
    type: "message",
    id: "3",
    parentId: "2",
    message: { role: "toolResult", toolCallId: "c", content: "r" },
  };
  const idsOf = async (entries: unknown[]) => {
    writeFileSync(path, lines(entries));
    return (await readTranscript(path)).messages.map(({ id }) => id);
  };
  const begin = [user("1", null, "A"), asked];
  expect(await idsOf(begin)).toEqual(["1", "2", "2-c"]);
  expect(await idsOf([...begin, result, user("4", "3", "B")])).toEqual(["1", "2", "2-c", "4"]);
  expect(await idsOf([...begin, result, user("4", "3", "B"), user("5", "3", "C")])).toEqual(["1", "2", "2-c", "5"]);
});

const user = (id: unknown, parentId: unknown, content: string) => ({
  type: "message",
  id,
  parentId,
  timestamp: at(1),
  message: { role: "user", content },
});

test.each([
  ["a ring of two", [user("1", null, "A"), user("2", "1", "B"), user("3", "4", "C"), user("4", "3", "D")], "ABCD"],
  ["one that follows itself", [user("1", null, "A"), user("2", "2", "B")], "AB"],
  [
    "an id that comes twice",
    [user("1", null, "A"), user("2", "1", "B"), user("2", "2", "C"), user("3", "2", "D")],
    "ABCD",
  ],
  ["the first id again at the end", [user("1", null, "A"), user("2", "1", "B"), user("1", "2", "C")], "ABC"],
  ["a parent that comes later", [user("1", "3", "A"), user("2", "1", "B"), user("3", "2", "C")], "ABC"],
  ["ids that are numbers", [user(1, null, "A"), user(2, 1, "B"), user(3, 1, "C")], "AC"],
])("of a transcript with %s nothing is lost but branches that were left", async (_what, entries, texts) => {
  const path = join(tempFolder(), "t.jsonl");
  writeFileSync(path, lines(entries));
  const { messages } = await readTranscript(path);
  expect(messages.map(({ message }) => message.text).join("")).toBe(texts);
});

test("what was spawned, and jobs, go where their session has gone", async () => {
  const root = openclaw({
    "agents/main/sessions/sessions.json": JSON.stringify({
      "agent:main:kid": { sessionId: "kid", spawnedBy: "agent:main:main" },
      "agent:main:main": { sessionId: "aaaa" },
      "agent:main:conv:1": { sessionId: "conv" },
    }),
    "agents/main/sessions/kid.jsonl": lines([user("1", null, "A")]),
    "agents/main/sessions/conv.jsonl": lines([user("1", null, "A")]),
  });
  const bench = await openGatewayBench();
  // Both keys are another session's here.
  await (
    await bench.core.sessions.send({ text: "Mine", origin: { via: "api" }, sessionKey: "main" })
  ).outcome;
  const own = await bench.core.sessions.create({ key: "agent:main:conv:1" });
  await (
    await bench.core.sessions.send({ text: "Mine", origin: { via: "api" }, sessionKey: own.key })
  ).outcome;
  const env = { PINCER_URL: bench.gateway.url, PINCER_TOKEN: TOKEN };
  const { stdout } = await pincer(["import", "openclaw", root, "--apply", "--json"], env);
  const to = Object.fromEntries(
    (JSON.parse(stdout).mapped as { key: string; to: string }[]).map(({ key, to: there }) => [key, there]),
  );
  expect((await bench.core.sessions.get("agent:main:kid")).parentKey).toBe(to["main"]);
  expect((await bench.core.jobs.get("j4")).sessionTarget).toBe(to["agent:main:conv:1"]);
});
