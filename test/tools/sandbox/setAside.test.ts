import { execFileSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { CommandPolicy } from "../../../src/core/ports/commandPolicy.ts";
import type { Consent } from "../../../src/core/ports/tool.ts";
import { exec } from "../../../src/tools/execTool.ts";
import { createDiskFiles } from "../../../src/tools/files/diskFiles.ts";
import { asOwnFiles } from "../../../src/tools/files/ownWrites.ts";
import { findSandbox } from "../../../src/tools/sandbox/findSandbox.ts";
import { setClockAside } from "../../fakes/clockAside.ts";
import { tempFolder, toolContext } from "../toolContext.ts";

const { sandbox } = await findSandbox();
const policy: CommandPolicy = { approvals: "auto", sandbox: "auto", rules: [], grants: [], allowances: [] };

interface Input {
  command: string;
  background?: boolean;
  access?: string;
}

/** What a command says that nobody looks at. */
async function run(folder: string, input: Input, consent: Consent = "mode"): Promise<string> {
  const prepared = await exec.prepare(exec.input.parse(input), toolContext(folder, { commands: policy }));
  return (await prepared.run(consent)).text;
}

function git(folder: string, ...args: string[]): void {
  execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.org", ...args], { cwd: folder });
}

/** A repository as one with a submodule and a worktree has it. */
function repository(): string {
  const folder = tempFolder({ "a.txt": "a" });
  git(folder, "init", "-q");
  git(folder, "add", ".");
  git(folder, "commit", "-qm", "first");
  for (const place of ["modules/sub/hooks", "worktrees/other"])
    mkdirSync(join(folder, ".git", place), { recursive: true });
  for (const name of ["HEAD", "config"])
    writeFileSync(join(folder, ".git/modules/sub", name), readFileSync(join(folder, ".git", name)));
  writeFileSync(join(folder, ".git/worktrees/other/commondir"), "../..\n");
  return folder;
}

test.runIf(sandbox)("what git reads its configuration from stays, in every folder that it has", async () => {
  const folder = repository();
  const kept = (place: string) => execFileSync("find", [place, "-type", "f"], { cwd: folder, encoding: "utf8" });
  const before = [kept(".git/hooks"), kept(".git/modules"), readFileSync(join(folder, ".git/config"), "utf8")];
  const evil = "[core]\n\tfsmonitor = touch /tmp/evil\n";
  const say = async (line: string) => await run(folder, { command: `g=$(echo .git); e='${evil}'; ${line}` });
  expect(await say("echo ../evil > $g/commondir")).toContain("It made .git/commondir, which decides");
  expect(await say('echo "$e" > $g/config.worktree')).toContain("It made .git/config.worktree, which decides");
  expect(await say('echo "$e" >> $g/modules/sub/config')).toMatch(/Read-only file system/);
  expect(await say("touch $g/modules/sub/hooks/pre-commit")).toMatch(/Read-only file system/);
  expect(await say("mv $g/modules $g/m; cp -r $g/m $g/modules; touch $g/modules/sub/hooks/pre-commit")).toContain(
    "It made .git/modules/sub/",
  );
  expect(existsSync(join(folder, ".git/modules/sub/hooks"))).toBe(false);
  execFileSync("rm", ["-rf", ".git/modules"], { cwd: folder });
  execFileSync("mv", [".git/m", ".git/modules"], { cwd: folder });
  expect(await say("echo /tmp/evil > $g/worktrees/other/commondir")).toContain(
    "It made .git/worktrees/other/commondir",
  );
  expect(await say('mv $g old; mkdir $g; echo "$e" > $g/config')).toMatch(/Device or resource busy/);
  expect([kept(".git/hooks"), kept(".git/modules"), readFileSync(join(folder, ".git/config"), "utf8")]).toEqual(before);
  // What git is for goes on.
  const commit =
    "echo b >> a.txt; git -c user.name=a -c user.email=a@example.org commit -qam second; git log --oneline";
  expect((await run(folder, { command: `for x in 1; do ${commit}; done` })).split("\n")).toHaveLength(2);
});

test.runIf(sandbox)("a repository that a command makes may stay where git starts nothing because of it", async () => {
  const folder = repository();
  const say = async (line: string) => await run(folder, { command: `g=$(echo .git); ${line}` });
  const fair =
    "git init -q one; git clone -q . two; git worktree add -q three; git -C two worktree add -q ../four; for x in 1; do git -C two status -s; done";
  expect(await say(fair)).not.toContain("It made");
  expect(existsSync(join(folder, "one/.git/config")) && existsSync(join(folder, "two/.git/config"))).toBe(true);
  const evil: [line: string, made: string][] = [
    ["git init -q a; git -C a config core.fsmonitor evil", "a/.git"],
    ["git init -q b; touch b/$g/hooks/post-checkout", "b/.git"],
    ["git init -q c; echo ../../evil > c/$g/commondir", "c/.git"],
    [
      "git init -q --bare d; git -C d config core.fsmonitor evil; mkdir e; echo 'gitdir: ../d' > e/$g",
      "d/HEAD, e/.git",
    ],
    ["git init -q f; printf '[include]\\n\\tpath = ../evil\\n' >> f/$g/config", "f/.git"],
    [
      `mkdir -p $g/modules/x h; cp $g/HEAD $g/modules/x; echo '[core] fsmonitor = evil' > $g/modules/x/config; echo "gitdir: ../$g/modules/x" > h/$g`,
      "h/.git",
    ],
  ];
  for (const [line, made] of evil) {
    expect(await say(line)).toContain(`It made ${made}, which decides`);
    for (const one of made.split(", ")) expect(existsSync(join(folder, one))).toBe(false);
  }
});

test.runIf(sandbox)("a link that decides what code runs is that, and so is what it leads to", async () => {
  const folder = tempFolder({ "docs/agents.txt": "be good", "conf/tasks.json": "{}" });
  symlinkSync("docs/agents.txt", join(folder, "AGENTS.md"));
  symlinkSync("conf", join(folder, ".vscode"));
  for (const file of ["docs/agents.txt", "conf/tasks.json"])
    expect(await run(folder, { command: `for f in ${file}; do echo evil > $f; done` })).toMatch(
      /Read-only file system/,
    );
  const replaced = await run(folder, { command: "n=AGENTS; rm $n.md; echo evil > $n.md" });
  expect(replaced).toContain("It made AGENTS.md, which decides");
  expect(readFileSync(join(folder, "AGENTS.md"), "utf8")).toBe("be good");
  await run(folder, { command: "n=vscode; rm .$n" });
  expect(lstatSync(join(folder, ".vscode")).isSymbolicLink()).toBe(true);
});

test.runIf(sandbox)("nothing takes the place of what is protected when a folder above it is moved", async () => {
  const folder = tempFolder({ "app/web/.vscode/tasks.json": "{}", "a.txt": "a" });
  const moved = "n=vscode; mv app old; mkdir -p app/web/.$n; echo evil > app/web/.$n/tasks.json";
  expect(await run(folder, { command: moved })).toMatch(/Device or resource busy[^]*Read-only file system/);
  expect(await run(folder, { command: moved }, "person")).toContain("It made app/web/.vscode, which decides");
  expect(existsSync(join(folder, "app/web/.vscode"))).toBe(false);
  // A link in its place is what is renamed, and nothing beyond it.
  const beyond = tempFolder({ "web/.vscode/tasks.json": "{}" });
  const other = tempFolder({ "app/web/.vscode/tasks.json": "{}" });
  expect(await run(other, { command: `n=1; mv app old; ln -s ${beyond} app` }, "person")).toContain(
    "It made app, which decides",
  );
  expect(readdirSync(join(beyond, "web"))).toEqual([".vscode"]);
  expect(existsSync(join(other, "app"))).toBe(false);
  // Whatever is left in its place is looked at without harm.
  for (const left of ["ln -s app app", "touch app", "mkfifo app", "mkdir -m 000 app", "true"]) {
    const place = tempFolder({ "app/web/.vscode/tasks.json": "{}" });
    expect(await run(place, { command: `n=1; mv app old; ${left}; echo ended` }, "person")).toMatch(/^ended/);
  }
});

test.runIf(sandbox)("workflows count that are made below a folder that does not", async () => {
  const folder = tempFolder({ ".github/CODEOWNERS": "* @a" });
  const made = await run(folder, { command: "n=workflows; mkdir .github/$n; echo evil > .github/$n/x.yml" });
  expect(made).toContain("It made .github/workflows, which decides");
  expect(existsSync(join(folder, ".github/workflows"))).toBe(false);
});

test.runIf(sandbox)(
  "what decides in a folder whose name begins with a dot counts, and so does a link there",
  async () => {
    for (const [line, made] of [
      ["n=mise; mkdir .$n; echo evil > .$n/config.toml", ".mise/config.toml"],
      ["n=lefthook; mkdir .config; echo evil > .config/$n.yml", ".config/lefthook.yml"],
      ["n=github; mkdir -p d/workflows; echo evil > d/workflows/x.yml; ln -s d .$n", ".github"],
      ["n=skills; mkdir -p .agents/$n/x; echo evil > .agents/$n/x/SKILL.md", ".agents"],
      ["n=yarn; mkdir -p .$n/releases; echo evil > .$n/releases/yarn.cjs", ".yarn/releases"],
    ] as const) {
      const folder = tempFolder();
      expect(await run(folder, { command: line })).toContain(`It made ${made}, which decides`);
      expect(existsSync(join(folder, made))).toBe(false);
    }
  },
);

test.runIf(sandbox)("what a tool writes while a command runs is not taken for the command's", async () => {
  const folder = tempFolder({ "package.json": JSON.stringify({ scripts: { test: "vitest" } }) });
  const line = "touch begun; while [ ! -e go ]; do sleep 0.05; done; n=vscode; [ ! -e add ] || : > .$n/tasks.json";
  const files = asOwnFiles(createDiskFiles());
  for (const adds of [false, true]) {
    const running = run(folder, { command: line });
    await expect.poll(() => existsSync(join(folder, "begun"))).toBe(true);
    await files.writeText(join(folder, ".vscode/settings.json"), "{}");
    if (!adds) {
      await files.writeText(join(folder, "AGENTS.md"), "be good");
      await files.writeText(join(folder, "package.json"), JSON.stringify({ scripts: { test: "mine" } }));
    }
    if (adds) writeFileSync(join(folder, "add"), "");
    writeFileSync(join(folder, "go"), "");
    // What the command adds to it takes it along.
    expect(await running).toMatch(adds ? /It made \.vscode, which/ : /^\(no output\)$/);
    expect(existsSync(join(folder, ".vscode/settings.json"))).toBe(!adds);
    expect(readFileSync(join(folder, "package.json"), "utf8")).toContain("mine");
    for (const name of [".vscode", "begun", "go"]) rmSync(join(folder, name), { recursive: true, force: true });
  }
});

test.runIf(sandbox)("who makes it again and again is ended", async () => {
  const folder = tempFolder();
  const line = "n=vscode; while :; do mkdir .$n 2>/dev/null; sleep 0.01; done";
  const text = await run(folder, { command: line });
  expect(text).toMatch(
    /\[stopped: it made \.vscode again and again, which decides what code runs\]\n\[It made \.vscode,/,
  );
  expect(existsSync(join(folder, ".vscode"))).toBe(false);
  // A tool that wants its folder once more goes on.
  const twice = "n=vscode; mkdir .$n; while [ -e .$n ]; do sleep 0.01; done; mkdir .$n; echo ended";
  expect(await run(folder, { command: twice })).toMatch(/^ended\n\[It made \.vscode, which/);
});

test.runIf(sandbox)("what a command makes in the background is set aside when it ends", async () => {
  const folder = tempFolder();
  const command = "n=vscode; mkdir .$n; echo made";
  const started = await run(folder, { command, background: true, access: "write" });
  const id = /^bg\d+/.exec(started)![0];
  const context = toolContext(folder, { commands: policy });
  const look = async () => (await (await exec.prepare({ id }, context)).run()).text;
  await expect.poll(look).toContain("It made .vscode, which decides");
  expect(readdirSync(folder)).toEqual([expect.stringMatching(/^\.vscode\.set-aside-/)]);
});

test.runIf(sandbox)("who was shown what a command makes gets it", async () => {
  const folder = tempFolder();
  expect(await run(folder, { command: "mkdir .vscode" }, "person")).toBe("(no output)");
  expect(readdirSync(folder)).toEqual([".vscode"]);
});

test.runIf(sandbox)("a name that cannot grow, and one that is secret and decides, are set aside too", async () => {
  const folder = tempFolder();
  const line =
    "n=code-workspace; echo evil > $(printf 'a%.0s' $(seq 240)).$n; n=npmrc; echo script-shell=evil > .$n; n=env; echo A=1 > .$n";
  expect(await run(folder, { command: line })).toMatch(
    /It made (.*aaa\.code-workspace, \.npmrc|\.npmrc, .*aaa\.code-workspace), which/,
  );
  expect(readdirSync(folder).sort()).toEqual([
    ".env",
    expect.stringMatching(/^\.npmrc\.set-aside-/),
    expect.stringMatching(/^a{60}\.set-aside-/),
  ]);
});

test.runIf(sandbox)("what a link leads to out of the workspace is never touched", async () => {
  const scripts = (test: string) => JSON.stringify({ scripts: { test } });
  const beyond = tempFolder({
    "package.json": scripts("theirs"),
    "git-rebase-todo": "exec theirs\n",
    "r/HEAD": "ref: x",
  });
  const folder = tempFolder({ "sub/package.json": scripts("ours"), "a.txt": "a" });
  git(folder, "init", "-q");
  const link = `rm -r sub; ln -s ${beyond} sub; ln -s ${beyond} $(echo .git)/rebase-merge`;
  await run(folder, { command: link });
  expect(await run(folder, { command: "true" })).toBe("(no output)");
  const other = tempFolder();
  expect(await run(other, { command: `ln -s ${beyond}/r $(echo .git)` })).toContain("It made .git, which decides");
  expect(readFileSync(join(beyond, "package.json"), "utf8")).toBe(scripts("theirs"));
  expect(readFileSync(join(beyond, "git-rebase-todo"), "utf8")).toBe("exec theirs\n");
  expect(readdirSync(beyond).sort()).toEqual(["git-rebase-todo", "package.json", "r"]);
  expect(readdirSync(join(beyond, "r"))).toEqual(["HEAD"]);
});

test.runIf(sandbox)("of many names that a command chose some are told, and none hides", async () => {
  const folder = tempFolder();
  const line = "n=code-workspace; for i in $(seq 100 140); do : > $i.$n; done; : > $'0\u202e1.'$n";
  const told = await run(folder, { command: line });
  expect(told).toContain(" and 22 more, which decides");
  expect(told).not.toContain("\u202e");
});

test.runIf(sandbox)("what is new among packages is so by the clock of its disk, which may be behind ours", async () => {
  setClockAside(3_600_000);
  const folder = tempFolder({ "node_modules/one/index.js": "" });
  const text = await run(folder, {
    command:
      'git init -q node_modules/one/made; git -C node_modules/one/made config core.fsmonitor ./own; odd="$(printf "odd\\377")"; mkdir "$odd"; git init -q "$odd/more"',
  });
  expect(text).toContain("set-aside");
  expect(readdirSync(join(folder, "node_modules/one/made")).join()).toMatch(/^\.git\.set-aside-\w+$/);
  const odd = readdirSync(Buffer.from(folder), { encoding: "buffer" }).find((name) => name.includes(0xff))!;
  const within = Buffer.concat([Buffer.from(`${folder}/`), odd, Buffer.from("/more")]);
  // Under a name that is no text it is not known to be half-made: where a command takes long, what is gone is made again by git.
  expect(readdirSync(within).join()).toMatch(/^(\.git\.set-aside-\w+,?)+$/);
});
