import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findSandbox } from "../../../src/tools/sandbox/findSandbox.ts";
import { git, openChanges, run } from "../../core/sessions/changesBench.ts";
import { tempFolder } from "../toolContext.ts";

const { sandbox } = await findSandbox();

test.runIf(sandbox)(
  "what a command changed in the sandbox, and in a folder within the repository's worktree, is found and put back",
  async () => {
    const main = tempFolder({ "pkg/a.txt": "one\n", "pkg/b.txt": "b\n" });
    git(main, "init", "-q");
    git(main, "add", ".");
    git(main, "commit", "-qm", "first");
    const tree = join(tempFolder(), "tree");
    git(main, "worktree", "add", "-q", tree);
    const { list, goBack, text } = await openChanges(
      join(tree, "pkg"),
      [run("echo two > a.txt; rm b.txt; echo c > c.txt")],
      "required",
    );
    expect((await list()).files.map(({ path, kind }) => [path, kind])).toEqual([
      ["a.txt", "changed"],
      ["b.txt", "deleted"],
      ["c.txt", "added"],
    ]);
    expect((await goBack()).kept).toEqual([]);
    expect(["a.txt", "b.txt", "c.txt"].map(text)).toEqual(["one\n", "b\n", null]);
    rmSync(tree, { recursive: true });
  },
);
