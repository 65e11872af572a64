import { expect, test } from "vitest";
import type { Dialect } from "../../src/shell/shellLine.ts";
import { threadMs } from "../fakes/threadMs.ts";
import { type CommandPattern, mayDo, toCommandPattern } from "../../src/rules/commandPattern.ts";

const answer = (rule: string, line: string, dialect?: Dialect) =>
  mayDo(toCommandPattern(rule, true) as CommandPattern, line, dialect);

// A program that starts what its words say, or says it in one word.
test.each([
  "git push x",
  "/usr/bin/git -C . --no-pager push x",
  "git -c a=b push x",
  "flock /tmp/lock git push x",
  "parallel git push ::: x",
  "parallel 'git push {}' ::: x",
  "xargs -a list git push",
  "chroot / git push x",
  "unshare -r git push x",
  "systemd-run --user git push x",
  "script -qc 'git push x' /dev/null",
  "watch git push x",
  "su root -c 'cd /w && git push x'",
  "runuser -u me -- git push x",
  "ssh localhost git push x",
  "ssh localhost 'git push x'",
  "setpriv --reuid 0 git push x",
  "busybox sh -c 'git push x'",
  "npx git push x",
  "screen -dm git push x",
  "timeout 5 nice -n 5 flock l git push x",
  "find . -exec git push x ;",
])("git push is denied in %s", (line) => {
  expect(answer("git push *", line)).toBe("yes");
});

// A program that nobody knows to take its words as data, which are then perhaps a command.
test.each([
  ["git push *", "somewrapper --fast git push x"],
  ["git push *", "docker run image git push x"],
  ["git push *", "git rebase -x 'git push x' main"],
  ["git push *", "git submodule foreach git push"],
  ["git push *", "git -c core.pager='git push x' log"],
  ["git push *", "git grep -O'git push x' a"],
  ["git push *", "GIT_PAGER='git push x' git log"],
  ["git push *", "echo git push x | sh"],
  ["git push *", "tar --to-command='git push x' -xf a"],
  ["git push *", "sort --compress-program 'git push x' a"],
  ["git push *", "vim -c '!git push x'"],
  ["git push *", `python3 -c 'run(["git", "push"])'`],
  ["git push *", "awk 'BEGIN{system(\"git push x\")}'"],
  ["rm *", "npm rm x"],
  ["dd", "somewrapper dd"],
])("%s may be what this does: %s", (rule, line) => {
  expect(answer(rule, line)).toBe("unknown");
});

test.each([
  ["git push *", "echo git push x"],
  ["git push *", "grep 'git push' README.md | sort | head -n 3"],
  ["git push *", "git commit -m 'git push fails'"],
  ["git push *", "git log --grep push && git status"],
  ["git push *", "npm test"],
  ["git push *", "docker run --rm image git pull"],
  ["rm *", "git rm x"],
  ["rm *", "docker run --rm x"],
  ["rm *", "cat docs/rm.md > rm"],
  ["rm *", "node build/rm.js"],
  ["rm *", "npm run form"],
  ["dd", "dd if=a of=b"],
])("%s is not what this does: %s", (rule, line) => {
  expect(answer(rule, line)).toBe("no");
});

// Words that come from elsewhere, and those of which it is not known what becomes of them.
test.each([
  ["git push *", "echo push origin | xargs git"],
  ["git push *", "xargs -n1 git"],
  ["git push *", "xargs -I{} git {} x"],
  ["git push *", "xargs -0I% git % x"],
  ["git push *", "xargs -IFOO FOO push x"],
  ["git push *", "xargs --replace=X git X x"],
  ["git push *", "find push -exec git {} x \\;"],
  ["git push *", "find . -exec {} push \\;"],
  ["git push *", "parallel git ::: push"],
  ["rm -rf *", "echo -rf x | xargs rm"],
  ["git push *", "git -C . $(echo push) origin"],
  ["git push *", "X=push; git -C . $X origin"],
  ["git push *", "git $X push"],
  ["git push *", "flock l git $X"],
  ["git push *", "git -c alias.p=push p"],
  ["git push *", "GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=alias.p GIT_CONFIG_VALUE_0=push git p"],
  ["git push *", "export GIT_CONFIG_COUNT=1; git p"],
  ["git push *", "git config alias.p push; git p"],
  ["git push *", "git config --global include.path x"],
  ["git push *", "echo git -C . push | sh"],
  ["git push *", "git -C . 'push]'; echo git push | sh"],
  ["git push *", "g\\\nit log; echo git push | sh"],
  ["git push *", "test -v 'a[$(git push)]'"],
  ["git push *", "printf -v 'a[$(git push)]' x"],
  ["git push *", "bash -c -e 'git push'"],
  ["git push *", 'flock l "$X" push'],
  ["git push *", 'flock l "$X" -C . push'],
  ["git push *", "flock l $X"],
  ["git push *", "flock l /usr/bin/g?t push"],
  ["git push *", "npx cross-env A=b $X"],
  ["git push *", "npx -p a $X"],
  ["git push *", "git -C $X"],
  ["git push *", "git -C $X log"],
  ["git push *", "git -C src* log"],
  ["git push *", 'git -C "$@" log'],
  ["git push *", 'git -c "$X" log'],
  ["git push *", "find . -exec git -C {} +"],
  ["git push *", "HOME=x git p"],
  ["git push *", "VAR=push git --config-env=alias.x=VAR x"],
  ["git push *", `node -e "require('child_process').execFileSync('git', ['push'])"`],
  ["git push *", `node -e "spawnSync('git',['push','origin'])"`],
  ["git push *", "hash -p /usr/bin/git g; g push"],
  ["git push *", "hyperfine -L cmd push 'git {cmd}'"],
  ["git push *", "export HOME=x; flock l 'git p'"],
  ["git push *", "git config --rename-section x alias"],
  ["git push *", "docker run x git -c a.b=c --no-pager push"],
  ["git push *", "docker run x \\\n git \\\n push"],
  ["rm -rf *", "docker run x rm -rf /"],
  ["source *", "source x.sh"],
  ["eval *", "eval $X"],
])("%s may be what this does by words from elsewhere: %s", (rule, line) => {
  expect(answer(rule, line)).toBe("unknown");
});

