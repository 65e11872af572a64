import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { isAlive } from "../../src/base/isAlive.ts";
import { linuxProcess } from "../../src/processes/posixProcesses.ts";
import { posixTest } from "../posix.ts";

const WATCH = join(import.meta.dirname, "../../src/processes/crashWatch.ts");

/** A process that lasts, and has nothing to do with any other. */
function start(): number {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child.pid!;
}

test("when the gateway is killed, what its commands started is ended, also where the command is gone already", async () => {
  const folder = mkdtempSync(join(tmpdir(), "pincer-watch-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  // As Windows tells it: a command that is gone, a child and a grandchild of it, and a process of somebody else.
  const [gone, child, grandchild, ended, other, older] = [4_000_001, start(), start(), start(), start(), start()];
  const now = Date.now();
  const rows = join(folder, "rows");
  writeFileSync(
    rows,
    `1 0 0 init\n${child} ${gone} ${now} a\n${grandchild} ${child} ${now} b\n${ended} 4000002 ${now} c\n${other} 1 ${now} d\n${older} ${gone} ${now - 3_600_000} of an earlier process with that id\n`,
  );
  const script = join(folder, "gateway.mjs");
  writeFileSync(
    script,
    `import { createCrashWatch } from ${JSON.stringify(WATCH)};
     const listing = [process.execPath, "-e", "process.stdout.write(require('fs').readFileSync(process.argv[1]))", ${JSON.stringify(rows)}];
     const watch = createCrashWatch(() => listing);
     watch.add(${gone});
     watch.add(4000002).dispose();
     console.log("watched");
     setInterval(() => {}, 1000);`,
  );
  const gateway = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void gateway.kill("SIGKILL"));
  await new Promise((resolve) => gateway.stdout.once("data", resolve));
  expect([child, grandchild].map(isAlive)).toEqual([true, true]);
  gateway.kill("SIGKILL");
  await expect.poll(() => [child, grandchild].map(isAlive)).toEqual([false, false]);
  expect([ended, other, older].map(isAlive)).toEqual([true, true, true]);
});

posixTest(
  "so is what a server of tools has started, in its group and in others, where nobody tells when it began",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "pincer-watch-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const script = join(folder, "gateway.mjs");
    const wire = join(import.meta.dirname, "../../src/mcp/wire/stdioWire.ts");
    const line = "sleep 601 & echo $! > pids; setsid sleep 602 & echo $! >> pids; echo begun >&2; wait";
    writeFileSync(
      script,
      `import { createStdioWire } from ${JSON.stringify(wire)};
     const program = { file: "/bin/sh", args: ["-c", ${JSON.stringify(line)}], cwd: ${JSON.stringify(folder)}, env: process.env };
     await createStdioWire({ ...program, onText: (text) => console.log(text) }).start();`,
    );
    const gateway = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "inherit"] });
    onTestFinished(() => void gateway.kill("SIGKILL"));
    await new Promise((resolve) => gateway.stdout.once("data", resolve));
    const pids = readFileSync(join(folder, "pids"), "utf8").trim().split("\n").map(Number);
    expect(pids.map(isRunning)).toEqual([true, true]);
    gateway.kill("SIGKILL");
    await expect.poll(() => pids.map(isRunning)).toEqual([false, false]);
  },
);

posixTest("a command is watched also where no more files can be opened as it begins", async () => {
  const folder = mkdtempSync(join(tmpdir(), "pincer-watch-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const script = join(folder, "gateway.mjs");
  writeFileSync(
    script,
    `import { openSync, closeSync } from "node:fs";
     import { createCrashWatch } from ${JSON.stringify(WATCH)};
     const watch = createCrashWatch(() => []);
     const open = [];
     try { for (;;) open.push(openSync("/dev/null")); } catch {}
     const first = watch.add(4000001);
     for (const file of open) closeSync(file);
     setImmediate(() => {
       watch.add(4000002);
       first.dispose();
       console.log("watched");
       setTimeout(() => process.exit());
     });`,
  );
  const line = 'ulimit -n 200; exec "$0" "$1"';
  expect(execFileSync("/bin/sh", ["-c", line, process.execPath, script], { encoding: "utf8" })).toBe("watched\n");
});

/** One that has ended may wait for long to be collected. */
function isRunning(pid: number): boolean {
  return process.platform === "linux" ? linuxProcess(pid) !== undefined : isAlive(pid);
}
