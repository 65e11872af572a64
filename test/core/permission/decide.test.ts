import { expect, test } from "vitest";
import { decide, type DecideContext } from "../../../src/core/permission/decide.ts";
import type { ApprovalAsk } from "../../../src/core/ports/tool.ts";
import type { Rule } from "../../../src/protocol/rule.ts";

const command = (line: string, own: Partial<ApprovalAsk> = {}): ApprovalAsk => ({
  summary: `run ${line}`,
  subject: { type: "command", command: line, cwd: "/ws" },
  reason: "runs it",
  safe: false,
  protected: false,
  effects: [{ kind: "run", place: line }],
  ...own,
});

const edit = (path: string, own: Partial<ApprovalAsk> = {}): ApprovalAsk => ({
  ...command(""),
  summary: `change ${path}`,
  effects: [{ kind: "change", place: `/ws/${path}` }],
  ...own,
});

type Own = Partial<Omit<DecideContext, "settings" | "grants">> & {
  approvals?: "ask" | "auto-safe" | "auto" | "deny";
  rules?: Rule[];
  grants?: Rule[];
  within?: Rule[][];
};

function verdict(ask: ApprovalAsk, { approvals = "ask", rules = [], grants, within = [], ...own }: Own = {}): string {
  const lists = grants ? [grants, ...within] : within;
  const context = { tool: "exec", workspace: "/ws", grants: lists, allowances: [], attended: true, ...own };
  const found = decide(ask, { ...context, settings: { approvals, rules } });
  return `${found.verdict}, ${found.by}`;
}

const allowTest: Rule = { allow: "exec", command: "npm test" };
const denyPush: Rule = { deny: "exec", command: "git push *" };

test.each<[string, ApprovalAsk, Own, string]>([
  ["the mode asks", command("x"), {}, "asked, approvals: ask"],
  ["the mode allows", command("x"), { approvals: "auto" }, "allowed, approvals: auto"],
  ["the mode refuses", command("x"), { approvals: "deny" }, "refused, approvals: deny"],
  ["harmless", command("x", { safe: true }), { approvals: "auto-safe" }, "allowed, approvals: auto-safe"],
  ["a rule", command("npm test"), { rules: [allowTest] }, "allowed, rule allow exec: npm test"],
  [
    "a rule under deny",
    command("npm test"),
    { rules: [allowTest], approvals: "deny" },
    "allowed, rule allow exec: npm test",
  ],
  ["a grant", command("npm test"), { grants: [allowTest] }, "allowed, grant allow exec: npm test"],
  ["another command", command("npm start"), { rules: [allowTest] }, "asked, approvals: ask"],
  [
    "deny wins over allow",
    command("git push"),
    { rules: [{ allow: "exec", command: "git *" }, denyPush] },
    "refused, rule deny exec: git push *",
  ],
  [
    "deny wins over a grant",
    command("git push"),
    { rules: [denyPush], grants: [{ allow: "exec", command: "git push" }] },
    "refused, rule deny exec: git push *",
  ],
  [
    "deny wins over auto",
    command("git push"),
    { rules: [denyPush], approvals: "auto" },
    "refused, rule deny exec: git push *",
  ],
  [
    "perhaps denied",
    command("if a; then git push; fi"),
    { rules: [denyPush], approvals: "auto" },
    "asked, rule deny exec: git push *, perhaps",
  ],
  [
    "perhaps denied, nobody there",
    command("git $X"),
    { rules: [denyPush], approvals: "auto", attended: false },
    "refused, nobody there",
  ],
  ["protected under auto", edit("AGENTS.md", { protected: true }), { approvals: "auto" }, "asked, what is protected"],
  [
    "protected by a glob",
    edit("AGENTS.md", { protected: true }),
    { rules: [{ allow: "edit", path: "**" }] },
    "asked, what is protected",
  ],
  [
    "protected by its name",
    edit("AGENTS.md", { protected: true }),
    { rules: [{ allow: "edit", path: "AGENTS.md" }] },
    "allowed, rule allow edit: AGENTS.md",
  ],
  [
    "protected, allowed for the session",
    edit("AGENTS.md", { protected: true }),
    { allowances: [{ allow: "edit", path: "*" }] },
    "asked, what is protected",
  ],
  [
    "allowed for the session",
    command("npm test"),
    { allowances: [allowTest] },
    "allowed, allowed for this session: allow exec: npm test",
  ],
  [
    "allowed for the session, but wider",
    command("npm test", { once: true }),
    { allowances: [allowTest] },
    "asked, approvals: ask",
  ],
  [
    "granted, but not by the caller",
    command("npm test"),
    { grants: [allowTest], within: [[]] },
    "asked, approvals: ask",
  ],
  [
    "granted by both",
    command("npm test"),
    { grants: [allowTest], within: [[{ allow: "exec", command: "npm *" }]] },
    "allowed, grant allow exec: npm test",
  ],
  [
    "granted by a wider list than the caller's",
    command("npm start"),
    { grants: [{ allow: "exec", command: "npm *" }], within: [[allowTest]] },
    "asked, approvals: ask",
  ],
  [
    "denied by the caller's",
    command("git push"),
    { grants: [{ allow: "exec", command: "git push" }], within: [[{ allow: "exec", command: "git *" }, denyPush]] },
    "refused, rule deny exec: git push *",
  ],
  ["nobody there", command("x"), { attended: false }, "refused, nobody there"],
  [
    "nobody there, granted",
    command("npm test"),
    { attended: false, grants: [allowTest] },
    "allowed, grant allow exec: npm test",
  ],
  [
    "nobody there, protected",
    edit(".env", { protected: true }),
    { attended: false, grants: [{ allow: "edit", path: "**" }] },
    "refused, nobody there",
  ],
  [
    "without effects",
    { ...command("x"), effects: [] },
    { rules: [{ allow: "exec", command: "x" }] },
    "asked, approvals: ask",
  ],
])("%s", (_, ask, own, expected) => {
  expect(verdict(ask, own)).toBe(expected);
});

