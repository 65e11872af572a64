import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findSandbox } from "../../../src/tools/sandbox/findSandbox.ts";
import { tempFolder } from "../toolContext.ts";
import { runCommand } from "./runCommand.ts";
import { longestStretch } from "../../fakes/longestStretch.ts";

const { sandbox } = await findSandbox();

function git(folder: string, ...args: string[]): string {
  const own = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "core.hooksPath=/dev/null"];
  return execFileSync("git", [...own, ...args], { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

function repository(files: Record<string, string> = {}): string {
  const folder = tempFolder({ "a.txt": "a", ...files });
  git(folder, "init", "-q");
  git(folder, "add", ".");
  git(folder, "commit", "-qm", "first");
  return folder;
}

// In the place of what is read when the command has ended: a pipe waits for a writer, a device never ends.
test.runIf(sandbox).each([
  ["a pipe for .git", 'mkdir s; mkfifo "s/$g"'],
  ["a pipe for its configuration", 'git init -q s; rm "s/$g/config"; mkfifo "s/$g/config"'],
  ["a device for its configuration", 'git init -q s; ln -sf /dev/zero "s/$g/config"'],
  [
    "a configuration of blanks",
    "git init -q s; { head -c 3000000 /dev/zero | tr '\\0' ' '; echo '\\'; } >> s/$g/config",
  ],
  ["a configuration without an end", 'git init -q s; truncate -s 1900M "s/$g/config"'],
])("%s neither stops nor fills the gateway, and does not stay", async (_, line) => {
  const folder = tempFolder();
  let told = "";
  const longest = await longestStretch(async () => void (told = await runCommand(folder, `g=$(echo .git); ${line}`)));
  expect(told).toContain("It made s/.git, which decides");
  expect(existsSync(join(folder, "s/.git"))).toBe(false);
  expect(longest).toBeLessThan(1000);
});

test.runIf(sandbox)("what a worktree keeps may be anything", async () => {
  const folder = repository();
  mkdirSync(join(folder, ".git/worktrees/x"), { recursive: true });
  await runCommand(
    folder,
    "g=$(echo .git); mkfifo $g/worktrees/x/commondir; mkdir $g/worktrees/y; ln -s /dev/zero $g/worktrees/y/commondir",
  );
  expect(await runCommand(folder, "echo second")).toBe("second");
});

test.runIf(sandbox)("a repository without files of its own is one, whatever its name", async () => {
  const folder = repository();
  const bare = "git init -q --bare sub; git -C sub config core.fsmonitor 'touch pwned; false'";
  const work = "git -C sub config core.bare false; git -C sub config core.worktree .";
  expect(await runCommand(folder, `${bare}; ${work}`)).toContain("It made sub/HEAD, which decides");
  expect(existsSync(join(folder, "sub/config"))).toBe(true);
  expect(() => git(join(folder, "sub"), "rev-parse", "--is-bare-repository")).not.toThrow();
  git(join(folder, "sub"), "status");
  expect(existsSync(join(folder, "sub/pwned"))).toBe(false);
  // By another folder's objects it is one, too; and one that is plain stays.
  const far = "mkdir two; n=config; echo ../sub > two/commondir; echo 'ref: refs/heads/x' > two/HEAD";
  expect(await runCommand(folder, far)).toContain("It made two/HEAD, which decides");
  expect(await runCommand(folder, "git clone -q --bare . three")).not.toContain("It made");
  // What is there already keeps what rules it.
  expect(await runCommand(folder, "n=config; echo '[core] fsmonitor = x' >> three/$n")).toMatch(
    /Read-only file system/,
  );
  expect(await runCommand(folder, "n=hooks; mkdir -p three/$n; touch three/$n/update")).toMatch(/Read-only|It made/);
});

test.runIf(sandbox)(
  "programs that git would start when it goes on are comments, unless they were shown or there",
  async () => {
    const folder = repository();
    git(folder, "commit", "-q", "--allow-empty", "-m", "second");
    const todo = join(folder, ".git/rebase-merge/git-rebase-todo");
    execFileSync("git", ["rebase", "-q", "-i", "HEAD~1"], {
      cwd: folder,
      env: { ...process.env, GIT_SEQUENCE_EDITOR: 'sh -c \'echo break > "$0"; echo exec true >> "$0"\'' },
      stdio: "ignore",
    });
    expect(readFileSync(todo, "utf8")).toMatch(/^exec true$/m);
    const add =
      "printf 'exec touch pwned\\n\\tx touch pwned\\npick abc\\n' >> $(echo .git)/rebase-merge/git-rebase-todo";
    const told = "It left .git/rebase-merge/git-rebase-todo with programs that git would start; they are comments now";
    expect(await runCommand(folder, add)).toContain(told);
    expect(readFileSync(todo, "utf8")).toMatch(
      /^exec true\n# set aside: exec touch pwned\n# set aside: x touch pwned\npick abc$/m,
    );
    expect(await runCommand(folder, add.replaceAll("pwned", "other"), "person")).not.toContain("It left");
    expect(readFileSync(todo, "utf8")).toMatch(/^exec touch other$/m);
    expect(
      await runCommand(
        folder,
        "rm .gi*/rebase-merge/git-rebase-todo; mkfifo $(echo .git)/rebase-merge/git-rebase-todo",
      ),
    ).toContain(told);
  },
);

test.runIf(sandbox)("what a configuration or a hook leads to is as fixed as they are", async () => {
  const folder = repository({
    "tools/hooks/pre-commit": "#!/bin/sh\n",
    "scripts/check.sh": "#!/bin/sh\n",
    "scripts/clean.sh": "cat",
    "shared.gitconfig": "[include]\n\tpath = more.gitconfig\n",
    "more.gitconfig": "[alias]\n",
    main: "no program",
  });
  git(folder, "config", "core.hooksPath", "tools/hooks");
  git(folder, "config", "include.path", "../shared.gitconfig");
  git(folder, "config", "filter.x.clean", "sh scripts/clean.sh --fast %f");
  git(folder, "config", "branch.main.merge", "refs/heads/main");
  symlinkSync("../../scripts/check.sh", join(folder, ".git/hooks/pre-push"));
  for (const place of ["tools/hooks/pre-commit", "tools/hooks/new", "scripts/check.sh", "scripts/clean.sh"])
    expect(await runCommand(folder, `echo evil >> ${place}`)).toMatch(/Read-only file system/);
  for (const place of ["shared.gitconfig", "more.gitconfig"])
    expect(await runCommand(folder, `echo evil >> ${place}`)).toMatch(/Read-only file system/);
  expect(await runCommand(folder, "echo new > main; echo new > scripts/other.sh")).toBe("(no output)");
});

test.runIf(sandbox)("where a file says that a repository lies, its configuration is as fixed as any", async () => {
  const folder = repository();
  const set = (place: string) => `git config -f ${place}/config core.fsmonitor evil`;
  for (const place of ["node_modules/store", "$g/store"]) {
    const line = `g=$(echo .git); git init -q one; mkdir -p node_modules sub; mv one/$g ${place}; echo "gitdir: ../${place}" > sub/$g`;
    expect(await runCommand(folder, line)).toBe("(no output)");
    const text = await runCommand(folder, `g=$(echo .git); ${set(place)}; git -C sub status -s; cat ${place}/config`);
    expect(text).toMatch(/could not write config file|could not lock/);
    expect(text).not.toContain("evil");
    rmSync(join(folder, "sub"), { recursive: true });
  }
  // One that was there, and one that takes its configuration from a third.
  mkdirSync(join(folder, "node_modules/far"), { recursive: true });
  git(folder, "init", "-q", `--separate-git-dir=${join(folder, "node_modules/far/git")}`, "two");
  writeFileSync(join(folder, "node_modules/far/git/commondir"), "../../store\n");
  for (const place of ["node_modules/far/git", "node_modules/store"])
    expect(await runCommand(folder, `${set(place)}; true`)).toMatch(/could not write config file|could not lock/);
});

test.runIf(sandbox)("a repository among the packages is looked at when a command made or changed it", async () => {
  const folder = tempFolder({ "node_modules/a/index.js": "", "node_modules/b/c/index.js": "" });
  git(join(folder, "node_modules/a"), "init", "-q");
  git(join(folder, "node_modules/a"), "config", "core.editor", "mine");
  execFileSync("sleep", ["0.1"]);
  for (const line of [
    "git init -q node_modules/b/c; git -C node_modules/b/c config core.fsmonitor evil",
    "git init -q x; mv x/.gi* node_modules/b/c; git -C node_modules/b/c config core.fsmonitor evil",
  ]) {
    expect(await runCommand(folder, line)).toMatch(/It made .*node_modules\/b\/c\/\.git, which decides/);
    expect(existsSync(join(folder, "node_modules/b/c/.git"))).toBe(false);
  }
  const bare = "git init -q --bare node_modules/d; touch node_modules/d/hooks/pre-receive";
  expect(await runCommand(folder, bare)).toContain("It made node_modules/d/HEAD, which decides");
  // Somebody's own from before stays.
  expect(existsSync(join(folder, "node_modules/a/.git/config"))).toBe(true);
  expect(await runCommand(folder, "git init -q node_modules/b/c")).toBe("(no output)");
});

test.runIf(sandbox)("a repository below a name that is no text is seen", async () => {
  for (const above of ["", "node_modules/"]) {
    const folder = tempFolder({ "node_modules/x": "", "a.txt": "" });
    const place = `${above}$(printf 'a\\377b')`;
    const text = await runCommand(
      folder,
      `mkdir ${place}; git init -q ${place}/s; git -C ${place}/s config core.fsmonitor evil`,
    );
    expect(text).toMatch(/It made .*a.b\/s\/\.git, which decides/);
    const left = execFileSync("find", [".", "-name", ".git"], { cwd: folder, encoding: "utf8" });
    expect(left).toBe("");
  }
});

test.runIf(sandbox)("how git merges when it goes on names no program of a command's", async () => {
  const folder = repository();
  const places = { "rebase-merge/strategy": "x/evil", "sequencer/opts": "[options]\n\tstrategy = x/evil" };
  for (const [place, text] of Object.entries(places)) {
    mkdirSync(join(folder, ".git", place, ".."), { recursive: true });
    expect(await runCommand(folder, `printf '${text}\\n' > $(echo .git)/${place}`)).toContain(`It left .git/${place}`);
    expect(existsSync(join(folder, ".git", place))).toBe(false);
    const own = text.replace("x/evil", "recursive");
    expect(await runCommand(folder, `printf '${own}\\n' > $(echo .git)/${place}`)).toBe("(no output)");
    // What was there before stays.
    writeFileSync(join(folder, ".git", place), text);
    expect(await runCommand(folder, "echo b > b.txt")).toBe("(no output)");
    expect(readFileSync(join(folder, ".git", place), "utf8")).toBe(text);
  }
});

test.runIf(sandbox)("folders without end keep no command's end from being told, and the next is refused", async () => {
  const folder = repository();
  const many = "cd $(echo .git); mkdir modules; cd modules; seq 3000 | xargs mkdir";
  expect(await runCommand(folder, many)).toContain("It left so many folders");
  await expect(runCommand(folder, "true")).rejects.toThrow("too many folders");
});

test.runIf(sandbox)(
  "a new repository at the top stays where it is plain, and one that is not goes while its command runs",
  async () => {
    const folder = tempFolder({ "a.txt": "a" });
    const first =
      "git init -q; git add .; git -c user.name=a -c user.email=a@example.org commit -qm one; git log --oneline";
    expect(await runCommand(folder, `for x in 1; do ${first}; done`)).toMatch(/^\w+ one$/);
    const other = tempFolder();
    const wait = 'while [ -e "$g" ]; do sleep 0.1; done';
    const line = `g=$(echo .git); git init -q; git config core.fsmonitor evil; n=vscode; mkdir .$n; ${wait}; echo ended`;
    const text = await runCommand(other, line);
    expect(text).toMatch(/^ended\n\[It made (\.git, \.vscode|\.vscode, \.git), which decides/);
    // Under its new name it would be one without files of its own.
    const [repository = ""] = readdirSync(other).filter((name) => name.startsWith(".git"));
    expect(existsSync(join(other, repository, "config"))).toBe(true);
    expect(existsSync(join(other, repository, "HEAD"))).toBe(false);
  },
);

test.runIf(sandbox)("what a folder holds is looked at anew, whatever time it is given", async () => {
  const folder = tempFolder({ "a/b.txt": "b" });
  await runCommand(folder, "sleep 0.2");
  await runCommand(folder, "true");
  const line = 't=$(stat -c %y a); git init -q a/s; git -C a/s config core.fsmonitor evil; touch -d "$t" a';
  expect(await runCommand(folder, line)).toContain("It made a/s/.git, which decides");
});
