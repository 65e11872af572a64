import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { findProgram } from "../../src/base/findProgram.ts";
import { systemClock } from "../../src/base/clock.ts";
import { realPath } from "../../src/base/files/realPath.ts";
import { comparePage } from "../../src/worktrees/comparePage.ts";
import { openWorktrees } from "../../src/worktrees/openWorktrees.ts";
import { defaultConfig } from "../../src/config/configSchema.ts";
import { posixTest } from "../posix.ts";
import { openRepository } from "./openRepository.ts";

const rule = () => defaultConfig().worktrees;

const windows = process.platform === "win32";

type Git = (...args: string[]) => string;

function open() {
  const root = realPath(mkdtempSync(join(tmpdir(), "pincer-odd-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const gitIn =
    (cwd: string): Git =>
    (...args) =>
      execFileSync(
        "git",
        ["-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always", "-c", "core.fsmonitor=false", ...args],
        {
          cwd,
          encoding: "utf8",
          stdio: ["ignore", "pipe", "pipe"],
          env: { ...process.env, GIT_CONFIG_NOSYSTEM: "1", HOME: root },
        },
      );
  const make = (name: string, files: Record<string, string> = { "a.txt": "one\n" }) => {
    const repository = join(root, name);
    mkdirSync(repository);
    const git = gitIn(repository);
    git("init", "-q");
    git("config", "user.name", "Ada");
    git("config", "user.email", "ada@example.org");
    for (const [path, text] of Object.entries(files)) put(repository, path, text);
    git("add", "-A");
    git("commit", "-qm", "First", "--allow-empty");
    return { repository, git };
  };
  const stateDir = join(root, "state");
  return { root, make, gitIn, stateDir, worktrees: openWorktrees({ stateDir, clock: systemClock, rule }) };
}

function put(folder: string, path: string, text: string): void {
  mkdirSync(join(folder, path, ".."), { recursive: true });
  writeFileSync(join(folder, path), text);
}

type Bench = ReturnType<typeof open>;

/** Each makes an odd repository; what is said when there can be no worktree of it, or what the worktree is checked for. */
const ODD: Record<
  string,
  (bench: Bench) => {
    repository: string;
    folder?: string;
    refused?: RegExp;
    holds?: (path: string, notes: string[]) => void;
    noMerge?: boolean;
  }
> = {
  "a bare one": ({ root, gitIn }) => {
    mkdirSync(join(root, "bare"));
    gitIn(join(root, "bare"))("init", "-q", "--bare");
    return { repository: join(root, "bare"), refused: /needs a git repository/ };
  },
  "no repository": ({ root }) => {
    mkdirSync(join(root, "plain"));
    return { repository: join(root, "plain"), refused: /is in none/ };
  },
  "one whose settings git cannot read": ({ make }) => {
    const { repository } = make("broken");
    put(repository, ".git/config", "[broken\n");
    return { repository, refused: /^Git does not work in .*broken: git rev-parse: fatal: bad config line 1/ };
  },
  "a branch without a commit": ({ root, gitIn }) => {
    mkdirSync(join(root, "unborn"));
    gitIn(join(root, "unborn"))("init", "-q");
    return { repository: join(root, "unborn"), refused: /has no commit yet/ };
  },
  "the inside of .git": ({ make }) => {
    const { repository } = make("inner");
    return { repository, folder: join(repository, ".git"), refused: /needs a git repository/ };
  },
  "a detached HEAD": ({ make }) => {
    const { repository, git } = make("detached");
    git("checkout", "-q", "--detach");
    return { repository, noMerge: true };
  },
  "a shallow clone": ({ root, make, gitIn }) => {
    const { repository, git } = make("deep");
    for (let n = 0; n < 3; n++) git("commit", "-q", "--allow-empty", "-m", String(n));
    gitIn(root)("clone", "-q", "--depth", "1", `file://${repository}`, "shallow");
    const own = gitIn(join(root, "shallow"));
    own("config", "user.name", "Ada");
    own("config", "user.email", "ada@example.org");
    return { repository: join(root, "shallow") };
  },
  "a sparse checkout": ({ make }) => {
    const { repository, git } = make("sparse", { "a.txt": "1\n", "in/b.txt": "1\n", "out/c.txt": "1\n" });
    git("sparse-checkout", "set", "in");
    return { repository };
  },
  "submodules, deep and with a name of their own": ({ root, make, gitIn }) => {
    make("inner lib", { "lib.txt": "lib\n" });
    const { repository, git } = make("outer");
    git("submodule", "--quiet", "add", "--name", "odd/name", join(root, "inner lib"), "libs/inner");
    git("commit", "-qm", "With a submodule");
    gitIn(join(repository, "libs/inner"))("checkout", "-q", "-b", "mine");
    return { repository, holds: (_path, notes) => expect(notes.join()).toContain("Submodules are not filled") };
  },
  "a submodule whose place stands in what all of its worktrees share": ({ root, make, gitIn }) => {
    make("shared lib", { "lib.txt": "lib\n" });
    const { repository, git } = make("sharing");
    git("submodule", "--quiet", "add", join(root, "shared lib"), "lib");
    const folder = join(repository, "lib");
    gitIn(folder)("config", "extensions.worktreeConfig", "true");
    return { repository: folder, refused: /git works on other files, those of .*sharing\/\.git\/modules\/lib/ };
  },
  "hooks that fail and write": ({ make }) => {
    const { repository } = make("hooks");
    for (const name of ["pre-commit", "post-checkout", "commit-msg", "post-merge", "pre-merge-commit"]) {
      writeFileSync(join(repository, ".git", "hooks", name), `#!/bin/sh\ntouch "${repository}/ran-${name}"\nexit 1\n`);
      chmodSync(join(repository, ".git", "hooks", name), 0o755);
    }
    return {
      repository,
      holds: () => expect(readdirSync(repository).filter((name) => name.startsWith("ran-"))).toEqual([]),
    };
  },
  "hooks named by the configuration": ({ make }) => {
    const { repository, git } = make("hookspath", { "hooks/post-checkout": "#!/bin/sh\ntouch ran\n", "a.txt": "1\n" });
    git("config", "core.hooksPath", "hooks");
    chmodSync(join(repository, "hooks", "post-checkout"), 0o755);
    return { repository, holds: (path) => expect(existsSync(join(path, "ran"))).toBe(false) };
  },
  "line ends that git changes": ({ make }) => {
    const { repository, git } = make("crlf", { "a.txt": "one\ntwo\n", ".gitattributes": "*.txt text\n" });
    git("config", "core.autocrlf", "true");
    git("config", "core.safecrlf", "true");
    return { repository };
  },
  "files that a filter of the user's changes": ({ make }) => {
    const { repository, git } = make("filters", { ".gitattributes": "*.enc filter=crypt\n", "a.enc": "x\n" });
    git("config", "filter.crypt.smudge", "sed s/x/y/");
    git("config", "filter.crypt.clean", "sed s/y/x/");
    return { repository, holds: (path) => expect(readFileSync(join(path, "a.enc"), "utf8")).toBe("y\n") };
  },
  "a file system watcher that it names": ({ make }) => {
    const { repository, git } = make("fsmonitor");
    git("config", "core.fsmonitor", `touch ${repository}/watched; false`);
    return { repository, holds: () => expect(existsSync(join(repository, "watched"))).toBe(false) };
  },
  "LFS files without git-lfs": ({ make }) => {
    const { repository } = make("lfs", {
      ".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n",
      "a.bin": `version https://git-lfs.github.com/spec/v1\noid sha256:${"0".repeat(64)}\nsize 5\n`,
    });
    return { repository, holds: (_path, notes) => expect(notes.join()).toContain("Git LFS") };
  },
  "names with newlines, quotes, blanks and dashes": ({ make }) => {
    const files = {
      "-rf": "1\n",
      "a b/ü.txt": "1\n",
      'quo"te': "1\n",
      ...(windows ? {} : { "new\nline": "1\n", "tab\tx": "1\n" }),
    };
    const { repository } = make("names", files);
    for (const name of Object.keys(files)) put(repository, name, "mine\n");
    return { repository, holds: (path) => expect(readFileSync(join(path, "-rf"), "utf8")).toBe("1\n") };
  },
  "a folder whose name ends with a newline": ({ make }) => {
    const { repository } = make(windows ? "odd name" : "odd\nname\n");
    return { repository };
  },
  "a branch named like ours": ({ make }) => {
    const { repository, git } = make("taken");
    git("branch", "pincer");
    return { repository };
  },
  "a worktree of another": ({ root, make, gitIn }) => {
    const { git } = make("first");
    git("worktree", "add", "-q", "-b", "second", join(root, "second"));
    gitIn(join(root, "second"))("config", "user.name", "Ada");
    return { repository: join(root, "second") };
  },
  "a git folder elsewhere": ({ root, make }) => {
    const { repository } = make("split");
    execFileSync("git", ["init", "-q", "--separate-git-dir", join(root, "split.git"), repository]);
    return { repository };
  },
  "a merge under way": ({ make }) => {
    const { repository, git } = make("merging");
    git("checkout", "-q", "-b", "other");
    put(repository, "a.txt", "two\n");
    git("commit", "-qam", "Two");
    git("checkout", "-q", "main");
    put(repository, "a.txt", "three\n");
    git("commit", "-qam", "Three");
    try {
      git("merge", "-q", "other");
    } catch {
      // It conflicts.
    }
    return { repository, noMerge: true };
  },
  "an index that is locked": ({ make }) => {
    const { repository } = make("locked");
    writeFileSync(join(repository, ".git", "index.lock"), "");
    return { repository, noMerge: true };
  },
  "packages whose folder is a link": ({ root, make }) => {
    const { repository } = make("linked", { ".gitignore": "node_modules\n", "a.txt": "1\n" });
    mkdirSync(join(root, "elsewhere"));
    symlinkSync(join(root, "elsewhere"), join(repository, "node_modules"), "junction");
    return { repository };
  },
};

/** All that git keeps of somebody's own work. */
function ownWork(repository: string, git: Git): string[] {
  const gitDir = git("rev-parse", "--absolute-git-dir").trim();
  const index = join(gitDir, "index");
  const listed = git("status", "--porcelain", "-z", "--ignored", "--untracked-files=all");
  return [
    existsSync(index) ? readFileSync(index).toString("base64") : "",
    git("stash", "list"),
    git("rev-parse", "HEAD"),
    listed,
    git("config", "--list"),
  ];
}

describe("an odd repository", () => {
  test.each(Object.entries(ODD))("%s", async (_name, prepare) => {
    const bench = open();
    const { repository, folder = repository, refused, holds, noMerge = false } = prepare(bench);
    const git: Git = bench.gitIn(repository);
    if (refused) {
      await expect(bench.worktrees.create({ folder, label: "x" })).rejects.toThrow(refused);
      expect(await bench.worktrees.list()).toEqual([]);
      const left = existsSync(join(bench.stateDir, "worktrees")) ? readdirSync(join(bench.stateDir, "worktrees")) : [];
      expect(left.filter((name) => name.startsWith("x-"))).toEqual([]);
      return;
    }
    git("--no-optional-locks", "status");
    const before = ownWork(repository, git);
    const { name, path, notes } = await bench.worktrees.create({ folder, label: "Odd" });
    holds?.(path, notes);
    put(path, "new \u00fc.txt", "new\n");
    expect((await bench.worktrees.diff(name)).patch).toContain("+new");
    // Another process, after a restart.
    const later = openWorktrees({ stateDir: bench.stateDir, clock: systemClock, rule });
    expect(await later.list()).toMatchObject([{ name, state: "ok", uncommitted: 1 }]);
    expect(ownWork(repository, git)).toEqual(before);
    if (noMerge) await expect(later.merge(name)).rejects.toMatchObject({ code: "conflict" });
    else {
      await later.merge(name);
      expect(readFileSync(join(repository, "new \u00fc.txt"), "utf8").trim()).toBe("new");
      expect(git("stash", "list")).toBe("");
    }
    await later.remove(name, { force: true });
    expect(existsSync(path)).toBe(false);
    expect(git("worktree", "list", "--porcelain")).not.toContain("/state/");
  });
});

describe("a branch for a pull request", () => {
  test("is pushed under its own name, over nothing, and its page is named", async () => {
    const { root, make, gitIn, worktrees } = open();
    mkdirSync(join(root, "up"));
    gitIn(join(root, "up"))("init", "-q", "--bare");
    const { repository, git } = make("repo");
    const { name, path, branch } = await worktrees.create({ folder: repository, label: "Odd" });
    await expect(worktrees.push(name)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("no remote"),
    });
    git("remote", "add", "origin", join(root, "up"));
    await expect(worktrees.push(name, "other")).rejects.toMatchObject({ code: "bad_request" });
    await expect(worktrees.push(name, "--exec=x")).rejects.toMatchObject({ code: "bad_request" });
    await expect(worktrees.push(name)).rejects.toThrow("no changes to push");
    put(path, "a.txt", "two\n");
    const before = git("rev-parse", "HEAD");
    expect(await worktrees.push(name)).toEqual({ remote: "origin", branch });
    const there = gitIn(join(root, "up"));
    expect(there("show", `${branch}:a.txt`)).toBe("two\n");
    expect(there("for-each-ref", "--format=%(refname)").trim()).toBe(`refs/heads/${branch}`);
    expect(git("rev-parse", "HEAD")).toBe(before);
    // Somebody went on with it there.
    gitIn(root)("clone", "-q", "-b", branch, "up", "theirs");
    const theirs = gitIn(join(root, "theirs"));
    theirs("-c", "user.name=B", "-c", "user.email=b@example.org", "commit", "-q", "--allow-empty", "-m", "Theirs");
    theirs("push", "-q", "origin", branch);
    put(path, "a.txt", "three\n");
    const refused = { code: "conflict", message: expect.stringMatching(/^git push: .*rejected/s) };
    await expect(worktrees.push(name)).rejects.toMatchObject(refused);
    expect(there("log", "-1", "--format=%s", branch).trim()).toBe("Theirs");
  });

  test.each([
    ["git@github.com:owner/name.git", "https://github.com/owner/name/compare/main...pincer/a-1?expand=1"],
    ["https://user:secret@github.com/owner/name", "https://github.com/owner/name/compare/main...pincer/a-1?expand=1"],
    [
      "ssh://git@github.example.org:2222/owner/name.git",
      "https://github.example.org/owner/name/compare/main...pincer/a-1?expand=1",
    ],
    [
      "git@gitlab.com:group/sub/name.git",
      "https://gitlab.com/group/sub/name/-/merge_requests/new?merge_request%5Bsource_branch%5D=pincer%2Fa-1&merge_request%5Btarget_branch%5D=main",
    ],
    ["git@bitbucket.org:owner/name.git", undefined],
    ["/srv/git/name.git", undefined],
    ["C:/git/github.com/name.git", undefined],
    ["file:///srv/github.com/name", undefined],
    ["ext::sh -c touch% /tmp/x", undefined],
    ["https://evil.example/github.com/owner/name", undefined],
    ["https://notgithub.com/owner/name", undefined],
    ["javascript:github.com/a/b", undefined],
  ])("%s", (address, url) => expect(comparePage(address, "pincer/a-1", "main")).toBe(url));
});

posixTest.each([
  [
    "older than 2.38",
    "echo 'usage: git merge-tree <base-tree> <branch1> <branch2>' >&2; exit 129",
    "unavailable",
    /needs git 2\.38/,
  ],
  [
    "that fails otherwise",
    "echo 'fatal: unable to read tree' >&2; exit 128",
    "conflict",
    /^git merge-tree: fatal: unable to read tree$/,
  ],
])("a git %s sees no conflict where there is none", async (_what, lines, code, message) => {
  const { root, repository, worktrees } = openRepository();
  const { name, path } = await worktrees.create({ folder: repository, label: "x" });
  put(path, "a.txt", "two\n");
  const real = findProgram(["git"], [])!;
  put(root, "programs/git", `#!/bin/sh\ncase " $* " in *" merge-tree "*) ${lines};; esac\nexec "${real}" "$@"\n`);
  chmodSync(join(root, "programs", "git"), 0o755);
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv("PATH", `${join(root, "programs")}${delimiter}${process.env.PATH}`);
  await expect(worktrees.merge(name)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
});
