import { expect, test } from "vitest";
import { decodeText } from "../../../src/tools/web/decodeText.ts";

test("a body that was cut within a letter loses that letter only", () => {
  const cut = Buffer.from("wörter é").subarray(0, -1);
  expect(decodeText(cut, "text/plain", true)).toBe("wörter ");
  expect(decodeText(cut, "text/plain; charset=utf-8", true)).toBe("wörter ");
});
