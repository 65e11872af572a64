import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openAgentFiles } from "../../src/app/openAgentFiles.ts";
import { silentLog } from "../../src/base/log.ts";
import { realPath } from "../../src/base/files/realPath.ts";
import { sessionsSpawn, sessionsWait } from "../../src/tools/index.ts";
import { call, type Turn } from "../fakes/scriptedProvider.ts";
import { posixTest } from "../posix.ts";
import { add, nextEvent, note, openBench } from "../core/bench.ts";
import { openGatewayBench, TOKEN } from "../gateway/bench.ts";

const REVIEWER = `---
name: reviewer
description: Looks at changes
tools: add, Task
model: test/m
budgetTokens: 50000
color: red
effort: max
---
Look for faults, say where.
`;

function openFolders() {
  const root = realPath(mkdtempSync(join(tmpdir(), "pincer-agents-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const [state, workspace] = [join(root, "state"), join(root, "work")];
  const folder = join(workspace, ".agents", "agents");
  mkdirSync(join(state, "agents"), { recursive: true });
  mkdirSync(folder, { recursive: true });
  const files = openAgentFiles({ stateDir: state, log: silentLog });
  /** Of those that cannot be used: why. */
  const problems = async (where: string | undefined) =>
    Object.fromEntries((await files.list(where)).flatMap(({ name, problem }) => (problem ? [[name, problem]] : [])));
  return { state, workspace, folder, files, problems };
}

test.skipIf(process.platform === "win32")("a pipe among a workspace's agents is waited for by nobody", async () => {
  const { workspace, folder, files, problems } = openFolders();
  // As many as there are threads that read files.
  for (const name of ["a", "b", "c", "d"]) execFileSync("mkfifo", [join(folder, `${name}.md`)]);
  writeFileSync(join(folder, "reviewer.md"), REVIEWER);
  expect((await files.list(workspace)).map(({ name }) => name)).toEqual(["a", "b", "c", "d", "reviewer"]);
  expect(Object.keys(await problems(workspace))).toEqual(["a", "b", "c", "d"]);
});

test("agents are read from the state folder and the workspace, and a workspace's is confirmed once for its content", async () => {
  const { state, workspace, folder, files } = openFolders();
  writeFileSync(join(folder, "reviewer.md"), REVIEWER);
  writeFileSync(join(state, "agents", "plain.md"), "Do as you are told.\n");
  const [plain, reviewer] = await files.list(workspace);
  expect(plain).toMatchObject({ name: "plain", from: "user", confirmed: true, instructions: "Do as you are told." });
  expect(reviewer).toMatchObject({
    name: "reviewer",
    description: "Looks at changes",
    from: "workspace",
    confirmed: false,
    tools: ["add", "sessions_spawn"],
    model: "test/m",
    budgetTokens: 50_000,
    effort: "high",
    ignored: ["color"],
    instructions: "Look for faults, say where.",
  });
  await files.confirm(reviewer!.hash);
  expect((await files.list(workspace))[1]).toMatchObject({ confirmed: true });
  writeFileSync(join(folder, "reviewer.md"), `${REVIEWER}And mend them.\n`);
  expect((await files.list(workspace))[1]).toMatchObject({ confirmed: false });
  // The user's own of that name goes before it.
  writeFileSync(join(state, "agents", "reviewer.md"), "Mine.");
  expect((await files.list(workspace))[1]).toMatchObject({ from: "user", confirmed: true, instructions: "Mine." });
  expect((await files.list(undefined)).map(({ name }) => name)).toEqual(["plain", "reviewer"]);
});

test("what cannot be used is listed with its reason, and no link leads out of the workspace", async () => {
  const { workspace, folder, state, files, problems } = openFolders();
  const isPosix = process.platform !== "win32";
  const put = (name: string, text: string | Buffer) => writeFileSync(join(folder, `${name}.md`), text);
  put("empty", "---\nname: empty\n---\n");
  put("broken", "---\ntools: [\n---\nx");
  put("bad name", "x");
  put("large", "x".repeat(70_000));
  put("endless", "---\ntools: read\nOnly look.");
  put("bytes", Buffer.from([0xff, 0xfe, 0x00, 0x01]));
  put("first", "---\nname: same\n---\nOne.");
  put("same", "The other.");
  put("number", "---\nname: 12\n---\nx");
  if (isPosix) {
    writeFileSync(join(state, "secret"), "key");
    symlinkSync(join(state, "secret"), join(folder, "link.md"));
  }
  expect(await problems(workspace)).toEqual({
    empty: "It has no instructions",
    broken: expect.stringContaining("Its head is not YAML"),
    "bad name": "Its file's name is to be of letters, digits, - and _",
    large: "It is no regular file of at most 65536 bytes",
    endless: "Its head has no end: a line of --- is missing",
    bytes: "It is no text in UTF-8",
    first: "It says its name is same, which same.md has",
    number: expect.stringContaining("name"),
    ...(isPosix ? { link: "It is no regular file of at most 65536 bytes" } : {}),
  });
  const same = (await files.list(workspace)).filter(({ problem }) => problem === undefined);
  expect(same.map(({ name, instructions }) => [name, instructions])).toEqual([["same", "The other."]]);
});

posixTest("no folder of agents is reached by a link", async () => {
  const { workspace, folder, files } = openFolders();
  writeFileSync(join(folder, "reviewer.md"), REVIEWER);
  const other = join(workspace, "other");
  mkdirSync(join(other, ".agents"), { recursive: true });
  symlinkSync(folder, join(other, ".agents", "agents"));
  expect(await files.list(other)).toEqual([]);
  expect(await files.list(workspace)).toHaveLength(1);
});

test("a head counts behind blank lines, and however its lines end: an agent has no more tools than its file means", async () => {
  const { workspace, folder, files } = openFolders();
  const head = "---\ntools: read\n---\nOnly look.\n";
  const texts = {
    blank: `\n \n${head}`,
    cr: head.replaceAll("\n", "\r"),
    crlf: `\uFEFF${head.replaceAll("\n", "\r\n")}`,
  };
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, `${name}.md`), text);
  writeFileSync(join(folder, "long.md"), head.replaceAll("---", "----"));
  const all = (await files.list(workspace)).map(({ name, tools, problem }) => [name, tools ?? problem]);
  expect(all).toEqual([
    ["blank", ["read"]],
    ["cr", ["read"]],
    ["crlf", ["read"]],
    ["long", "Its head has no end: a line of --- is missing"],
  ]);
});

test("a sub-agent has the part that its file describes, once a person has confirmed it, and no more tools than its caller", async () => {
  const { workspace, folder, files } = openFolders();
  writeFileSync(join(folder, "reviewer.md"), REVIEWER);
  const spawn = (task: string): Turn => [call("sessions_spawn", { task, agent: "reviewer" }, task)];
  const by = (scripts: Record<string, Turn[]>) =>
    Array.from({ length: 40 }, (): Turn => (request, signal) => {
      const next = scripts[request.messages.find(({ role }) => role === "user")!.text]?.shift() ?? ["ok"];
      return typeof next === "function" ? next(request, signal) : next;
    });
  const bench = await openBench({
    agentFiles: { list: () => files.list(workspace), confirm: (hash) => files.confirm(hash) },
    tools: [add, note, sessionsSpawn, sessionsWait],
    settings: { approvals: "auto" },
    turns: by({
      go: [spawn("one"), ["ok"]],
      again: [spawn("two"), [call("sessions_wait", {})], ["ok"]],
      two: [[call("sessions_spawn", { task: "three" }, "three")], ["ok"]],
    }),
  });
  const asked = nextEvent(bench.core, "approval.asked");
  const origin = { via: "panel" as const };
  const first = await bench.core.sessions.send({ text: "go", origin, sessionKey: "main" });
  const { approval } = await asked;
  // Not even where everything else is allowed, and not for longer than this once.
  expect(approval.offers.map(({ decision }) => decision)).toEqual(["allow", "deny"]);
  expect(JSON.stringify(approval.subject)).toContain("Look for faults, say where.");
  await bench.core.approvals.answer(approval.id, "allow", "panel");
  await first.outcome;
  await (
    await bench.core.sessions.send({ text: "again", origin })
  ).outcome;
  expect(bench.events.filter(({ type }) => type === "approval.asked")).toHaveLength(1);
  const request = (task: string) =>
    bench.model.requests.find(({ messages }) => messages.some(({ text, role }) => role === "user" && text === task))!;
  await expect.poll(() => request("three")).toBeDefined();
  for (const task of ["one", "two"]) {
    expect(request(task).system).toContain("Your part is reviewer:\nLook for faults, say where.");
    expect(request(task).tools.map(({ name }) => name)).toEqual(["add", "sessions_spawn"]);
  }
  // What it spawns without a part has its tools all the same.
  expect(request("three").tools.map(({ name }) => name)).toEqual(["add", "sessions_spawn"]);
  expect(request("three").system).not.toContain("Your part is");
  expect([request("one"), request("two"), request("three")].map(({ effort }) => effort)).toEqual([
    "high",
    "high",
    undefined,
  ]);
  // Who may spawn is told whom; what an unconfirmed file says of itself nobody is.
  expect(request("go").system).toContain("sessions_spawn knows these agents: reviewer (asks first).");
  expect(request("again").system).toContain("sessions_spawn knows these agents: reviewer (Looks at changes).");
  const [run] = await bench.core.runs.list({ limit: 50 });
  expect(run).toBeDefined();
  const { sessions } = await bench.core.sessions.list({ search: "two", limit: 5 });
  const fork = await bench.core.sessions.fork(sessions.find(({ title }) => title === "two")!.key, {});
  expect(fork).toMatchObject({ tools: ["add", "sessions_spawn"], agent: { name: "reviewer" } });
});

test("a client names an agent; one that is not confirmed is refused until an admin has", async () => {
  const { workspace, folder, files } = openFolders();
  writeFileSync(join(folder, "reviewer.md"), REVIEWER);
  writeFileSync(join(folder, "broken.md"), "---\ntools: read\nLook.");
  const tokens = [
    { name: "default", value: TOKEN, scope: "admin" as const },
    { name: "ci", value: `${TOKEN}-ci`, scope: "write" as const },
  ];
  const { post, get, model } = await openGatewayBench({
    agentFiles: { list: () => files.list(workspace), confirm: (hash) => files.confirm(hash) },
    gateway: { tokens },
  });
  const spawn = () => post("/api/sessions/spawn", { task: "look", agent: "reviewer", budgetTokens: 90_000 });
  expect(await spawn()).toMatchObject({ status: 403, body: { error: { code: "forbidden" } } });
  const { agents } = (await get("/api/agents/list")).body;
  expect(agents[0]).toMatchObject({ name: "broken", problem: "Its head has no end: a line of --- is missing" });
  expect((await post("/api/sessions/spawn", { task: "look", agent: "broken" })).body.error).toMatchObject({
    code: "bad_request",
    message: expect.stringContaining("broken.md: Its head has no end"),
  });
  const confirm = { name: "reviewer", hash: agents[1].hash };
  const ci = { Authorization: `Bearer ${TOKEN}-ci` };
  expect((await post("/api/agents/confirm", confirm, ci)).status).toBe(403);
  expect((await post("/api/agents/confirm", { ...confirm, hash: "x" })).status).toBe(409);
  expect((await post("/api/agents/confirm", confirm)).body).toEqual({ name: "reviewer", confirmed: true });
  expect((await spawn()).status).toBe(200);
  expect(model.requests[0]!.system).toContain("Your part is reviewer");
  expect((await post("/api/sessions/spawn", { task: "x", agent: "nobody" })).body.error).toMatchObject({
    code: "not_found",
    message: "There is no agent named nobody. There are: reviewer.",
  });
});

test("an effort that is none is said to mean nothing, and a hundred agents make a short prompt", async () => {
  const { state, workspace, files } = openFolders();
  for (let n = 0; n < 100; n++)
    writeFileSync(
      join(state, "agents", `agent-${String(n).padStart(2, "0")}.md`),
      `---\ndescription: ${"words ".repeat(300)}\neffort: enormous\n---\nWork.`,
    );
  const all = await files.list(workspace);
  writeFileSync(join(state, "agents", "a-broken.md"), "---\ntools: [\n---\nx");
  expect(all).toHaveLength(100);
  expect(all[0]).toMatchObject({ ignored: ["effort"] });
  expect(all[0]).not.toHaveProperty("effort");
  const bench = await openBench({ agentFiles: files, tools: [sessionsSpawn], turns: [["ok"]] });
  await (
    await bench.core.sessions.send({ text: "go", origin: { via: "api" } })
  ).outcome;
  const { system } = bench.model.requests[0]!;
  expect(system).not.toContain("broken");
  const line = system.split("\n").find((one) => one.startsWith("sessions_spawn knows"))!;
  expect(line).toMatch(/agent-19 \(words.*\), and 80 more\.$/);
  expect(line.length).toBeLessThan(3000);
});
