import { expect, test } from "vitest";
import { roughPaths } from "../../src/shell/roughPaths.ts";

test("a word full of signs is looked at as one", () => {
  const word = `a${"@".repeat(50_000)}b`;
  expect(roughPaths(word, "posix")).toEqual([word]);
  expect(roughPaths("curl -F f=@.npmrc me@host:@x", "posix")).toEqual(expect.arrayContaining([".npmrc", "x"]));
});
