import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { realPath } from "../../src/base/files/realPath.ts";
import type { IgnoredRule } from "../../src/worktrees/ignoredPlaces.ts";
import { openWorktrees } from "../../src/worktrees/openWorktrees.ts";
import { configSchema, defaultConfig } from "../../src/config/configSchema.ts";

const rule = () => defaultConfig().worktrees;

/** A repository with these settings, as somebody has them for what they do by hand. */
function open(settings: Record<string, string>, own: Partial<IgnoredRule> = {}) {
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
  writeFileSync(join(repository, "c.txt"), "1\n2\n3\n4\n5\n");
  git("add", "-A");
  git("commit", "-qm", "First");
  git("tag", "-a", "mine", "-m", "Mine");
  for (const [key, value] of Object.entries(settings)) git("config", key, value);
  const worktrees = openWorktrees({
    stateDir: join(root, "state"),
    clock: systemClock,
    rule: () => ({ ...rule(), ...own }),
  });
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
  ["diff.context", "0"],
  ["diff.interHunkContext", "50"],
  ["diff.srcPrefix", "old/deep/"],
  ["diff.external", "false"],
  ["color.ui", "always"],
  ["status.showUntrackedFiles", "no"],
])("with %s = %s a merge is one commit more, and a patch applies", async (key, value) => {
  const { root, repository, git, worktrees } = open({ [key]: value });
  const { name, path, branch } = await worktrees.create({ folder: repository, label: "x" });
  writeFileSync(join(path, "a.txt"), "two\n");
  writeFileSync(join(path, "b.txt"), "new\n");
  writeFileSync(join(path, "c.txt"), "1\n2\nthree\n4\n5\n");
  const base = git("rev-parse", "HEAD");
  const { patch } = await worktrees.diff(name);
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
  ["remote.origin.mirror", "true"],
])("with %s = %s the branch alone is pushed", async (key, value) => {
  const { root, repository, git, worktrees } = open({});
  execFileSync("git", ["init", "-q", "--bare", join(root, "up")]);
  git("remote", "add", "origin", join(root, "up"));
  git("config", key, value);
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

test("ignored files are linked and copied as the user's rule says, and nothing else is", async () => {
  const own = { link: ["vendor", "packages/a/cache"], copy: [".env", "data\\seed", "big", "README"] };
  const { repository, git, worktrees } = open({}, own);
  const put = (path: string, text: string | Buffer) => {
    mkdirSync(join(repository, path, ".."), { recursive: true });
    writeFileSync(join(repository, path), text);
  };
  put(".gitignore", "vendor/\ncache/\n.env\ndata/\nbig\nnode_modules/\nREADME.local\n");
  put("README", "tracked\n");
  git("add", "-A");
  git("commit", "-qm", "Second");
  for (const path of ["vendor/one/x", "packages/a/cache/y", "packages/b/cache/y", ".env", "packages/b/.env"])
    put(path, path);
  for (const path of ["data/seed/z", "data/other", "node_modules/m/i.js", "README.local"]) put(path, path);
  put("big", Buffer.alloc(201 * 1024 * 1024));
  const { name, path, notes } = await worktrees.create({ folder: repository, label: "x" });
  const has = (place: string) => existsSync(join(path, place));
  expect(lstatSync(join(path, "vendor", "one")).isSymbolicLink()).toBe(true);
  expect(has("packages/a/cache/y")).toBe(true);
  expect(readFileSync(join(path, ".env"), "utf8")).toBe(".env");
  for (const file of ["packages/b/.env", "data/seed/z"]) expect(lstatSync(join(path, file)).isFile(), file).toBe(true);
  expect(["packages/b/cache", "data/other", "node_modules", "README.local", "big"].filter(has)).toEqual([]);
  expect(notes).toEqual([
    "Linked from the repository: packages/a/cache, vendor",
    "Copied from the repository: .env, packages/b/.env, data/seed",
    "big is not copied: with it it would be more than 200 MB",
  ]);
  writeFileSync(join(path, ".env"), "changed");
  expect(readFileSync(join(repository, ".env"), "utf8")).toBe(".env");
  expect(await worktrees.list()).toMatchObject([{ uncommitted: 0 }]);
  await worktrees.remove(name, { force: false });
  expect(readFileSync(join(repository, "vendor/one/x"), "utf8")).toBe("vendor/one/x");
});

test.each(["../x", "/etc", "a/../../b", "C:\\x", ""])("a place %j outside of the repository is no rule", (place) => {
  expect(configSchema.safeParse({ worktrees: { copy: [place] } }).success).toBe(false);
});
