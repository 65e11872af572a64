import { join } from "node:path";
import { BoundedMap } from "../../base/boundedMap.ts";
import type { Clock } from "../../base/clock.ts";
import { isAppError } from "../../base/appError.ts";
import { defined } from "../../base/defined.ts";
import { toAppError } from "../../base/files/realFile.ts";
import { describeError, type Log } from "../../base/log.ts";
import { decodeText } from "../../base/text/textBytes.ts";
import { Lanes } from "../../base/turns/lanes.ts";
import type { Checkpoints, RealChange, RunRef } from "../../core/ports/checkpoints.ts";
import { openContents } from "./contents.ts";
import { contentAt, isSame, keep, noteLeft, type NoteParts, putDown, takeFindings } from "./noteContents.ts";
import { type Bounds, prune } from "./prune.ts";
import { putContent, removeEmptyFolders } from "./putContent.ts";
import { readContent } from "./readContent.ts";
import { type Content, openRunLogs, type PathLine } from "./runLog.ts";

export interface CheckpointOptions {
  /** Of its own: contents/ and runs/ are made in it. */
  folder: string;
  bounds: () => Bounds;
  clock: Clock;
  log: Log;
}

type Parts = CheckpointOptions & NoteParts;

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
    findings: (run) => takeFindings(parts, run),
    async unseen(runs) {
      const lines = (await Promise.all(runs.map((run) => parts.logs.read(run)))).flat();
      return [...new Set(lines.flatMap((line) => ("unseen" in line ? line.unseen : [])))];
    },
    changes: async (runs) =>
      [...(await changesOf(parts, runs)).values()].map(({ real, kind, state, by }) => ({
        real,
        kind,
        state,
        ...defined({ by }),
      })),
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

type Change = RealChange & {
  before: Content | undefined;
  /** The topmost of the folders that were made for it. */
  made: string | undefined;
  /** Why it is not put back, in the state that it is in. */
  why: string;
  lines: PathLine[];
};

/** By path, in the order in which they were changed first. */
async function changesOf(parts: Parts, runs: RunRef[]): Promise<Map<string, Change>> {
  const all = (await Promise.all(runs.map((run) => parts.logs.read(run)))).flat();
  const lines = all.filter((line): line is PathLine => !("unseen" in line));
  // Runs work side by side: a sub-agent's change may come before one of the run that it works for.
  lines.sort((a, b) => (a.at ?? 0) - (b.at ?? 0));
  const byPath = Map.groupBy(lines, ({ path }) => path);
  const changes = await Promise.all([...byPath].map(([path, own]) => toChange(path, own)));
  return new Map(changes.map((change) => [change.real, change]));
}

async function toChange(real: string, lines: PathLine[]): Promise<Change> {
  const first = lines.find((line) => "before" in line || "notKept" in line);
  const before = first && "before" in first ? first.before : undefined;
  const folder = lines.find((line) => "made" in line);
  const made = folder && "made" in folder ? folder.made : undefined;
  const by = lines.some((line) => "by" in line && line.by) ? ("command" as const) : undefined;
  const known = { real, before, made, lines, by };
  const last = lines.findLast((line) => "left" in line);
  const left = last && "left" in last ? last.left : before;
  if (before === undefined) {
    const why = first && "notKept" in first ? first.notKept : "";
    return { ...known, kind: left === null ? "deleted" : "changed", state: "not_kept", why: notKept(why) };
  }
  const now = await contentAt(real).catch(() => undefined);
  // Going back to a point in between leaves what a run before has left.
  const isTheirs = lines.some((line) =>
    isSame(
      now,
      "left" in line ? (line.by === "beside" ? undefined : line.left) : "before" in line ? line.before : undefined,
    ),
  );
  const state = isSame(now, before) ? "as_before" : isTheirs ? "as_left" : "changed_since";
  const isBeside = last && "left" in last && last.by === "beside" && isSame(now, last.left);
  return { ...known, kind: kindOf(before, left), state, why: isBeside ? BESIDE : CHANGED_SINCE };
}

function kindOf(before: Content, left: Content | undefined): RealChange["kind"] {
  if (isSame(before, left)) return "unchanged";
  return before === null ? "added" : left === null ? "deleted" : "changed";
}

const CHANGED_SINCE = "somebody else has changed it since";
const BESIDE = "a command in the background changed it, or somebody else while that ran";

function notKept(why: string): string {
  return `what was there before is not known${why === "" ? "" : `: ${why}`}`;
}

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
    const { state, why: whyNot } = isFreed
      ? { state: "as_left" as const, why: "" }
      : isOver
        ? await toChange(real, found.lines)
        : found;
    if (state === "as_before") continue;
    if (state === "not_kept" || (state === "changed_since" && !force)) {
      kept.push({ real, why: whyNot });
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