test("a run that nobody attends is told what was lacking", () => {
  const context = { tool: "exec", workspace: "/ws", grants: [], allowances: [], attended: false };
  expect(decide(command("rm x"), { ...context, settings: { approvals: "ask", rules: [] } })).toMatchObject({
    reason: expect.stringMatching(/Nobody is there to be asked, and no grant allows it: run rm x/),
  });
});

test("what asks, or is refused, says which word a rule that nearly covers it does not cover", () => {
  const log = command("git log --output=x");
  const rules: Rule[] = [{ allow: "exec", command: "git log *" }];
  const context = {
    tool: "exec",
    workspace: "/ws",
    allowances: [],
    settings: { approvals: "ask" as const, rules: [] },
  };
  const why = /A rule for `git log \*` does not cover its words and --output=x, for that writes files/;
  expect(decide(log, { ...context, allowances: rules, grants: [], attended: true })).toMatchObject({
    verdict: "asked",
    why: expect.stringMatching(why),
  });
  expect(decide(log, { ...context, grants: [rules], attended: false })).toMatchObject({
    verdict: "refused",
    reason: expect.stringMatching(why),
  });
});

const connecting = (line: string): ApprovalAsk =>
  command(line, {
    effects: [
      { kind: "run", place: line },
      { kind: "connect", place: "*" },
    ],
  });

test("what a command reaches is the network's, whichever tool started it", () => {
  const ask = connecting("npm start");
  const own = { tool: "run_task" };
  expect(verdict(ask, { ...own, approvals: "auto" })).toBe("asked, no rule grants the network");
  expect(verdict(ask, { ...own, approvals: "auto", rules: [{ allow: "network", host: "*" }] })).toBe(
    "allowed, approvals: auto",
  );
  expect(verdict(ask, { ...own, allowances: [{ allow: "exec", command: "npm start", host: "*" }] })).toContain(
    "allowed, allowed for this session",
  );
  expect(verdict(ask, { ...own, rules: [{ deny: "web_fetch" }] })).toBe("asked, approvals: ask");
});

test("what a page is told to do is denied by rules, and allowed by none", () => {
  const script = (place: string) => command("", { effects: [{ kind: "act", place }] });
  const by = (place: string, rule: Rule) =>
    verdict(script(place), { tool: "browser", approvals: "auto", rules: [rule] });
  expect(by("*", { deny: "browser" })).toBe("refused, rule deny browser");
  expect(by("*", { deny: "browser", host: "*" })).toBe("refused, rule deny browser: *");
  expect(by("https://a.example", { deny: "browser", host: "a.example" })).toBe("refused, rule deny browser: a.example");
  expect(by("*", { deny: "browser", host: "a.example" })).toBe("allowed, approvals: auto");
  const allowed = { tool: "browser", rules: [{ allow: "browser", host: "a.example" } as Rule] };
  expect(verdict(script("https://a.example"), allowed)).toBe("asked, approvals: ask");
});

test("a line of another shell is allowed where all shells read it alike", () => {
  const rules: Rule[] = [{ allow: "exec", command: "git log *" }];
  for (const dialect of ["powershell", "cmd"] as const) {
    const asked = (line: string) =>
      verdict(command(line, { effects: [{ kind: "run", place: line, dialect }] }), { rules });
    expect(asked('git log -5 "src/a b"')).toBe("allowed, rule allow exec: git log *");
    expect(asked("git log -5 && git log -3 | git log")).toBe("allowed, rule allow exec: git log *");
    expect(asked("git log -5; git log -3")).toBe(
      dialect === "cmd" ? "asked, approvals: ask" : "allowed, rule allow exec: git log *",
    );
    for (const line of [
      'git log "a\\"; Remove-Item x -Recurse; #"',
      "git log 'a & del x & '",
      "git log $x",
      "git log %x%",
    ])
      expect([line, asked(line)]).toEqual([line, "asked, approvals: ask"]);
  }
});

test("a line of another shell is allowed by a rule that is the same line", () => {
  const asked = (line: string, rule: string) =>
    verdict(command(line, { effects: [{ kind: "run", place: line, dialect: "powershell" }] }), {
      rules: [{ allow: "exec", command: rule }],
    });
  expect(asked("npx vitest -t 'a, b'", "npx vitest -t 'a, b'")).toBe("allowed, rule allow exec: npx vitest -t 'a, b'");
  expect(asked("npx vitest -t 'a, b' ", "npx vitest -t 'a, b'")).toBe("asked, approvals: ask");
  expect(asked("npx vitest -t 'a, b'", "npx vitest *")).toBe("asked, approvals: ask");
  // What it runs would not be bound to a job's grant.
  expect(asked("node .\\a.js", "node .\\a.js")).toBe("asked, approvals: ask");
});
