import { join } from "node:path";
import { BoundedMap } from "../../base/boundedMap.ts";
import type { Clock } from "../../base/clock.ts";
import { isAppError } from "../../base/appError.ts";
import { toAppError } from "../../base/files/realFile.ts";
import { describeError, type Log } from "../../base/log.ts";
import { decodeText } from "../../base/text/textBytes.ts";
import { Lanes } from "../../base/turns/lanes.ts";
import type { Checkpoints, RealChange, RunRef } from "../../core/ports/checkpoints.ts";
import { type Contents, digestOf, openContents } from "./contents.ts";
import { type Bounds, prune } from "./prune.ts";
import { putContent, removeEmptyFolders } from "./putContent.ts";
import { missingFolder, readContent } from "./readContent.ts";
import { type Content, type LogLine, openRunLogs, type RunLogs } from "./runLog.ts";

export interface CheckpointOptions {
  /** Of its own: contents/ and runs/ are made in it. */
  folder: string;
  bounds: () => Bounds;
  clock: Clock;
  log: Log;
}

interface Parts extends CheckpointOptions {
  contents: Contents;
  logs: RunLogs;
  /** Paths that were kept already, by run. */
  known: BoundedMap<string, Set<string>>;
  /** One at a time per run, so that its lines keep their order. */
  lanes: Lanes;
}

const MOST_RUNS = 200;

/** Checkpoints in a folder: what was there, once per content, and what each run did. */
export function openCheckpoints(options: CheckpointOptions): Checkpoints {
  const parts: Parts = {
    ...options,
    contents: openContents(join(options.folder, "contents")),
    logs: openRunLogs(join(options.folder, "runs")),
    known: new BoundedMap(MOST_RUNS),
    lanes: new Lanes(),
  };
  return {
    keep: (run, path) => parts.lanes.run(run.runId, () => keep(parts, run, path)),
    left: (run, path) => parts.lanes.run(run.runId, () => noteLeft(parts, run, path)),
    changes: async (runs) =>
      [...(await changesOf(parts, runs)).values()].map(({ real, kind, state }) => ({ real, kind, state })),
    async texts(runs, path) {
      const change = (await changesOf(parts, runs)).get(path);
      const before = change?.before && (await parts.contents.get(change.before.digest));
      const now = (await readContent(path)).bytes;
      return {
        before: change?.before === null ? null : before && decodeText(before)?.text,
        now: now === null ? null : now && decodeText(now)?.text,
      };
    },
    restore: (runs, how) => restore(parts, runs, how),
    async forget(sessionKey) {
      await parts.logs.forget(sessionKey);
    },
    prune: () => prune(parts, parts.bounds(), parts.clock.now()),
  };
}

async function keep(parts: Parts, run: RunRef, path: string): Promise<void> {
  const paths =
    parts.known.get(run.runId) ??
    new Set((await parts.logs.read(run)).flatMap((line) => ("made" in line ? [] : [line.path])));
  parts.known.set(run.runId, paths);
  if (paths.has(path)) return;
  paths.add(path);
  try {
    await putDown(parts, run, path);
  } catch (error) {
    parts.log.warn(`What ${path} was before a change could not be kept`, {
      runId: run.runId,
      error: describeError(error),
    });
  }
}

/** Keeps what is there, or that it cannot be kept. */
async function putDown(parts: Parts, run: RunRef, path: string): Promise<void> {
  const { bytes, mode, problem } = await readContent(path);
  const made = bytes === null ? await missingFolder(path) : undefined;
  if (made !== undefined) await parts.logs.append(run, { path, at: parts.clock.now(), made });
  const before = bytes && { digest: await parts.contents.put(bytes), mode };
  const what = before === undefined ? { notKept: problem } : { before };
  await parts.logs.append(run, { path, at: parts.clock.now(), ...what });
}

async function noteLeft(parts: Parts, run: RunRef, path: string): Promise<void> {
  try {
    await parts.logs.append(run, { path, at: parts.clock.now(), left: await contentAt(path) });
  } catch (error) {
    parts.log.warn(`What became of ${path} could not be noted`, { runId: run.runId, error: describeError(error) });
  }
}

type Change = RealChange & {
  before: Content | undefined;
  /** The topmost of the folders that were made for it. */
  made: string | undefined;
  lines: LogLine[];
};

