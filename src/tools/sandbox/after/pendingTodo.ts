import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { smallText } from "../../../base/files/smallText.ts";
import type { SeenPaths } from "../seenPaths.ts";
import { linkAbove, look } from "./linkAbove.ts";
import { moveAside } from "./moveAside.ts";

/** Of an operation that git was stopped in, by its file: the lines that start a program once it goes on. */
export type PendingPrograms = ReadonlyMap<string, readonly string[]>;

/** The programs of what is pending in these folders of git. */
export async function pendingPrograms(folders: string[]): Promise<PendingPrograms> {
  const found = new Map<string, string[]>();
  for (const path of todosOf(folders)) {
    const text = await smallText(path, { noLink: true });
    if (text !== undefined) found.set(path, programsIn(text));
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
    if (isElsewhere || !look(path) || isSeen(path)) continue;
    const text = await smallText(path, { noLink: true });
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
  return changed;
}

const PROGRAM = /^(?:x|exec)\s+(?=\S)/;

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
