import { expect, test } from "vitest";
import { endWindowsTree, type WindowsProcesses } from "../../src/processes/windowsTree.ts";

const LEADER = 99_999_990;

/** A machine on which a command has started a server, that a worker, and another user's program runs beside them. */
function fakeMachine(own: Partial<WindowsProcesses> & { immortal?: number[]; taskkill?: number[] } = {}) {
  const running = new Map(
    [
      { pid: LEADER, parent: 4, began: 1000, command: "powershell -Command npm start" },
      { pid: 11, parent: LEADER, began: 1100, command: "node server.js" },
      { pid: 12, parent: 11, began: 1200, command: "node worker.js" },
      { pid: 13, parent: 4, began: 900, command: "somebody else" },
    ].map((row) => [row.pid, row]),
  );
  const end = (pid: number) => own.immortal?.includes(pid) || running.delete(pid);
  const processes: WindowsProcesses = {
    killTree: async () => (own.taskkill ?? []).forEach(end),
    kill: end,
    list: async () => [...running.values()],
    ...own,
  };
  return { processes, names: () => [...running.values()].map(({ command }) => command) };
}

test.each([
  ["does all its work", [12, 11, LEADER]],
  ["is cut off half way", [11]],
  ["takes only the parent, whose children are then nobody's", [LEADER]],
  ["fails", []],
])("nothing of a tree is left when taskkill %s", async (_what, taskkill) => {
  const { processes, names } = fakeMachine({ taskkill });
  expect(await endWindowsTree(LEADER, processes)).toEqual([]);
  expect(names()).toEqual(["somebody else"]);
});

test("what starts while its tree is ended goes too", async () => {
  let looks = 0;
  const { processes, names } = fakeMachine();
  const { list } = processes;
  const late = { pid: 14, parent: 12, began: 1300, command: "late" };
  let isLateGone = false;
  processes.list = async () => {
    looks += 1;
    return [...(await list())!, ...(looks === 2 && !isLateGone ? [late] : [])];
  };
  const { kill } = processes;
  processes.kill = (pid) => (pid === 14 ? void (isLateGone = true) : kill(pid));
  expect(await endWindowsTree(LEADER, processes)).toEqual([]);
  expect([isLateGone, names()]).toEqual([true, ["somebody else"]]);
});

test("what cannot be ended is named", async () => {
  const { processes } = fakeMachine({ immortal: [12] });
  expect(await endWindowsTree(LEADER, processes)).toEqual(["node worker.js"]);
});

test("where nothing can be listed, the process itself is looked at", async () => {
  const list = async () => undefined;
  expect(await endWindowsTree(LEADER, fakeMachine({ list }).processes)).toEqual([]);
  const kill = () => {};
  expect(await endWindowsTree(process.pid, fakeMachine({ list, kill }).processes)).toEqual([`process ${process.pid}`]);
});

test("who was started by an earlier process of the same id is no child, and is let be", async () => {
  const { processes, names } = fakeMachine();
  const old = { pid: 15, parent: 12, began: 1150, command: "older than its parent" };
  let isThere = true;
  const [list, kill] = [processes.list, processes.kill];
  processes.list = async () => [...(await list())!, ...(isThere ? [old] : [])];
  processes.kill = (pid) => (pid === 15 ? void (isThere = false) : kill(pid));
  expect(await endWindowsTree(LEADER, processes)).toEqual([]);
  expect([isThere, names()]).toEqual([true, ["somebody else"]]);
});
