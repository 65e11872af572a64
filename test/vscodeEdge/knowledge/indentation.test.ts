import { expect, test } from "vitest";
import { indentationIn } from "../../../src/vscode/knowledge/indentation.ts";

test.each([
  ["two blanks", "a {\n  b {\n    c\n  }\n}\n", { insertSpaces: true, tabSize: 2 }],
  [
    "four, with a line that goes on",
    "a:\n    b:\n        c\n    d(x,\n      y)\n    e:\n        f\n",
    { insertSpaces: true, tabSize: 4 },
  ],
  ["tabs, with a comment in blanks", "a {\n\tb {\n\t\tc\n\t}\n}\n/*\n * d\n */\n", { insertSpaces: false }],
  ["nothing", "a\nb\n", {}],
])("an indentation by %s is seen", (_, text, found) => {
  expect(indentationIn(text)).toEqual(found);
});
