import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { realPath } from "../../src/base/files/realPath.ts";
import { defaultConfig } from "../../src/config/configSchema.ts";
import { openWorktrees } from "../../src/worktrees/openWorktrees.ts";

const rule = () => defaultConfig().worktrees;

/** A repository with a commit, something installed, and somebody's work that is not committed. */
export function openRepository() {
  const root = realPath(mkdtempSync(join(tmpdir(), "pincer worktree-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const repository = join(root, "repo");
  const stateDir = join(root, "state");
  mkdirSync(join(repository, "packages", "a"), { recursive: true });
  const gitIn =
    (cwd: string) =>
    (...args: string[]) => {
      const own = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main"];
      const settings = [...own, "-c", "protocol.file.allow=always"];
      return execFileSync("git", [...settings, ...args], { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
    };
  const git = gitIn(repository);
  git("init", "-q");
  git("config", "user.name", "Ada");
  git("config", "user.email", "ada@example.org");
  put(repository, ".gitignore", "node_modules/\n");
  put(repository, "a.txt", "one\n");
  put(repository, "b.txt", "one\n");
  put(repository, "packages/a/index.js", "1\n");
  git("add", "-A");
  git("commit", "-qm", "First");
  put(repository, "node_modules/left/index.js", "installed\n");
  put(repository, "packages/a/node_modules/right/index.js", "installed\n");
  return { root, repository, stateDir, git, gitIn, worktrees: openWorktrees({ stateDir, clock: systemClock, rule }) };
}

export function put(folder: string, path: string, text: string): void {
  mkdirSync(join(folder, path, ".."), { recursive: true });
  writeFileSync(join(folder, path), text);
}
