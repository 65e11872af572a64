import { expect, test } from "vitest";
import type { Rule } from "../../src/protocol/rule.ts";
import { allowing, denying, ruleWords, uncovered } from "../../src/rules/coverage.ts";
import { ruleSchema } from "../../src/rules/ruleSchema.ts";

const covers = (rule: Rule, line: string) => allowing([rule], [{ deed: "exec", place: line }], "/ws") !== undefined;

test.each([
  ["npm test", "npm test", true],
  ["npm test", "npm  'test'", true],
  ["npm test", "npm test 2>&1", true],
  ["npm test", "npm test > /dev/null", true],
  ["npm test", "npm test && npm test", true],
  ["npm test", "npm test; npm test | npm test", true],
  ["npm test", "npm test -- --watch", false],
  ["npm test", "npm testing", false],
  ["npm test", "NPM TEST", false],
  ["npm test", "npm test & npm test &", true],
  ["npm test", "! npm test # twice", true],
  ["npm test", "npm test && rm x", false],
  ["npm test", "npm test; rm x", false],
  ["npm test", "npm test | tee out", false],
  ["npm test", "npm test > out", false],
  ["npm test", "npm test &> /dev/null", false],
  ["npm test", "npm test |& npm test", false],
  ["npm test", "npm test\nrm x", false],
  ["npm test", "npm test & rm x", false],
  ["npm test", "npm test $(rm x)", false],
  ["npm test", "npm `echo test`", false],
  ["npm test", "npm $X", false],
  ["npm test", "sudo npm test", false],
  ["npm test", "env npm test", false],
  ["npm test", "A=1 npm test", false],
  ["npm test", "sh -c 'npm test'", false],
  ["npm test", "xargs npm test", false],
  ["npm test", "/tmp/npm test", false],
  ["npm test", "if true; then npm test; fi", false],
  ["npm test", "npm test {a,b}", false],
  ["npm test", "(npm test)", true],
  ["git log *", "git log", true],
  ["git log *", "git log -5 --oneline", true],
  ["git log *", "git log 'a b'", true],
  ["git log *", "git log *", false],
  ["git log *", "git log ~", false],
  ["git log *", "git log $(rm x)", false],
  ["git log *", "git logs", false],
  ["git log *", "git log; git push", false],
  ["git log *", "git log <(rm x)", false],
  ["git *", "git push --force", true],
  ["git log *", "git log --output=x", false],
  ["git log *", "git log -1 | git log --ext-diff", false],
  ["git log --output=x", "git log --output=x", true],
  ["git log --output=x *", "git log --output=x -3", true],
  ["find . *", "find . -name x -delete", false],
  ["find . *", "find . -exec cat {} ;", false],
  ["xargs *", "xargs rm", false],
  ["env *", "env A=1 rm x", false],
  ["node *", "node check.js", true],
  ["node *", "node -e 1", false],
  ["echo 'a b'", 'echo "a b"', true],
])("a rule for %j and the line %j: %s", (command, line, expected) => {
  expect(covers({ allow: "exec", command }, line)).toBe(expected);
});

test("why a rule does not cover what begins with its words is told, where a word of a line goes further", () => {
  const why = (command: string, line: string, more: Rule[] = []) =>
    uncovered([{ allow: "exec", command }, ...more], [{ deed: "exec", place: line }]);
  expect(why("git log *", "git status && git log --output=x")).toBe(
    "A rule for `git log *` does not cover its words and --output=x, for that writes files: a rule has to name it",
  );
  expect(why("node *", "node")).toMatch(/does not cover its words and nothing to run, for that starts programs/);
  expect(why("git log *", "git log --output=x", [{ allow: "exec", command: "git log --output=x" }])).toBeUndefined();
  expect(why("git log *", "git log -3")).toBeUndefined();
  expect(why("git log *", "git push --output=x")).toBeUndefined();
});

test.each([
  ["git push *", "git push", "sure"],
  ["git push *", "git push -f origin", "sure"],
  ["git push *", "ls && sudo git push", "sure"],
  ["git push *", "/usr/bin/git push", "sure"],
  ["git push *", "env A=1 git push", "sure"],
  ["git push *", "sh -c 'git push'", "sure"],
  ["git push *", "sudo A=1 git push", "sure"],
  ["git push *", "sudo --user root git push", "sure"],
  ["git push *", "sudo -nu root git push", "perhaps"],
  ["git push *", "timeout --unheard-of 5 git push", "perhaps"],
  ["git push *", "strace -E A=1 git push", "sure"],
  ["git push *", "xargs -0 -n 1 git push", "sure"],
  ["git push *", "env A=$X push", "perhaps"],
  ["git push *", "sudo A=$X push", "perhaps"],
  ["git push *", "stdbuf -oL nice -5 git pull", "no"],
  ["git push *", "git $X", "perhaps"],
  ["git push *", "if true; then git push; fi", "perhaps"],
  ["git push *", "git pull", "no"],
  ["git push *", "echo git push", "no"],
])("a rule against %j and the line %j: %s", (command, line, expected) => {
  const found = denying([{ deny: "exec", command }], [{ deed: "exec", place: line }], "/ws");
  expect(found ? (found.isSure ? "sure" : "perhaps") : "no").toBe(expected);
});

