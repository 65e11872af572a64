import { lstat } from "node:fs/promises";
import type { BoundedMap } from "../../base/boundedMap.ts";
import type { Clock } from "../../base/clock.ts";
import { type Disposable, toDisposable } from "../../base/disposable.ts";
import { describeError, type Log } from "../../base/log.ts";
import { inGroups } from "../../base/turns/inGroups.ts";
import type { Lanes } from "../../base/turns/lanes.ts";
import type { FormerContent, FoundChange, FoundChanges, RunRef } from "../../core/ports/checkpoints.ts";
import { type Contents, digestOf } from "./contents.ts";
import { missingFolder, readContent } from "./readContent.ts";
import type { Content, PathLine, RunLogs } from "./runLog.ts";

/** What is needed to put down what files were, and what became of them. */
export interface NoteParts {
  clock: Clock;
  log: Log;
  contents: Contents;
  logs: RunLogs;
  /** Paths that were kept already, by run. */
  known: BoundedMap<string, Set<string>>;
  /** One at a time per run, so that its lines keep their order. */
  lanes: Lanes;
}

/** Keeps what is at a path before a run first changes it. */
export async function keep(parts: NoteParts, run: RunRef, path: string): Promise<void> {
  const paths = await knownPaths(parts, run);
  if (paths.has(path)) return;
  paths.add(path);
  await noted(parts, run, `What ${path} was before a change could not be kept`, () => putDown(parts, run, path));
}

/** Keeps what is there, or that it cannot be kept: then resolves with undefined. */
export async function putDown(parts: NoteParts, run: RunRef, path: string): Promise<Content | undefined> {
  const { bytes, mode, problem } = await readContent(path);
  const made = bytes === null ? await missingFolder(path) : undefined;
  if (made !== undefined) await parts.logs.append(run, { path, at: parts.clock.now(), made });
  const before = bytes && { digest: await parts.contents.put(bytes), mode };
  const what = before === undefined ? { notKept: problem } : { before };
  await parts.logs.append(run, { path, at: parts.clock.now(), ...what });
  return before;
}

/** Notes what a run has left at a path. */
export async function noteLeft(parts: NoteParts, run: RunRef, path: string): Promise<void> {
  await noted(parts, run, `What became of ${path} could not be noted`, async () =>
    parts.logs.append(run, { path, at: parts.clock.now(), left: await keepLeft(parts, path) }),
  );
}

const HELD_ON_MS = 3_600_000;

/** As many at a time as are read side by side: their bytes are in memory meanwhile. */
const AT_ONCE = 32;

/** Takes what a run's commands are found to have changed. */
export function takeFindings(parts: NoteParts, run: RunRef): FoundChanges {
  const inTurn = (what: string, work: () => Promise<void>) =>
    parts.lanes.run(run.runId, () => noted(parts, run, what, work));
  return {
    put: (bytes) => parts.contents.put(bytes),
    hold: (paths) => inGroups(paths, (path) => hold(parts, path)),
    holdOn: (held) => holdOn(parts, held),
    found: (changes) => inTurn("What a command changed could not be noted", () => noteFound(parts, run, changes)),
    unseen: (unseen) =>
      inTurn("What could not be looked for could not be noted", () =>
        parts.logs.append(run, { at: parts.clock.now(), unseen }),
      ),
  };
}

async function hold({ contents, log }: NoteParts, path: string): Promise<FormerContent> {
  try {
    const { bytes, mode, problem } = await readContent(path);
    if (bytes === undefined) return { why: problem };
    return bytes && { digest: await contents.put(bytes), mode };
  } catch (error) {
    log.warn(`What ${path} is before a command could not be kept`, { error: describeError(error) });
    return { why: "it could not be read before a command changed it" };
  }
}

/** No line of a log names it yet, so that it would be removed as too old. */
function holdOn({ clock, contents }: NoteParts, held: FormerContent[]): Disposable {
  const digests = held.flatMap((one) => (one && "digest" in one ? one.digest : []));
  let timer: Disposable | undefined;
  const arm = () => {
    timer = clock.at(clock.now() + HELD_ON_MS, () => {
      arm();
      void inGroups(digests, (digest) => contents.refresh(digest));
    });
  };
  if (digests.length > 0) arm();
  return toDisposable(() => timer?.dispose());
}

