import { randomBytes } from "node:crypto";
import { rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { AppError } from "../base/appError.ts";
import { type Clock, isoTime } from "../base/clock.ts";
import { isInside } from "../base/files/isInside.ts";
import { makeFolders } from "../base/files/makeFolders.ts";
import { realPath } from "../base/files/realPath.ts";
import type { Worktrees } from "../core/ports/worktrees.ts";
import type { Worktree, WorktreeState } from "../protocol/worktree.ts";
import { strandedWords } from "./commitAll.ts";
import { commonGit } from "./commonGit.ts";
import { copyIgnored } from "./copyIgnored.ts";
import { folderSize } from "./folderSize.ts";
import { type IgnoredRule, ignoredPlaces } from "./ignoredPlaces.ts";
import { repositoriesToLose } from "./innerRepositories.ts";
import { keepHead } from "./keepHead.ts";
import { AS_POINTERS } from "./largeFiles.ts";
import { linkIgnored, unlinkIgnored } from "./linkIgnored.ts";
import { mergeWorktree } from "./mergeWorktree.ts";
import { count, demandOwnFiles, findRepository, missingIn, uncommitted } from "./repository.ts";
import { pushWorktree } from "./pushWorktree.ts";
import { runGit } from "./runGit.ts";
import { forgetFolders, worktreeFolders, worktreesFolder } from "./worktreeFolders.ts";
import { openRecords, type WorktreeRecord, type WorktreeRecords } from "./worktreeRecords.ts";
import { originOf } from "./worktreeOrigin.ts";
import { worktreePatch } from "./worktreePatch.ts";

interface Parts {
  stateDir: string;
  clock: Clock;
  rule: () => IgnoredRule;
  records: WorktreeRecords;
}

const MOST = 50;

/** Git worktrees under a state folder. */
export function openWorktrees(options: Omit<Parts, "records">): Worktrees {
  const { stateDir } = options;
  const parts: Parts = { ...options, records: openRecords(worktreesFolder(stateDir)) };
  const { records } = parts;
  return {
    create: (request) => create(parts, request),
    async assign(name, sessionKey) {
      await records.put({ ...(await records.get(name)), sessionKey });
    },
    list: async () => Promise.all((await records.list()).map(toState)),
    diff: async (name, closed) => worktreePatch(await records.get(name), closed),
    merge: async (name) => mergeWorktree(await records.get(name)),
    push: async (name, remote) => pushWorktree(await records.get(name), remote),
    remove: (name, options) => remove(parts, name, options),
    nameOf(folder) {
      const real = realPath(folder);
      const found = worktreeFolders(stateDir).find((one) => isInside(one, real));
      return found === undefined ? undefined : basename(found);
    },
    origin: (folder) => originOf(stateDir, folder),
  };
}

async function create(
  { stateDir, clock, rule, records }: Parts,
  { folder, label }: { folder: string; label: string },
): Promise<Worktree> {
  const there = await records.list();
  if (there.length >= MOST)
    throw new AppError(
      "conflict",
      `There are ${there.length} worktrees, and ${MOST} is the limit. Remove some: pincer worktree list`,
    );
  const repository = await findRepository(folder);
  const name = toName(label);
  const own = join(worktreesFolder(stateDir), name);
  await makeFolders(worktreesFolder(stateDir), 0o700);
  const real = join(realPath(worktreesFolder(stateDir)), name);
  const record: WorktreeRecord = {
    name,
    repository: repository.root,
    folder: real,
    path: join(real, repository.inside),
    branch: await branchFor(repository.root, name),
    base: repository.head,
    sessionKey: null,
    createdAt: isoTime(clock.now()),
    linked: [],
    notes: await missingIn(repository),
  };
  // Known before it is there, so that it can be removed whatever happens in between.
  await records.put(record);
  try {
    const add = ["worktree", "add", "--quiet", "--no-track", "-b", record.branch, own, repository.head];
    await runGit(add, { cwd: repository.root, settings: AS_POINTERS, mayConnect: true });
    await demandOwnFiles(real);
    const ignored = await ignoredPlaces(repository.root, rule());
    record.linked = await linkIgnored(repository.root, real, ignored.link);
    if (record.linked.length > 0) record.notes.push(`Linked from the repository: ${record.linked.join(", ")}`);
    const { copied, notes } = await copyIgnored(repository.root, real, ignored.copy);
    if (copied.length > 0) record.notes.push(`Copied from the repository: ${copied.join(", ")}`);
    record.notes.push(...notes);
    await makeFolders(record.path);
    await records.put(record);
  } catch (error) {
    await discard(record).catch(() => {});
    await records.remove(name);
    throw error;
  } finally {
    forgetFolders(stateDir);
  }
  return toTold(record);
}

/** A branch "pincer" of the user's own leaves no room for any below it. */
async function branchFor(root: string, name: string): Promise<string> {
  const taken = await runGit(["for-each-ref", "refs/heads/pincer"], { cwd: root });
  return /\trefs\/heads\/pincer$/m.test(taken) ? `pincer-${name}` : `pincer/${name}`;
}

/** "Mend the parser!" -> "mend-the-parser-3f9a2c". */
function toName(label: string): string {
  const words = label
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
  return `${words.slice(0, 40).replace(/-+$/, "") || "task"}-${randomBytes(3).toString("hex")}`;
}

function toTold({ folder: _folder, linked: _linked, ...told }: WorktreeRecord): Worktree {
  return told;
}

async function toState(record: WorktreeRecord): Promise<WorktreeState> {
  const { folder, base } = record;
  try {
    await stat(join(folder, ".git"));
    const ahead = Number(await runGit(["rev-list", "--count", `${base}..HEAD`], { cwd: folder }));
    const state = { ahead, uncommitted: await uncommitted(folder), sizeBytes: await folderSize(folder) };
    return { ...toTold(record), state: "ok", ...state };
  } catch {
    return { ...toTold(record), state: "missing", ahead: 0, uncommitted: 0, sizeBytes: await folderSize(folder) };
  }
}

async function remove(
  { stateDir, records }: Parts,
  name: string,
  { force, losing }: Parameters<Worktrees["remove"]>[1],
): Promise<{ branchKept: boolean }> {
  const record = await records.get(name);
  const refuse = (why: string) => new AppError("conflict", why);
  const { state, uncommitted: changed } = await toState(record);
  if (changed > 0 && changed !== losing?.uncommitted && !force)
    throw refuse(
      `${count(changed, "file")} of worktree ${name} with changes that no commit holds would be lost. Merge it, keep a patch, or force it.`,
    );
  if (state === "missing" && !force && (await folderSize(record.folder)) > 0)
    throw refuse(
      `Worktree ${name} is not read by git any more; what lies in ${record.folder} would be lost. Force it.`,
    );
  const isKept =
    state !== "ok" ||
    (await keepHead(record).catch((error: unknown) => {
      if (force) return false;
      throw error;
    }));
  if (!isKept && !force)
    throw refuse(
      `Commits of worktree ${name} are on no branch and would be lost. Keep them on one (git switch -c NAME, in ${record.folder}), or force it.`,
    );
  const stranded = state === "ok" && !force ? await repositoriesToLose(record.folder, record.base) : [];
  if (stranded.length > 0) throw refuse(strandedWords(record.folder, stranded));
  const above = (await records.list()).filter(({ repository }) => isInside(record.folder, repository));
  if (above.length > 0 && !force)
    throw refuse(
      `Worktree ${above[0]!.name} is one of worktree ${name}, and could not be merged any more. Merge or remove it first, or force it.`,
    );
  const branchKept = await discard(record);
  await records.remove(name);
  forgetFolders(stateDir);
  return { branchKept };
}

/** The folder goes, and the branch unless it alone has some commits. Resolves with whether it stays. */
async function discard(record: WorktreeRecord): Promise<boolean> {
  const { folder, linked, branch, base } = record;
  const git = await commonGit(record);
  await unlinkIgnored(folder, linked);
  // Not by git alone: its own removal has been seen to follow links and to leave folders behind.
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  // Twice, for one that is locked. Git's `prune` would forget those of the user's own, too, that are away just now.
  await git(["worktree", "remove", "--force", "--force", "--", folder]).catch(() => "");
  const tip = await git(["rev-parse", "--verify", "--quiet", `refs/heads/${branch}`]).catch(() => "");
  if (tip.trim() === "") return false;
  const others = await git(["for-each-ref", "--format=%(refname)", "--contains", tip.trim()]).catch(() => "");
  const isElsewhere = others.split("\n").some((ref) => ref !== "" && ref !== `refs/heads/${branch}`);
  if (tip.trim() !== base && !isElsewhere) return true;
  // Refused for one that is checked out elsewhere.
  return git(["branch", "--quiet", "-D", branch]).then(
    () => false,
    () => true,
  );
}
