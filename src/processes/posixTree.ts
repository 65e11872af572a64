import { setTimeout as wait } from "node:timers/promises";
import { listPosixProcesses, type PosixProcess } from "./posixProcesses.ts";

/** What a system other than Windows offers to end processes by. */
export interface PosixProcesses {
  /** All that run; undefined when they cannot be listed. */
  list(): Promise<PosixProcess[] | undefined>;
  /** To all of a group that may be told; never throws. */
  signal(group: number, signal: NodeJS.Signals): void;
  /** Whether anything is left in a group, those included that ended and were not collected. */
  hasGroup(group: number): boolean;
}

const PATIENCE_MS = 1000;
const LOOK_MS = 20;

/**
 * Ends a process group and all descendants of its leader, those in groups of their own included: politely, and by force what is
 * left a second later. Resolves once nothing of it runs, or a second after that with the command lines of what still does.
 */
export async function endPosixTree(
  leader: number,
  processes: PosixProcesses = posixProcesses,
  patienceMs = PATIENCE_MS,
): Promise<string[]> {
  const tree: Tree = { leader, family: new Map(), processes };
  let left: PosixProcess[] = [];
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    left = await endBy(signal, tree, patienceMs);
    if (left.length === 0) return [];
  }
  return left.map(({ name, command }) => command() || name);
}

interface Tree {
  leader: number;
  /** Ids, and when those processes began: an orphan no longer shows whose it was. */
  family: Map<number, number>;
  processes: PosixProcesses;
}

/** Tells each group of the tree once, and resolves with what is left of it when the patience is at an end. */
async function endBy(signal: NodeJS.Signals, tree: Tree, patienceMs: number): Promise<PosixProcess[]> {
  const { leader, processes } = tree;
  const asked = new Set<number>();
  for (const end = performance.now() + patienceMs; ; await wait(LOOK_MS)) {
    const rows = await processes.list();
    const left = rows ? membersOf(tree, rows) : unlisted(tree);
    for (const group of [leader, ...left.map((row) => row.group)]) {
      if (!asked.has(group)) processes.signal(group, signal);
      asked.add(group);
    }
    if (left.length === 0 || performance.now() >= end) return left;
  }
}

/** The group, what descends from it, and the groups of that; each is taken into the family. */
function membersOf({ leader, family }: Tree, rows: PosixProcess[]): PosixProcess[] {
  let members = rows.filter(({ pid, group, began }) => group === leader || family.get(pid) === began);
  for (let count = -1; count < members.length;) {
    count = members.length;
    const pids = new Set(members.map(({ pid }) => pid));
    const groups = new Set(members.map(({ group }) => group));
    members = rows.filter(({ pid, parent, group }) => pids.has(pid) || pids.has(parent) || groups.has(group));
  }
  for (const { pid, began } of members) family.set(pid, began);
  return members;
}

/** Where nothing can be listed, the leader stands for its group. */
function unlisted({ leader, processes }: Tree): PosixProcess[] {
  const row = { pid: leader, parent: 0, group: leader, began: 0, name: `process ${leader}`, command: () => "" };
  return processes.hasGroup(leader) ? [row] : [];
}

export const posixProcesses: PosixProcesses = {
  list: listPosixProcesses,
  signal(group, signal) {
    try {
      process.kill(-group, signal);
    } catch {
      // Gone already, or of another user by now, as after sudo: the list says which.
    }
  },
  hasGroup(group) {
    try {
      process.kill(-group, 0);
      return true;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === "EPERM";
    }
  },
};
