import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { CodePosition, CodeSymbol, Problem } from "../../../src/core/ports/codeKnowledge.ts";
import type { Tool } from "../../../src/core/ports/tool.ts";
import { symbolPlace } from "../../../src/tools/code/symbolPlace.ts";
import { code, edit, write } from "../../../src/tools/index.ts";
import { fakeCode } from "../../fakes/codeKnowledge.ts";
import { openBench } from "../../core/bench.ts";
import { call, tempFolder, toolContext } from "../toolContext.ts";

const PRICE = "export const price = 1;\nconst prices = [price, price.x];\n";

const problem = (path: string, message: string, own: Partial<Problem> = {}): Problem => ({
  path,
  line: 1,
  column: 2,
  severity: "error",
  message,
  source: "ts",
  code: "2322",
  ...own,
});

test.each<[string, number | undefined, string]>([
  ["price", undefined, "1:14"],
  ["price", 2, "2:17"],
  ["price", 40, "2:17"],
  ["prices", 1, "2:7"],
  ["price.x", undefined, "2:30"],
  ["x]", undefined, "2:30"],
])("%s near line %s stands at %s", (symbol, line, place) => {
  const found = symbolPlace(PRICE, { symbol, line, shown: "a.ts" });
  expect(`${found.line}:${found.column}`).toBe(place);
});

test.each([
  ["rice", "rice does not stand in a.ts"],
  ["()", 'There is no name in "()"'],
  ["", 'There is no name in ""'],
])("%j is no place: %s", (symbol, message) => {
  expect(() => symbolPlace(PRICE, { symbol, shown: "a.ts" })).toThrow(message);
});

test("new problems are told in an edit's own result, with those of files beside it, and old ones are not, wherever they moved", async () => {
  const workspace = tempFolder({ "a.ts": "let a = 1;\n", "b.ts": "", ".env": "" });
  const [a, b, env] = ["a.ts", "b.ts", ".env"].map((name) => `${workspace}/${name}`) as [string, string, string];
  const asked: string[][] = [];
  const checks = [
    { problems: [problem(a, "old"), problem(a, "gone")] },
    {
      problems: [
        problem(a, "old", { line: 9 }),
        problem(a, "old"),
        problem(b, "broken\nhere", { severity: "warning", source: "eslint", code: "no-x" }),
        problem(env, "KEY=secret is bad"),
        problem("/elsewhere/c.ts", "far"),
      ],
    },
  ];
  const fake = fakeCode({ checks, open: () => [b] });
  const knowing = fakeCode({ ...fake, check: (paths, ...rest) => (asked.push(paths), fake.check(paths, ...rest)) });
  const { text } = await call(
    edit,
    { path: "a.ts", oldText: "1", newText: "2" },
    toolContext(workspace, { code: knowing }),
  );
  expect(text).toBe(
    [
      "Changed a.ts at line 1",
      "New problems:",
      "a.ts:1:2: error ts 2322: old",
      "b.ts:1:2: warning eslint no-x: broken ⏎ here",
    ].join("\n"),
  );
  expect(asked).toEqual([
    [a, b],
    [a, b],
  ]);
});

test("an edit that is stopped while problems are looked for has changed the file, and says so", async () => {
  const workspace = tempFolder({ "a.ts": "let a = 1;\n" });
  const stop = new AbortController();
  const stopped = fakeCode({
    async check() {
      if (readFileSync(join(workspace, "a.ts"), "utf8").includes("2")) stop.abort(new Error("stopped"));
      stop.signal.throwIfAborted();
      return { problems: [], pending: [], unseen: [] };
    },
  });
  const context = { ...toolContext(workspace, { code: stopped }), signal: stop.signal };
  const { text } = await call(edit, { path: "a.ts", oldText: "1", newText: "2" }, context);
  expect([text, stop.signal.aborted]).toEqual(["Changed a.ts at line 1", true]);
});

test("an edit says when what was there before was not known, when nobody looked at it, and how many more there are", async () => {
  const workspace = tempFolder({ "a.ts": "let a = 1;\n" });
  const path = `${workspace}/a.ts`;
  const many = Array.from({ length: 12 }, (_, at) => problem(path, `p${at}`));
  const first = fakeCode({ checks: [{ pending: [path] }, { problems: many }] });
  const { text } = await call(write, { path: "a.ts", content: "x" }, toolContext(workspace, { code: first }));
  expect(text).toMatch(/^Replaced a\.ts \(1 lines\)\nProblems now \(what there was before was not known in time\):\n/);
  expect(text).toMatch(/p9\n\[2 more\]$/);
  const late = fakeCode({ checks: [{ pending: [path] }, { pending: [path] }] });
  const second = await call(write, { path: "a.ts", content: "y" }, toolContext(workspace, { code: late }));
  expect(second.text).toBe("Replaced a.ts (1 lines)\n[Its language server has said nothing about it in time]");
});

