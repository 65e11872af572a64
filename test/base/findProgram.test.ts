import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { findProgram, findSystemProgram, thisMachine } from "../../src/base/findProgram.ts";
import { posixTest } from "../posix.ts";

let folder: string;
let workspace: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "pincer-programs-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  workspace = join(folder, "ws");
  for (const name of ["ws/bin", "good", "here"]) mkdirSync(join(folder, name), { recursive: true });
});

function plant(path: string, script = "#!/bin/sh\n"): string {
  const file = join(folder, path);
  writeFileSync(file, script, { mode: 0o755 });
  return file;
}

const find = (names: string[], PATH: string, except = [workspace]) =>
  findProgram(names, except, { ...thisMachine, env: { PATH } });

posixTest("what lies in a workspace is not found by its name, however the path leads there", () => {
  plant("ws/rg");
  plant("ws/bin/rg");
  const good = plant("good/rg");
  symlinkSync(join(workspace, "bin"), join(folder, "link"));
  symlinkSync(join(workspace, "rg"), join(folder, "here/rg"));
  for (const planted of [workspace, `${workspace}/bin`, `${folder}/link`, `${folder}/here`, "", ".", "ws", "../ws"]) {
    expect([planted, find(["rg"], planted)]).toEqual([planted, undefined]);
    expect([planted, find(["rg"], `${planted}:${folder}/good`)]).toEqual([planted, good]);
  }
});

posixTest("nor in the folder that this process works in", () => {
  expect(find(["package.json"], process.cwd(), [])).toBe(undefined);
  const machine = { ...thisMachine, isProgram: () => true, env: { PATH: `${process.cwd()}:/usr/bin` } };
  expect(findProgram(["rg"], [], machine)).toBe("/usr/bin/rg");
});

test("a whole path is taken as it is, one that is not whole is none", () => {
  const planted = plant("ws/rg");
  expect(find([planted], "")).toBe(planted);
  expect(find(["./rg", "bin/rg", "ws/rg"], folder)).toBe(undefined);
});

test.each([
  ["C:\\repo;.;;tools;\\tools;C:tools;C:\\tools", "C:\\tools\\rg.exe"],
  ["\\\\server\\bin", "\\\\server\\bin\\rg.exe"],
])("on Windows a program ends in .exe, and its folder has a drive or a server: %s", (Path, found) => {
  const isProgram = (tried: string) => tried.endsWith("rg.exe") && !tried.startsWith("C:\\repo");
  expect(findProgram(["rg"], [], { platform: "win32", env: { Path }, isProgram })).toBe(found);
});

posixTest("what comes with the system is taken from the system", () => {
  const everything = { platform: "win32", isProgram: () => true } as const;
  const taskkill = (env: Record<string, string>) => findSystemProgram("taskkill", { ...everything, env });
  expect(taskkill({ SYSTEMROOT: "D:\\Win" })).toBe("D:\\Win\\System32\\taskkill.exe");
  expect(taskkill({ SystemRoot: "." })).toBe("C:\\Windows\\System32\\taskkill.exe");
  expect(findSystemProgram("sh")).toMatch(/^\/(usr\/)?bin\/sh$/);
  expect(findSystemProgram("no-such-program")).toBe(undefined);
});

posixTest("with a path that begins here, none of the programs that lie here are run", async () => {
  const names = ["rg", "git", "bash", "sh", "ps", "lsof", "chromium", "google-chrome", "bwrap", "kill"];
  for (const name of names) plant(`ws/${name}`, `#!/bin/sh\necho "$0 $*" >> ${folder}/ran\nexit 1\n`);
  plant("ws/a.txt", "needle\n");
  const source = (path: string) => JSON.stringify(resolve("src", path));
  const script = `
    import { harmlessLine } from ${source("tools/shell/harmless.ts")};
    import { searchFiles } from ${source("tools/search/searchFiles.ts")};
    import { findRipgrep } from ${source("tools/search/ripgrep.ts")};
    import { listFiles } from ${source("tools/search/fileList.ts")};
    import { startChild } from ${source("tools/shell/child.ts")};
    import { childEnv } from ${source("processes/childEnv.ts")};
    import { shellCall } from ${source("tools/shell/shellCall.ts")};
    import { findSandbox } from ${source("tools/sandbox/findSandbox.ts")};
    import { findPortHolder } from ${source("gateway/listen/portHolder.ts")};
    import { findExecutable } from ${source("browser/process/findExecutable.ts")};
    const workspace = process.cwd();
    await harmlessLine("git status && rg --version && ls", workspace);
    const signal = AbortSignal.timeout(20_000);
    const notes = { secret: [], denied: [], tooLarge: [], unreadable: [], binary: [] };
    const request = { workspace, path: ".", pattern: "needle", ignoreCase: false, context: 0, denied() {}, signal };
    for await (const line of searchFiles(request, findRipgrep(workspace), 5, notes)) console.log("found", line.path);
    for await (const path of listFiles({ workspace, folder: ".", signal, unreadable() {} })) if (path.endsWith("a.txt")) console.log("listed", path);
    const child = await startChild({ ...shellCall("(setsid sleep 60 &) ; sleep 61"), cwd: workspace, env: childEnv(workspace) });
    await child.stop();
    await child.outcome;
    const plain = await startChild({ ...shellCall("git --version; rg --version; sh -c true"), cwd: workspace, env: childEnv(workspace) });
    await plain.outcome;
    await findSandbox();
    await findPortHolder(1);
    try { findExecutable(undefined, [workspace]); } catch {}
    console.log("done");
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], {
    cwd: workspace,
    env: { HOME: folder, PATH: `.::${workspace}:${workspace}/bin:${process.env.PATH}` },
  });
  expect(stdout.trim().split("\n")).toEqual(["found a.txt", "listed a.txt", "done"]);
  expect(existsSync(join(folder, "ran"))).toBe(false);
});
