import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { childEnv } from "../../../src/processes/childEnv.ts";
import { findRipgrep } from "../../../src/tools/search/ripgrep.ts";
import { harmlessLine } from "../../../src/tools/shell/harmless.ts";
import { tempFolder } from "../toolContext.ts";
import { posixTest } from "../../posix.ts";

const SECRET = "canary-5d1f";
const user = ["-c", "user.name=x", "-c", "user.email=x@example.com"];

function git(folder: string, ...args: string[]): string {
  return execFileSync("git", [...user, ...args], {
    cwd: folder,
    env: childEnv(folder),
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
}

/** Secrets that are committed, staged and changed, under names that search tools could be talked into showing. */
function repository(): string {
  const folder = tempFolder({
    "a.txt": "a needle\n",
    "src/b.ts": "b needle\n",
    ".env": `KEY=${SECRET} needle\n`,
    "sub/.env.local": `KEY=${SECRET} needle\n`,
    "sub/Prod.ENV": `KEY=${SECRET} needle\n`,
    "certs/id_rsa": `${SECRET} needle\n`,
    "certs/server.pem": `${SECRET} needle\n`,
    ".npmrc": `//r/:_authToken=${SECRET} needle\n`,
    ".docker/config.json": `${SECRET} needle\n`,
    ".ignore": "!.env\n!.npmrc\n!.docker\n",
    ".rgignore": "!.env*\n",
  });
  linkSync(join(folder, ".env"), join(folder, "sub/notes [1].txt"));
  git(folder, "init", "-q");
  git(folder, "add", "-A");
  git(folder, "commit", "-qm", "first");
  writeFileSync(join(folder, ".env"), `KEY=${SECRET} two needle\n`);
  writeFileSync(join(folder, "a.txt"), "a changed needle\n");
  git(folder, "add", "-A");
  writeFileSync(join(folder, ".env"), `KEY=${SECRET} three needle\n`);
  writeFileSync(join(folder, "src/b.ts"), "b changed needle\n");
  return folder;
}

const LINES: [line: string, shows: RegExp][] = [
  ["git diff", /b changed/],
  ["git diff --cached", /a changed/],
  ["git diff HEAD", /a changed[^]*b changed/],
  ["git log -p", /a needle/],
  ["git log --patch --all", /a needle/],
  ["git show", /a needle/],
  ["git show HEAD", /a needle/],
  ["git show HEAD -- ", /a needle/],
  ["git show HEAD:a.txt", /^a needle/],
  ["git log --oneline | cat", /first/],
  ["git status --short", /a\.txt/],
  ["git diff -- sub src", /b changed/],
  ["git grep needle", /a changed[^]*b changed/],
  ["git grep --cached needle", /a changed/],
  ["git grep -h needle HEAD", /^a needle\nb needle/],
  ["git grep -l needle -- sub src", /^src\/b.ts$/m],
  ["git -C sub log --stat", /first/],
  ["git -C sub status --short", /a\.txt/],
];

const RG_LINES: typeof LINES = [
  ["rg needle", /b changed needle/],
  ["rg needle .", /b changed needle/],
  ["rg -g .env needle", /^$/],
  ["rg -g '.*' -e needle .", /^$/],
  ["rg --glob='**/.env*' needle; rg needle src", /b changed/],
  ["rg -g '!a.txt' needle", /b changed/],
];

posixTest("git leaves out what is protected, whatever it is told", () => expectLeftOut(LINES));

test.runIf(findRipgrep(""))("rg leaves out what is protected, whatever it is told", () => expectLeftOut(RG_LINES));

async function expectLeftOut(lines: typeof LINES): Promise<void> {
  const folder = repository();
  for (const [line, shows] of lines) {
    const rewritten = await harmlessLine(line, folder);
    expect(rewritten, line).toBeDefined();
    const ran = spawnSync("/bin/sh", ["-c", rewritten!], {
      cwd: folder,
      env: childEnv(folder),
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
    expect(ran.stderr, line).not.toMatch(/error|fatal/i);
    expect(ran.stdout, line).toMatch(shows);
    expect(ran.stdout, line).not.toContain(SECRET);
  }
}

test("the content of a stored object is asked about, whose name is not a file's", async () => {
  const folder = repository();
  const [blob] = git(folder, "rev-parse", ":.env").trim().split("\n");
  const lines = [
    "git show :0:.env",
    "git show :.env",
    "git show HEAD:.env",
    "git show HEAD:sub/Prod.ENV",
    "git log -p -- .env",
    "git diff HEAD -- certs/server.pem",
    "git diff HEAD:.env HEAD:a.txt",
    "cat .git/config",
  ];
  for (const line of lines) expect(await harmlessLine(line, folder), line).toBeUndefined();
  for (const line of [`git show ${blob}`, `git show ${blob!.slice(0, 9)}`, `git diff ${blob} HEAD:a.txt`]) {
    const rewritten = await harmlessLine(line, folder);
    const ran = rewritten && spawnSync("/bin/sh", ["-c", rewritten], { cwd: folder, encoding: "utf8" });
    expect(ran ? ran.stdout + ran.stderr : "", line).not.toContain(SECRET);
  }
});

posixTest("a repository below runs nothing of its own", async () => {
  const folder = repository();
  const nested = join(folder, "nested");
  mkdirSync(nested);
  git(nested, "init", "-q");
  writeFileSync(join(nested, "x.txt"), "x\n");
  writeFileSync(join(nested, ".gitattributes"), "*.txt filter=evil\n");
  git(nested, "add", "-A");
  git(nested, "commit", "-qm", "nested");
  git(folder, "add", "nested");
  git(nested, "config", "filter.evil.clean", `touch ${join(folder, "ran")}; cat`);
  for (const line of ["git status", "git diff", "git diff HEAD", "git status --short -uall"]) {
    writeFileSync(join(nested, "x.new"), "y\n");
    renameSync(join(nested, "x.new"), join(nested, "x.txt"));
    const rewritten = await harmlessLine(line, folder);
    spawnSync("/bin/sh", ["-c", rewritten!], { cwd: folder, env: childEnv(folder) });
    expect(existsSync(join(folder, "ran")), line).toBe(false);
  }
  // The same without what is added: the trap works.
  spawnSync("git", ["status"], { cwd: folder, env: childEnv(folder) });
  expect(existsSync(join(folder, "ran"))).toBe(true);
  rmSync(join(folder, "ran"));
});
