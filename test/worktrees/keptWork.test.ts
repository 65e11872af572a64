import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openRepository, put } from "./openRepository.ts";

describe("worktrees of the user's own", () => {
  const make = () => {
    const bench = openRepository();
    const mine = join(bench.root, "mine");
    bench.git("worktree", "add", "-q", "-b", "mine", mine);
    put(mine, "staged.txt", "staged\n");
    bench.gitIn(mine)("add", "staged.txt");
    const away = join(bench.root, "away");
    return {
      ...bench,
      leave: () => renameSync(mine, away),
      status() {
        renameSync(away, mine);
        return bench.gitIn(mine)("status", "--porcelain");
      },
    };
  };

  test("keep what is staged in one that is away while another is removed, locked or not", async () => {
    const { repository, stateDir, git, worktrees, leave, status } = make();
    leave();
    const { name } = await worktrees.create({ folder: repository, label: "x" });
    await worktrees.remove(name, { force: false });
    const locked = await worktrees.create({ folder: repository, label: "y" });
    git("worktree", "lock", locked.path);
    expect(await worktrees.remove(locked.name, { force: false })).toEqual({ branchKept: false });
    expect(git("worktree", "list", "--porcelain")).not.toContain(stateDir);
    expect(status()).toBe("A  staged.txt\n");
  });

  test("keep it while another cannot be made", async () => {
    const { repository, stateDir, git, worktrees, leave, status } = make();
    rmSync(join(repository, "a.txt"));
    mkdirSync(join(repository, "a.txt"));
    leave();
    const made = worktrees.create({ folder: join(repository, "a.txt"), label: "x" });
    await expect(made).rejects.toThrow("a.txt");
    expect(git("worktree", "list", "--porcelain")).not.toContain(stateDir);
    expect(git("branch", "--list", "pincer/*")).toBe("");
    expect(status()).toBe("A  staged.txt\n");
  });
});

