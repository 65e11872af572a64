import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { call, type Turn } from "../fakes/scriptedProvider.ts";
import { systemClock } from "../../src/base/clock.ts";
import { protectState } from "../../src/rules/protectedState.ts";
import { createDiskFiles } from "../../src/tools/files/diskFiles.ts";
import { sessionsSpawn, write } from "../../src/tools/index.ts";
import { openWorktrees } from "../../src/worktrees/openWorktrees.ts";
import { defaultConfig } from "../../src/config/configSchema.ts";
import { worktreeFolders } from "../../src/worktrees/worktreeFolders.ts";
import { type GatewayBenchOptions, openGatewayBench, TOKEN } from "../gateway/bench.ts";
import { batchOf, runOf, sessionOf } from "../store/samples.ts";
import { realPath } from "../../src/base/files/realPath.ts";

const rule = () => defaultConfig().worktrees;

async function openRepository(turns: Turn[], options: GatewayBenchOptions = {}) {
  const root = realPath(mkdtempSync(join(tmpdir(), "pincer-tree-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const [folder, stateDir] = [join(root, "repo"), join(root, "state")];
  mkdirSync(folder);
  mkdirSync(stateDir);
  const git = (...args: string[]) => execFileSync("git", args, { cwd: folder, encoding: "utf8" });
  git("init", "-q", "-b", "main");
  git("config", "user.name", "Ada");
  git("config", "user.email", "ada@example.org");
  writeFileSync(join(folder, "a.txt"), "one\n");
  git("add", "-A");
  git("commit", "-qm", "First");
  protectState(stateDir, () => worktreeFolders(stateDir));
  const worktrees = openWorktrees({ stateDir, clock: systemClock, rule });
  const settings = { approvals: "auto" as const };
  const bench = await openGatewayBench({
    ...{ folder, worktrees, settings, turns, files: createDiskFiles(), tools: [sessionsSpawn, write] },
    ...options,
  });
  return { ...bench, folder, stateDir, git, worktrees };
}

/** A model with a script for each session, named by its first message. */
const by = (scripts: Record<string, Turn[]>): Turn[] =>
  Array.from({ length: 20 }, (): Turn => (request, signal) => {
    const next = scripts[request.messages.find(({ role }) => role === "user")?.text ?? ""]?.shift() ?? ["ok"];
    return typeof next === "function" ? next(request, signal) : next;
  });

test("a sub-agent in a worktree changes its own files, which are then shown, merged and removed", async () => {
  const { post, get, folder, git, model } = await openRepository(
    by({
      go: [[call("sessions_spawn", { task: "mend", label: "Mend it", worktree: true })], ["started"]],
      mend: [[call("write", { path: "a.txt", content: "two\n" })], ["mended"]],
    }),
  );
  await post("/api/sessions/send", { message: "go" });
  await expect.poll(async () => (await get("/api/worktrees/list")).body.worktrees[0]?.uncommitted).toBe(1);
  // It is merged only when nobody is at work in it.
  await expect.poll(async () => (await get("/api/runs/list?states=queued,running")).body.count).toBe(0);
  const [worktree] = (await get("/api/worktrees/list")).body.worktrees;
  expect(worktree).toMatchObject({ branch: `pincer/${worktree.name}`, repository: folder, state: "ok", ahead: 0 });
  const told = model.requests.flatMap(({ messages }) => messages).find(({ role }) => role === "tool")!;
  expect(JSON.parse(told.text).worktree).toMatchObject({ branch: worktree.branch, path: worktree.path });
  // Neither refused nor asked about, though it lies in the state folder.
  expect(readFileSync(join(worktree.path, "a.txt"), "utf8")).toBe("two\n");
  expect(readFileSync(join(folder, "a.txt"), "utf8")).toBe("one\n");
  expect((await get("/api/approvals/list")).body.approvals).toEqual([]);
  const { name } = worktree;
  expect((await get(`/api/worktrees/diff?name=${name}`)).body.patch).toContain("-one\n+two");
  expect(await post("/api/worktrees/remove", { name })).toMatchObject({ status: 409 });
  expect((await post("/api/worktrees/merge", { name })).body).toMatchObject({ name, into: "main" });
  expect(readFileSync(join(folder, "a.txt"), "utf8")).toBe("two\n");
  expect((await post("/api/worktrees/remove", { name })).body).toEqual({ name, branchKept: false });
  expect(existsSync(worktree.path)).toBe(false);
  expect(git("branch", "--list", "pincer/*")).toBe("");
});

test("the patch of a worktree holds secrets, and what a rule denies to be read, for scope admin alone", async () => {
  const reader = `${TOKEN}-eye`;
  const { get, folder, worktrees } = await openRepository([], {
    settings: { rules: [{ deny: "read", path: "customers/**" }] },
    gateway: {
      tokens: [
        { name: "default", value: TOKEN, scope: "admin" },
        { name: "eye", value: reader, scope: "read" },
      ],
    },
  });
  const { name, path } = await worktrees.create({ folder, label: "x" });
  const put = (file: string, text: string) => {
    mkdirSync(join(path, file, ".."), { recursive: true });
    writeFileSync(join(path, file), text);
  };
  put(".env", "KEY=1\n");
  put("customers/[a].csv", "Ada\n");
  put("a.txt", "two\n");
  execFileSync("git", ["add", "-A"], { cwd: path });
  execFileSync("git", ["-c", "user.name=Ada", "-c", "user.email=a@example.org", "commit", "-qm", "Second"], {
    cwd: path,
  });
  put(".env", "KEY=2\n");
  const diff = async (headers = {}) => (await get(`/api/worktrees/diff?name=${name}`, headers)).body;
  const whole = await diff();
  expect(whole.patch).toMatch(/\+KEY=2[^]*-one\n\+two[^]*\+Ada/);
  expect(whole).not.toHaveProperty("left");
  const part = await diff({ Authorization: `Bearer ${reader}` });
  expect(part.left).toEqual([".env", "customers/[a].csv"]);
  expect(part.patch).toContain("-one\n+two");
  expect(part.patch).not.toMatch(/KEY|Ada/);
});

test("while its session is at work a worktree is neither merged nor removed", async () => {
  const { post, get } = await openRepository([[{ wait: new Promise(() => {}) }]]);
  const { body: spawned } = await post("/api/sessions/spawn", { task: "look", worktree: true, wait: false });
  const [{ name, sessionKey }] = (await get("/api/worktrees/list")).body.worktrees;
  expect(spawned.worktree).toMatchObject({ name, sessionKey });
  for (const route of ["merge", "remove"]) {
    const losing = route === "remove" ? { losing: { uncommitted: 1 } } : {};
    const { body } = await post(`/api/worktrees/${route}`, { name, ...losing });
    expect(body.error.message).toBe(`Session ${sessionKey} is at work in worktree ${name}. Stop it first.`);
  }
});

test("nor while a sub-agent of its session's is, which works in the same folder", async () => {
  const { post, get } = await openRepository(
    by({
      top: [[call("sessions_spawn", { task: "below", detached: true })], ["over to it"]],
      below: [[{ wait: new Promise(() => {}) }]],
    }),
  );
  const { body: spawned } = await post("/api/sessions/spawn", { task: "top", worktree: true, wait: false });
  const open = async () => (await get("/api/runs/list?states=queued,running")).body.runs as { sessionKey: string }[];
  await expect.poll(async () => (await open()).map(({ sessionKey }) => sessionKey)).toEqual([expect.any(String)]);
  await expect.poll(async () => (await open())[0]!.sessionKey).not.toBe(spawned.childSessionKey);
  const sessionKey = (await open())[0]!.sessionKey;
  const [{ name, atWork }] = (await get("/api/worktrees/list")).body.worktrees;
  expect(atWork).toEqual([sessionKey]);
  for (const route of ["merge", "push", "remove"]) {
    const { status, body } = await post(`/api/worktrees/${route}`, { name });
    expect(status).toBe(409);
    expect(body.error.message).toBe(`Session ${sessionKey} is at work in worktree ${name}. Stop it first.`);
  }
});

test("who is at work is found among hundreds of runs, also while the sessions of others go", async () => {
  const { get, store, worktrees, folder } = await openRepository([], {
    idle: true,
    seeStore: (real) => ({
      ...real,
      async listAtWork() {
        const found = await real.listAtWork();
        await real.deleteSession("gone");
        return found;
      },
    }),
  });
  const { path: workspace } = await worktrees.create({ folder, label: "x" });
  const others = Array.from({ length: 499 }, (_, index) => runOf(`other${index}`, "other"));
  await store.commit(
    batchOf({
      sessions: [sessionOf("a", { workspace }), sessionOf("gone"), sessionOf("other")],
      runs: [runOf("a1", "a"), runOf("gone1", "gone"), ...others],
    }),
  );
  expect((await get("/api/worktrees/list")).body.worktrees).toMatchObject([{ atWork: ["a"] }]);
});

test("a client spawns into a worktree; where none can be made nothing is left behind", async () => {
  const { post, get, folder } = await openRepository([["ok"]]);
  const spawned = await post("/api/sessions/spawn", { task: "look", worktree: true });
  expect(spawned.body).toMatchObject({ status: "ok", reply: "ok" });
  const [worktree] = (await get("/api/worktrees/list")).body.worktrees;
  expect(worktree.sessionKey).toBe(spawned.body.childSessionKey);
  const { name, branch, path, notes, sessionKey } = worktree;
  expect(spawned.body.worktree).toMatchObject({ name, branch, path, notes, sessionKey });
  const bad = await post("/api/sessions/spawn", { task: "look", worktree: true, model: "nobody/none" });
  expect(bad.status).toBe(400);
  expect((await get("/api/worktrees/list")).body.count).toBe(1);
  rmSync(join(folder, ".git"), { recursive: true });
  const none = await post("/api/sessions/spawn", { task: "look", worktree: true });
  expect(none).toMatchObject({
    status: 400,
    body: { error: { message: expect.stringContaining("A worktree needs a git repository") } },
  });
});
