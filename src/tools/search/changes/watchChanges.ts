import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { diskNow } from "../../../base/files/diskNow.ts";
import { realPath } from "../../../base/files/realPath.ts";
import { describeError } from "../../../base/log.ts";
import type { FormerContent, FoundChange, FoundChanges } from "../../../core/ports/checkpoints.ts";
import type { ToolContext } from "../../../core/ports/tool.ts";
import { stateReason } from "../../../rules/protectedState.ts";
import { changedPaths, type FileStamp, type FolderLook, lookAt } from "./folderLook.ts";
import { findRepository, type GitRepository, readBlobs } from "./gitRepository.ts";
import { type IndexEntry, indexCount, readIndex } from "./gitIndex.ts";

/** Looks at a folder around a command, so that what it changes there is known. */
export interface ChangeWatch {
  /** Notes what has changed since; to be called once, whatever came of the command. `isBeside`: others may have changed it, for it took long. Never rejects. */
  end(isBeside?: boolean): Promise<void>;
}

interface Seen {
  look: FolderLook;
  repository: GitRepository | undefined;
  index: Map<string, IndexEntry>;
  /** Whose content git has. */
  stored: ReadonlySet<string>;
  /** Of the others, what is kept, by path. */
  held: Map<string, FormerContent>;
  /** When that was, by the disk's clock. */
  at: number;
}

/** What is more takes longer to look at than most commands. */
const MOST_FILES = 30_000;
const MOST_MS = 10_000;
/** Whoever has cancelled waits for it. */
const HURRIED_MS = 1500;
/** Of what git does not have, the files that changed last are kept: what is being worked on. */
const MOST_HELD = 300;
const MOST_HELD_BYTES = 20_000_000n;
const MOST_NOTED = 2000;
/** By as much a file system's clock may be late. */
const COARSE_MS = 20;

const headMoved = (before: string, now: string): string =>
  `HEAD, which went from ${before} to ${now} while a command ran; commits and branches stay as they are`;

const TOO_MANY = `the folder has more than ${MOST_FILES} files, so what commands changed in it was not looked for`;

/** Undefined where nothing is kept. Never rejects. */
export async function watchChanges(context: ToolContext): Promise<ChangeWatch | undefined> {
  const { changes, files, log } = context;
  if (!changes) return undefined;
  const saved = new Set<string>();
  const listening = files.onSave?.((path) => saved.add(realPath(path)));
  const attempt = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      log.warn("What a command changes could not be looked for", { error: describeError(error) });
      await changes.unseen("what a command changed could not be looked for; the log says why");
      return undefined;
    }
  };
  const seen = await attempt(() => lookBefore(context));
  const holding = seen && changes.holdOn([...seen.held.values()]);
  return {
    async end(isBeside = false) {
      listening?.dispose();
      const isTheirs = (path: string) => isBeside || saved.has(path);
      if (seen) await attempt(() => lookAfter(seen, isTheirs, context));
      holding?.dispose();
    },
  };
}

async function lookBefore({ workspace, changes }: ToolContext): Promise<Seen | undefined> {
  const at = diskNow(workspace);
  const repository = await findRepository(workspace);
  if (repository && indexCount(repository.index) > MOST_FILES) return await tooMany(changes!);
  const index = indexBelow(repository);
  const look = await lookAt(workspace, { named: index.keys(), ...bounds(MOST_MS) });
  if (!look) return await tooMany(changes!);
  const chosen: string[] = [];
  let bytes = 0n;
  const stored = new Set(
    [...look.files].flatMap(([path, stamp]) => (isStored(stamp, index.get(path), repository) ? path : [])),
  );
  const unknown = [...look.files].filter(([path]) => !stored.has(path));
  unknown.sort(([, a], [, b]) => (a.mtimeNs < b.mtimeNs ? 1 : -1));
  for (const [path, { size }] of unknown) {
    if (chosen.length >= MOST_HELD) break;
    if (bytes + size > MOST_HELD_BYTES || isOurs(workspace, path)) continue;
    bytes += size;
    chosen.push(path);
  }
  const held = await changes!.hold(chosen.map((path) => join(workspace, path)));
  return { look, repository, index, stored, held: new Map(chosen.map((path, place) => [path, held[place]!])), at };
}

async function tooMany(changes: FoundChanges): Promise<undefined> {
  await changes.unseen(TOO_MANY);
}