test.each([
  "xargs git log",
  "xargs -I{} git log {}",
  "find . -exec git log {} \\;",
  "git fetch origin push",
  "LANG=C git log",
  "flock l git log",
  "printf '[%s] $1' x",
  "npx eslint src/*.ts test/?.ts",
  'npx vitest run "$FILE"',
  "npx tsc -p $DIR",
  "ssh host ls *.log",
  'git -C "$DIR" log -3',
  'git -C "$(git rev-parse --show-toplevel)" --no-pager log',
  "git -C ~/a log",
  'git --git-dir "$X" log',
  "ls | xargs -I{} git -C {} status",
  "find . -name .git -exec git --git-dir={} log \\;",
  "HOME=/tmp/x npm test",
  "export HOME=/tmp XDG_CONFIG_HOME=/tmp; npm test",
  "GIT_CONFIG_GLOBAL=/dev/null git log",
  "git config --get alias.co",
  "git config alias.co",
  "git config --unset alias.co",
  'gh pr create --title "Hooks of git" --body "They push images"',
  "brew install git && docker push x/y",
  'test -n "[${x}]"',
  'export PS1="[${USER}]"',
  "bash -c -- 'git log'",
  "[ -d dist ] && npm run build",
  "git log @{u}.. && git show stash@{0}",
  "docker ps --format {{.Names}}",
  "source .venv/bin/activate && pytest",
])("git push is not what this does with words from elsewhere: %s", (line) => {
  expect(answer("git push *", line)).toBe("no");
});

test.each([
  ["sudo *", "sudo ls"],
  ["sudo *", "/usr/bin/sudo -u x sh -c 'ls'"],
  ["sudo git *", "sudo git log"],
  ["doas *", "doas ls"],
  ["bash *", "bash -c 'ls && cat a'"],
  ["sh -c *", "sh -c ls"],
  ["xargs *", "ls | xargs rm"],
  ["nohup *", "nohup ls"],
  ["timeout *", "timeout 5 sudo ls"],
  ["watch *", "watch ls"],
  ["command *", "command ls"],
  ["env *", "env A=b ls"],
  ["eval *", "eval 'ls a'"],
  ["git push *", "bash -euo pipefail -c 'git -C . push'"],
  ["git push *", "bash +e -o errexit -c 'git push'"],
  ["git push *", "git.exe push x"],
  ["git push *", "Git push x"],
  ["npm publish *", "npm.cmd publish x"],
  ["rm -rf *", "[ -d dist ] && rm -rf dist"],
  ["source *", "source .venv/bin/activate"],
  ["source *", ". .venv/bin/activate"],
  ["pytest *", ". venv/bin/activate && pytest x"],
])("%s is denied in %s", (rule, line) => {
  expect(answer(rule, line)).toBe("yes");
});

