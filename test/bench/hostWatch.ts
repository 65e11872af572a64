import { readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { packExtension } from "../vscode/packExtension.ts";

/** What an extension beside ours saw of the extension host, in ms. */
export interface HostFigures {
  /** How late the loop was, 99 times in 100. */
  p99: number;
  max: number;
}

const WRITE_MS = 250;

/** Packs an extension that writes into PINCER_HOME how late the loop is, and resolves with its .vsix. */
export function packHostWatch(folder: string): Promise<string> {
  return packExtension(folder, { name: "host-watch", activationEvents: ["onStartupFinished"], source });
}

/** What it saw while something was done in the extension host of this process. */
export async function watchHost(home: string, pid: number, work: () => Promise<unknown>): Promise<HostFigures> {
  process.kill(pid, "SIGUSR2");
  await work();
  await sleep(2 * WRITE_MS);
  return JSON.parse(readFileSync(path.join(home, "host-watch.json"), "utf8")) as HostFigures;
}

const source = `
const { writeFileSync, renameSync } = require("node:fs");
const { join } = require("node:path");
const { monitorEventLoopDelay } = require("node:perf_hooks");
const RESOLUTION = 5;
exports.activate = () => {
  const file = join(process.env.PINCER_HOME, "host-watch.json");
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION });
  delay.enable();
  process.on("SIGUSR2", () => delay.reset());
  // What is measured is how far two turns were apart: the wait between them is no lateness.
  const late = (nanoseconds) => Math.max(0, nanoseconds / 1e6 - RESOLUTION);
  setInterval(() => {
    writeFileSync(file + ".new", JSON.stringify({ p99: late(delay.percentile(99)), max: late(delay.max) }));
    renameSync(file + ".new", file);
  }, ${WRITE_MS});
};
`;