test("places are shown with their text; what is outside without, what may be secret not at all, and of many the first", async () => {
  const workspace = tempFolder({ "a.ts": PRICE, ".env": "TOKEN=price\n" });
  const span = (path: string, line = 1, endLine = line) => ({ path, line, column: 1, endLine });
  let at: CodePosition | undefined;
  const knowing = fakeCode({
    definition: async (place) => (
      (at = place),
      [span(`${workspace}/a.ts`, 1, 2), span("/lib/lib.d.ts", 7), span(`${workspace}/.env`)]
    ),
    references: async () => Array.from({ length: 120 }, () => span(`${workspace}/a.ts`, 2)),
  });
  const context = toolContext(workspace, { code: knowing });
  const asked = { path: "a.ts", symbol: "price", line: 2 };
  expect((await call(code, { action: "definition", ...asked }, context)).text).toBe(
    [
      "price (a.ts:2): 3 places",
      "a.ts:1-2",
      "export const price = 1;",
      "const prices = [price, price.x];",
      "/lib/lib.d.ts:7 (outside the workspace)",
      "[1 in files that may hold secrets, or that a rule closes; use read]",
    ].join("\n"),
  );
  expect(at).toEqual({ path: `${workspace}/a.ts`, line: 2, column: 17 });
  const { text } = await call(code, { action: "references", ...asked }, context);
  expect(text.split("\n")).toHaveLength(102);
  expect(text).toMatch(/\n\[20 more\]$/);
});

test("symbols of a file are an outline, those of a folder have their place", async () => {
  const workspace = tempFolder({ "a.ts": PRICE });
  const symbol = (name: string, own: Partial<CodeSymbol>): CodeSymbol => {
    const place = { path: `${workspace}/a.ts`, line: 1, column: 1, endLine: 2 };
    return { name, kind: "class", depth: 0, ...place, ...own };
  };
  const found = [symbol("Shop", {}), symbol("open", { kind: "method", depth: 1, container: "Shop" })];
  const context = toolContext(workspace, {
    code: fakeCode({ symbols: async () => found, findSymbols: async () => found }),
  });
  expect((await call(code, { action: "symbols", path: "a.ts" }, context)).text).toBe(
    "1-2 class Shop\n  1-2 method open",
  );
  expect((await call(code, { action: "symbols", symbol: "o" }, context)).text).toBe(
    "a.ts:1: class Shop\na.ts:1: method open in Shop",
  );
});

test.each<[string, object, string]>([
  [
    "a file that may hold secrets",
    { action: "symbols", path: ".env" },
    ".env is not asked about (.env may hold secrets); use read, which asks the user where it may",
  ],
  ["a file that is not there", { action: "diagnostics", path: "none.ts" }, "none.ts does not exist"],
  ["a file outside", { action: "diagnostics", path: "../x.ts" }, "../x.ts is outside the workspace"],
  ["a folder", { action: "diagnostics", path: "." }, "is a folder"],
  ["no path", { action: "definition", symbol: "price" }, "This action needs path"],
  ["no symbol", { action: "references", path: "a.ts" }, "This action needs symbol"],
  ["nothing to look for", { action: "symbols" }, "This action needs symbol, or path"],
])("%s is refused in a sentence", async (_, input, message) => {
  const workspace = tempFolder({ "a.ts": PRICE, ".env": "A=1" });
  await expect(call(code, input, toolContext(workspace, { code: fakeCode() }))).rejects.toThrow(message);
});

test("what nobody knows, and what nobody has told of in time, is said", async () => {
  const workspace = tempFolder({ "a.md": "word\n" });
  const unseen = toolContext(workspace, { code: fakeCode({ checks: [{ unseen: ["a.md"] }] }) });
  expect((await call(code, { action: "diagnostics", path: "a.md" }, unseen)).text).toMatch(
    /^Whether a\.md has problems is not known: no language server/,
  );
  const none = toolContext(workspace, { code: fakeCode({ checks: [{ pending: ["a.md"] }] }) });
  const ask = async (input: object) => (await call(code, input, none)).text;
  expect(await ask({ action: "definition", path: "a.md", symbol: "word" })).toBe(
    "The editor knows no definition of word at line 1. Perhaps it has no language server for files like a.md; grep finds text.",
  );
  expect(await ask({ action: "diagnostics", path: "a.md" })).toMatch(/^Nothing was told of a\.md in time\./);
  expect(await ask({ action: "diagnostics", path: "a.md" })).toBe("No problems in a.md");
  expect(await ask({ action: "diagnostics" })).toMatch(/^No problems are known/);
});

test("without an editor models are not shown the tool, and whoever calls it is told why not", async () => {
  const origin = { via: "api" as const };
  const shown = async (own: object) => {
    const { core, model } = await openBench({ tools: [code as Tool], turns: [["ok"]], ...own });
    await (
      await core.sessions.send({ text: "x", origin })
    ).outcome;
    const signal = new AbortController().signal;
    const call = { sessionKey: "main", name: "code", input: { action: "diagnostics" }, origin, signal };
    return [model.requests[0]!.tools.map(({ name }) => name), (await core.tools.invoke(call)).text];
  };
  const refusal = expect.stringMatching(/^No editor has .* open here, and only its language servers know this\./);
  expect(await shown({})).toEqual([[], refusal]);
  expect(await shown({ code: fakeCode({ has: () => false }) })).toEqual([[], refusal]);
  expect(await shown({ code: fakeCode() })).toEqual([["code"], expect.stringMatching(/^No problems are known/)]);
});
