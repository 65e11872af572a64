import type { Disposable } from "../base/disposable.ts";
import { listPosixProcesses } from "./posixProcesses.ts";
import { endPosixTree, posixProcesses } from "./posixTree.ts";
import { endWindowsTree } from "./windowsTree.ts";

/** Ends a process group and all descendants of its leader. Resolves with the command lines of what could not be ended. */
export async function endTree(leader: number): Promise<string[]> {
  return process.platform === "win32" ? await endWindowsTree(leader) : await endPosixTree(leader);
}

/** Ends at once what is left in a group whose leader has ended. */
export function endGroup(leader: number): void {
  if (process.platform !== "win32") posixProcesses.signal(leader, "SIGKILL");
}

const groups = new Set<number>();

/**
 * Ends a group at once should this process end by itself while it is there: what was told to end, and goes on, has lost who watched
 * whether this process is killed.
 */
export function endGroupAtExit(leader: number): Disposable {
  if (process.platform === "win32") return { dispose: () => {} };
  if (groups.size === 0) process.on("exit", endGroups);
  groups.add(leader);
  return {
    dispose() {
      groups.delete(leader);
      if (groups.size === 0) process.off("exit", endGroups);
    },
  };
}

function endGroups(): void {
  for (const group of groups) endGroup(group);
}

/** The command lines of a group whose leader has ended, those aside that have ended too; [] on Windows, where there are no groups. */
export async function groupMembers(leader: number): Promise<string[]> {
  if (process.platform === "win32" || !posixProcesses.hasGroup(leader)) return [];
  const rows = (await listPosixProcesses()) ?? [];
  // Who is about to end has no command line any more.
  return rows.filter(({ group }) => group === leader).flatMap(({ command }) => command() || []);
}
