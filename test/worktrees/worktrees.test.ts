import { execFileSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { realPath } from "../../src/base/files/realPath.ts";
import { linkKind } from "../../src/worktrees/linkIgnored.ts";
import { openWorktrees } from "../../src/worktrees/openWorktrees.ts";
import { defaultConfig } from "../../src/config/configSchema.ts";
import { runGit } from "../../src/worktrees/runGit.ts";
import { openRepository, put } from "./openRepository.ts";

const rule = () => defaultConfig().worktrees;

/** What git keeps of somebody's own work: index, stash, files. */
const own = (repository: string, git: (...args: string[]) => string) => [
  readFileSync(join(repository, ".git", "index")).toString("base64"),
  git("stash", "list"),
  git("rev-parse", "HEAD"),
  git("rev-parse", "--symbolic-full-name", "HEAD"),
  readFileSync(join(repository, "a.txt"), "utf8"),
];

test("a worktree has a branch of its own and what is installed, and nobody's index, stash or files are touched", async () => {
  const { repository, stateDir, git, worktrees } = openRepository();
  put(repository, "a.txt", "stashed\n");
  git("stash");
  put(repository, "a.txt", "mine\n");
  put(repository, "b.txt", "staged\n");
  git("add", "b.txt");
  put(repository, ".gitmodules", "");
  const before = own(repository, git);
  const made = await worktrees.create({ folder: join(repository, "packages", "a"), label: "Mend the Pärser!" });
  expect(made.name).toMatch(/^mend-the-pa-rser-[0-9a-f]{6}$/);
  expect(made).toMatchObject({
    branch: `pincer/${made.name}`,
    repository,
    base: git("rev-parse", "HEAD").trim(),
    path: join(realPath(stateDir), "worktrees", made.name, "packages", "a"),
    notes: [
      `3 files with uncommitted changes in ${repository}: they are not here`,
      "Submodules are not filled: git submodule update --init does",
      "Linked from the repository: node_modules, packages/a/node_modules",
    ],
  });
  const folder = join(made.path, "..", "..");
  expect(readFileSync(join(folder, "a.txt"), "utf8")).toBe("one\n");
  expect(readFileSync(join(made.path, "node_modules", "right", "index.js"), "utf8")).toBe("installed\n");
  await worktrees.assign(made.name, "s_1");
  // What is installed is neither new nor committed there.
  expect(await openWorktrees({ stateDir, clock: systemClock, rule }).list()).toMatchObject([
    { name: made.name, state: "ok", ahead: 0, uncommitted: 0, sessionKey: "s_1" },
  ]);
  expect((await worktrees.diff(made.name)).patch).toBe("");
  expect(worktrees.nameOf(made.path)).toBe(made.name);
  expect(worktrees.nameOf(repository)).toBeUndefined();
  expect(await worktrees.remove(made.name, { force: false })).toEqual({ branchKept: false });
  expect(readFileSync(join(repository, "node_modules", "left", "index.js"), "utf8")).toBe("installed\n");
  expect(existsSync(folder)).toBe(false);
  expect(git("branch", "--list", "pincer/*")).toBe("");
  expect(git("worktree", "list").trim().split("\n")).toHaveLength(1);
  expect(own(repository, git)).toEqual(before);
});

test("what was done is shown as a patch that applies, and merged", async () => {
  const { root, repository, git, worktrees } = openRepository();
  const { name, path } = await worktrees.create({ folder: repository, label: "x" });
  put(path, "a.txt", "one\ntwo\n");
  execFileSync("git", ["commit", "-qam", "Second"], { cwd: path });
  put(path, "new.bin", "\0\u0001binary");
  const latin = Buffer.from([0x67, 0x72, 0xfc, 0x6e, 0x0a]);
  writeFileSync(join(path, "latin.txt"), latin);
  const index = readFileSync(join(repository, ".git", "worktrees", name, "index"));
  const { patch } = await worktrees.diff(name);
  expect(readFileSync(join(repository, ".git", "worktrees", name, "index"))).toEqual(index);
  const copy = join(root, "copy");
  execFileSync("git", ["clone", "-q", repository, copy]);
  execFileSync("git", ["apply", "-"], { cwd: copy, input: patch });
  expect(readFileSync(join(copy, "new.bin"), "utf8")).toBe("\0\u0001binary");
  expect(readFileSync(join(copy, "latin.txt"))).toEqual(latin);
  rmSync(join(path, "latin.txt"));
  expect((await worktrees.diff(name)).patch).toContain("+two");
  expect(await worktrees.list()).toMatchObject([{ ahead: 1, uncommitted: 1 }]);

  put(repository, "b.txt", "mine\n");
  expect(await worktrees.merge(name)).toEqual({ into: "main", commit: expect.stringMatching(/^[0-9a-f]{40}$/) });
  expect(readFileSync(join(repository, "a.txt"), "utf8")).toBe("one\ntwo\n");
  expect(readFileSync(join(repository, "b.txt"), "utf8")).toBe("mine\n");
  expect(git("log", "--topo-order", "--format=%s").split("\n").slice(0, 3)).toEqual([
    `Merge pincer/${name}`,
    `Work in pincer/${name}`,
    "Second",
  ]);
  expect(await worktrees.remove(name, { force: false })).toEqual({ branchKept: false });
});

test.each<[string, (repository: string, git: (...args: string[]) => string) => void, RegExp]>([
  ["somebody's changes", (repository) => put(repository, "a.txt", "mine\n"), /You have changes in a\.txt/],
  [
    "something staged",
    (repository, git) => (put(repository, "b.txt", "s\n"), git("add", "b.txt")),
    /There are staged changes in .*: b\.txt/,
  ],
  [
    "another change of the same lines",
    (repository, git) => (put(repository, "a.txt", "other\n"), git("commit", "-qam", "Other")),
    /does not merge into main without conflicts: a\.txt/,
  ],
  ["no branch", (_repository, git) => git("checkout", "-q", "--detach"), /has no branch checked out/],
])("a merge that would meet %s is refused, and changes nothing", async (_name, meet, words) => {
  const { repository, git, worktrees } = openRepository();
  const { name, path } = await worktrees.create({ folder: repository, label: "x" });
  put(path, "a.txt", "theirs\n");
  meet(repository, git);
  const before = own(repository, git.bind(undefined)).slice(0, 3);
  await expect(worktrees.merge(name)).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringMatching(words),
  });
  expect(own(repository, git).slice(0, 3)).toEqual(before);
  expect(existsSync(join(repository, ".git", "MERGE_HEAD"))).toBe(false);
});

