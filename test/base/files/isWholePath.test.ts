import { expect, test } from "vitest";
import { isWholePath } from "../../../src/base/files/isWholePath.ts";

test.each([
  ["/srv/site", true, false],
  ["C:\\site", false, true],
  ["c:/site", false, true],
  ["\\\\server\\share", false, true],
  ["//server/share", true, true],
  ["\\\\?\\C:\\site", false, true],
  ["\\site", false, false],
  ["C:site", false, false],
  ["C:", false, false],
  ["src", false, false],
  [".", false, false],
  ["~/site", false, false],
  ["", false, false],
])("whether %j says all of where it leads: %s, on Windows %s", (path, elsewhere, windows) => {
  expect([isWholePath(path, "linux"), isWholePath(path, "win32")]).toEqual([elsewhere, windows]);
});
