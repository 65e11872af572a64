import { spawn, type ChildProcess } from "node:child_process";
import type { Socket } from "node:net";
import { defined } from "../base/defined.ts";
import type { Disposable } from "../base/disposable.ts";
import { childEnv } from "./childEnv.ts";

/** Ends what commands have started when this process has died, in whatever way. */
export interface CrashWatch {
  /** Takes the tree of a process in, until it is disposed. */
  add(pid: number): Disposable;
}

/**
 * A process beside ours, started with the first command, that is told which commands run and waits for its input to
 * end, as it does when we are gone. `listing` prints a line for each process: its id, its
 * parent's, when it began where that is told, and anything else.
 * Windows ends the commands themselves with us, and nothing that they have started.
 */
export function createCrashWatch(listing: () => string[]): CrashWatch {
  const live = new Set<number>();
  let watcher: ChildProcess | undefined;
  const start = () => {
    const fresh = startWatcher(listing());
    // It may have been ended by hand: the next command has a new one, which is told of all.
    const gone = () => {
      if (watcher === fresh) watcher = undefined;
    };
    fresh.on("error", gone).on("exit", gone);
    for (const pid of live) fresh.stdin?.write(`+${pid}\n`);
    return fresh;
  };
  return {
    add(pid) {
      watcher ??= start();
      live.add(pid);
      watcher.stdin?.write(`+${pid}\n`);
      return {
        dispose() {
          live.delete(pid);
          watcher?.stdin?.write(`-${pid}\n`);
        },
      };
    },
  };
}

function startWatcher(listing: string[]): ChildProcess {
  const { NODE_SKIP_PLATFORM_CHECK } = process.env;
  const watcher = spawn(process.execPath, ["-e", WATCHER, ...listing], {
    stdio: ["pipe", "ignore", "ignore"],
    // Out of what is ended together with us, and out of reach of a Ctrl+C.
    detached: true,
    windowsHide: true,
    // The editor's own executable is a Node.js when it is told to be one. What lets ours run lets this one.
    env: { ...childEnv(""), ELECTRON_RUN_AS_NODE: "1", ...defined({ NODE_SKIP_PLATFORM_CHECK }) },
  });
  // It has none where no more files can be opened: then it was not started, and the next command starts one.
  watcher.stdin?.on("error", () => {});
  // Nobody's end waits for it.
  (watcher.stdin as Socket | undefined)?.unref();
  watcher.unref();
  return watcher;
}

// Reads "+pid" and "-pid" until the input ends. A tree is looked for again after it was ended: what was just being started is
// in no list. A parent that has ended is still named by its children, and by those of an earlier one with its id, which are
// older; where there are groups, each that was told leads one, and none has the number of an earlier one while that lasts.
const WATCHER = `
const { execFileSync } = require("node:child_process");
const live = new Map();
let rest = "";
process.stdin.setEncoding("utf8").on("data", (text) => {
  const lines = (rest + text).split("\\n");
  rest = lines.pop();
  for (const line of lines) line[0] === "+" ? live.set(Number(line.slice(1)), Date.now() - 10000) : live.delete(Number(line.slice(1)));
});
const end = (pid) => { try { process.kill(pid, "SIGKILL"); } catch {} };
const endGroups = () => { if (process.platform !== "win32") for (const pid of live.keys()) end(-pid); };
process.stdin.on("error", () => {}).on("close", () => {
  const [file, ...args] = process.argv.slice(1);
  const family = new Map(live);
  for (let round = 0; round < 3 && live.size > 0; round += 1) {
    let rows = [];
    try {
      const said = file ? execFileSync(file, args, { encoding: "utf8", timeout: 10000, windowsHide: true }) : "";
      rows = said.split("\\n").map((line) => /^\\s*(\\d+)\\s+(\\d+)(?:\\s+(\\d+))?/.exec(line)).filter(Boolean).map((row) => row.slice(1).map((word) => Number(word ?? Infinity)));
    } catch {}
    for (let size = 0; size < family.size;) {
      size = family.size;
      for (const [pid, parent, began] of rows)
        if (began >= family.get(parent) && !family.has(pid) && pid !== process.pid) family.set(pid, began);
    }
    const left = rows.filter(([pid, , began]) => began >= family.get(pid));
    // Without a list, those that are known.
    if (rows.length === 0 && round === 0) for (const pid of live.keys()) end(pid);
    for (const [pid] of left) end(pid);
    endGroups();
    if (rows.length > 0 && left.length === 0) break;
  }
});
`;
