import { expect, test } from "vitest";
import { type CommandPattern, mayDo, toCommandPattern } from "../../src/rules/commandPattern.ts";

const answer = (rule: string, line: string) => mayDo(toCommandPattern(rule) as CommandPattern, line);

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
  ["git push *", "sh << 'E'\ngit push x\nE"],
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
