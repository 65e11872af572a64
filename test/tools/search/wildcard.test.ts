import picomatch from "picomatch";
import { array, assert, constantFrom, property } from "../../property.ts";
import { expect, test } from "vitest";
import { parseIgnoreRules } from "../../../src/tools/search/ignoreRules.ts";
import { pathGlob } from "../../../src/tools/search/pathGlob.ts";
import { wildcard } from "../../../src/tools/search/wildcard.ts";
import { threadMs } from "../../fakes/threadMs.ts";

test.each([
  ["*.ts", "a.ts", true],
  ["*.ts", "src/deep/a.ts", true],
  ["src/*.ts", "src/deep/a.ts", false],
  ["src/**/*.ts", "src/a.ts", true],
  ["src/**", "src/a/b", true],
  ["src/**", "src", false],
  ["**/test/**", "a/test/b", true],
  ["*.{ts,tsx}", "a.tsx", true],
  ["{src,test}/*.{a,b{c,d}}", "test/x.bd", true],
  ["[a-c]?[!x].md", "b1y.md", true],
  ["[[:digit:]]*", "1a", true],
  ["a[", "a[", true],
  ["?", "😀", true],
  ["!*.ts", "a.js", true],
  ["app/(group)/*", "app/(group)/page", true],
  ["a\\*b", "a*b", true],
  ["{a}", "{a}", true],
])("%s and %s: %s", (glob, path, expected) => {
  expect(pathGlob(glob)(path)).toBe(expected);
});

test("what is not understood is said", () => {
  expect(() => pathGlob("!(a|b).ts")).toThrow(/write \{a,b\}/);
  expect(() => wildcard("{a,b}".repeat(9))).toThrow(/more than 256/);
});

test("stars mean what they mean elsewhere", () => {
  const pattern = array(constantFrom("a", "b", "*", "?", "/", "**/"), { maxLength: 8 }).map((all) => all.join(""));
  const path = array(constantFrom("a", "b", "ab", "/a"), { minLength: 1, maxLength: 6 }).map((all) => all.join(""));
  assert(
    property(pattern, path, (pattern, path) => {
      // "a**" has rules of its own there, a folder is in itself ("a/**"), and "//" is no path.
      if (pattern === "" || /\/\*\*$|\*\*\*|[^/]\*\*|\*\*[^/]|\/\/|^\/|\/$/.test(pattern) || /\/\/|^\//.test(path))
        return;
      expect(wildcard(pattern)(path), `${pattern} ${path}`).toBe(picomatch(pattern, { dot: true })(path));
    }),
    { numRuns: 2000 },
  );
});

test("no pattern takes long, not even over a name made for it", () => {
  const before = threadMs();
  const name = "a".repeat(200);
  expect(pathGlob("*a*a*a*a*a*ab")(name)).toBe(false);
  expect(pathGlob(`${"**/a*a*/".repeat(40)}b`)(`${`${name}/`.repeat(20)}c`)).toBe(false);
  expect(parseIgnoreRules(`${"*a".repeat(300)}b\n`).decide(name, false)).toBeUndefined();
  expect(threadMs() - before).toBeLessThan(1000);
});

test("lines of a .gitignore mean what git says", () => {
  const rules = parseIgnoreRules(
    "# no\n*.log\n!keep.log\n/top\nbuild/\ndoc/*.txt\n\\#x\na/**/b\ntrailing \nesc\\ \n{a,b}\n",
  );
  const said = (path: string, isFolder = false) => rules.decide(path, isFolder);
  expect([said("x.log"), said("d/x.log"), said("d/keep.log")]).toEqual([true, true, false]);
  expect([said("top"), said("d/top")]).toEqual([true, undefined]);
  expect([said("build"), said("build", true), said("d/build", true)]).toEqual([undefined, true, true]);
  expect([said("doc/a.txt"), said("doc/b/a.txt"), said("x/doc/a.txt")]).toEqual([true, undefined, undefined]);
  expect([said("#x"), said("a/b"), said("a/x/y/b"), said("trailing"), said("esc "), said("a")]).toEqual([
    true,
    true,
    true,
    true,
    true,
    undefined,
  ]);
});

test("on Windows a glob may be written with backslashes, elsewhere they take the next sign as it is", () => {
  expect(pathGlob("src\\**\\*.ts", "win32")("src/a/b.ts")).toBe(true);
  expect(pathGlob("!src\\*.ts", "win32")("src/b.ts")).toBe(false);
  expect(pathGlob("src\\*.ts", "linux")("src/b.ts")).toBe(false);
});
