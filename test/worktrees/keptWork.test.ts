import { mkdirSync, renameSync, rmSync } from "node:fs";
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
