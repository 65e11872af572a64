import { expect, test } from "vitest";
import { readBase64 } from "../../../src/base/attachments/readBase64.ts";

test.each(["QQ==", "QUI=", "QUJD", Buffer.alloc(20_000_001, 7).toString("base64")])("the bytes of %.20s", (text) => {
  expect(readBase64(text)?.toString("base64")).toBe(text);
});

test.each([
  "",
  "QQ",
  "Q===",
  "====",
  "QQ=A",
  "Q-_A",
  "QU I",
  "QUJ\n",
  "\u0141AAA",
  "éAAA",
  `${"A".repeat(8_000_000)}*AAA`,
])("what is no standard base64 has none: %.20s", (text) => {
  expect(readBase64(text)).toBeUndefined();
});
