import { expect, test } from "vitest";
import type { PosixProcess } from "../../src/processes/posixProcesses.ts";
import { endPosixTree, type PosixProcesses } from "../../src/processes/posixTree.ts";

// The last number there is where there are few: what it starts has lower ones.
const LEADER = 32_767;
const PATIENCE_MS = 50;

interface Row extends Omit<PosixProcess, "command"> {
  line: string;
  /** Signals that do not end it. */
  survives?: NodeJS.Signals[];
}

const leader: Row = { pid: LEADER, parent: 50, group: LEADER, began: 900, name: "bash", line: "bash -c npm start" };
const server: Row = { pid: 300, parent: LEADER, group: LEADER, began: 901, name: "node", line: "node server.js" };
const stray: Row = { pid: 301, parent: 300, group: 301, began: 902, name: "node", line: "node daemon.js" };
const others: Row = { pid: 299, parent: 50, group: 299, began: 800, name: "vim", line: "vim" };

/** A machine on which some processes survive some signals. */
function fakeMachine(rows: Row[], own: Partial<PosixProcesses> = {}) {
  let running = rows;
  const told: string[] = [];
  const processes: PosixProcesses = {
    list: async () => running.map(({ line, ...row }) => ({ ...row, command: () => line })),
    signal(group, signal) {
      told.push(`${signal} ${group}`);
      running = running
        .filter((row) => row.group !== group || row.survives?.includes(signal))
        .map((row) => ({ ...row, parent: running.some(({ pid }) => pid === row.parent) ? row.parent : 1 }));
    },
    hasGroup: (group) => running.some((row) => row.group === group),
    ...own,
  };
  return { processes, told, names: () => running.map(({ line }) => line) };
}

test("a tree ends with what has groups of its own, though the numbers began anew, and nobody else does", async () => {
  const { processes, told, names } = fakeMachine([others, leader, server, stray]);
  expect(await endPosixTree(LEADER, processes, PATIENCE_MS)).toEqual([]);
  expect(told).toEqual([`SIGTERM ${LEADER}`, "SIGTERM 301"]);
  expect(names()).toEqual(["vim"]);
});

test("what does not go when it is asked is ended, an orphan in a group of its own too", async () => {
  const { processes, told, names } = fakeMachine([others, leader, server, { ...stray, survives: ["SIGTERM"] }]);
  expect(await endPosixTree(LEADER, processes, PATIENCE_MS)).toEqual([]);
  expect(told.slice(2)).toEqual([`SIGKILL ${LEADER}`, "SIGKILL 301"]);
  expect(names()).toEqual(["vim"]);
});

test("what cannot be ended is named, and not waited for", async () => {
  const survives: NodeJS.Signals[] = ["SIGTERM", "SIGKILL"];
  const machine = fakeMachine([others, { ...leader, survives }, server, { ...stray, line: "", survives }]);
  expect(await endPosixTree(LEADER, machine.processes, PATIENCE_MS)).toEqual(["bash -c npm start", "node"]);
});

test("who has the number of one that ended meanwhile is left alone", async () => {
  const machine = fakeMachine([leader, stray, { ...server, survives: ["SIGTERM"] }]);
  let looks = 0;
  const list = async () => {
    const rows = await machine.processes.list();
    return (looks += 1) === 1 ? rows : [...rows!, { ...others, pid: stray.pid, began: 950, command: () => "vim" }];
  };
  expect(await endPosixTree(LEADER, { ...machine.processes, list }, PATIENCE_MS)).toEqual([]);
  expect(machine.told).toEqual([`SIGTERM ${LEADER}`, "SIGTERM 301", `SIGKILL ${LEADER}`]);
});

test("where nothing can be listed the group is ended, or the leader named", async () => {
  const list = async () => undefined;
  const stubborn = fakeMachine([{ ...leader, survives: ["SIGTERM"] }, server], { list });
  expect(await endPosixTree(LEADER, stubborn.processes, PATIENCE_MS)).toEqual([]);
  expect(stubborn.told).toEqual([`SIGTERM ${LEADER}`, `SIGKILL ${LEADER}`]);
  let looks = 0;
  const daemon = fakeMachine([leader, { ...stray, parent: LEADER, survives: ["SIGTERM"] }]);
  const once = async () => ((looks += 1) === 1 ? daemon.processes.list() : undefined);
  expect(await endPosixTree(LEADER, { ...daemon.processes, list: once }, PATIENCE_MS)).toEqual([]);
  expect(daemon.told.at(-1)).toBe("SIGKILL 301");
  const immortal = fakeMachine([{ ...leader, survives: ["SIGTERM", "SIGKILL"] }], { list });
  expect(await endPosixTree(LEADER, immortal.processes, PATIENCE_MS)).toEqual([`process ${LEADER}`]);
});