test.each<[Rule, string, boolean]>([
  [{ allow: "edit", path: "src/**" }, "/ws/src/a/b.ts", true],
  [{ allow: "edit", path: "src/**" }, "/ws/src", true],
  [{ allow: "edit", path: "src/**" }, "/ws/srcs/a.ts", false],
  [{ allow: "edit", path: "**" }, "/other/a.ts", false],
  [{ allow: "edit", path: "**" }, "/ws/../other/a.ts", false],
  [{ allow: "edit", path: "*.md" }, "/ws/a.md", true],
  [{ allow: "edit", path: "*.md" }, "/ws/docs/a.md", false],
  [{ allow: "delete", path: "src/**" }, "/ws/src/a.ts", false],
])("%j covers a change of %s: %s", (rule, place, expected) => {
  expect(allowing([rule], [{ deed: "edit", place }], "/ws") !== undefined).toBe(expected);
});

test.each([
  ["docs.example.org", "https://docs.example.org", true],
  ["docs.example.org", "https://docs.example.org.evil.com", false],
  ["*.example.org", "https://a.example.org", true],
  ["*.example.org", "https://example.org", false],
  ["*.example.org", "https://evilexample.org", false],
  ["example.org:8443", "https://example.org:8443", true],
  ["example.org:8443", "https://example.org", false],
  ["example.org:443", "https://example.org", true],
  ["*.example.org:8443", "https://a.example.org:8443", true],
  ["*.example.org:8443", "https://a.example.org", false],
  ["Example.org", "https://example.ORG.", true],
  ["*", "https://anything.example", true],
])("the host %s covers %s: %s", (host, place, expected) => {
  expect(allowing([{ allow: "web_fetch", host }], [{ deed: "web_fetch", place }], "/ws") !== undefined).toBe(expected);
});

test.each<[Rule, string, boolean, boolean?]>([
  [{ allow: "message", channel: "telegram", to: "111" }, "telegram/111", true],
  [{ allow: "message", channel: "telegram", to: "111" }, "telegram/1110", false],
  [{ allow: "message", channel: "telegram", to: "111" }, "discord/111", false],
  [{ allow: "message", channel: "telegram", to: "*" }, "telegram/-100:5", true],
  [{ allow: "message", channel: "telegram", to: "-100:*" }, "telegram/-100:5", true],
  [{ allow: "message", channel: "telegram", to: "-100:*" }, "telegram/-100", false],
  // Who may not be written to is not written to in a topic either.
  [{ allow: "message", channel: "telegram", to: "-100" }, "telegram/-100:5", false, true],
  [{ allow: "message", channel: "telegram", to: "-1*0" }, "telegram/-100:5", false, true],
  [{ allow: "message", channel: "telegram", to: "-10" }, "telegram/-100:5", false],
])("%j covers a message to %s: %s", (rule, place, expected, forbids = expected) => {
  expect(allowing([rule], [{ deed: "message", place }], "/ws") !== undefined).toBe(expected);
  const denied = denying([{ ...rule, allow: undefined, deny: "message" }], [{ deed: "message", place }], "/ws");
  expect(denied?.isSure ?? false).toBe(forbids);
});

test("a message with a file is covered by a rule for the chat and one for the file; one that denies either is enough", () => {
  const things = [
    { deed: "message", place: "telegram/111" },
    { deed: "read", place: "/ws/out/a.pdf" },
  ] as const;
  const message: Rule = { allow: "message", channel: "telegram", to: "111" };
  const read: Rule = { allow: "read", path: "out/**" };
  expect(allowing([message], [...things], "/ws")).toBeUndefined();
  expect(allowing([message, read], [...things], "/ws")?.map(ruleWords)).toEqual([
    "allow message: telegram/111",
    "allow read: out/**",
  ]);
  expect(denying([{ deny: "read", path: "out/**" }], [...things], "/ws")?.isSure).toBe(true);
  expect(denying([{ deny: "message" }], [...things], "/ws")?.isSure).toBe(true);
  expect(ruleWords({ deny: "message", channel: "telegram" })).toBe("deny message: telegram/*");
});

