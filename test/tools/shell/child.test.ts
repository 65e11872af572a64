import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startChild, startFault, type ChildRequest } from "../../../src/tools/shell/child.ts";
import { endPosixTree, posixProcesses } from "../../../src/processes/posixTree.ts";
import { childEnv } from "../../../src/processes/childEnv.ts";
import { shellCall } from "../../../src/tools/shell/shellCall.ts";
import { tempFolder } from "../toolContext.ts";
import { posixTest } from "../../posix.ts";

function shell(line: string, cwd: string, own: Partial<ChildRequest> = {}) {
  return startChild({ ...shellCall(line), cwd, env: childEnv(cwd), ...own });
}

/** Whether a process runs; one that ended and waits to be collected does not. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

/** The test's own limit is the end of patience. */
async function until(what: () => boolean): Promise<void> {
  while (!what()) await new Promise((resolve) => setTimeout(resolve, 10));
}

posixTest("output, exit code, folder, and nothing to read", async () => {
  const folder = tempFolder();
  const child = await shell("pwd; echo err >&2; cat; exit 3", folder);
  expect(await child.outcome).toEqual({ exitCode: 3, endedBy: null, timedOut: false, leftovers: [], survivors: [] });
  expect(child.output().split("\n").sort()).toEqual(["", folder, "err"]);
});

posixTest("letters cut between two pieces of output come out whole", async () => {
  const folder = tempFolder();
  const child = await shell("printf '\\360\\237'; sleep 0.05; printf '\\246\\200'", folder);
  await child.outcome;
  expect(child.output()).toBe("🦀");
});

posixTest("of much output the head and the tail are kept", async () => {
  const folder = tempFolder();
  const child = await shell("i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done", folder, {
    maxChars: 200,
  });
  await child.outcome;
  expect(child.output()).toMatch(/^line 0\n[\s\S]*\[\.\.\. \d+ characters left out \.\.\.\]\n[\s\S]*line 19999\n$/);
  expect(child.output().length).toBeLessThan(300);
});

test("a program that is not there is an error with its name", async () => {
  const folder = tempFolder();
  await expect(startChild({ file: "no-such-program", args: [], cwd: folder, env: {} })).rejects.toMatchObject({
    code: "not_found",
  });
});

test("a command that is longer than the system takes says so", async () => {
  const long = { file: process.execPath, args: ["-e", `//${"x".repeat(3_000_000)}`], cwd: tempFolder(), env: {} };
  await expect(startChild(long)).rejects.toMatchObject({
    code: "bad_request",
    message: expect.stringContaining("longer than this system takes"),
  });
});

// A shell, its child and grandchild, one of them in a group of its own; all refuse to go when asked.
const STUBBORN = `trap '' TERM; echo $$ >> pids
(trap '' TERM; echo started >> pids2; sh -c 'trap "" TERM; echo $$ >> pids; while :; do sleep 1; done' & wait) &
setsid sh -c 'trap "" TERM; echo $$ >> pids; while :; do sleep 1; done' &
while :; do sleep 1; done`;

function pidsIn(folder: string): number[] {
  const file = join(folder, "pids");
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").map(Number) : [];
}

posixTest("an abort ends a tree that ignores SIGTERM", async () => {
  const folder = tempFolder();
  const abort = new AbortController();
  const child = await shell(STUBBORN, folder, { signal: abort.signal });
  await until(() => pidsIn(folder).length === 3);
  const pids = pidsIn(folder);
  expect(pids.map(isAlive)).toEqual([true, true, true]);
  abort.abort();
  await child.outcome;
  await until(() => pids.every((pid) => !isAlive(pid)));
});