async function lookAfter(
  seen: Seen,
  isTheirs: (path: string) => boolean,
  { workspace, changes, signal }: ToolContext,
): Promise<void> {
  // What is ignored by now is not gone.
  const after = await lookAt(workspace, {
    named: seen.look.files.keys(),
    ...bounds(signal.aborted ? HURRIED_MS : MOST_MS),
  });
  if (!after) return await tooMany(changes!);
  const rules = changedPaths(seen.look, after).filter((path) => path.endsWith(".gitignore"));
  // And what is ignored no longer is not new.
  const isOld = (path: string) =>
    rules.length > 0 &&
    !seen.look.files.has(path) &&
    (after.files.get(path)?.ctimeNs ?? 0n) < BigInt(Math.floor(seen.at * 1000)) * 1000n;
  const paths = changedPaths(seen.look, after).filter((path) => !isOld(path) && !isOurs(workspace, path));
  const blobs = await blobsOf(seen, paths, workspace);
  const found: FoundChange[] = [];
  for (const path of paths.slice(0, MOST_NOTED))
    found.push({
      path: join(workspace, path),
      before: await formerOf(seen, path, blobs),
      made: seen.look.files.has(path)
        ? undefined
        : await madeFolder(path, seen, { workspace, isHidden: rules.length > 0 }),
      isBeside: isTheirs(join(workspace, path)),
      isOther: isOther(seen.look.files.get(path), after.files.get(path)),
    });
  await changes!.found(found);
  const head = seen.repository?.head && (await findRepository(workspace))?.head;
  if (head !== undefined && head !== seen.repository?.head)
    await changes!.unseen(headMoved(seen.repository!.head!, head));
  if (paths.length > MOST_NOTED)
    await changes!.unseen(`a command changed ${paths.length} files, of which the first ${MOST_NOTED} are known`);

  async function formerOf(
    { look, index, stored, held }: Seen,
    path: string,
    known: Map<string, Buffer>,
  ): Promise<FormerContent> {
    const stamp = look.files.get(path);
    if (!stamp) return null;
    const kept = held.get(path);
    if (kept !== undefined) return kept;
    const blob = stored.has(path) ? known.get(index.get(path)!.oid) : undefined;
    const bytes = blob && [blob, withCrlf(blob)].find((one) => BigInt(one.length) === stamp.size);
    if (bytes) return { digest: await changes!.put(bytes), mode: stamp.mode };
    return { why: "a command changed it, and what was there before was not kept" };
  }
}

/**
 * The topmost folder on the way to a path that was not there before. One that was ignored before counts by when it was made;
 * a system that does not say has none.
 */
async function madeFolder(
  path: string,
  { look, at }: Seen,
  { workspace, isHidden }: { workspace: string; isHidden: boolean },
): Promise<string | undefined> {
  let made: string | undefined;
  for (let folder = dirname(path); folder !== "." && !look.folders.has(folder); folder = dirname(folder)) {
    const found = isHidden ? await stat(join(workspace, folder)).catch(() => undefined) : undefined;
    if (isHidden && (!found || found.birthtimeMs < at - COARSE_MS)) break;
    made = join(workspace, folder);
  }
  return made;
}

/** Whether there was a file before, and is another one now. */
function isOther(before: FileStamp | undefined, after: FileStamp | undefined): boolean {
  return before !== undefined && after !== undefined && before.ino !== after.ino;
}

/** What Pincer itself writes beside a command is neither the command's nor to be put back. */
function isOurs(workspace: string, path: string): boolean {
  return stateReason(join(workspace, path)) !== undefined;
}

function bounds(ms: number) {
  return { most: MOST_FILES, signal: AbortSignal.timeout(ms) };
}

const indexes = new WeakMap<Buffer, Map<string, IndexEntry>>();

/** The index's entries below the folder, by paths from there. */
function indexBelow(repository: GitRepository | undefined): Map<string, IndexEntry> {
  if (!repository) return new Map();
  const { index, prefix } = repository;
  const entries = indexes.get(index) ?? readIndex(index);
  indexes.set(index, entries);
  if (prefix === "") return entries;
  return new Map(
    [...entries].flatMap(([path, entry]) =>
      path.startsWith(prefix) ? [[path.slice(prefix.length), entry] as const] : [],
    ),
  );
}

/** Whether git has what is there now, by the same signs by which git itself takes it for unchanged. */
function isStored(stamp: FileStamp, entry: IndexEntry | undefined, repository: GitRepository | undefined): boolean {
  if (!entry || !repository) return false;
  const isSame = entry.mtimeNs === stamp.mtimeNs && entry.size === (stamp.size & 0xffff_ffffn);
  return isSame && entry.mtimeNs < repository.indexNs;
}

async function blobsOf({ index, stored, repository }: Seen, paths: string[], workspace: string) {
  const oids = new Set(paths.flatMap((path) => (stored.has(path) ? index.get(path)!.oid : [])));
  return repository ? await readBlobs(repository, [...oids], workspace) : new Map<string, Buffer>();
}

/** As git writes a text for who wants the line ends of Windows. */
function withCrlf(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString("latin1").replace(/(?<!\r)\n/g, "\r\n"), "latin1");
}
