import { expect, test } from "vitest";
import { expandPrompt, inputsOf, toTyped } from "../../../src/core/context/expandPrompt.ts";
import { threadMs } from "../../fakes/threadMs.ts";
import type { PromptArguments } from "../../../src/protocol/context/prompt.ts";

const expand = (body: string, given: PromptArguments = "") =>
  expandPrompt({ name: "p", body, given, workspace: "/w/app" });

test("what is typed goes where the text asks for it, once, as it stands", () => {
  const two = "From ${input:from:a branch} to ${input:to}.";
  const cases: [string, PromptArguments, string][] = [
    ["Say hi", "", "Say hi"],
    ["Say hi", " to  all ", "Say hi\n\nto  all"],
    ["A $ARGUMENTS Z $ARGUMENTS", "x y", "A x y Z x y"],
    ["$1 then $2, $12", "x 'y z'", "x then y z, $12"],
    ["It costs $5", "", "It costs $5"],
    ["It costs $5", "more", "It costs $5\n\nmore"],
    [two, "main dev", "From main to dev."],
    [two, "main dev and  more", "From main to dev and more."],
    [two, 'to=dev "my branch"', "From my branch to dev."],
    ["Look at ${input:path}", "path=src to=y", "Look at src\n\nto=y"],
    [two, { to: "dev", from: "" }, "From  to dev."],
    [
      "${input:x} ${input:x:again}",
      "$ARGUMENTS ${input:x} $& $1",
      "$ARGUMENTS ${input:x} $& $1 $ARGUMENTS ${input:x} $& $1",
    ],
    ["In ${workspaceFolder}, ${workspaceFolderBasename}", "", "In /w/app, app"],
    ["${file} ${selection} ${input:} $0 ${other:x}", "", "${file} ${selection} ${input:} $0 ${other:x}"],
    ["$1", "'open", "'open"],
    ["$1|$2|$3", `it's "a b"'c d'e "open 'x y'`, `its "a b"c|de "open x|y'`],
    ["$1|$2|$3", String.raw`a"b c"d "e\" f" "g\"`, String.raw`ab cd|e" f|"g\"`],
    ["$1|$2", '"a \\\n b" c', "a \\\n b|c"],
    ["$1", String.raw`"a \"b\" c"`, 'a "b" c'],
  ];
  expect(cases.map(([body, given]) => expand(body, given))).toEqual(cases.map(([, , told]) => told));
});

test("what is missing, unknown or too long is refused in words", () => {
  expect(() => expand("${input:from:a branch} ${input:to}", "main")).toThrow("The prompt p needs to");
  expect(() => expand("${input:from:a branch}")).toThrow("The prompt p needs from (a branch)");
  expect(() => expand("${input:a}", { b: "x" })).toThrow('has no argument "b": it takes only a');
  expect(() => expand("plain", { b: "x" })).toThrow("it takes no arguments by name; give it a text");
  expect(() => expand("$ARGUMENTS ".repeat(1000), "x".repeat(1000))).toThrow("may have 200000 characters");
  // Nothing of that size is ever made.
  expect(() => expand("$ARGUMENTS ".repeat(6000), "x".repeat(100_000))).toThrow("may have 200000 characters");
  expect(() => expand("${input:constructor}", JSON.parse('{"__proto__": "x"}') as PromptArguments)).toThrow();
});

test("inputs are told each once, and what was given by name is shown as it is typed", () => {
  expect(inputsOf("${input:a} ${input:b:say b} ${input:a:say a}")).toEqual([
    { name: "a", placeholder: "say a" },
    { name: "b", placeholder: "say b" },
  ]);
  expect(toTyped("p", { a: "x", b: "y z", c: "" })).toBe('/p a=x b="y z" c=""');
  expect(toTyped("p", "  ")).toBe("/p");
});

test("a text that opens much and ends nothing is read once, in a file and as it is typed", () => {
  const before = threadMs();
  expect(inputsOf("${input:a:".repeat(10_000))).toEqual([]);
  const open = String.raw`\"`.repeat(50_000);
  expect(expand("$ARGUMENTS", `"${open}`)).toBe(`"${open}`);
  expect(expand("${input:a} ${input:b}", `x "${open} y`)).toBe(`x "${open} y`);
  expect(expand("${input:a}", "'x ".repeat(30_000))).toHaveLength(89_999);
  const many = Array.from({ length: 5000 }, (_, nth) => `\${input:n${nth}}`).join(" ");
  expect(expand(many, "x ".repeat(20_000))).toHaveLength(39_999);
  expect(threadMs() - before).toBeLessThan(2000);
});
