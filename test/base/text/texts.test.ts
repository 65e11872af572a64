import { expect, test } from "vitest";
import { createTexts } from "../../../src/base/text/texts.ts";

test("texts are said in the editor's language, counts in its forms, and what has no words there in English", () => {
  const polish = createTexts({
    language: "pl",
    texts: { "{0} file": "{0} plik", "{0} files": "{0} plików", "{0} files/few": "{0} pliki", "Read/tool": "Czyta" },
  });
  const files = [1, 3, 5, 22].map((count) => polish.plural(count, "{0} file", "{0} files"));
  expect(files).toEqual(["1 plik", "3 pliki", "5 plików", "22 pliki"]);
  expect([polish.tAs("tool", "Read"), polish.tAs("wanted", "Read"), polish.t("In {0}, {1}", "a", 1.5)]).toEqual([
    ...["Czyta", "Read", "In a, 1,5"],
  ]);
  const unknown = createTexts({ language: "pl", texts: {} });
  expect([1, 22].map((count) => unknown.plural(count, "{0} file", "{0} files"))).toEqual(["1 file", "22 files"]);
  expect(unknown.listed(["a", "b", "c"])).toBe("a, b, and c");
});
