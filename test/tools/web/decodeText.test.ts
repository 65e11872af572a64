import { expect, test } from "vitest";
import { decodeText } from "../../../src/tools/web/decodeText.ts";

test("a body that was cut within a letter loses that letter only", () => {
  const cut = Buffer.from("wörter é").subarray(0, -1);
  expect(decodeText(cut, "text/plain", true)).toBe("wörter ");
  expect(decodeText(cut, "text/plain; charset=utf-8", true)).toBe("wörter ");
});

test.each([
  // A server that says utf-8 of all that it has.
  ["what is not the alphabet of its header is what it says of itself", '<meta charset="gbk">', "c4e3bac3", "你好"],
  ["what says nothing of itself, what browsers take it for", "", "66fc72", "für"],
  ["what is but for a letter", "", "66c3bc72ffc3b6", "für\ufffdö"],
  ["what is, whatever it says of itself", '<meta charset="gbk">', "66c3bc72", "für"],
])("a header of utf-8: %s", (_what, head, hex, text) => {
  const body = Buffer.concat([Buffer.from(`${head}<p>`), Buffer.from(hex, "hex")]);
  expect(decodeText(body, "text/html; charset=utf-8")).toBe(`${head}<p>${text}`);
});

test("a page that names no alphabet is UTF-8 where some of it is bad, and Windows-1252 where most is", () => {
  expect(decodeText(Buffer.concat([Buffer.from("größer"), Buffer.of(0xff)]), "text/plain")).toBe("größer\ufffd");
  expect(decodeText(Buffer.from("größer ß", "latin1"), "text/plain")).toBe("größer ß");
});
