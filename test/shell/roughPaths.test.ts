import { expect, test } from "vitest";
import { braceWords } from "../../src/shell/braceWords.ts";
import { roughPaths } from "../../src/shell/roughPaths.ts";

test("a word full of signs is looked at as one", () => {
  const word = `a${"@".repeat(50_000)}b`;
  expect(roughPaths(word, "posix")).toEqual([word]);
  expect(roughPaths("curl -F f=@.npmrc me@host:@x", "posix")).toEqual(expect.arrayContaining([".npmrc", "x"]));
});

test.each([
  ["cat .{env,x}", [".env", ".x"]],
  ["cat cus{t,}omers/a.csv", ["customers/a.csv"]],
  ["cat a{b,{c,d}e}f", ["abf", "acef", "adef"]],
  ["cat '.'{env,x}", [".env"]],
  ["curl -d@.{env,x} y", [".env"]],
  ["cat a{1..3}.txt", ["a*.txt"]],
  [`cat ${"{a,b}".repeat(40)}c`, [`${"*".repeat(40)}c`]],
])("what braces stand for may name a file: %s", (line, paths) => {
  expect(roughPaths(line, "posix")).toEqual(expect.arrayContaining(paths));
});

test("what stands in quotes, and what is no list, stands for nothing else", () => {
  for (const line of [
    `curl -d '{"a":1,"b":[{"c":2,"d":3}]}'`,
    "find . -exec cat {} +",
    "echo ${X} {a}",
    "awk '{print $1,$2}'",
    "for i in {1..5} {a..z}; do echo $i; done",
  ])
    expect(braceWords(line)).toEqual([]);
  expect(roughPaths("cat .{env,x}", "powershell")).not.toContain(".env");
});

test("a long line of braces is read in one go", () => {
  for (const part of ["{,", "{a.", "{a,b}", "{a,b} "])
    expect(braceWords(part.repeat(20_000)).length).toBeLessThan(100_000);
});
