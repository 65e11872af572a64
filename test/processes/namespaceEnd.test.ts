import { expect, test } from "vitest";
import { endingFirsts } from "../../src/processes/namespaceEnd.ts";
import type { PosixProcess } from "../../src/processes/posixProcesses.ts";

test("the first process of a sandbox is waited for though its number is lower than that of the program that made it", () => {
  const bwrap = { group: 1, name: "bwrap", command: () => "bwrap" };
  const rows: PosixProcess[] = [
    { ...bwrap, pid: 200, parent: 1, began: 500 },
    { ...bwrap, pid: 299, parent: 50, began: 890 },
    { ...bwrap, pid: 300, parent: 1, began: 901 },
    { ...bwrap, pid: 301, parent: 299, began: 901 },
    { ...bwrap, pid: 302, parent: 1, began: 901, name: "node" },
    // The program of another sandbox, which goes on.
    { ...bwrap, pid: 303, parent: 50, began: 905 },
  ];
  // Of a program with the number 32,767 that began at 900.
  const isFirst = ({ parent }: PosixProcess) => parent === 1;
  expect(endingFirsts(rows, 900, isFirst).map(({ pid }) => pid)).toEqual([300]);
});
