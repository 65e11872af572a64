import { afterAll, expect } from "vitest";
import { closeWindow } from "./vscode.ts";

// Files of tests share a worker: what one leaves behind is there for whichever comes next, which differs from run to run.

const found = look();
const globals = Object.entries(Object.getOwnPropertyDescriptors(globalThis));

afterAll(() => {
  closeWindow();
  expect(look()).toEqual(found);
  // Libraries may put something of their own there, but nothing is replaced.
  const now = Object.getOwnPropertyDescriptors(globalThis) as Record<string, PropertyDescriptor>;
  expect(globals.filter(([name, { value }]) => !Object.is(value, now[name]?.value)).map(([name]) => name)).toEqual([]);
});

function look() {
  // What is kept until the process ends is kept once a process, whichever file is its first.
  const names = process.eventNames().filter((name) => name !== "exit");
  const listeners = names.map((name) => [String(name), process.listenerCount(name)] as const);
  return { cwd: process.cwd(), env: { ...process.env }, listeners: Object.fromEntries(listeners) };
}