describe("a merge writes over nothing that no commit holds", () => {
  test.each<[string, (repository: string) => void, string, string]>([
    ["an ignored file", (folder) => put(folder, ".env", "mine\n"), ".env", ".env"],
    ["a folder with ignored files", (folder) => put(folder, "out/deep/log", "mine\n"), "out", "out/deep/log"],
    ["an ignored file where a folder is to be", (folder) => put(folder, "out", "mine\n"), "out/log", "out"],
    ["a link", (folder) => symlinkSync("/gone", join(folder, "out"), "junction"), "out/log", "out"],
  ])("%s", async (_name, stand, path, named) => {
    const { repository, git, worktrees } = openRepository();
    const made = await worktrees.create({ folder: repository, label: "x" });
    put(made.path, path, "theirs\n");
    put(repository, ".git/info/exclude", ".env\nout\n");
    stand(repository);
    const head = git("rev-parse", "HEAD");
    const listed = git("status", "--porcelain", "--ignored");
    // What git ignores is ignored in each worktree, too: the sub-agent committed it all the same.
    git("-C", made.path, "add", "--force", path);
    git("-C", made.path, "commit", "-qm", "Theirs");
    await expect(worktrees.merge(made.name)).rejects.toMatchObject({
      code: "conflict",
      message: `${named} in ${repository} is in no commit, and the merge would write over it. Move it away first.`,
    });
    expect(git("rev-parse", "HEAD")).toBe(head);
    expect(git("status", "--porcelain", "--ignored")).toBe(listed);
  });

  test("what the merge takes away itself is in nobody's way", async () => {
    const { repository, worktrees } = openRepository();
    const { name, path } = await worktrees.create({ folder: repository, label: "x" });
    rmSync(join(path, "a.txt"));
    put(path, "a.txt/deep", "folder\n");
    rmSync(join(path, "packages"), { recursive: true });
    put(path, "packages", "file\n");
    rmSync(join(repository, "packages", "a", "node_modules"), { recursive: true });
    await worktrees.merge(name);
    expect(readFileSync(join(repository, "a.txt", "deep"), "utf8")).toBe("folder\n");
    expect(readFileSync(join(repository, "packages"), "utf8")).toBe("file\n");
  });

  test("one that stops in the midst, for a file that cannot be written here, leaves all as it was", async () => {
    const { repository, git, gitIn, worktrees } = openRepository();
    const { name, path, branch } = await worktrees.create({ folder: repository, label: "x" });
    const there = gitIn(path);
    const far = `a/${"far".repeat(100)}`;
    put(path, "a.txt", "two\n");
    put(path, "added.txt", "new\n");
    rmSync(join(path, "b.txt"));
    there("update-index", "--add", "--cacheinfo", `100644,${there("rev-parse", "HEAD:a.txt").trim()},${far}`);
    there("update-index", "--skip-worktree", far);
    put(repository, "packages/a/index.js", "mine\n");
    const head = git("rev-parse", "HEAD");
    await expect(worktrees.merge(name)).rejects.toThrow("unable to create file a/far");
    expect(git("status", "--porcelain")).toBe(" M packages/a/index.js\n");
    expect(git("rev-parse", "HEAD")).toBe(head);
    there("update-index", "--force-remove", far);
    await worktrees.merge(name);
    expect(git("log", "-1", "--format=%s")).toBe(`Merge ${branch}\n`);
  });

  test.each(["locked", "in a pick"])("where git refuses before it writes, its index %s, all stays", async (how) => {
    const { root, repository, git, gitIn, worktrees } = openRepository();
    put(root, "data/precious.txt", "mine\n");
    symlinkSync("../data", join(repository, "ext"), "junction");
    put(repository, "c.txt", "one\n");
    git("add", "-A");
    git("commit", "-qm", "With a link");
    const { name, path } = await worktrees.create({ folder: repository, label: "x" });
    rmSync(join(path, "ext"));
    put(path, "ext/precious.txt", "mine\n");
    put(path, "a.txt", "two\n");
    put(path, "new.txt", "one\n");
    rmSync(join(path, "c.txt"));
    // By its number it goes with the other name, as one that is written in another case.
    linkSync(join(repository, "c.txt"), join(repository, "new.txt"));
    if (how === "locked") put(repository, ".git/index.lock", "");
    else {
      git("checkout", "-q", "-b", "other");
      git("commit", "-q", "--allow-empty", "-m", "Nothing");
      git("checkout", "-q", "main");
      expect(() => git("cherry-pick", "other")).toThrow("allow-empty");
    }
    const before = git("status", "--porcelain");
    await expect(worktrees.merge(name)).rejects.toMatchObject({ code: "conflict" });
    expect(readFileSync(join(root, "data", "precious.txt"), "utf8")).toBe("mine\n");
    expect(git("status", "--porcelain")).toBe(before);
    expect(gitIn(path)("show", "HEAD:ext/precious.txt")).toBe("mine\n");
  });

  test("what somebody saves where one that stops in the midst has written stays", async () => {
    const { root, repository, git, gitIn, worktrees } = openRepository();
    const { name, path } = await worktrees.create({ folder: repository, label: "x" });
    const there = gitIn(path);
    put(path, "c/added.txt", "new\n");
    put(path, "c/other.txt", "new\n");
    // A filter of the user's runs once those were written.
    put(path, ".gitattributes", "z.txt filter=save\n");
    put(path, "z.txt", "new\n");
    put(root, "save.sh", `cat; echo mine > "${join(repository, "c", "added.txt")}"\n`);
    git("config", "filter.save.smudge", `sh "${join(root, "save.sh")}"`);
    const far = `a/${"far".repeat(100)}`;
    there("update-index", "--add", "--cacheinfo", `100644,${there("rev-parse", "HEAD:a.txt").trim()},${far}`);
    there("update-index", "--skip-worktree", far);
    await expect(worktrees.merge(name)).rejects.toThrow("unable to create file a/far");
    expect(git("status", "--porcelain", "--untracked-files=all")).toBe("?? c/added.txt\n");
    expect(readFileSync(join(repository, "c", "added.txt"), "utf8")).toBe("mine\n");
  });

  test("of what is written by half when it stops, as on a full disk, nothing stays", async () => {
    const { root, repository, git, gitIn, worktrees } = openRepository();
    const { name, path } = await worktrees.create({ folder: repository, label: "x" });
    const there = gitIn(path);
    put(path, "b.txt", "two\n");
    put(path, "c/added.txt", "new\n");
    put(path, ".gitattributes", "z.txt filter=half\n");
    put(path, "z.txt", "new\n");
    const half = (file: string, text: string) => `printf ${text} > "${join(repository, file)}"`;
    put(root, "half.sh", `cat; ${half("c/added.txt", "ne")}; ${half("b.txt", "tw")}\n`);
    git("config", "filter.half.smudge", `sh "${join(root, "half.sh")}"`);
    const far = `a/${"far".repeat(100)}`;
    there("update-index", "--add", "--cacheinfo", `100644,${there("rev-parse", "HEAD:a.txt").trim()},${far}`);
    there("update-index", "--skip-worktree", far);
    await expect(worktrees.merge(name)).rejects.toThrow("unable to create file a/far");
    expect(git("status", "--porcelain", "--untracked-files=all")).toBe("");
    expect(readFileSync(join(repository, "b.txt"), "utf8")).toBe("one\n");
  });

  test("what git itself finds in its way stays", async () => {
    const { repository, git, worktrees } = openRepository();
    const { name, path } = await worktrees.create({ folder: repository, label: "x" });
    rmSync(join(path, "b.txt"));
    put(path, "new.txt", "theirs\n");
    // By its number it goes with the other name.
    linkSync(join(repository, "b.txt"), join(repository, "new.txt"));
    await expect(worktrees.merge(name)).rejects.toThrow("new.txt");
    expect(git("status", "--porcelain")).toBe("?? new.txt\n");
  });

  test("nor does it end a merge that the user is at", async () => {
    const { repository, git, worktrees } = openRepository();
    const { name, path } = await worktrees.create({ folder: repository, label: "x" });
    put(path, "a.txt", "theirs\n");
    git("checkout", "-q", "-b", "other");
    git("commit", "-q", "--allow-empty", "-m", "Other");
    git("checkout", "-q", "main");
    git("merge", "-q", "--no-ff", "--no-commit", "other");
    const before = readFileSync(join(repository, ".git", "MERGE_HEAD"), "utf8");
    await expect(worktrees.merge(name)).rejects.toMatchObject({
      code: "conflict",
      message: `A merge is under way in ${repository}. End it first.`,
    });
    expect(readFileSync(join(repository, ".git", "MERGE_HEAD"), "utf8")).toBe(before);
  });
});

