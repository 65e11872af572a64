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

/** The command lines of a group whose leader has ended, those aside that have ended too; [] on Windows, where there are no groups. */
export async function groupMembers(leader: number): Promise<string[]> {
  if (process.platform === "win32" || !posixProcesses.hasGroup(leader)) return [];
  const rows = (await listPosixProcesses()) ?? [];
  // Who is about to end has no command line any more.
  return rows.filter(({ group }) => group === leader).flatMap(({ command }) => command() || []);
}