posixTest("a time limit ends the tree and says so", async () => {
  // As long as a busy machine takes until the first of them refuses to go, and no longer: not all of them have begun by then.
  for (let [timeoutMs, pids] = [1000, [] as number[]]; pids.length === 0; timeoutMs *= 2) {
    const folder = tempFolder();
    const { outcome } = await shell(STUBBORN, folder, { timeoutMs });
    const { timedOut, endedBy } = await outcome;
    pids = pidsIn(folder);
    expect(timedOut).toBe(true);
    if (pids.length > 0) expect(endedBy).toBe("SIGKILL");
    await until(() => pids.every((pid) => !isAlive(pid)));
  }
});

posixTest("what it has started has its second too, though the one that started it is gone at once", async () => {
  const folder = tempFolder();
  const saving = `trap "sleep 0.3; echo saved > saved.txt; exit" TERM; touch begun; while :; do sleep 0.05; done`;
  // Or as long as a busy machine takes to save it.
  const endTree = (pid: number) => endPosixTree(pid, posixProcesses, 60_000);
  const child = await shell(`sh -c '${saving}'; true`, folder, { endTree });
  await until(() => existsSync(join(folder, "begun")));
  await child.stop();
  expect(await child.outcome).toMatchObject({ endedBy: "SIGTERM", survivors: [] });
  expect(readFileSync(join(folder, "saved.txt"), "utf8")).toBe("saved\n");
});

posixTest("what a command leaves behind ends with it", async () => {
  const folder = tempFolder();
  const child = await shell("sleep 600 & echo $!", folder);
  expect(await child.outcome).toMatchObject({ exitCode: 0 });
  const left = Number(child.output());
  await until(() => !isAlive(left));
});

posixTest("what ignores that it is told to end ends with a process that waits for it no longer", async () => {
  const folder = tempFolder();
  const room = join(import.meta.dirname, "../../../src/tools/shell");
  const line = "trap '' TERM; echo $$ > pid; while :; do sleep 0.1; done";
  const script = `
    import { startChild } from ${JSON.stringify(join(room, "child.ts"))};
    import { shellCall } from ${JSON.stringify(join(room, "shellCall.ts"))};
    const child = await startChild({ ...shellCall(${JSON.stringify(line)}), cwd: ".", env: { PATH: process.env.PATH } });
    process.stdin.once("data", () => {
      void child.stop();
      setTimeout(() => process.exit(1), 300);
    });`;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", script], {
    cwd: folder,
    stdio: ["pipe", "inherit", "inherit"],
  });
  const pidFile = join(folder, "pid");
  await until(() => existsSync(pidFile) && readFileSync(pidFile, "utf8").endsWith("\n"));
  const pid = Number(readFileSync(pidFile, "utf8"));
  parent.stdin.write("stop");
  await once(parent, "exit");
  await until(() => !isAlive(pid));
});

posixTest("no tree outlives the process that started it, even when that is killed", async () => {
  const folder = tempFolder();
  const room = join(import.meta.dirname, "../../../src/tools/shell");
  const script = `
    import { startChild } from ${JSON.stringify(join(room, "child.ts"))};
    import { shellCall } from ${JSON.stringify(join(room, "shellCall.ts"))};
    await startChild({ ...shellCall("echo $$ > pid; sleep 600; true"), cwd: ".", env: { PATH: process.env.PATH } });`;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", script], { cwd: folder, stdio: "inherit" });
  const pidFile = join(folder, "pid");
  await until(() => existsSync(pidFile) && readFileSync(pidFile, "utf8").endsWith("\n"));
  const pid = Number(readFileSync(pidFile, "utf8"));
  expect(isAlive(pid)).toBe(true);
  parent.kill("SIGKILL");
  await once(parent, "exit");
  await until(() => !isAlive(pid));
});

posixTest("many aborts leave no process, listener or descriptor behind", async () => {
  const folder = tempFolder();
  const open = () =>
    process.getActiveResourcesInfo().filter((name) => name === "PipeWrap" || name === "ProcessWrap").length;
  const before = open();
  const abort = new AbortController();
  for (let round = 0; round < 20; round += 1) {
    const one = new AbortController();
    const child = await shell("sleep 600", folder, { signal: AbortSignal.any([one.signal, abort.signal]) });
    one.abort();
    await child.outcome;
    expect(isAlive(child.pid)).toBe(false);
  }
  await until(() => open() <= before);
});

