import { isUtf8 } from "node:buffer";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gitBytes, runGit } from "./runGit.ts";
import type { WorktreeRecord } from "./worktreeRecords.ts";

/** All that differs from the base, new files included, as a patch. The worktree's own index stays as it is. */
export async function worktreePatch({ folder, base }: WorktreeRecord): Promise<string> {
  const scratch = await mkdtemp(join(tmpdir(), "pincer-index-"));
  try {
    const options = { cwd: folder, env: { GIT_INDEX_FILE: join(scratch, "index") } };
    await runGit(["read-tree", "HEAD"], options);
    await runGit(["add", "--all", "."], options);
    const diff = ["diff", "--cached", "--binary", "--no-ext-diff", "--no-textconv", "--no-color", base];
    const patch = await gitBytes(diff, options);
    if (isUtf8(patch)) return patch.toString();
    // Text in another encoding would not survive being told: it is told as bytes are.
    const attributes = join(scratch, "attributes");
    await writeFile(attributes, "* -diff\n");
    return await runGit(diff, { ...options, settings: { "core.attributesFile": attributes } });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
