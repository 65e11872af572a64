import { join } from "node:path";
import { BoundedMap } from "../../base/boundedMap.ts";
import type { Clock } from "../../base/clock.ts";
import { isAppError } from "../../base/appError.ts";
import { isInside } from "../../base/files/isInside.ts";
import { defined } from "../../base/defined.ts";
import { toAppError } from "../../base/files/realFile.ts";
import { describeError, type Log } from "../../base/log.ts";
import { decodeText } from "../../base/text/textBytes.ts";
import { inGroups } from "../../base/turns/inGroups.ts";
import { Lanes } from "../../base/turns/lanes.ts";
import type { Checkpoints, FileTexts, RealChange, RunRef } from "../../core/ports/checkpoints.ts";
import { openContents } from "./contents.ts";
import { keep, noteLeft, type NoteParts, takeFindings } from "./noteContents.ts";
import { type Change, changesOf, toChange } from "./fileChanges.ts";
import { hunksOf, revertHunks } from "./fileHunks.ts";
import { type Bounds, prune } from "./prune.ts";
import { putBack } from "./putBack.ts";
import { removeEmptyFolders } from "./putContent.ts";
import { readContent } from "./readContent.ts";
import { openRunLogs } from "./runLog.ts";

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
  const changeAt = async (runs: RunRef[], path: string) =>
    (await changesOf(parts, runs, (one) => one === path)).get(path);
  return {
    keep: (run, path) => parts.lanes.run(run.runId, () => keep(parts, run, path)),
    left: (run, path) => parts.lanes.run(run.runId, () => noteLeft(parts, run, path)),
    findings: (run) => takeFindings(parts, run),
    async unseen(runs) {
      const lines = (await Promise.all(runs.map((run) => parts.logs.read(run)))).flat();
      return [...new Set(lines.flatMap((line) => ("unseen" in line ? line.unseen : [])))];
    },
    changes: async (runs) => [...(await changesOf(parts, runs)).values()].map(toReal),
    compared: async (runs, isMeant) =>
      await inGroups([...(await changesOf(parts, runs, isMeant)).values()], async (change) => ({
        ...toReal(change),
        ...(await textsOf(parts, change)),
        hunks: await hunksOf(parts, change),
      })),
    hunks: async (runs, path) => await hunksOf(parts, await changeAt(runs, path)),
    accept: async (runs, path, accepted) =>
      await parts.logs.append(runs[0]!, { path, at: parts.clock.now(), accepted: [...accepted] }),
    revertHunks: async (runs, path, how) =>
      await revertHunks(parts, { run: runs[0]!, change: await changeAt(runs, path) }, how),
    restore: (runs, how) => restore(parts, runs, how),
    async forget(sessionKey) {
      await parts.logs.forget(sessionKey);
    },
    prune: () => prune(parts, parts.bounds(), parts.clock.now()),
  };
}

function toReal({ real, kind, state, by }: Change): RealChange {
  return { real, kind, state, ...defined({ by }) };
}

async function textsOf({ contents }: Parts, { real, before: content }: Change): Promise<FileTexts> {
  const before = content && (await contents.get(content.digest));
  const now = (await readContent(real)).bytes;
  return {
    before: content === null ? null : before && decodeText(before)?.text,
    now: now === null ? null : now && decodeText(now)?.text,
  };
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
    const isFreed = dryRun && added.some((one) => one.made === real || isBeneath(real, one.real));
    // It may be free by now, put back under another name that it has, or saved by somebody.
    const fresh = dryRun ? found : await toChange(real, found.lines);
    // A folder that was in its place went with what was in it.
    const isEmptied = found.state === "as_left" && fresh.state === "changed_since" && fresh.now === null;
    const { state, why: whyNot } = isFreed || isEmptied ? { state: "as_left" as const, why: "" } : fresh;
    if (state === "as_before") {
      if (found.state !== state) restored.push(real);
      continue;
    }
    if (state === "not_kept" || (state === "changed_since" && !force)) {
      kept.push({ real, why: whyNot });
      continue;
    }
    const bytes = before && (await parts.contents.get(before.digest));
    const why =
      before && !bytes
        ? "what was there before has been removed meanwhile, to save room, or is damaged on the disk"
        : isFreed
          ? ""
          : await replace(parts, as, {
              real,
              content: before && bytes ? { bytes, mode: before.mode, isOther: found.isOther } : null,
              found: force ? undefined : fresh.now,
              dryRun,
            });
    if (why === "" && before === null && !dryRun) await removeEmptyFolders(real, folders);
    if (why === "") restored.push(real);
    else kept.push({ real, why });
  }
  const done = new Set(restored);
  const removed = added.map(({ real }) => real).filter((real) => done.has(real));
  return { restored, removed, kept };
}

/** A file, or a link, has taken the place of a folder above. */
function isBeneath(path: string, other: string): boolean {
  return path !== other && isInside(other, path);
}

/** Puts a content back, once what is there instead is kept. Resolves with why not, "" when it did. */
async function replace(
  parts: Parts,
  as: RunRef,
  { dryRun, ...given }: Parameters<typeof putBack>[2] & { dryRun: boolean },
): Promise<string> {
  const { real } = given;
  try {
    const { problem } = await readContent(real);
    if (problem !== "") return `what is there now could not be had again: ${problem}`;
    if (dryRun) return "";
    await putBack(parts, as, given);
    return "";
  } catch (error) {
    const fault = toAppError(error, real);
    if (isAppError(fault)) return fault.message;
    parts.log.warn(`${real} could not be put back`, { error: describeError(error) });
    return "it could not be put back; the log says why";
  }
}