/** By path, in the order in which they were changed first. */
async function changesOf(parts: Parts, runs: RunRef[]): Promise<Map<string, Change>> {
  const lines = (await Promise.all(runs.map((run) => parts.logs.read(run)))).flat();
  // Runs work side by side: a sub-agent's change may come before one of the run that it works for.
  lines.sort((a, b) => (a.at ?? 0) - (b.at ?? 0));
  const byPath = Map.groupBy(lines, ({ path }) => path);
  const changes = await Promise.all([...byPath].map(([path, own]) => toChange(path, own)));
  return new Map(changes.map((change) => [change.real, change]));
}

async function toChange(real: string, lines: LogLine[]): Promise<Change> {
  const first = lines.find((line) => "before" in line || "notKept" in line);
  const before = first && "before" in first ? first.before : undefined;
  const folder = lines.find((line) => "made" in line);
  const made = folder && "made" in folder ? folder.made : undefined;
  const known = { real, before, made, lines };
  const last = lines.findLast((line) => "left" in line);
  const left = last && "left" in last ? last.left : before;
  if (before === undefined) return { ...known, kind: left === null ? "deleted" : "changed", state: "not_kept" };
  const now = await contentAt(real).catch(() => undefined);
  // Going back to a point in between leaves what a run before has left.
  const isTheirs = lines.some((line) =>
    isSame(now, "left" in line ? line.left : "before" in line ? line.before : undefined),
  );
  const state = isSame(now, before) ? "as_before" : isTheirs ? "as_left" : "changed_since";
  return { ...known, kind: kindOf(before, left), state };
}

function kindOf(before: Content, left: Content | undefined): RealChange["kind"] {
  if (isSame(before, left)) return "unchanged";
  return before === null ? "added" : left === null ? "deleted" : "changed";
}

const WHY = {
  changed_since: "somebody else has changed it since",
  not_kept: "what was there before is not known: it was too large, or no regular file",
};

async function restore(
  parts: Parts,
  runs: RunRef[],
  { as, paths, force, dryRun }: Parameters<Checkpoints["restore"]>[1],
): ReturnType<Checkpoints["restore"]> {
  const restored: string[] = [];
  const kept: { real: string; why: string }[] = [];
  const all = [...(await changesOf(parts, runs)).values()].filter(({ real }) => paths?.has(real) ?? true);
  // What was not there goes first: it may be in the way, as a file in a folder is where a file was.
  const [added, others] = [all.filter((one) => one.before === null), all.filter((one) => one.before !== null)];
  const folders = added.flatMap(({ made }) => made ?? []);
  for (const found of [...added, ...others]) {
    const { real, before } = found;
    const isFreed = dryRun && added.some((one) => one.made === real);
    // It may be free by now.
    const isOver = found.state === "changed_since" && before !== null;
    const { state } = isFreed ? { state: "as_left" } : isOver ? await toChange(real, found.lines) : found;
    if (state === "as_before") continue;
    if (state === "not_kept" || (state === "changed_since" && !force)) {
      kept.push({ real, why: WHY[state] });
      continue;
    }
    const bytes = before && (await parts.contents.get(before.digest));
    const why =
      before && !bytes
        ? "what was there before has been removed meanwhile, to save room"
        : isFreed
          ? ""
          : await replace(parts, as, { real, content: before && bytes ? { bytes, mode: before.mode } : null, dryRun });
    if (why === "" && before === null && !dryRun) await removeEmptyFolders(real, folders);
    if (why === "") restored.push(real);
    else kept.push({ real, why });
  }
  return { restored, kept };
}

/** Puts a content back, once what is there instead is kept. Resolves with why not, "" when it did. */
async function replace(
  parts: Parts,
  as: RunRef,
  { real, content, dryRun }: { real: string; content: { bytes: Buffer; mode: number } | null; dryRun: boolean },
): Promise<string> {
  try {
    const { problem } = await readContent(real);
    if (problem !== "") return `what is there now could not be had again: ${problem}`;
    if (dryRun) return "";
    await putDown(parts, as, real);
    await putContent(real, content);
    await noteLeft(parts, as, real);
    return "";
  } catch (error) {
    const fault = toAppError(error, real);
    if (isAppError(fault)) return fault.message;
    parts.log.warn(`${real} could not be put back`, { error: describeError(error) });
    return "it could not be put back; the log says why";
  }
}

async function contentAt(path: string): Promise<Content> {
  const { bytes, mode, problem } = await readContent(path);
  if (bytes === undefined) return { digest: problem, mode: 0 };
  return bytes === null ? null : { digest: digestOf(bytes), mode };
}

function isSame(one: Content | undefined, other: Content | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  if (one === null || other === null) return one === other;
  return one.digest === other.digest && one.mode === other.mode;
}
