import { expect, test } from "vitest";
import { english } from "../../fakes/english.ts";
import { changedFiles, comparisonText } from "../../../src/vscode/pages/comparison.ts";

const PATCH = `diff --git a/src/a.ts b/src/a.ts
index 1..2 100644
--- a/src/a.ts
+++ b/src/a.ts
@@ -1,2 +1,3 @@
 one
-two
+three
+diff --git a/no b/no
--- a line that was
diff --git "a/new \\303\\274.txt" "b/new \\303\\274.txt"
new file mode 100644
--- /dev/null
+++ "b/new \\303\\274.txt"
@@ -0,0 +1 @@
+new
diff --git a/logo.png b/logo.png
index 1..2 100644
GIT binary patch
literal 3
`;

test("files of a patch are counted by their lines, whatever stands in them", () => {
  expect(changedFiles(PATCH)).toEqual([
    { path: "src/a.ts", added: 2, removed: 2 },
    { path: "new \\303\\274.txt", added: 1, removed: 0 },
    { path: "logo.png", added: 0, removed: 0 },
  ]);
  expect(changedFiles("")).toEqual([]);
});

test("sub-agents are shown side by side, then one by one", () => {
  const text = comparisonText(
    "Mend the parser",
    [
      { name: "a|b/one", state: "done", seconds: 75, tokens: 12_345, costUsd: 0.0123, reply: "Mended.", patch: PATCH },
      { name: "two", state: "running", tokens: 10, costUsd: null, reply: "", patch: "" },
      { name: "three", state: "failed", seconds: 3, tokens: 0, costUsd: 0, reply: "No." },
    ],
    english,
  );
  expect(text).toBe(`# Mend the parser

|         | a\\|b/one       | two            | three  |
| ------- | -------------- | -------------- | ------ |
| State   | done           | running        | failed |
| Time    | 1 min 15 s     | -              | 3 s    |
| Tokens  | 12,345         | 10             | 0      |
| Cost    | $0.0123        | not known      | $0.00  |
| Changed | 3 files, +3 -2 | 0 files, +0 -0 | -      |

## a|b/one

- src/a.ts (+2 -2)
- new \\303\\274.txt (+1 -0)
- logo.png (+0 -0)

\`\`\`
Mended.
\`\`\`

## two

No file is changed.

(It has said nothing yet.)

## three

\`\`\`
No.
\`\`\`
`);
});

test("those of one name are told apart by their number", () => {
  const one = { name: "same", state: "done", tokens: 1, costUsd: 0, reply: "x" };
  expect(comparisonText("T", [one, { ...one, name: "other" }, one], english).match(/^## .*$/gm)).toEqual([
    "## same (1)",
    "## other",
    "## same (3)",
  ]);
});
