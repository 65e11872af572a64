import { expect, test } from "vitest";
import { decide } from "../../../src/core/permission/decide.ts";
import { type OfferContext, offersFor } from "../../../src/core/permission/offers.ts";
import type { ApprovalAsk, AskedEffect } from "../../../src/core/ports/tool.ts";
import type { Rule } from "../../../src/protocol/rule.ts";
import { reachedPlace } from "../../../src/rules/hostPattern.ts";

const ask = (effects: AskedEffect[], own: Partial<ApprovalAsk> = {}): ApprovalAsk => ({
  summary: "do it",
  subject: { type: "other", text: "do it" },
  reason: "does it",
  safe: false,
  protected: false,
  effects,
  ...own,
});

const change = (...paths: string[]) => paths.map((path) => ({ kind: "change" as const, place: `/ws/${path}` }));
const remove = (path: string) => ({ kind: "delete" as const, place: `/ws/${path}` });
const run = (place: string) => [{ kind: "run" as const, place }];
const connect = (place: string) => [{ kind: "connect" as const, place }];

interface Own extends Partial<OfferContext> {
  approvals?: "ask" | "auto";
}

function offers(asked: ApprovalAsk, { approvals = "ask", ...own }: Own = {}) {
  const place = { tool: "edit", workspace: "/ws", ...own };
  const settings = { approvals, rules: [] };
  const covers = (rule: Rule) =>
    decide(asked, { ...place, settings, grants: [], allowances: [rule], attended: true }).verdict === "allowed";
  return offersFor(asked, { isOneRun: false, isJob: false, canKeep: false, covers, ...place });
}

function sessionOffers(asked: ApprovalAsk, own: Own = {}): [Rule | undefined, string][] {
  return offers(asked, own)
    .filter((offer) => offer.decision === "allow_session")
    .map(({ rule, words }) => [rule, words.replace(/, in this session$/, "")]);
}

test.each<[string, ApprovalAsk]>([
  ["what is protected", ask(change("src/a.ts"), { protected: true })],
  ["what goes further than usual", ask(run("npm test"), { once: true })],
  [
    "a command that would reach several hosts",
    ask([...run("a"), ...connect(reachedPlace("a.example")), ...connect(reachedPlace("b.example"))]),
  ],
  ["several deletes", ask([remove("a"), remove("b")])],
])("%s gets no rule, whatever one would cover", (_, asked) => {
  const own = { tool: "exec", workspace: "/ws", isOneRun: false, isJob: true, canKeep: true, covers: () => true };
  expect(offersFor(asked, own).map(({ decision }) => decision)).toEqual(["allow", "deny"]);
});

test("of a command that would reach a host each rule is for that host", () => {
  const asked = ask([...run("npm ci"), ...connect(reachedPlace("registry.npmjs.org"))]);
  const own = { tool: "exec", workspace: "/ws", isOneRun: false, isJob: true, canKeep: true, covers: () => true };
  expect(
    offersFor(asked, own)
      .flatMap(({ rule }) => rule ?? [])
      .map(({ host }) => host),
  ).toEqual(Array(4).fill("registry.npmjs.org"));
});

