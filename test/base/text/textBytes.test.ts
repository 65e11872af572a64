import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { decodeText, encodeText, flawedText, readableText } from "../../../src/base/text/textBytes.ts";
import { threadMs } from "../../fakes/threadMs.ts";
import { decodeText as decodeBody } from "../../../src/tools/web/decodeText.ts";

/** As in Node.js 22.13 to 22.21 and in editors made with them: what Latin-1 leaves empty stays empty. */
class FaultyDecoder extends TextDecoder {
  override decode(bytes?: Uint8Array, options?: { stream?: boolean }): string {
    return this.encoding === "windows-1252" ? Buffer.from(bytes!).toString("latin1") : super.decode(bytes, options);
  }
}

beforeEach(() => void vi.stubGlobal("TextDecoder", FaultyDecoder));
afterEach(() => void vi.unstubAllGlobals());

const BOM = "\uFEFF";
const BYTES = Buffer.from("\x93caf\xe9\x94 \x80 5 \x96 it\x92s", "latin1");
const TEXT = "\u201ccaf\u00e9\u201d \u20ac 5 \u2013 it\u2019s";

test("quotes, dashes and the euro are read and written back in Windows-1252 whatever Node.js makes of them", () => {
  const read = decodeText(BYTES);
  expect(read).toEqual({ text: TEXT, encoding: "windows-1252", hasBom: false });
  expect(encodeText(TEXT, read!)).toEqual(BYTES);
  expect(encodeText("\u2190", read!)).toEqual({ missing: "\u2190" });
  const all = Buffer.from(
    Array.from({ length: 128 }, (_, at) => at + 128).filter((byte) => decodeText(Buffer.of(byte))),
  );
  expect(all).toHaveLength(123);
  expect(encodeText(decodeText(all)!.text, read!)).toEqual(all);
});

test("what is mostly UTF-8 is nothing that can be written back, and its first bad byte is told", () => {
  const flawed = Buffer.concat([
    Buffer.from("gr\u00f6\u00dfer \ufffd\nna\u00efve "),
    Buffer.of(0xe9),
    Buffer.from("\n\u00fc\n"),
  ]);
  expect(decodeText(flawed)).toBeUndefined();
  expect(flawedText(flawed)).toEqual({ text: "gr\u00f6\u00dfer \ufffd\nna\u00efve \ufffd\n\u00fc\n", line: 2 });
  expect(flawedText(Buffer.from("gr\u00f6\u00dfer \ufffd\n"))).toBeUndefined();
  expect(flawedText(BYTES)).toBeUndefined();
  expect(flawedText(Buffer.from("caf\xe9", "latin1"))).toBeUndefined();
});

test("a large text in another alphabet takes no time for each letter", () => {
  const letters = Buffer.alloc(16_000_000, Buffer.from("\xcf\xf0\xe8\xe2\xe5\xf2, ", "latin1"));
  const before = threadMs();
  expect(readableText(letters)).toHaveLength(16_000_000);
  expect(threadMs() - before).toBeLessThan(1500);
});

test("and so are pages", () => {
  for (const type of ["text/html; charset=windows-1252", "text/plain; charset=iso-8859-1", "text/plain"])
    expect(decodeBody(BYTES, type)).toBe(TEXT);
});

test.each([
  [
    "UTF-8 with a bad byte",
    Buffer.concat([Buffer.from("gr\u00f6\u00dfer"), Buffer.of(0xff)]),
    "gr\u00f6\u00dfer\ufffd",
  ],
  ["ASCII with one", Buffer.of(0x61, 0xe9), "a\u00e9"],
  ["Windows-1252", BYTES, TEXT],
  ["UTF-16", Buffer.from(BOM + TEXT, "utf16le"), TEXT],
  ["UTF-8 with a mark and a bad byte", Buffer.concat([Buffer.from(`${BOM}\u00f6`), Buffer.of(0xff)]), "\u00f6\ufffd"],
  ["what is no text", Buffer.of(0x61, 0, 0x62), "a\0b"],
])("what is only read is read as what most of it is: %s", (_, bytes, text) => expect(readableText(bytes)).toBe(text));
