import { expect, test } from "vitest";
import { defined } from "../../src/base/defined.ts";

test("only undefined is left out", () => {
  const fields = defined({ text: "", count: 0, isThere: false, nothing: null, absent: undefined });
  expect(Object.entries(fields)).toEqual([
    ["text", ""],
    ["count", 0],
    ["isThere", false],
    ["nothing", null],
  ]);
});

test("what may be undefined may be absent, and what may not is there", () => {
  const given = { key: "main" } as { key: string; title: string | undefined };
  const { key, title }: { key: string; title?: string } = defined(given);
  expect([key, title]).toEqual(["main", undefined]);
});