test("links in a folder of the repository stay though a worktree that goes has a link to it in that folder's place", async () => {
  const { repository, worktrees } = openRepository();
  const packages = join(repository, "node_modules");
  symlinkSync("left", join(packages, "linked"), "junction");
  const { name, path } = await worktrees.create({ folder: repository, label: "x" });
  rmSync(join(path, "node_modules"), { recursive: true });
  symlinkSync(packages, join(path, "node_modules"), "junction");
  await worktrees.remove(name, { force: true });
  expect(existsSync(path)).toBe(false);
  expect(readFileSync(join(packages, "linked", "index.js"), "utf8")).toBe("installed\n");
});

describe("commits that would go with the folder", () => {
  test("of a worktree that is of another one are kept, as is a branch that is checked out elsewhere", async () => {
    const { root, repository, git, gitIn, worktrees } = openRepository();
    const { name, path, branch } = await worktrees.create({ folder: repository, label: "x" });
    const inner = await worktrees.create({ folder: path, label: "y" });
    await expect(worktrees.remove(name, { force: false })).rejects.toMatchObject({
      code: "conflict",
      message: `Worktree ${inner.name} is one of worktree ${name}, and could not be merged any more. Merge or remove it first, or force it.`,
    });
    put(inner.path, "a.txt", "two\n");
    await worktrees.merge(inner.name);
    expect(gitIn(path)("show", "HEAD:a.txt")).toBe("two\n");
    await worktrees.remove(inner.name, { force: false });
    git("merge", "-q", branch);
    gitIn(path)("checkout", "-q", "--detach");
    git("worktree", "add", "-q", join(root, "mine"), branch);
    expect(await worktrees.remove(name, { force: false })).toEqual({ branchKept: true });
    expect(await worktrees.list()).toEqual([]);
  });

  test("of a detached HEAD are put on the branch, where they go on from it", async () => {
    const { repository, git, gitIn, worktrees } = openRepository();
    const { name, path, branch } = await worktrees.create({ folder: repository, label: "x" });
    const there = gitIn(path);
    there("checkout", "-q", "--detach");
    there("commit", "-q", "--allow-empty", "-m", "Detached");
    expect(await worktrees.remove(name, { force: false })).toEqual({ branchKept: true });
    expect(git("log", "-1", "--format=%s", branch)).toBe("Detached\n");
  });

  test("of a detached HEAD elsewhere are not lost unasked", async () => {
    const { repository, git, gitIn, worktrees } = openRepository();
    const { name, path, branch } = await worktrees.create({ folder: repository, label: "x" });
    const there = gitIn(path);
    there("commit", "-q", "--allow-empty", "-m", "On it");
    there("checkout", "-q", "--detach", "HEAD^");
    there("commit", "-q", "--allow-empty", "-m", "Beside it");
    await expect(worktrees.remove(name, { force: false })).rejects.toMatchObject({
      code: "conflict",
      message: `Commits of worktree ${name} are on no branch and would be lost. Keep them on one (git switch -c NAME, in ${path}), or force it.`,
    });
    expect(there("log", "-1", "--format=%s")).toBe("Beside it\n");
    expect(await worktrees.remove(name, { force: true })).toEqual({ branchKept: true });
    expect(git("log", "-1", "--format=%s", branch)).toBe("On it\n");
  });

  test("of a repository in it are neither committed as a number nor removed", async () => {
    const { root, repository, git, gitIn, worktrees } = openRepository();
    gitIn(root)("init", "-q", "--bare", "up");
    git("remote", "add", "origin", join(root, "up"));
    const { name, path } = await worktrees.create({ folder: repository, label: "x" });
    const inner = join(path, "lib");
    put(inner, "lib.txt", "lib\n");
    const there = gitIn(inner);
    there("init", "-q");
    const refused = {
      code: "conflict",
      message: `lib in ${path} is a repository of its own, and a commit would hold nothing of it. Move it away, or remove its .git.`,
    };
    await expect(worktrees.merge(name)).rejects.toMatchObject(refused);
    there("add", "-A");
    there("commit", "-qm", "Inner");
    await expect(worktrees.merge(name)).rejects.toMatchObject(refused);
    await expect(worktrees.push(name)).rejects.toMatchObject(refused);
    await expect(worktrees.remove(name, { force: false })).rejects.toThrow("1 file of worktree");
    gitIn(path)("add", "-A");
    gitIn(path)("commit", "-qm", "By number");
    const stranded = {
      code: "conflict",
      message: `lib in ${path} has commits that no remote of it has. Push them from there, or move it away.`,
    };
    await expect(worktrees.merge(name)).rejects.toMatchObject(stranded);
    await expect(worktrees.remove(name, { force: false })).rejects.toMatchObject(stranded);
    expect(there("log", "--format=%s")).toBe("Inner\n");
    await worktrees.remove(name, { force: true });
  });

  test("go with no changes that were given up: only those go, while it is as many", async () => {
    const { repository, gitIn, worktrees } = openRepository();
    const { name, path } = await worktrees.create({ folder: repository, label: "x" });
    put(path, "a.txt", "two\n");
    put(path, "lib/lib.txt", "lib\n");
    const there = gitIn(join(path, "lib"));
    there("init", "-q");
    there("add", "-A");
    there("commit", "-qm", "Inner");
    const removed = (uncommitted: number) => worktrees.remove(name, { force: false, losing: { uncommitted } });
    await expect(removed(1)).rejects.toThrow("2 files of worktree");
    await expect(removed(2)).rejects.toThrow(`lib in ${path} has commits that no remote of it has.`);
    rmSync(join(path, "lib"), { recursive: true });
    const inner = await worktrees.create({ folder: path, label: "y" });
    await expect(removed(1)).rejects.toThrow(`Worktree ${inner.name} is one of worktree ${name}`);
    await worktrees.remove(inner.name, { force: false });
    expect(readFileSync(join(path, "a.txt"), "utf8")).toBe("two\n");
    expect(await removed(1)).toEqual({ branchKept: false });
  });

  test("are found though the worktree of the user's own that it was made of is gone", async () => {
    const { root, git, gitIn, worktrees } = openRepository();
    const mine = join(root, "mine");
    git("worktree", "add", "-q", "-b", "mine", mine);
    const made = await worktrees.create({ folder: mine, label: "x" });
    gitIn(made.path)("commit", "-q", "--allow-empty", "-m", "On it");
    const plain = await worktrees.create({ folder: mine, label: "y" });
    rmSync(mine, { recursive: true });
    expect(await worktrees.remove(plain.name, { force: true })).toEqual({ branchKept: false });
    expect(await worktrees.remove(made.name, { force: false })).toEqual({ branchKept: true });
    expect(git("branch", "--list", "pincer/*", "--format=%(refname:short) %(subject)")).toBe(`${made.branch} On it\n`);
    expect(git("worktree", "list", "--porcelain")).not.toContain("/state/");
  });

  test("are looked for with no program that a repository in it names for its remotes", async () => {
    const { root, repository, git, gitIn, worktrees } = openRepository();
    const ran = join(root, "ran");
    const lib = join(repository, "lib");
    put(lib, "lib.txt", "lib\n");
    gitIn(lib)("init", "-q");
    gitIn(lib)("add", "-A");
    gitIn(lib)("commit", "-qm", "Inner");
    git("add", "lib");
    git("commit", "-qm", "By number");
    const { name, path } = await worktrees.create({ folder: repository, label: "x" });
    gitIn(path)("clone", "-q", lib, "lib");
    const there = gitIn(join(path, "lib"));
    const tree = there("rev-parse", "HEAD^{tree}").trim();
    const uploadpack = `touch "${ran}"; git-upload-pack`;
    const settings = { "core.repositoryFormatVersion": "1", "extensions.partialClone": "origin" };
    for (const [key, value] of Object.entries({
      ...settings,
      "remote.origin.promisor": "true",
      "protocol.allow": "always",
    }))
      there("config", key, value);
    there("config", "remote.origin.uploadpack", uploadpack);
    // What is not there git would fetch.
    rmSync(join(path, "lib", ".git", "objects", tree.slice(0, 2), tree.slice(2)));
    await worktrees.list();
    await worktrees.merge(name).catch(() => {});
    await worktrees.remove(name, { force: false }).catch(() => {});
    expect(existsSync(ran)).toBe(false);
    there("status");
    expect(existsSync(ran)).toBe(true);
  });

  test("of a submodule are kept until its remote has them; one that is only filled is in no way", async () => {
    const { root, repository, git, gitIn, worktrees } = openRepository();
    gitIn(root)("clone", "-q", "--bare", repository, "up");
    git("submodule", "--quiet", "add", join(root, "up"), "lib");
    git("commit", "-qm", "With a submodule");
    const { name, path } = await worktrees.create({ folder: repository, label: "x" });
    gitIn(path)("submodule", "--quiet", "update", "--init");
    put(path, "a.txt", "two\n");
    await worktrees.merge(name);
    const there = gitIn(join(path, "lib"));
    there("checkout", "-q", "-b", "new");
    there("commit", "-q", "--allow-empty", "-m", "Inner");
    await expect(worktrees.merge(name)).rejects.toMatchObject({
      code: "conflict",
      message: `lib in ${path} has commits that no remote of it has. Push them from there, or move it away.`,
    });
    gitIn(path)("commit", "-qam", "By number");
    await expect(worktrees.remove(name, { force: false })).rejects.toThrow("lib in");
    there("push", "-q", "origin", "new");
    await worktrees.merge(name);
    expect(await worktrees.remove(name, { force: false })).toEqual({ branchKept: false });
  });
});
