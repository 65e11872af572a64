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
  const tree: Tree = { leader, family: new Map(), groups: new Map(), processes };
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
  /** Of each group that was seen, one that was in it. */
  groups: Map<number, PosixProcess>;
  processes: PosixProcesses;
}

/**
 * Tells each group of the tree once, and resolves with what is left of it when the patience, from the first word on, is at an end. A
 * group that was told only now may be gone at the next look.
 */
async function endBy(signal: NodeJS.Signals, tree: Tree, patienceMs: number): Promise<PosixProcess[]> {
  const { leader, processes } = tree;
  const told = new Set<number>();
  for (let end = Infinity; ; await wait(LOOK_MS)) {
    const rows = await processes.list();
    const left = rows ? membersOf(tree, rows) : unlisted(tree);
    const before = told.size;
    for (const group of [leader, ...left.map((row) => row.group)]) {
      if (!told.has(group)) processes.signal(group, signal);
      told.add(group);
    }
    if (left.length === 0) return left;
    const now = performance.now();
    end = Math.min(end, now + patienceMs);
    if (now >= end + (told.size > before ? patienceMs : 0)) return left;
  }
}

/** The group, what descends from it, and the groups of that; each is taken into the family. */
function membersOf({ leader, family, groups: seen }: Tree, rows: PosixProcess[]): PosixProcess[] {
  let members = rows.filter(({ pid, group, began }) => group === leader || family.get(pid) === began);
  for (let count = -1; count < members.length;) {
    count = members.length;
    const pids = new Set(members.map(({ pid }) => pid));
    const groups = new Set(members.map(({ group }) => group));
    members = rows.filter(({ pid, parent, group }) => pids.has(pid) || pids.has(parent) || groups.has(group));
  }
  for (const row of members) {
    family.set(row.pid, row.began);
    seen.set(row.group, row);
  }
  return members;
}

/** Where nothing can be listed, one stands for its group: the leader, and what was seen before. */
function unlisted({ leader, groups, processes }: Tree): PosixProcess[] {
  const own = { pid: leader, parent: 0, group: leader, began: 0, name: `process ${leader}`, command: () => "" };
  return [groups.get(leader) ?? own, ...groups.values()].filter(
    ({ group }, at, all) => all.findIndex((row) => row.group === group) === at && processes.hasGroup(group),
  );
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
