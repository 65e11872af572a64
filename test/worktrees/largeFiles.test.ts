import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { openRepository, put } from "./openRepository.ts";

/** As git-lfs is set up by its installer, with its filter and its program in scripts; `push` is what the program does. */
function openLarge(push: string) {
  const bench = openRepository();
  const { root, repository, git } = bench;
  const programs = join(root, "programs");
  mkdirSync(programs);
  const script = (name: string, lines: string) => {
    writeFileSync(join(programs, name), `#!/bin/sh\n${lines}\n`);
    chmodSync(join(programs, name), 0o755);
    return `'${join(programs, name)}'`;
  };
  // A pointer is the content's name; the content itself lies beside the repository.
  const clean = `t=$(mktemp); cat >$t; if grep -q ^pointer $t; then cat $t; else n=$(cksum <$t | cut -d' ' -f1); cp $t "${root}/$n"; echo pointer $n; fi`;
  git("config", "filter.lfs.clean", script("clean", clean));
  git("config", "filter.lfs.smudge", script("smudge", `read -r _ n; touch "${root}/fetched"; cat "${root}/$n"`));
  git("config", "filter.lfs.required", "true");
  script("git-lfs", push);
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv("PATH", `${programs}${delimiter}${process.env.PATH}`);
  put(repository, ".gitattributes", "*.bin filter=lfs -text\n");
  put(repository, "old.bin", "old content\n");
  git("add", "-A");
  git("commit", "-qm", "Large");
  bench.gitIn(root)("init", "-q", "--bare", "up");
  git("remote", "add", "origin", join(root, "up"));
  return bench;
}

test("what goes through Git LFS is committed as a pointer, and is itself in what it is merged into", async () => {
  const { root, repository, git, worktrees } = openLarge("exit 1");
  expect(git("show", "HEAD:old.bin")).toMatch(/^pointer /);
  const { name, path } = await worktrees.create({ folder: repository, label: "x" });
  expect(readFileSync(join(path, "old.bin"), "utf8")).toMatch(/^pointer /);
  expect(existsSync(join(root, "fetched"))).toBe(false);
  expect(await worktrees.list()).toMatchObject([{ uncommitted: 0 }]);
  put(path, "new.bin", "new content\n");
  put(path, "old.bin", "other content\n");
  expect((await worktrees.diff(name)).patch).toMatch(/^\+pointer /m);
  await worktrees.merge(name);
  expect(git("show", "HEAD:new.bin")).toMatch(/^pointer /);
  expect(git("show", "HEAD:old.bin")).toMatch(/^pointer /);
  expect(readFileSync(join(repository, "new.bin"), "utf8")).toBe("new content\n");
  expect(readFileSync(join(repository, "old.bin"), "utf8")).toBe("other content\n");
  expect(git("status", "--porcelain")).toBe("");
});

test("a merge that stops for what Git LFS cannot give leaves all as it was", async () => {
  const { root, repository, git, worktrees } = openLarge("exit 1");
  const { name, path } = await worktrees.create({ folder: repository, label: "x" });
  put(path, "a.txt", "two\n");
  put(path, "added.txt", "new\n");
  rmSync(join(path, "b.txt"));
  put(path, "old.bin", "pointer 0\n");
  put(repository, "packages/a/index.js", "mine\n");
  await expect(worktrees.merge(name)).rejects.toThrow("old.bin: smudge filter lfs failed");
  expect(git("status", "--porcelain")).toBe(" M packages/a/index.js\n");
  expect(readFileSync(join(repository, "old.bin"), "utf8")).toBe("old content\n");
  expect(existsSync(join(root, "fetched"))).toBe(true);
});

test("what goes through Git LFS is pushed before the branch is", async () => {
  const { root, repository, git, gitIn, worktrees } = openLarge(
    `echo "$@" >>"$(git rev-parse --show-toplevel)/../said"`,
  );
  const { name, path, branch } = await worktrees.create({ folder: repository, label: "x" });
  put(path, "new.bin", "new content\n");
  await worktrees.push(name);
  const up = gitIn(join(root, "up"));
  expect(up("show", `${branch}:new.bin`)).toMatch(/^pointer /);
  const said = `push origin ${git("rev-parse", branch)}`;
  expect(readFileSync(join(root, "said"), "utf8")).toBe(said);
  put(path, "a.txt", "two\n");
  await worktrees.push(name);
  // Nothing large is new.
  expect(readFileSync(join(root, "said"), "utf8")).toBe(said);
});

test("a branch whose large files cannot be pushed is not pushed", async () => {
  const { root, repository, gitIn, worktrees } = openLarge("echo no such place >&2; exit 2");
  const { name, path } = await worktrees.create({ folder: repository, label: "x" });
  put(path, "new.bin", "new content\n");
  await expect(worktrees.push(name)).rejects.toMatchObject({
    code: "conflict",
    message: "new.bin, old.bin: what is in Git LFS cannot be pushed, so nothing was. git lfs: no such place",
  });
  expect(gitIn(join(root, "up"))("for-each-ref")).toBe("");
});