async function noteFound(parts: NoteParts, run: RunRef, changes: FoundChange[]): Promise<void> {
  const { logs } = parts;
  const paths = await knownPaths(parts, run);
  const former = new Map(changes.filter(({ before }) => before !== null).map((one) => [foldCase(one.path), one]));
  const left = new Map((await logs.read(run)).flatMap((line) => ("left" in line ? [[line.path, line.left]] : [])));
  for (let from = 0; from < changes.length; from += AT_ONCE) {
    const at = parts.clock.now();
    const noted = changes.slice(from, from + AT_ONCE).map(async (change) => {
      try {
        return await linesOf(parts, await asBefore(change, former.get(foldCase(change.path))), {
          at,
          isKnown: paths.has(change.path),
          last: left.get(change.path),
        });
      } catch (error) {
        parts.log.warn(`That ${change.path} was changed by a command could not be noted`, {
          error: describeError(error),
        });
        return [];
      }
    });
    const lines = (await Promise.all(noted)).flat();
    for (const line of lines) if ("before" in line || "notKept" in line) paths.add(line.path);
    await logs.append(run, ...lines);
  }
}

/**
 * On a disk that takes no notice of case a file that was given a name in another one is there under the former, too: it is not new, or it
 * would go with an undo.
 */
async function asBefore(change: FoundChange, former: FoundChange | undefined): Promise<FoundChange> {
  if (change.before !== null || !former || !(await isSameFile(change.path, former.path))) return change;
  return { ...change, before: former.before, made: undefined };
}

function foldCase(path: string): string {
  return path.normalize("NFC").toLowerCase();
}

async function isSameFile(...paths: [string, string]): Promise<boolean> {
  const [one, other] = await Promise.all(paths.map((path) => lstat(path, { bigint: true }).catch(() => undefined)));
  return one !== undefined && one.ino === other?.ino && one.dev === other.dev;
}

/** What the log is to have of a change: nothing where there is none, or where a tool of the same run has noted it already. */
async function linesOf(
  parts: NoteParts,
  { path, before, made, isBeside, isOther }: FoundChange,
  { at, isKnown, last }: { at: number; isKnown: boolean; last: Content | undefined },
): Promise<PathLine[]> {
  const left = await contentAt(path);
  const isKept = before === null || "digest" in before;
  if ((isKept && isSame(left, before)) || isSame(last, left)) return [];
  await keepLeft(parts, path);
  const by = isBeside ? "beside" : "command";
  const first: PathLine[] = isKnown
    ? []
    : [
        ...(made === undefined ? [] : [{ path, at, made }]),
        { path, at, by, ...(isKept ? { before } : { notKept: before.why }) },
      ];
  return [...first, { path, at, by, left, ...(isOther ? { isOther } : {}) }];
}

// By what a run has left its own lines are told from those of others; nobody reads more of a file than this line by line.
const MOST_LEFT_BYTES = 1_000_000;

/** What is there; its content is kept where it may be a text. */
async function keepLeft({ contents }: NoteParts, path: string): Promise<Content> {
  const { bytes, mode, problem } = await readContent(path);
  if (bytes === undefined) return { digest: problem, mode: 0 };
  if (bytes === null) return null;
  return { digest: bytes.length > MOST_LEFT_BYTES ? digestOf(bytes) : await contents.put(bytes), mode };
}

async function knownPaths({ known, logs }: NoteParts, run: RunRef): Promise<Set<string>> {
  const paths =
    known.get(run.runId) ??
    new Set((await logs.read(run)).flatMap((line) => ("before" in line || "notKept" in line ? [line.path] : [])));
  known.set(run.runId, paths);
  return paths;
}

/** Nothing that a run does fails for what could not be put down: the log says so. */
async function noted(
  { log }: NoteParts,
  { runId }: RunRef,
  fault: string,
  work: () => Promise<unknown>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    log.warn(fault, { runId, error: describeError(error) });
  }
}

/** As it is there now; what is not kept has no digest but its reason. */
export async function contentAt(path: string): Promise<Content> {
  const { bytes, mode, problem } = await readContent(path);
  if (bytes === undefined) return { digest: problem, mode: 0 };
  return bytes === null ? null : { digest: digestOf(bytes), mode };
}

export function isSame(one: Content | undefined, other: Content | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  if (one === null || other === null) return one === other;
  return one.digest === other.digest && one.mode === other.mode;
}
