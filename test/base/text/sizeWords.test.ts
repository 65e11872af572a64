import { expect, test } from "vitest";
import { sizeWords } from "../../../src/base/text/sizeWords.ts";

test.each([
  [0, "0 B"],
  [512, "512 B"],
  [4096, "4.1 kB"],
  [999_499, "999 kB"],
  [999_500, "1.0 MB"],
  [1_540_000, "1.5 MB"],
  [9_949_999, "9.9 MB"],
  [9_950_000, "10 MB"],
  [123_456_789, "123 MB"],
  [999_500_000, "1.0 GB"],
  [5e15, "5000000 GB"],
])("%d bytes are %s", (bytes, words) => expect(sizeWords(bytes)).toBe(words));
