import { isUtf8 } from "node:buffer";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ClosedFiles } from "../core/ports/folders.ts";
import { type GitOptions, gitBytes, runGit } from "./runGit.ts";
import type { WorktreeRecord } from "./worktreeRecords.ts";

/**
 * All that differs from the base, new files included, as a patch, without what is closed: that is `left`, from the top. The
 * worktree's own index stays as it is.
 */
export async function worktreePatch(
  record: WorktreeRecord,
  closed?: ClosedFiles,
): Promise<{ patch: string; left: string[] }> {
  const { folder, base } = record;
  const scratch = await mkdtemp(join(tmpdir(), "pincer-index-"));
  try {
    const options = { cwd: folder, env: { GIT_INDEX_FILE: join(scratch, "index") } };
    await runGit(["read-tree", "HEAD"], options);
    await runGit(["add", "--all", "."], options);
    const left = closed ? await leaveOut(record, closed, options) : [];
    const diff = ["diff", "--cached", "--binary", "--no-ext-diff", "--no-textconv", "--no-color", base];
    const patch = await gitBytes(diff, options);
    if (isUtf8(patch)) return { patch: patch.toString(), left };
    // Text in another encoding would not survive being told: it is told as bytes are.
    const attributes = join(scratch, "attributes");
    await writeFile(attributes, "* -diff\n");
    return { patch: await runGit(diff, { ...options, settings: { "core.attributesFile": attributes } }), left };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Has what is closed in the scratch index as the base has it, so that it does not differ. */
async function leaveOut(
  { folder, path, base }: WorktreeRecord,
  closed: ClosedFiles,
  options: GitOptions,
): Promise<string[]> {
  const names = await runGit(["diff", "--cached", "--name-only", "--no-renames", "-z", base], options);
  const left: string[] = [];
  for (const name of names.split("\0").slice(0, -1)) {
    const real = join(folder, name);
    // Rules are read in the repository, and in the folder of it in which work was done.
    if ((await closed(real, folder)) || (path !== folder && (await closed(real, path)))) left.push(name);
  }
  if (left.length === 0) return left;
  const reset = ["reset", "--quiet", base, "--pathspec-from-file=-", "--pathspec-file-nul"];
  await runGit(reset, { ...options, env: { ...options.env, GIT_LITERAL_PATHSPECS: "1" }, input: left.join("\0") });
  return left;
}
