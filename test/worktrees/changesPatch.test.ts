import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { changesPatch } from "../../src/worktrees/changesPatch.ts";
import { posixTest } from "../posix.ts";
import { openRepository, put } from "./openRepository.ts";

/** A git that takes no longer a command line than Windows does. */
function shortGit(folder: string): string {
  const program = join(folder, "short-git");
  writeFileSync(
    program,
    '#!/bin/sh\nline="$*"\n[ ${#line} -lt 32000 ] || { echo "too long" >&2; exit 1; }\nexec git "$@"\n',
  );
  chmodSync(program, 0o755);
  return program;
}

test("nothing of a file that was renamed is in the patch where one of its names is refused", async () => {
  const { repository, git } = openRepository();
  put(repository, "secret", "secret\n".repeat(20));
  git("add", "-A");
  git("commit", "-qm", "Second");
  const number = git("rev-parse", "HEAD:secret").trim();
  git("rm", "-q", "--cached", "a.txt", "secret");
  git("update-index", "--add", "--cacheinfo", `100644,${number},a.txt/moved`);
  const refused = async (path: string) => (path === "secret" ? "a secret" : undefined);
  const { text, left } = await changesPatch({ top: repository, staged: true, refused });
  expect(left).toEqual([{ path: "secret", reason: "a secret" }]);
  expect(text).toContain("deleted file");
  expect(text).not.toContain("+secret");
});

posixTest(
  "of thousands of changes all are in the patch but those that were refused, folders in place of files too",
  async () => {
    const { root, repository, git } = openRepository();
    const names = Array.from({ length: 1500 }, (_, index) => `${index}`);
    for (const name of names) {
      put(repository, name, "kept\n");
      put(repository, `secret/of a long name that is refused/${name}`, "secret\n");
    }
    git("rm", "-q", "--cached", "a.txt", "b.txt");
    put(repository, "c/kept", "kept\n");
    git("add", "-A", ...names, "secret", "c");
    for (const name of ["kept", "refused"]) {
      const number = git("rev-parse", ":c/kept").trim();
      git("update-index", "--add", "--cacheinfo", `100644,${number},a.txt/${name}`);
    }
    const { text, left } = await changesPatch({
      top: repository,
      staged: true,
      refused: async (path) => (/^secret|refused/.test(path) ? "a secret" : undefined),
      program: shortGit(root),
    });
    const shown = [...text.matchAll(/^diff --git a\/(\S+) /gm)].map(([, name]) => name);
    expect(shown.toSorted()).toEqual([...names, "a.txt", "a.txt/kept", "b.txt", "c/kept"].toSorted());
    expect(left).toHaveLength(names.length + 1);
  },
);