test.each<[string, AskedEffect[], [Rule, string][]]>([
  [
    "a change: its folder",
    change("src/a/x.ts"),
    [[{ allow: "edit", path: "src/a/**" }, "change files under src/a/, delete nothing"]],
  ],
  [
    "a change at the top: none below",
    change("x.ts"),
    [[{ allow: "edit", path: "*" }, "change files at the top of the folder, none below, delete nothing"]],
  ],
  [
    "changes: the folder that they share",
    change("src/a/x.ts", "src/b/c/y.ts"),
    [[{ allow: "edit", path: "src/**" }, "change files under src/, delete nothing"]],
  ],
  [
    "changes all over",
    change("x.ts", "src/y.ts"),
    [[{ allow: "edit", path: "**" }, "change any file of the folder that is not protected, delete nothing"]],
  ],
  [
    "signs of patterns in a name are no pattern",
    change("app/[id]/(g)/x.ts"),
    [[{ allow: "edit", path: "app/[[]id[]]/[(]g[)]/**" }, "change files under app/[id]/(g)/, delete nothing"]],
  ],
  ["a name that turns a pattern round", change("!src/x.ts"), []],
  ["outside of the folder", [{ kind: "change", place: "/etc/x" }], []],
  ["a delete: that file", [remove("out/a.txt")], [[{ allow: "delete", path: "out/a.txt" }, "delete out/a.txt"]]],
  ["deletes: each is asked about", [remove("a"), remove("b")], []],
  ["a change and a delete", [...change("a/x"), remove("a/y")], []],
  ["a command", run("npm start"), [[{ allow: "exec", command: "npm start" }, "run exactly `npm start`"]]],
  [
    "a command whose first words tell what it does",
    run("git log -5 --stat"),
    [
      [{ allow: "exec", command: "git log -5 --stat" }, "run exactly `git log -5 --stat`"],
      [
        { allow: "exec", command: "git log *" },
        "run `git log …` with any words after it, none by which it writes files or starts programs",
      ],
    ],
  ],
  [
    "a script of npm",
    run("npm run lint src"),
    [
      [{ allow: "exec", command: "npm run lint src" }, "run exactly `npm run lint src`"],
      [
        { allow: "exec", command: "npm run lint *" },
        "run `npm run lint …` with any words after it, none by which it writes files or starts programs",
      ],
    ],
  ],
  [
    "a command that may do anything",
    run("node x.mjs"),
    [[{ allow: "exec", command: "node x.mjs" }, "run exactly `node x.mjs`"]],
  ],
  ...[
    "npm test 2>&1",
    "npm test 2>/dev/null",
    "npm test;",
    "npm test # x",
    "# run\nnpm test",
    "npm  'test' < /dev/null",
  ].map((line): [string, AskedEffect[], [Rule, string][]] => [
    `what is beside its words is none of a rule: ${line}`,
    run(line),
    [[{ allow: "exec", command: "npm test" }, "run exactly `npm test`"]],
  ]),
  [
    "first words, and errors that go elsewhere",
    run("git log -5 2>&1"),
    [
      [{ allow: "exec", command: "git log -5" }, "run exactly `git log -5`"],
      [
        { allow: "exec", command: "git log *" },
        "run `git log …` with any words after it, none by which it writes files or starts programs",
      ],
    ],
  ],
  ...(["powershell", "cmd"] as const).flatMap((dialect) =>
    ["npm test 2>&1", "npm test\n", dialect === "cmd" ? "npm test 2>nul" : "npm test 2>$null"].map(
      (line): [string, AskedEffect[], [Rule, string][]] => [
        `in ${dialect}, too: ${line}`,
        [{ kind: "run", place: line, dialect }],
        [[{ allow: "exec", command: "npm test" }, "run exactly `npm test`"]],
      ],
    ),
  ),
  ...["npm test > a", "npm test 2>&1 | tee a", "npm test 2> a"].map(
    (line): [string, AskedEffect[], [Rule, string][]] => [`no rule says ${line}`, run(line), []],
  ),
  ...["a; b", "a && b", "a $X", "rm *", "a > b", "sudo a", "X=1 a", "a `b`", "a 'b'$'c'", "", "a *"].map(
    (line): [string, AskedEffect[], [Rule, string][]] => [`no rule says ${line}`, run(line), []],
  ),
  [
    "an address: its host",
    connect("https://docs.example.org"),
    [[{ allow: "web_fetch", host: "docs.example.org" }, "fetch pages of docs.example.org"]],
  ],
  [
    "an address with a port",
    connect("http://docs.example.org:81"),
    [[{ allow: "web_fetch", host: "docs.example.org:81" }, "fetch pages of docs.example.org:81"]],
  ],
  ["a read", [{ kind: "read", place: "/ws/x" }], []],
  ["nothing that a rule is about", [], []],
])("%s", (_, effects, expected) => {
  expect(sessionOffers(ask(effects), { tool: "web_fetch" })).toEqual(expected);
});

