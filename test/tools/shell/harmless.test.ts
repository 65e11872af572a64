import { execFileSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect } from "vitest";
import { childEnv } from "../../../src/processes/childEnv.ts";
import { harmlessLine } from "../../../src/tools/shell/harmless.ts";
import { tempFolder } from "../toolContext.ts";
import { posixTest } from "../../posix.ts";

function workspace(): string {
  const base = tempFolder({
    "ws/a.txt": "a",
    "ws/src/b.ts": "b",
    "ws/.env": "KEY=1",
    "ws/sub/.env.local": "",
    "out/secret": "s",
  });
  const folder = join(base, "ws");
  symlinkSync(join(base, "out"), join(folder, "outLink"));
  symlinkSync(join(base, "out/secret"), join(folder, "fileLink"));
  symlinkSync(".env", join(folder, "innocent"));
  const git = (...args: string[]) => execFileSync("git", args, { cwd: folder, env: childEnv(folder), stdio: "ignore" });
  git("init", "-q");
  git("add", "a.txt", "src");
  git("-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-qm", "first");
  return folder;
}

const isHarmless = async (line: string, folder: string) => (await harmlessLine(line, folder)) !== undefined;

const SAFE = [
  "ls",
  "ls -la src",
  "ls -R .",
  "cat a.txt src/b.ts",
  "cat -n ./a.txt",
  "head -n 5 a.txt",
  "head -5 a.txt",
  "tail -20 a.txt",
  "wc -l a.txt | sort -rn",
  "cat a.txt | grep -i foo | wc -l",
  "grep -n 'a b' a.txt",
  "grep -e x -A 3 a.txt",
  "rg -n foo",
  "rg --glob='*.ts' foo src",
  "find . -name '*.ts' -not -path './.git/*'",
  "find src -type f",
  "sed -n '1,5p' a.txt",
  "echo hello; pwd && whoami",
  "echo 'a  b' \"c'd\"",
  "ls > /dev/null 2>&1",
  "ls 2>/dev/null || true",
  "node --version",
  "git status",
  "git status -sb",
  "git log --oneline -5",
  "git --no-pager diff --stat",
  "git show HEAD:a.txt",
  "git show HEAD",
  "git diff HEAD -- a.txt",
  "git branch -a",
  "git rev-parse --abbrev-ref HEAD",
  "git blame a.txt",
  "# look\nls",
];

const UNSAFE = [
  "",
  // Read differently by two shells.
  "true &>/dev/null rm a.txt",
  "true &>>/dev/null rm a.txt",
  "ls |& rm a.txt",
  "ls >& a.txt",
  "ls >&/dev/null",
  "ls >&2- a",
  "ls {fd}>/dev/null",
  "cat <<< a",
  "cat {a,b}.txt",
  "echo {1..3}",
  "a+=1 ls",
  "a[0]=1 ls",
  "function ls { rm x; }",
  "ls \u00a0a.txt",
  "ls \u3000a.txt",
  // Not a documented way to ask for a version, or a program that lets the folder choose itself.
  "make version",
  "node version",
  "python version",
  "python3 version",
  "cmake version",
  "node -V",
  "perl -V",
  "yarn --version",
  "pnpm --version",
  "npm --version",
  "npm -v",
  "bun --version",
  "cargo --version",
  "rustc --version",
  "go version",
  "dotnet --version",
  "java -version",
  "ruby -v",
  "php -v",
  "tsc -v",
  "rm a.txt",
  "ls; rm a.txt",
  "ls && rm a.txt",
  "ls\nrm a.txt",
  "ls | xargs rm",
  "ls $(rm a.txt)",
  "ls `rm a.txt`",
  "cat <(rm a.txt)",
  "echo x > a.txt",
  "echo x >> new",
  "cat a.txt > /dev/sda",
  "cat a.txt >| b",
  "ls &> log",
  "cat < /etc/passwd",
  "cat <> a.txt",
  "sudo ls",
  "env ls",
  "env -S 'ls'",
  "busybox ls",
  "nohup ls",
  "xargs ls",
  "command ls",
  "sh -c ls",
  "bash -c 'ls'",
  "eval ls",
  "PATH=. ls",
  "LD_PRELOAD=x ls",
  "A=1",
  "./ls",
  "/bin/ls",
  "src/ls",
  "cat /etc/passwd",
  "cat ../out/secret",
  "cat src/../../out/secret",
  "cat outLink/secret",
  "ls outLink",
  "cat fileLink",
  "cat .env",
  "cat ./.env",
  "cat innocent",
  'cat .EN"V"',
  "cat sub/.env.local",
  "cat ~/.ssh/id_rsa",
  "cat $HOME/.ssh/id_rsa",
  "cat .e*",
  "cat *",
  "ls *.ts",
  "cat a.txt --unknown",
  "tail -f a.txt",
  "tail --follow a.txt",
  "wc --files0-from=/etc/passwd",
  "wc --files0-f=/etc/passwd",
  "sort -o a.txt src/b.ts",
  "sort --output=a.txt a.txt",
  "sort --compress-program=rm a.txt",
  "sort -T /etc a.txt",
  "uniq a.txt src/b.ts",
  "diff a.txt outLink",
  "grep -r KEY .",
  "grep -R KEY .",
  "grep --recursive KEY .",
  "grep -f /etc/passwd a.txt",
  "grep x /etc/passwd",
  "grep -e x /etc/passwd",
  "grep x .env",
  "rg --pre rm x",
  "rg --pre=rm x",
  "rg -uu KEY",
  "rg --hidden KEY",
  "rg -L x",
  "rg --no-ignore x",
  "rg x /etc",
  "rg -f /etc/passwd",
  "find . -delete",
  "find . -exec rm {} \\;",
  "find . -execdir ls {} +",
  "find . -ok rm {} \\;",
  "find . -fprint out",
  "find . -fls out",
  "find -L . -name x",
  "find / -name x",
  "find .. -name x",
  "sed -i s/a/b/ a.txt",
  "sed -n '1w out' a.txt",
  "sed -n '1e rm a.txt' a.txt",
  "sed s/a/b/e a.txt",
  "awk 'BEGIN{system(\"rm x\")}'",
  "date -s 2020-01-01",
  "node -e 1",
  "node --version -e 1",
  "npm test",
  "npx --version x",
  "python -V -c 1",
  "curl https://example.com",
  "tee out",
  "cd src",
  "printf -v x y",
  "git commit -m x",
  "git push",
  "git -c core.pager=rm log",
  "git -C / status",
  "git --git-dir=/x status",
  "git --exec-path=. status",
  "git diff --output=x",
  "git diff --ext-diff",
  "git log --output=x",
  "git show --textconv",
  "git log --show-signature",
  "git grep -O x",
  "git diff --no-index a.txt /etc/passwd",
  "git diff /etc/passwd /etc/hosts",
  "git diff ../out/secret a.txt",
  "git diff fileLink",
  "git show :0:.env",
  "git show :.env",
  "git show ::.env",
  "git show HEAD:./.env",
  "git show HEAD:sub/.env.local",
  "git show HEAD:.ENV",
  "git show ':(icase).ENV'",
  "git show HEAD^{tree}:.env",
  "git log --format=%G?",
  "git log -- ':(glob)**/.env'",
  "git remote -v",
  "git describe --dirty",
  "git diff --submodule=diff",
  "git ls-files -s .env",
  "git blame .env",
  "git blame HEAD -- .env",
  "git show HEAD:.env",
  "git branch new",
  "git branch -D main",
  "git remote add x y",
  "git lg",
  "ls \u202e",
  "ls \u200b",
  "ls \r rm",
  "l\u0000s",
  "if true; then ls; fi",
  "for f in a; do ls; done",
  "ls() { rm x; }; ls",
  "alias ls=rm; ls",
  ". ./x",
  "exec ls",
  "ls & rm x",
  "! rm x",
  "(rm x)",
  "{ rm x; }",
  `ls${" ".repeat(500)}; rm a.txt`,
];

