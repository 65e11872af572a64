import { lstat, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inTheWay, look } from "./inTheWay.ts";
import { gitBytes, runGit } from "./runGit.ts";

/** Paths that a merge writes or takes away. */
export interface MergeChanges {
  added: string[];
  modified: string[];
  deleted: string[];
  /** What it writes there, as `git update-index --index-info` takes it; nothing of submodules, whose folders it leaves. */
  entries: string;
}

/** Tracked files that are not as they are in the index. */
export async function dirtyPaths(repository: string, env: Record<string, string> = {}): Promise<Set<string>> {
  const settings = { "diff.autoRefreshIndex": "true" };
  const listed = await runGit(["diff", "--name-only", "-z"], { cwd: repository, env, settings });
  return new Set(listed.split("\0").filter(Boolean));
}

/** What stands where a merge is to add files, before it begins: through a link that goes, or under a name in another case. */
export async function standingThere(repository: string, { added }: MergeChanges): Promise<ReadonlySet<string>> {
  const found = await Promise.all(added.map((path) => look(join(repository, path))));
  return new Set(found.flatMap((one) => one?.id ?? []));
}

/**
 * What git has written goes again where it stopped in the midst, and noted no merge that could be ended: all of it was as in the
 * commit. Git may have refused before it wrote anything, and somebody may have saved something since: what is not what it was to
 * write stays, and so does what stood there before.
 */
export async function takeBack(repository: string, changes: MergeChanges, stood: ReadonlySet<string>): Promise<void> {
  const written = await writtenPaths(repository, changes);
  const isWritten = async (path: string) => written.has(path) || (await isBegun(repository, changes, path));
  for (const path of changes.added) {
    const found = await look(join(repository, path));
    if (found && !found.isFolder && !stood.has(found.id) && (await isWritten(path)))
      await rm(join(repository, path), { force: true }).catch(() => {});
  }
  const dirty = await dirtyPaths(repository);
  const back: string[] = [];
  for (const path of [...changes.modified, ...changes.deleted].filter((one) => dirty.has(one)))
    if ((await isWritten(path)) || (await inTheWay(repository, [path], [])).length === 0) back.push(path);
  const restore = ["checkout", "--quiet", "HEAD", "--pathspec-from-file=-", "--pathspec-file-nul"];
  const env = { GIT_LITERAL_PATHSPECS: "1" };
  if (back.length > 0) await runGit(restore, { cwd: repository, input: back.join("\0"), env });
}

/** Whether there is a beginning of what the merge writes, as where the disk was full by then. */
async function isBegun(repository: string, { entries }: MergeChanges, path: string): Promise<boolean> {
  const entry = entries.split("\0").find((one) => one.endsWith(`\t${path}`));
  const place = join(repository, path);
  const found = await lstat(place).catch(() => undefined);
  if (entry === undefined || !found?.isFile()) return false;
  const object = entry.split("\t")[0]!.split(" ")[1]!;
  const whole = await gitBytes(["cat-file", "--filters", `--path=${path}`, object], { cwd: repository }).catch(
    () => undefined,
  );
  if (whole === undefined || found.size >= whole.length) return false;
  return (await readFile(place)).equals(whole.subarray(0, found.size));
}

/** Where there is what the merge writes, as git itself sees it: it looks through no link. */
async function writtenPaths(repository: string, { entries }: MergeChanges): Promise<Set<string>> {
  const scratch = await mkdtemp(join(tmpdir(), "pincer-index-"));
  try {
    const env = { GIT_INDEX_FILE: join(scratch, "index") };
    await runGit(["update-index", "-z", "--index-info"], { cwd: repository, env, input: entries });
    const others = await dirtyPaths(repository, env);
    const paths = entries.split("\0").flatMap((entry) => entry.split("\t").slice(1).join("\t") || []);
    return new Set(paths.filter((path) => !others.has(path)));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
