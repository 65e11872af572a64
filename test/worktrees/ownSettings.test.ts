import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { realPath } from "../../src/base/files/realPath.ts";
import { openWorktrees } from "../../src/worktrees/openWorktrees.ts";

/** A repository with these settings, as somebody has them for what they do by hand. */
function open(settings: Record<string, string>) {
  const root = realPath(mkdtempSync(join(tmpdir(), "pincer-settings-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const repository = join(root, "repo");
  mkdirSync(repository);
  const git = (...args: string[]) =>
    execFileSync("git", args, {
      cwd: repository,
      encoding: "utf8",
      env: { ...process.env, GIT_CONFIG_NOSYSTEM: "1", HOME: root },
    }).trim();
  git("-c", "init.defaultBranch=main", "init", "-q");
  git("config", "user.name", "Ada");
  git("config", "user.email", "ada@example.org");
  writeFileSync(join(repository, "a.txt"), "one\n");
  git("add", "-A");
  git("commit", "-qm", "First");
  git("tag", "-a", "mine", "-m", "Mine");
  for (const [key, value] of Object.entries(settings)) git("config", key, value);
  const worktrees = openWorktrees({ stateDir: join(root, "state"), clock: systemClock });
  return { root, repository, git, worktrees };
}

test.each([
  ["branch.main.mergeoptions", "--no-commit"],
  ["branch.main.mergeoptions", "--squash"],
  ["branch.main.mergeoptions", "--strategy=ours"],
  ["merge.verifySignatures", "true"],
  ["merge.ff", "only"],
  ["merge.autoStash", "true"],
  ["commit.gpgSign", "true"],
  ["diff.noprefix", "true"],
  ["diff.mnemonicPrefix", "true"],
  ["diff.orderFile", "/gone"],
  ["diff.external", "false"],
  ["color.ui", "always"],
  ["status.showUntrackedFiles", "no"],
])("with %s = %s a merge is one commit more, and a patch applies", async (key, value) => {
  const { root, repository, git, worktrees } = open({ [key]: value });
  const { name, path, branch } = await worktrees.create({ folder: repository, label: "x" });
  writeFileSync(join(path, "a.txt"), "two\n");
  writeFileSync(join(path, "b.txt"), "new\n");
  const base = git("rev-parse", "HEAD");
  const patch = await worktrees.diff(name);
  execFileSync("git", ["clone", "-q", repository, join(root, "other")]);
  execFileSync("git", ["apply", "--index", "-"], { cwd: join(root, "other"), input: patch });
  expect(await worktrees.merge(name)).toEqual({ into: "main", commit: git("rev-parse", "HEAD") });
  expect(git("rev-parse", "HEAD^1")).toBe(base);
  expect(git("rev-parse", "HEAD^2")).toBe(git("rev-parse", branch));
  expect(git("show", "HEAD:a.txt")).toBe("two");
  expect(git("-c", "status.showUntrackedFiles=all", "-c", "color.ui=false", "status", "--porcelain")).toBe("");
});

test.each([
  ["push.followTags", "true"],
  ["push.gpgSign", "true"],
  ["push.recurseSubmodules", "on-demand"],
  ["push.pushOption", "ci.skip"],
])("with %s = %s the branch alone is pushed", async (key, value) => {
  const { root, repository, git, worktrees } = open({ [key]: value });
  execFileSync("git", ["init", "-q", "--bare", join(root, "up")]);
  git("remote", "add", "origin", join(root, "up"));
  const { name, path, branch } = await worktrees.create({ folder: repository, label: "x" });
  writeFileSync(join(path, "a.txt"), "two\n");
  await worktrees.push(name);
  const there = execFileSync("git", ["for-each-ref", "--format=%(refname)"], { cwd: join(root, "up") });
  expect(there.toString().trim()).toBe(`refs/heads/${branch}`);
});

test("a branch of the user's own named pincer is left alone, and a broken record hides no other", async () => {
  const { root, repository, git, worktrees } = open({});
  git("branch", "pincer");
  const { name, branch } = await worktrees.create({ folder: repository, label: "x" });
  expect(branch).toBe(`pincer-${name}`);
  writeFileSync(join(root, "state", "worktrees", "torn-1.json"), '{"name": "to');
  expect((await worktrees.list()).map((one) => one.name)).toEqual([name]);
  await worktrees.remove(name, { force: false });
  expect(git("for-each-ref", "--format=%(refname)", "refs/heads")).toBe("refs/heads/main\nrefs/heads/pincer");
});
