import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { smallText } from "../../../base/files/smallText.ts";
import type { SeenPaths } from "../seenPaths.ts";
import { linkAbove } from "./linkAbove.ts";
import { moveAside } from "./moveAside.ts";

/** Of an operation that git was stopped in, by its file: the lines that start a program once it goes on, or how it merges. */
export type PendingPrograms = ReadonlyMap<string, readonly string[]>;

/** The programs of what is pending in these folders of git. */
export async function pendingPrograms(folders: string[]): Promise<PendingPrograms> {
  const found = new Map<string, string[]>();
  for (const path of todosOf(folders)) {
    const text = await smallText(path, { noLink: true });
    if (text !== undefined) found.set(path, programsIn(text));
  }
  for (const path of strategiesOf(folders)) {
    const text = await smallText(path, { noLink: true });
    if (text !== undefined) found.set(path, [text]);
  }
  return found;
}

/**
 * Makes comments of the lines that start a program and were neither there before nor in the line that a person was shown.
 * Resolves with the files.
 */
export async function dropPrograms(
  workspace: string,
  folders: string[],
  { before, seen, isSeen }: { before: PendingPrograms; seen: string; isSeen: SeenPaths },
): Promise<string[]> {
  const changed: string[] = [];
  for (const path of todosOf(folders)) {
    const isElsewhere = linkAbove(path, workspace) !== undefined;
    if (isElsewhere || isSeen(path)) continue;
    const text = await smallText(path, { noLink: true, none: null });
    // Gone by now, where somebody else's git went on.
    if (text === null) continue;
    const known = before.get(path) ?? [];
    const isStrange = (line: string) => PROGRAM.test(line) && !known.includes(line) && !seen.includes(programOf(line));
    if (text === undefined) await moveAside(path);
    else if (!programsIn(text).some(isStrange)) continue;
    else {
      const kept = text.split("\n").map((line) => (isStrange(line.trim()) ? `# set aside: ${line.trim()}` : line));
      await writeFile(path, kept.join("\n"));
    }
    changed.push(path);
  }
  for (const path of strategiesOf(folders)) {
    if (linkAbove(path, workspace) !== undefined || isSeen(path)) continue;
    const text = await smallText(path, { noLink: true, none: null });
    if (text === null) continue;
    const isKnown = text !== undefined && (before.get(path)?.includes(text) || seen.includes(text.trim()));
    if (!isKnown && !isPlainStrategy(text) && (await moveAside(path))) changed.push(path);
  }
  return changed;
}

const PROGRAM = /^(?:x|exec)\s+(?=\S)/;

// How to merge is the name of a program, "git-merge-NAME", for all but git's own ways.
const strategiesOf = (folders: string[]): string[] =>
  folders.flatMap((folder) => ["rebase-merge/strategy", "sequencer/opts"].map((name) => join(folder, name)));

const OWN_STRATEGIES = /^(ort|recursive|resolve|octopus|ours|subtree)?$/;

/** Of the name alone, or of a configuration that may hold it. */
function isPlainStrategy(text: string | undefined): boolean {
  if (text === undefined) return false;
  if (!text.includes("=") && !text.includes("[")) return OWN_STRATEGIES.test(text.trim());
  const lines = text.split("\n").filter((line) => /strategy(?!-option)/i.test(line));
  return (
    !text.includes("\\") &&
    lines.every((line) => OWN_STRATEGIES.test(/^\s*strategy\s*=\s*(\S+)\s*$/.exec(line)?.[1] ?? "?"))
  );
}

function todosOf(folders: string[]): string[] {
  return folders.flatMap((folder) =>
    ["rebase-merge/git-rebase-todo", "sequencer/todo"].map((name) => join(folder, name)),
  );
}

function programsIn(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => PROGRAM.test(line));
}

function programOf(line: string): string {
  return line.replace(PROGRAM, "");
}
