import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { findSandbox } from "../../../src/tools/sandbox/findSandbox.ts";
import { isPlainRepository } from "../../../src/tools/sandbox/git/plainRepository.ts";
import { tempFolder } from "../toolContext.ts";
import { runCommand } from "./runCommand.ts";

const { sandbox } = await findSandbox();

function repository(): string {
  const folder = tempFolder({ "a.txt": "a" });
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.org", ...args], { cwd: folder });
  git("init", "-q");
  git("add", ".");
  git("commit", "-qm", "first");
  return folder;
}

/** Waits until all that is there has been looked at: what is evil is gone by then, and the second time what was looked at before it, too. */
const LOOKED =
  "for n in 1 2; do git init -q evil; git -C evil config core.fsmonitor evil; while [ -e evil/$g ]; do sleep 0.01; done; rm -r evil; done";

test.runIf(sandbox).each([
  ["says where it is", `: > w/$g; LOOK; echo "gitdir: $t" > w/$g; echo ../.. > $t/commondir`],
  ["has said where it is", `echo "gitdir: $t" > w/$g; LOOK; echo ../.. > $t/commondir`],
  ["says whose it is", `echo "gitdir: $t" > w/$g; : > $t/commondir; LOOK; echo ../.. > $t/commondir`],
])("a worktree stays that is looked at before git %s", async (_, steps) => {
  const folder = repository();
  const begin = "g=$(echo .git); t=$PWD/$g/worktrees/w; mkdir -p $t w/hooks; touch w/hooks/useful";
  const rest = "git rev-parse HEAD > $t/HEAD; echo $PWD/w/$g > $t/gitdir";
  const told = await runCommand(folder, `${begin}; ${steps.replace("LOOK", LOOKED)}; ${rest}; git -C w log --oneline`);
  expect(told).toMatch(/ first\n\[It made evil\/\.git, which decides/);
  expect(existsSync(join(folder, "w/.git"))).toBe(true);
});

test.runIf(sandbox)("what is unfinished when its command ends does not stay", async () => {
  for (const steps of [
    ": > w/$g",
    'mkdir -p $g/worktrees/w; : > $g/worktrees/w/commondir; echo "gitdir: $PWD/$g/worktrees/w" > w/$g',
  ]) {
    const told = await runCommand(repository(), `g=$(echo .git); mkdir -p w/hooks; touch w/hooks/useful; ${steps}`);
    expect(told).toContain("It made w/.git, which decides");
  }
});

test.runIf(sandbox)("a worktree of a repository without files of its own may stay", async () => {
  const folder = repository();
  const bare = "git clone -q --bare . bare; git -C bare worktree add -q ../one";
  expect(await runCommand(folder, `g=$(echo .git); for x in 1; do ${bare}; done`)).toBe("(no output)");
  expect(await runCommand(folder, "g=$(echo .git); for x in 1; do git -C bare worktree add -q ../two; done")).toBe(
    "(no output)",
  );
  expect(await runCommand(folder, "for x in 1; do git -C two log --oneline; done")).toContain("first");
  const evil =
    'h=evil/worktrees/x; mkdir -p $h $h/../../objects $h/../../refs; echo "[core] fsmonitor = evil" > evil/config; echo ../.. > $h/commondir; cp bare/HEAD evil; cp bare/HEAD $h';
  expect(await runCommand(folder, `g=$(echo .git); ${evil}`)).toMatch(
    /It made evil\/(worktrees\/x\/)?HEAD, evil\/(worktrees\/x\/)?HEAD, which/,
  );
});

test.runIf(sandbox)(
  "the folder of a worktree never becomes a repository of its own that starts something",
  async () => {
    const folder = repository();
    execFileSync("git", ["worktree", "add", "-q", "e"], { cwd: folder, stdio: "ignore" });
    const own = "mkdir -p $t/objects $t/refs; printf '[core]\\n\\tfsmonitor = touch pwned; false\\n' > $t/config";
    const say = async (line: string) => await runCommand(folder, `g=$(echo .git); t=$g/worktrees/e; ${line}`);
    expect(await say(`${own}; rm $t/commondir`)).toContain("It made .git/worktrees/e/config, which decides");
    expect(await say("git worktree add -q n; t=$g/worktrees/n; " + own)).toContain("It made n/.git, which decides");
    const module = join(folder, ".git/modules/sub");
    mkdirSync(join(module, "worktrees/s"), { recursive: true });
    for (const name of ["HEAD", "config"]) copyFileSync(join(folder, ".git", name), join(module, name));
    writeFileSync(join(module, "worktrees/s/commondir"), "../..\n");
    expect(await say("echo ../evil > $g/modules/sub/worktrees/s/commondir")).toContain(
      "It made .git/modules/sub/worktrees/s/commondir, which decides",
    );
  },
);

/** Makes something and takes it away, step by step, while it is looked at: the answers. */
async function answers(place: string, known: string[], steps: (() => Promise<unknown>)[]): Promise<Set<boolean>> {
  const told = new Set<boolean>();
  const over = new AbortController();
  const looking = (async () => {
    while (!over.signal.aborted) {
      told.add(await isPlainRepository(place, new Set(known), { isRunning: true }));
      await setImmediate();
    }
  })();
  for (let round = 0; round < 100; round += 1) for (const step of steps) await step();
  over.abort();
  await looking;
  return told;
}

test("a repository is plain whatever git is about to do in it", async () => {
  const folder = tempFolder({ "w/hooks/useful": "", ".git/config": "[core]\n\tbare = false\n" });
  const place = join(folder, ".git/worktrees/w");
  const written = (path: string, text: string) => async () => await writeFile(path, text);
  const gone = (path: string) => async () => await rm(path, { recursive: true, force: true });
  expect(
    await answers(
      join(folder, "w/.git"),
      [join(folder, ".git")],
      [
        async () => await mkdir(place, { recursive: true }),
        written(join(folder, "w/.git"), `gitdir: ${place}\n`),
        written(join(place, "HEAD"), "ref: refs/heads/w\n"),
        written(join(place, "commondir"), "../..\n"),
        gone(join(folder, "w/.git")),
        gone(place),
      ],
    ),
  ).toEqual(new Set([true]));
  const two = join(folder, "two/.git");
  expect(
    await answers(
      two,
      [],
      [
        async () => await mkdir(join(two, "hooks"), { recursive: true }),
        written(join(two, "hooks/pre-commit.sample"), ""),
        written(join(two, "config"), "[core]\n\tbare = false\n"),
        gone(join(folder, "two")),
        async () => await mkdir(join(folder, "two")),
        written(two, `gitdir: ${join(folder, ".git")}\n`),
        gone(two),
      ],
    ),
  ).toEqual(new Set([true]));
});