test("a removal that would lose work is refused; a branch that alone has commits stays", async () => {
  const { repository, git, worktrees } = openRepository();
  const { name, path, branch } = await worktrees.create({ folder: repository, label: "x" });
  put(path, "new.txt", "work\n");
  await expect(worktrees.remove(name, { force: false })).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringContaining("1 file of worktree"),
  });
  execFileSync("git", ["add", "-A"], { cwd: path });
  execFileSync("git", ["commit", "-qm", "Work"], { cwd: path });
  expect(await worktrees.remove(name, { force: false })).toEqual({ branchKept: true });
  expect(git("show", `${branch}:new.txt`)).toBe("work\n");
  const second = await worktrees.create({ folder: repository, label: "y" });
  put(second.path, "new.txt", "work\n");
  expect(await worktrees.remove(second.name, { force: true })).toEqual({ branchKept: false });
  expect(await worktrees.list()).toEqual([]);
});

test("where there is no repository, no commit or no git worktree any more, that is said", async () => {
  const { root, repository, stateDir, worktrees } = openRepository();
  await expect(worktrees.create({ folder: root, label: "x" })).rejects.toMatchObject({
    code: "bad_request",
    message: expect.stringContaining(`${root} is in none`),
  });
  const empty = join(root, "empty");
  mkdirSync(empty);
  execFileSync("git", ["init", "-q"], { cwd: empty });
  await expect(worktrees.create({ folder: empty, label: "x" })).rejects.toThrow(/has no commit yet/);
  await expect(worktrees.diff("nobody")).rejects.toMatchObject({ code: "not_found" });
  const { name } = await worktrees.create({ folder: repository, label: "x" });
  rmSync(join(stateDir, "worktrees", name), { recursive: true });
  expect(await worktrees.list()).toMatchObject([{ name, state: "missing" }]);
  await worktrees.remove(name, { force: false });
  expect(readdirSync(join(stateDir, "worktrees"))).toEqual([]);
});

test("nothing that the repository brings along runs, and no link is followed away", async () => {
  const { root, repository, git, worktrees } = openRepository();
  const trap = join(root, "ran");
  const hook = `#!/bin/sh\ntouch '${trap}'\n`;
  for (const name of ["post-checkout", "pre-commit", "post-merge", "pre-merge-commit", "commit-msg"]) {
    put(repository, `.git/hooks/${name}`, hook);
    execFileSync("chmod", ["+x", join(repository, ".git/hooks", name)]);
  }
  git("config", "core.fsmonitor", `touch '${trap}'; false`);
  const { name, path } = await worktrees.create({ folder: repository, label: "x" });
  expect(lstatSync(join(path, "node_modules")).isSymbolicLink()).toBe(false);
  put(path, "a.txt", "theirs\n");
  await worktrees.diff(name);
  await worktrees.merge(name);
  await worktrees.remove(name, { force: true });
  expect(existsSync(trap)).toBe(false);
  expect(readFileSync(join(repository, "node_modules", "left", "index.js"), "utf8")).toBe("installed\n");
});

test("on Windows, installed packages that are links are linked as folders, and paths may be long", async () => {
  const folder = mkdtempSync(join(tmpdir(), "pincer-links-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "store"));
  writeFileSync(join(folder, "file"), "");
  symlinkSync(join(folder, "store"), join(folder, "package"), "junction");
  const kinds = await Promise.all(["store", "package", "file", "gone"].map((name) => linkKind(join(folder, name))));
  expect(kinds).toEqual(["junction", "junction", "file", "file"]);
  expect(await runGit(["config", "--get", "core.longpaths"], { cwd: folder })).toBe("true\n");
});
