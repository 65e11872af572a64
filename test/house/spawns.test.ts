import { expect, test } from "vitest";
import { readTree } from "./tree.ts";

/**
 * Every place where a program is started: by which path it is found, with which environment, and what ends it. A new one is
 * put here once it has been read for a workspace's own program of that name, keys in its environment, and what it leaves.
 */
const STARTS: Record<string, string> = {
  "src/cli/doctor/windowsRights.ts": "execFile powershell: of the system; ours; 10 s",
  "src/cli/service/serviceMachine.ts": "execFile file: of the system; ours; 60 s",
  "src/gateway/listen/portHolder.ts": "execFile file: of the system; ours; 2 s",
  "src/mcp/wire/stdioWire.ts":
    "spawn file: on the PATH, outside the workspaces, or as it was set up; childEnv and what is named; its end or idleness, as a tree",
  "src/processes/crashWatch.ts": "spawn process.execPath: our own Node.js; childEnv; the end of its input",
  "src/processes/posixProcesses.ts": "execFile file: of the system; ours; 1 s",
  "src/processes/windowsTree.ts": "execFile file: of the system; ours; 3 s",
  "src/tools/sandbox/findSandbox.ts": "execFile file: of the system; none; 5 s",
  "src/tools/search/changes/gitRepository.ts":
    "execFile git: on the PATH, outside the workspace; childEnv, without any configuration; 20 s",
  "src/tools/search/ripgrep.ts": "spawn rg: on the PATH, outside the workspace; childEnv; silence, as a group",
  "src/tools/shell/child.ts": "spawn request.file: a whole path of the caller's; the caller's; its limit, as a tree",
  "src/tools/shell/harmlessGit.ts": "execFile git: on the PATH, outside the workspace; childEnv; 5 s",
  "src/worktrees/runGit.ts": "execFile git: on the PATH, outside the workspace; ours without GIT_*; a limit",
};

/** What a program is started with: the text of the call, and of the statements that lead to it. */
function startsIn(source: string): { call: string; program: string; around: string }[] {
  return [
    ...source.matchAll(/(?<![.\w`])(spawn|spawnSync|execFile|execFileSync|fork|exec|execSync)\(\s*([^,)]+)/g),
  ].map(({ 1: call, 2: program, index }) => ({
    call: call!,
    program: program!.trim(),
    around: source.slice(Math.max(0, index - 300), index + 500),
  }));
}

const files = [...readTree(["src"], [".ts"])].filter(([, source]) => source.includes('"node:child_process"'));

test("programs are started where this list says so, and nowhere else", () => {
  const found = files.flatMap(([file, source]) =>
    // What is started by a text that another process runs is looked at with that process.
    startsIn(source.replaceAll(/= `[^`]*`;/g, "")).map(({ call, program }) => [file, `${call} ${program}`]),
  );
  const listed = Object.entries(STARTS).map(([file, what]) => [file, what.slice(0, what.indexOf(":"))]);
  expect(found.toSorted()).toEqual(listed.toSorted());
});

test("each is started without a shell or a window, by a path that was found, and for a time", () => {
  const faults = files.flatMap(([file, source]) =>
    startsIn(source).flatMap(({ call, program, around }) => [
      ...(/^["'`]/.test(program) ? [`${file}: ${program} is looked up by whoever starts it`] : []),
      ...(/^exec(Sync)?$/.test(call) || /\bshell: (?!false)/.test(around) ? [`${file}: ${program} by a shell`] : []),
      ...(around.includes("windowsHide: true") ? [] : [`${file}: ${program} in a window of its own`]),
      ...(/timeout|detached/.test(around) ? [] : [`${file}: ${program} for ever`]),
    ]),
  );
  expect(faults).toEqual([]);
});

test("what reads this finds what it looks for", () => {
  const bad = startsIn('import { exec } from "node:child_process";\nexec("git status", { shell: true });');
  expect(bad).toMatchObject([{ call: "exec", program: '"git status"' }]);
});
