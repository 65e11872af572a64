import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { folderAround } from "../../../src/vscode/sessions/folderAround.ts";

const top = resolve("/work");

test.each([
  ["a file in it", ["one", "two"], "two/src/a.ts", "two"],
  ["itself", ["one"], "one", "one"],
  ["a folder whose name begins with dots", ["one"], "one/..cache/a.ts", "one"],
  ["the deepest of several", ["one", "one/inner", "two"], "one/inner/a.ts", "one/inner"],
  ["none that only begins like it", ["one"], "one-more/a.ts", undefined],
  ["none above it", ["one/inner"], "one/a.ts", undefined],
])("the folder around a place is %s", (_, folders, place, around) => {
  const whole = folders.map((folder) => join(top, folder));
  expect(folderAround(whole, join(top, place))).toBe(around && join(top, around));
});