// A rule for all of a program, whose name is that of a folder, a file or a machine as well.
test.each([
  ["no", "npx eslint@9 src/docker"],
  ["no", "npx vitest run docker"],
  ["no", "npx prettier --write infra/docker && npx tsc -p packages/docker"],
  ["no", "uvx ruff check docker"],
  ["no", "eslint src/docker"],
  ["unknown", "npx nx build docker"],
  ["unknown", "tmux new -s docker"],
  ["unknown", "nodemon src/docker"],
  ["unknown", "ssh host ls /etc/docker"],
  ["unknown", "ssh host systemctl restart docker"],
  ["unknown", "ssh docker ls"],
  ["unknown", "sg docker -c 'npm test'"],
  ["unknown", "xvfb-run npx playwright test e2e/docker"],
  ["yes", "npx docker ps"],
  ["yes", "npx -y docker ps"],
  ["yes", "npx cross-env A=b docker ps"],
  ["yes", "xvfb-run -a docker ps"],
  ["yes", "xvfb-run /usr/bin/docker ps"],
  ["yes", "ssh host docker ps"],
  ["yes", "ssh -t host docker ps"],
  ["yes", "ssh host sudo docker ps"],
  ["yes", "ssh host 'cd x && docker ps'"],
  ["yes", "flock -n l docker ps"],
  ["yes", "runuser -u me -- docker ps"],
  ["yes", "dotenvx run -- docker up"],
  ["yes", "systemd-run --user docker run x"],
  ["yes", "npx concurrently 'npm test' 'docker up'"],
])("docker is %s denied in %s", (expected, line) => {
  expect(answer("docker *", line)).toBe(expected);
});

test("another shell's line is what letters say, and may be anything else", () => {
  for (const dialect of ["powershell", "cmd"] as const) {
    expect(answer("git push *", "Git.exe push origin", dialect)).toBe("yes");
    expect(answer("git push *", 'git log "-5"', dialect)).toBe("no");
    for (const line of [
      "git log $x",
      "git log; gi`t push",
      "g^it push",
      'gi""t p\u2018\u2019ush',
      "git log & git push",
      "echo (git push)",
      "git -C . 'push'",
      "git @x",
      'x `"(y)" ""',
      "'gi' + 't push' | iex",
      '"gi" + "t push" | iex',
      "'x' | cmd",
      "C:\\*\\gi?.exe push",
      "ls; & 'C:\\a b\\g*' push",
      "sal g git; g push",
      "git config alias.p push; git p",
      "'push' | xargs git",
    ])
      expect([line, answer("git push *", line, dialect)]).toEqual([line, "unknown"]);
    for (const line of [
      "git log 'a'",
      "git add src\\a.ts",
      "git commit -m 'fix, it; do not push'",
      'npx eslint "src/**/*.ts"',
      "Get-ChildItem src | Select-Object -First 5",
      "Get-ChildItem -Filter *.ts",
      "npm install @types/node",
      'node -e "console.log(1)"',
      ".\\gradlew.bat build",
    ])
      expect([line, answer("git push *", line, dialect)]).toEqual([line, "no"]);
  }
  expect(answer("git push *", "npm test; git push", "powershell")).toBe("yes");
  expect(answer("git push *", "npm test 2>&1 | cat; git push 2>$null", "powershell")).toBe("yes");
  expect(answer("git push *", "git push 2>nul", "cmd")).toBe("yes");
  expect(answer("git push *", "echo 'a 2>&1 | b' 2>$x", "powershell")).toBe("unknown");
  for (const line of [
    "git --% push",
    "Start-Process git -ArgumentList push",
    "Start-Process -FilePath git -ArgumentList 'push','origin'",
    "saps git -Args push",
  ])
    expect([line, answer("git push *", line, "powershell")]).toEqual([line, "unknown"]);
  expect(answer("git push *", "Start-Process git -ArgumentList log", "powershell")).toBe("no");
  expect(answer("rm *", "npm run format; rm\tx", "powershell")).toBe("unknown");
  expect(answer("rm *", "npm run format, x", "powershell")).toBe("no");
});

test("programs that are started through each other without an end take no time, and are read by nobody", () => {
  const pattern = toCommandPattern("git push *", true) as CommandPattern;
  const before = threadMs();
  for (const word of ["env ", "sudo ", "xargs ", "nohup "]) expect(mayDo(pattern, word.repeat(3500))).toBe("unknown");
  expect(threadMs() - before).toBeLessThan(2000);
});

test("a line of many words is looked through once", () => {
  const lines = ["a ", "git ", "git -C ", "sh ", "x; "].map((word) => `flock ${word.repeat(4000)}`);
  const pattern = toCommandPattern("git push *", true) as CommandPattern;
  const before = threadMs();
  for (const line of lines) for (let at = 0; at < 5; at += 1) mayDo(pattern, line);
  const told = toCommandPattern("kubectl delete pod *", true) as CommandPattern;
  for (const word of ["-a ", "-a delete ", "flock kubectl "]) mayDo(told, `kubectl ${word.repeat(1500)}`);
  expect(threadMs() - before).toBeLessThan(4000);
});
