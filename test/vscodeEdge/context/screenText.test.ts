import { expect, test } from "vitest";
import { asScreenText } from "../../../src/vscode/context/screenText.ts";

test.each([
  ["a\r\nb\r\n", "a\nb\n"],
  ["10%\r50%\r100%\ndone", "100%\ndone"],
  ["done\r", "done"],
])("%j is seen as %j", (printed, seen) => expect(asScreenText(printed)).toBe(seen));