posixTest("one that began as no more files could be opened is told of like any other", async () => {
  const folder = tempFolder();
  const child = JSON.stringify(join(import.meta.dirname, "../../../src/tools/shell/child.ts"));
  const script = `import { closeSync, openSync } from "node:fs";
    import { startChild } from ${child};
    const open = [];
    const fill = () => { try { for (;;) open.push(openSync("/dev/null")); } catch {} };
    const drop = () => { for (const file of open.splice(0)) closeSync(file); };
    // Asked for once it runs.
    const ended = { get endsTree() { fill(); setImmediate(drop); return true; } };
    const request = { file: "/bin/sh", args: ["-c", "exit 3"], cwd: "/", env: {} };
    const { outcome } = await startChild(Object.defineProperties(request, Object.getOwnPropertyDescriptors(ended)));
    console.log((await outcome).exitCode);`;
  writeFileSync(join(folder, "gateway.mjs"), script);
  const line = 'ulimit -n 200; exec "$0" gateway.mjs';
  const told = execFileSync("/bin/sh", ["-c", line, process.execPath], { cwd: folder, encoding: "utf8" });
  expect(told).toBe("3\n");
});

posixTest("a tree that cannot be ended is not waited for, and is named", async () => {
  const child = await shell("sleep 60", tempFolder(), { timeoutMs: 50, endTree: async () => ["sleep 60"] });
  try {
    expect(await child.outcome).toMatchObject({ exitCode: null, timedOut: true, survivors: ["sleep 60"] });
  } finally {
    process.kill(-child.pid, "SIGKILL");
  }
});

posixTest("what has ended is not ended again: its number may be another's", async () => {
  const told: number[] = [];
  const endTree = async (pid: number) => (told.push(pid), []);
  const child = await shell("exit 3", tempFolder(), { endTree });
  expect(await child.outcome).toMatchObject({ exitCode: 3 });
  await child.stop();
  expect(told).toEqual([]);
});

test("a folder that is too deep for Windows to start a program in is named as that, not as one that is not there", () => {
  const deep = join(tempFolder(), ...Array.from({ length: 6 }, (_, at) => `${at}${"x".repeat(60)}`));
  mkdirSync(deep, { recursive: true });
  const failure = Object.assign(new Error("spawn powershell.exe ENOENT"), { code: "ENOENT" });
  const of = (cwd: string, platform: NodeJS.Platform) => startFault(failure, { file: "powershell.exe", cwd }, platform);
  expect(of(deep, "win32").message).toMatch(/^Windows starts no program in a folder whose path is as long as that of /);
  expect(of(deep, "linux").message).toBe("powershell.exe could not be started: spawn powershell.exe ENOENT");
  expect(of(tempFolder(), "win32").message).toMatch(/could not be started/);
  expect(of(join(deep, "gone"), "win32").message).toMatch(/is not there$/);
});

test.runIf(process.platform === "linux")(
  "of a sandbox the first process within is waited for, which goes last, however long the machine takes",
  async () => {
    // By its name, and by nothing that it holds open: a while after the sandbox's own program.
    const folder = tempFolder({ bwrap: "#!/bin/sh\ntouch begun; sleep 0.4; echo ended > ended.txt" });
    chmodSync(join(folder, "bwrap"), 0o755);
    const line = "setsid ./bwrap > /dev/null 2>&1 < /dev/null 3>&- & until [ -e begun ]; do :; done";
    const child = await shell("", folder, { file: "/bin/sh", args: ["-c", line], endsTree: true });
    expect((await child.outcome).leftovers).toEqual([]);
    expect(readFileSync(join(folder, "ended.txt"), "utf8")).toBe("ended\n");
  },
);
