import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findSandbox } from "../../../src/tools/sandbox/findSandbox.ts";
import { worktreeRepository } from "../../../src/tools/sandbox/git/worktreeRepository.ts";
import { tempFolder } from "../toolContext.ts";
import { runCommand } from "./runCommand.ts";

const { sandbox } = await findSandbox();

function git(folder: string, ...args: string[]): string {
  const own = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
  return execFileSync("git", [...own, ...args], { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
}

/** A repository with one commit, and a worktree of it beside. */
function openWorktree(): { repository: string; worktree: string } {
  const repository = tempFolder({ "a.txt": "one\n" });
  git(repository, "init", "-q");
  git(repository, "add", ".");
  git(repository, "commit", "-qm", "The first");
  const worktree = join(tempFolder({}), "tree");
  git(repository, "worktree", "add", "-q", worktree, "-b", "other");
  return { repository, worktree };
}

test.runIf(sandbox)("a command in a worktree reads the repository that it is of, and writes none of it", async () => {
  const { repository, worktree } = openWorktree();
  writeFileSync(join(worktree, "a.txt"), "two\n");
  expect(await runCommand(worktree, "git status --short")).toContain(" M a.txt");
  expect(await runCommand(worktree, "git log --oneline")).toContain("The first");
  expect(await runCommand(worktree, "git diff")).toContain("+two");
  const head = git(repository, "rev-parse", "other");
  expect(await runCommand(worktree, "git commit -qam two; git config core.fsmonitor /bin/false")).toContain(
    "Read-only",
  );
  expect(await runCommand(worktree, `echo x > ${join(repository, ".git/hooks/post-checkout")}`)).toContain("Read-only");
  expect(git(repository, "rev-parse", "other")).toBe(head);
  // What lies beside the repository is as little there as before.
  expect(await runCommand(worktree, `cat ${join(repository, "a.txt")}`)).toContain("No such file");
});

test("only a worktree that its repository knows of is one", async () => {
  const { repository, worktree } = openWorktree();
  expect(await worktreeRepository(worktree)).toBe(join(repository, ".git"));
  expect(await worktreeRepository(repository)).toBeUndefined();
  expect(await worktreeRepository(tempFolder({ "a.txt": "" }))).toBeUndefined();
  const place = git(worktree, "rev-parse", "--git-dir").trim();
  for (const named of [place, join(repository, ".git"), "/etc", repository]) {
    const stranger = tempFolder({ ".git": `gitdir: ${named}\n` });
    expect(await worktreeRepository(stranger)).toBeUndefined();
  }
  // A folder that only looks like the place of a worktree, and names a foreign repository as its common one.
  const forged = tempFolder({});
  mkdirSync(join(forged, "worktrees", "x"), { recursive: true });
  const stranger = tempFolder({ ".git": `gitdir: ${join(forged, "worktrees/x")}\n` });
  writeFileSync(join(forged, "worktrees/x/commondir"), join(repository, ".git"));
  writeFileSync(join(forged, "worktrees/x/gitdir"), join(stranger, ".git"));
  expect(await worktreeRepository(stranger)).toBeUndefined();
});