posixTest("what only reads inside is harmless", async () => {
  const folder = workspace();
  const judged = await Promise.all(SAFE.map((line) => isHarmless(line, folder)));
  expect(SAFE.filter((_, index) => !judged[index])).toEqual([]);
});

posixTest("everything else is not", async () => {
  const folder = workspace();
  const judged = await Promise.all(UNSAFE.map((line) => isHarmless(line, folder)));
  expect(UNSAFE.filter((_, index) => judged[index])).toEqual([]);
});

posixTest("a dangerous word outside quotes is never harmless", async () => {
  const folder = workspace();
  const command = fc.constantFrom(..."rm x|sudo ls|A=1|$(rm)|`rm`|eval ls|sh|. x|>out|tee x|cd /|env ls".split("|"));
  const word = fc.constantFrom(..."$(rm)|`rm`|/etc/passwd|../x|~|*|$HOME|.env|<(rm)|{a,b}|>out".split("|"));
  const danger = fc.oneof(
    command,
    word.map((bad) => `cat ${bad}`),
  );
  const around = fc.constantFrom(
    ...SAFE.filter((line) => !line.includes("'") && !line.includes("echo") && !line.includes("#")),
  );
  const glue = fc.constantFrom(" ; ", " && ", " | ", "\n", " & ");
  await fc.assert(
    fc.asyncProperty(around, glue, danger, fc.boolean(), async (line, glued, bad, first) => {
      const whole = first ? `${bad}${glued}${line}` : `${line}${glued}${bad}`;
      expect(await isHarmless(whole, folder)).toBe(false);
    }),
    { numRuns: 150 },
  );
});

posixTest.each([
  ["diff.external", "touch ran"],
  ["core.fsmonitor", "touch ran"],
  ["filter.x.clean", "touch ran"],
  ["diff.x.textconv", "touch ran"],
  ["gpg.program", "./ran"],
  ["include.path", "../evil"],
  ["core.sshCommand", "touch ran"],
  ["remote.origin.promisor", "true"],
  ["alias.status", "!touch ran"],
])("a repository that brings %s is asked about", async (key, value) => {
  const folder = workspace();
  expect(await isHarmless("git status", folder)).toBe(true);
  execFileSync("git", ["config", "--local", key, value], { cwd: folder });
  expect(await isHarmless("git status", folder)).toBe(false);
  expect(await isHarmless("git --version", folder)).toBe(true);
});
