import { createHook, type HookCallbacks } from "node:async_hooks";
import { readdirSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { queryObjects } from "node:v8";
import type { Live } from "./live.ts";

// Loaded into a gateway by `--import`, with `--expose-gc`: tells who started it, for each message from there, what it has in
// use and open. What Node calls active leaves out the timers that hold up no end, so they are counted as they come and go.
declare const gc: () => void;

function Generator() {}
// What all async generators have in common.
Generator.prototype = Object.getPrototypeOf(async function* () {}.prototype);

const kinds = new Map<number, string>();
const callbacks: HookCallbacks & { trackPromises: false } = {
  init: (id, kind) => void kinds.set(id, kind),
  destroy: (id) => void kinds.delete(id),
  trackPromises: false,
};
createHook(callbacks).enable();

process.on("message", () => void tell());
// A gateway that is to end does not stay for who started it.
process.channel!.unref();

async function tell(): Promise<void> {
  // What lets go of a thing when it is garbage does so a turn later; each count below collects garbage first.
  gc();
  await setImmediate();
  const generators = queryObjects(Generator, { format: "count" });
  const functions = queryObjects(Function, { format: "count" });
  const signals = queryObjects(AbortSignal, { format: "count" });
  const { heapUsed, external } = process.memoryUsage();
  const open: Record<string, number> = { functions, generators, signals, listeners: listeners() };
  if (process.platform === "linux") open["files"] = readdirSync("/proc/self/fd").length;
  for (const kind of kinds.values()) open[kind] = (open[kind] ?? 0) + 1;
  process.send!({ mb: (heapUsed + external) / 1024 ** 2, open } satisfies Live);
}

function listeners(): number {
  return process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
}