test("in a session without a folder no path is offered", () => {
  const given = offers(ask([{ kind: "change", place: `${process.cwd()}/x` }]), { workspace: "" });
  expect(given.map((offer) => offer.decision)).toEqual(["allow", "deny"]);
});

test("what is protected, and what goes further than usual, is allowed once or not at all", () => {
  for (const own of [{ protected: true }, { once: true as const }]) {
    const given = offers(ask(run("npm test"), own), { isJob: true, canKeep: true });
    expect(given.map((offer) => offer.decision)).toEqual(["allow", "deny"]);
  }
});

test("each answer says for how long it holds", () => {
  const asked = ask(run("npm test"));
  const words = (own: object) => offers(asked, own).map((offer) => offer.words);
  expect(words({})).toEqual([
    "this call only",
    "run exactly `npm test`, in this session",
    "nothing; the model is told so",
  ]);
  expect(words({ isOneRun: true, isJob: true, canKeep: true })).toEqual([
    "this call only",
    "run exactly `npm test`, until this run ends",
    "run exactly `npm test`, in every run of this job; it asks for nothing else then",
    "run exactly `npm test`, always and in every folder: as a rule in your openclaw.yml",
    "nothing; the model is told so",
  ]);
});

test.each<[AskedEffect[], covered: AskedEffect[][], not: AskedEffect[][]]>([
  [
    change("src/a/x.ts"),
    [change("src/a/y.ts"), change("src/a/b/.c/z.ts")],
    [
      change("src/x.ts"),
      change("src/ab/x.ts"),
      [remove("src/a/x.ts")],
      [...change("src/a/x.ts"), remove("src/a/y.ts")],
    ],
  ],
  [change("x.ts"), [change("y.ts")], [change("src/x.ts"), [{ kind: "change", place: "/x.ts" }]]],
  [change("a[bc]/x"), [change("a[bc]/y")], [change("ab/x"), change("ac/x")]],
  [change("a(b|c)/x"), [change("a(b|c)/y")], [change("ab/x"), change("a/x")]],
  [[remove("a[bc].txt")], [[remove("a[bc].txt")]], [[remove("ab.txt")], change("a[bc].txt")]],
  [
    run("npm test"),
    [run("npm  'test'")],
    [run("npm test x"), run("npm test; x"), run("npm test > y"), run("sudo npm test")],
  ],
])("what an offer says is what it does", (effects, covered, not) => {
  const [[rule]] = sessionOffers(ask(effects)) as [[Rule, string]];
  const may = (things: AskedEffect[]) =>
    decide(ask(things), {
      tool: "edit",
      workspace: "/ws",
      settings: { approvals: "ask", rules: [] },
      grants: [],
      allowances: [rule],
      attended: true,
    }).verdict;
  for (const things of covered) expect(may(things), JSON.stringify(things)).toBe("allowed");
  for (const things of not) expect(may(things), JSON.stringify(things)).toBe("asked");
});

test("a command that would reach a host: the two together, or the host alone where the mode lets commands run", () => {
  const reach = (...hosts: string[]) => hosts.flatMap((host) => connect(reachedPlace(host)));
  const both = [
    { allow: "exec", command: "npm ci", host: "registry.npmjs.org" },
    "run exactly `npm ci`, reaching registry.npmjs.org",
  ];
  const asked = ask([...run("npm ci"), ...reach("registry.npmjs.org")]);
  expect(sessionOffers(asked, { tool: "exec" })).toEqual([both]);
  expect(sessionOffers(asked, { tool: "exec", approvals: "auto" })).toEqual([
    both,
    [{ allow: "network", host: "registry.npmjs.org" }, "let commands reach registry.npmjs.org"],
  ]);
  expect(sessionOffers(ask([...run("npm ci"), ...reach("a.example", "b.example")]), { tool: "exec" })).toEqual([]);
  expect(sessionOffers(ask([...run("npm ci"), ...reach("*")]), { tool: "exec" })).toEqual([
    [{ allow: "exec", command: "npm ci", host: "*" }, "run exactly `npm ci`, with all of the network"],
  ]);
});