test("all that a call does must be allowed, and the rules that allowed it are named", () => {
  const rules: Rule[] = [
    { allow: "edit", path: "src/**" },
    { allow: "exec", command: "npm test" },
    { allow: "exec", command: "git log *" },
  ];
  const change = { deed: "edit", place: "/ws/src/a.ts" } as const;
  expect(allowing(rules, [change, { deed: "edit", place: "/ws/b.ts" }], "/ws")).toBeUndefined();
  expect(allowing(rules, [change, { deed: "delete", place: "/ws/src/c.ts" }], "/ws")).toBeUndefined();
  expect(allowing(rules, [], "/ws")).toBeUndefined();
  const used = allowing(rules, [{ deed: "exec", place: "npm test | git log -1" }], "/ws")!;
  expect(used.map(ruleWords)).toEqual(["allow exec: npm test", "allow exec: git log *"]);
});

test.each([
  [{}, "A rule says either allow or deny"],
  [{ allow: "exec", deny: "exec", command: "ls" }, "A rule says either allow or deny"],
  [{ allow: "exec" }, "A rule that allows exec says which command"],
  [{ allow: "exec", path: "src/**" }, "A rule about exec has a command, and no path"],
  [{ allow: "exec", command: "npm test && ls" }, "one command of plain words"],
  [{ allow: "exec", command: "npm $X" }, "one command of plain words"],
  [{ allow: "exec", command: "sudo ls" }, "one command of plain words"],
  [{ allow: "exec", command: "ls > out" }, "one command of plain words"],
  [{ allow: "exec", command: "npm test &" }, 'nothing beside them: "&" is no part of it'],
  [{ deny: "exec", command: "npm test & *" }, 'nothing beside them: "&" is no part of it'],
  [{ allow: "exec", command: "(npm test)" }, 'nothing beside them: "(" and ")" is no part of it'],
  [{ allow: "exec", command: "! npm test" }, 'nothing beside them: "!" is no part of it'],
  [{ allow: "exec", command: "npm test #x" }, 'nothing beside them: "#x" is no part of it'],
  [{ allow: "exec", command: "npm test # x *" }, 'nothing beside them: "# x" is no part of it'],
  [{ allow: "exec", command: "npm test;" }, 'nothing beside them: ";" is no part of it'],
  [{ allow: "exec", command: "*" }, "plain words"],
  [{ allow: "exec", command: "if x" }, "plain words"],
  [{ allow: "edit", path: "../x" }, "A path of a rule lies in the workspace"],
  [{ allow: "edit", path: "/etc/**" }, "A path of a rule lies in the workspace"],
  [{ allow: "network" }, "A rule that allows network says which host"],
  [{ allow: "network", host: "https://example.org" }, "A host of a rule is a name"],
  [{ allow: "network", host: "example.*" }, "A host of a rule is a name"],
  [{ allow: "network", host: "*.." }, "A host of a rule is a name"],
  [{ allow: "network", host: "a..example" }, "A host of a rule is a name"],
  [{ allow: "network", host: "*.-" }, "A host of a rule is a name"],
  [{ allow: "exec", command: "sudo git *" }, "A rule's command is one command of plain words"],
  [{ deny: "exec", command: "curl *", host: "example.org" }, "A rule about exec has a command, and no host"],
  [{ allow: "edit", path: "**", host: "example.org" }, "A rule about edit has a path, and no host"],
  [{ allow: "web_fetch", host: "https://x" }, "A host of a rule is a name"],
  [{ allow: "message" }, "A rule that allows message says which channel"],
  [{ allow: "message", channel: "telegram" }, "A rule that allows message says to whom"],
  [{ deny: "message", to: "111" }, "A rule about an address says of which channel"],
  [{ allow: "message", channel: "Tele gram", to: "*" }, "A channel of a rule is a name"],
  [{ allow: "message", channel: "telegram", to: "a b" }, "An address of a rule is as"],
  [{ allow: "message", channel: "telegram", to: "1", tool: "x" }, "A rule about message has a channel, and no tool"],
  [{ allow: "read", path: "a", to: "1" }, "A rule about read has a path, and no to"],
])("%j is no rule: %s", (rule, message) => {
  const { error } = ruleSchema.safeParse(rule);
  expect(error?.issues[0]?.message).toContain(message);
});

test.each([
  { deny: "exec" },
  { deny: "edit" },
  { allow: "network", host: "*" },
  { deny: "exec", command: "sudo git *" },
  { deny: "exec", command: "eval *" },
  { deny: "exec", command: "source *" },
  { allow: "network", host: "*.example.org:8443" },
  { deny: "network" },
  { deny: "message" },
  { deny: "message", channel: "telegram" },
  { allow: "message", channel: "telegram", to: "-100123:*" },
  { allow: "exec", command: "npm ci", host: "registry.npmjs.org" },
  { allow: "exec", command: " npm  test\n" },
  { allow: "exec", command: "echo '#x' a#b '&' *" },
])("%j is a rule", (rule) => {
  expect(ruleSchema.safeParse(rule).success).toBe(true);
});
