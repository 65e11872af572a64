import { inGroups } from "../../base/turns/inGroups.ts";
import type { RealChange, RunRef } from "../../core/ports/checkpoints.ts";
import { contentAt, isSame, type NoteParts } from "./noteContents.ts";
import { CHANGED_SINCE } from "./putBack.ts";
import type { Content, PathLine } from "./runLog.ts";

/** What runs have done to a file, and how it stands now. */
export type Change = RealChange & {
  before: Content | undefined;
  /** The topmost of the folders that were made for it. */
  made: string | undefined;
  /** A command put another file in its place, which may have names of its own. */
  isOther: boolean;
  /** What was there when this was found out; undefined where that could not be read, or did not matter. */
  now?: Content | undefined;
  /** Why it is not put back, in the state that it is in. */
  why: string;
  lines: PathLine[];
};

/** By path, in the order in which they were changed first; of those that `isMeant`. */
export async function changesOf(
  parts: Pick<NoteParts, "logs">,
  runs: RunRef[],
  isMeant: (path: string) => boolean = () => true,
): Promise<Map<string, Change>> {
  const logs = await Promise.all(
    runs.map(async (run) => ({
      ...run,
      lines: (await parts.logs.read(run)).filter((line): line is PathLine => !("unseen" in line)),
    })),
  );
  const byPath = Map.groupBy(inOrder(logs), ({ path }) => path);
  const meant = [...byPath].filter(([path]) => isMeant(path));
  const changes = await inGroups(meant, ([path, own]) => toChange(path, own));
  return new Map(changes.map((change) => [change.real, change]));
}

/**
 * Runs of the first one's session came one after another, as they are given; what worked for each follows it, and goes by the
 * time: they work side by side. A run that is earlier than the one before it says that the clock was set back.
 */
function inOrder(logs: (RunRef & { lines: PathLine[] })[]): PathLine[] {
  let [setBack, newest, latest] = [0, 0, 0];
  const timed = logs.flatMap(({ sessionKey, lines }) => {
    const steady = steadily(lines);
    // What a person does about a run's changes is put down in its log later, but never as what was there before. What a command in
    // the background has changed is found when that ends, whichever run is at work by then.
    const firsts = steady.filter(({ line }) => ("before" in line || "notKept" in line) && line.by !== "beside");
    const [first, last] = [firsts[0], firsts.at(-1)];
    if (first && last && sessionKey === logs[0]!.sessionKey) {
      if (first.at + setBack < newest) setBack = latest - first.at;
      newest = last.at + setBack;
    }
    latest = Math.max(latest, (last?.at ?? 0) + setBack);
    return steady.map(({ line, at }) => ({ line, at: at + setBack }));
  });
  return timed.sort((a, b) => a.at - b.at).map(({ line }) => line);
}

/** A log's lines with their times, none of them before that of the line above. */
function steadily(lines: PathLine[]): { line: PathLine; at: number }[] {
  let at = 0;
  return lines.map((line) => {
    at = Math.max(at, line.at ?? 0);
    return { line, at };
  });
}

export async function toChange(real: string, lines: PathLine[]): Promise<Change> {
  const first = lines.find((line) => "before" in line || "notKept" in line);
  const before = first && "before" in first ? first.before : undefined;
  const folder = lines.find((line) => "made" in line);
  const made = folder && "made" in folder ? folder.made : undefined;
  const by = lines.some((line) => "by" in line && line.by) ? ("command" as const) : undefined;
  const isOther = lines.some((line) => "isOther" in line && line.isOther);
  const known = { real, before, made, isOther, lines, by };
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
  return { ...known, kind: kindOf(before, left), state, now, why: isBeside ? BESIDE : CHANGED_SINCE };
}

function kindOf(before: Content, left: Content | undefined): RealChange["kind"] {
  if (isSame(before, left)) return "unchanged";
  return before === null ? "added" : left === null ? "deleted" : "changed";
}

const BESIDE = "a command changed it, or somebody else while that ran";

function notKept(why: string): string {
  return `what was there before is not known${why === "" ? "" : `: ${why}`}`;
}
