import type { RealChange, RunRef } from "../../core/ports/checkpoints.ts";
import { contentAt, isSame, type NoteParts } from "./noteContents.ts";
import type { Content, PathLine } from "./runLog.ts";

/** What runs have done to a file, and how it stands now. */
export type Change = RealChange & {
  before: Content | undefined;
  /** The topmost of the folders that were made for it. */
  made: string | undefined;
  /** A command put another file in its place, which may have names of its own. */
  isOther: boolean;
  /** Why it is not put back, in the state that it is in. */
  why: string;
  lines: PathLine[];
};

/** By path, in the order in which they were changed first. */
export async function changesOf(parts: Pick<NoteParts, "logs">, runs: RunRef[]): Promise<Map<string, Change>> {
  const all = (await Promise.all(runs.map((run) => parts.logs.read(run)))).flat();
  const lines = all.filter((line): line is PathLine => !("unseen" in line));
  // Runs work side by side: a sub-agent's change may come before one of the run that it works for.
  lines.sort((a, b) => (a.at ?? 0) - (b.at ?? 0));
  const byPath = Map.groupBy(lines, ({ path }) => path);
  const changes = await Promise.all([...byPath].map(([path, own]) => toChange(path, own)));
  return new Map(changes.map((change) => [change.real, change]));
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
  return { ...known, kind: kindOf(before, left), state, why: isBeside ? BESIDE : CHANGED_SINCE };
}

function kindOf(before: Content, left: Content | undefined): RealChange["kind"] {
  if (isSame(before, left)) return "unchanged";
  return before === null ? "added" : left === null ? "deleted" : "changed";
}

const CHANGED_SINCE = "somebody else has changed it since";
const BESIDE = "a command changed it, or somebody else while that ran";

function notKept(why: string): string {
  return `what was there before is not known${why === "" ? "" : `: ${why}`}`;
}
