import type { AppError } from "../../../src/base/appError.ts";
import { expect, test } from "vitest";
import { applyHunks } from "../../../src/tools/text/applyHunks.ts";
import { parsePatch } from "../../../src/tools/text/patch.ts";

function apply(text: string, patch: string): Promise<string> {
  const [change] = parsePatch(patch);
  if (change?.type !== "update") throw new Error("not an update");
  return applyHunks(change.path, text, change.hunks);
}

const begin = (body: string) => `*** Begin Patch\n*** Update File: f\n${body}\n*** End Patch`;

test.each([
  ["context by begin patch", "a\nb\nc\n", begin("@@\n a\n-b\n+x\n c"), "a\nx\nc\n"],
  ["no @@ line at all", "a\nb\nc\n", begin("-b\n+x"), "a\nx\nc\n"],
  ["an anchor picks the place", "def f\n  r\ndef g\n  r\n", begin("@@ def g\n-  r\n+  s"), "def f\n  r\ndef g\n  s\n"],
  ["insertion after an anchor", "a\nb\n", begin("@@ a\n+x"), "a\nx\nb\n"],
  ["insertion at the end", "a\n", begin("@@\n+x"), "a\nx\n"],
  ["an empty context line without its space", "a\n\nb\n", begin("@@\n a\n\n-b\n+c"), "a\n\nc\n"],
  ["two hunks in order", "a\nb\na\nb\n", begin("@@\n-a\n+1\n@@\n-a\n+2"), "1\nb\n2\nb\n"],
  [
    "anchors narrow in turn",
    "class Base:\n    def search(self):\n        return 1\n\nclass Sub:\n    def search(self):\n        return 1\n",
    begin("@@ class Sub:\n@@     def search(self):\n-        return 1\n+        return 2"),
    "class Base:\n    def search(self):\n        return 1\n\nclass Sub:\n    def search(self):\n        return 2\n",
  ],
  [
    "an anchor may be the beginning of its line",
    "def f(a, b):\n  r\n",
    begin("@@ def f(\n-  r\n+  s"),
    "def f(a, b):\n  s\n",
  ],
  ["a single place may stand out of order", "a\nb\nc\n", begin("@@\n-c\n+3\n@@\n-a\n+1"), "1\nb\n3\n"],
  ["other lines of mixed endings stay", "a\r\nb\nc\r\nd\n", begin("@@\n b\n-c\n+x\n+y"), "a\r\nb\nx\r\ny\r\nd\n"],
  ["a new last line in an open file", "a\r\nb", begin("@@\n b\n+c"), "a\r\nb\r\nc"],
  ["lines taken from an open end", "a\nb", begin("@@\n a\n-b"), "a"],
  ["all lines taken", "a\n", begin("@@\n-a"), ""],
  ["CRLF stays", "a\r\nb\r\n", begin("@@\n a\n-b\n+x\n+y"), "a\r\nx\r\ny\r\n"],
  ["no line ending at the end stays so", "a\nb", begin("@@\n-b\n+x"), "a\nx"],
  ["context keeps its own spaces", "a  \nb\n", begin("@@\n a\n-b\n+x"), "a  \nx\n"],
  [
    "another indentation is taken over",
    "  if a:\n    b\n",
    begin("@@\n if a:\n-  b\n+  c\n+  d"),
    "  if a:\n    c\n    d\n",
  ],
  ["a unified diff", "1\n2\n3\n", "--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n 1\n-2\n+x\n 3\n", "1\nx\n3\n"],
  ["a line number decides", "x\ny\nx\ny\n", "--- a/f\n+++ b/f\n@@ -3,1 +3,1 @@\n-x\n+z\n", "x\ny\nz\ny\n"],
  [
    "a wrong line number does not matter",
    "1\n2\n3\n",
    "--- a/f\n+++ b/f\n@@ -90,2 +90,2 @@\n 2\n-3\n+x\n",
    "1\n2\nx\n",
  ],
  ["a unified insertion", "1\n2\n", "--- a/f\n+++ b/f\n@@ -1,0 +2 @@\n+x\n", "1\nx\n2\n"],
  [
    "no newline marker",
    "1\n2",
    "--- a/f\n+++ b/f\n@@ -2 +2 @@\n-2\n\\ No newline at end of file\n+3\n\\ No newline at end of file\n",
    "1\n3",
  ],
  [
    "a line ending that comes at the end",
    "1\n2",
    "--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n 1\n-2\n\\ No newline at end of file\n+2\n",
    "1\n2\n",
  ],
  [
    "a line ending that goes at the end",
    "1\r\n2\r\n",
    "--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n 1\n-2\n+2\n\\ No newline at end of file\n",
    "1\r\n2",
  ],
  [
    "lines behind an open end",
    "1\n2",
    "--- a/f\n+++ b/f\n@@ -1,2 +1,3 @@\n 1\n-2\n\\ No newline at end of file\n+2\n+3\n",
    "1\n2\n3\n",
  ],
  [
    "an empty line and the line ending before it at the end",
    "1\n2",
    "--- a/f\n+++ b/f\n@@ -1,2 +1,3 @@\n 1\n-2\n\\ No newline at end of file\n+2\n+\n",
    "1\n2\n\n",
  ],
  [
    "a line ending that is there by now",
    "1\n2\n",
    "--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n 1\n-2\n\\ No newline at end of file\n+3\n",
    "1\n3\n",
  ],
  ["a fenced patch", "1\n", "```diff\n--- a/f\n+++ b/f\n@@ -1 +1 @@\n-1\n+2\n```", "2\n"],
])("%s", async (_, text, patch, expected) => {
  expect(await apply(text, patch)).toBe(expected);
});

test("a hunk that fits nowhere shows the closest lines", async () => {
  await expect(
    apply(
      "function add(a, b) {\n  return a + b;\n}\n",
      begin("@@\n function add(a, b) {\n-  return a - b;\n+  return 0;"),
    ),
  ).rejects.toThrow(
    /closest lines are:\n1: function add\(a, b\) \{\n2: {3}return a \+ b;\nLine 2 is "  return a \+ b;", but the text has "  return a - b;"\./,
  );
});

test.each([
  ["an anchor that is nowhere", "a\nb\n", begin("@@ class Gone:\n+x"), 'The anchor "class Gone:" was not found in f'],
  [
    "an anchor that is nowhere behind the one before it",
    "b\na\n",
    begin("@@ a\n@@ b\n+x"),
    'The anchor "b" was not found',
  ],
  ["lines that stand in two places", "x\ny\nx\n", begin("@@\n-x\n+z"), "A hunk fits 2 places in f, at lines 1, 3"],
  [
    "an anchor that stands in two places",
    "class A:\n  def s:\n    r\nclass B:\n  def s:\n    r\n",
    begin("@@ def s:\n-    r\n+    q"),
    "A hunk fits 2 places in f, at lines 3, 6",
  ],
  [
    "an insertion behind one of two anchors",
    "a\nb\na\n",
    begin("@@ a\n+x"),
    "A hunk fits 2 places in f, at lines 2, 4",
  ],
  [
    "a wrong line number between two places",
    "x\ny\nx\n",
    "--- a/f\n+++ b/f\n@@ -2 +2 @@\n-x\n+z\n",
    "A hunk fits 2 places in f, at lines 1, 3",
  ],
  [
    "two hunks for one line",
    "a\nb\n",
    begin("@@\n-a\n+1\n@@\n-a\n+2"),
    "Two hunks change the same lines of f, near line 1",
  ],
])("refuses %s", async (_, text, patch, message) => {
  const error = await apply(text, patch).catch((caught: AppError) => caught);
  expect(error).toMatchObject({ code: "conflict", message: expect.stringContaining(message) });
});

test("adds, deletes, moves and renames are read from both forms", () => {
  const codex =
    "*** Begin Patch\n*** Add File: n\n+1\n+2\n*** Delete File: d\n*** Update File: m\n*** Move to: k\n@@\n-a\n+b\n*** End Patch";
  expect(parsePatch(codex)).toEqual([
    { type: "add", path: "n", text: "1\n2\n" },
    { type: "delete", path: "d" },
    { type: "update", path: "m", moveTo: "k", hunks: [{ before: ["a"], after: ["b"] }] },
  ]);
  const git =
    "diff --git a/n b/n\nnew file mode 100644\n--- /dev/null\n+++ b/n\n@@ -0,0 +1,2 @@\n+1\n+2\n" +
    "diff --git a/d b/d\ndeleted file mode 100644\n--- a/d\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n" +
    "diff --git a/o b/p\nsimilarity index 100%\nrename from o\nrename to p\n" +
    "diff --git a/m b/k\nrename from m\nrename to k\n--- a/m\n+++ b/k\n@@ -1 +1 @@\n-a\n+b\n";
  expect(parsePatch(git)).toEqual([
    { type: "add", path: "n", text: "1\n2\n" },
    { type: "delete", path: "d", hunks: [{ before: ["x"], after: [], line: 1 }] },
    { type: "update", path: "o", moveTo: "p", hunks: [] },
    { type: "update", path: "m", moveTo: "k", hunks: [{ before: ["a"], after: ["b"], line: 1 }] },
  ]);
});

test("a second patch is read behind the first, with its own beginning or without", () => {
  const added = (path: string) => ({ type: "add", path, text: "1\n" });
  const patch = (path: string) => `*** Begin Patch\n*** Add File: ${path}\n+1\n*** End Patch`;
  expect(parsePatch(`First:\n${patch("a")}\nand then:\n\n${patch("b")}\nDone.`)).toEqual([added("a"), added("b")]);
  expect(parsePatch(`${patch("a")}\n*** Add File: b\n+1\n*** End Patch`)).toEqual([added("a"), added("b")]);
  expect(parsePatch("*** Begin Patch\n*** Add File: a\n+1\n*** Begin Patch\n*** Add File: b\n+1")).toEqual([
    added("a"),
    added("b"),
  ]);
});

test("what is said around a diff is none of it", () => {
  const mail =
    "From 1 Mon\nSubject: x\n---\n f | 2 +-\n\ndiff --git a/f b/f\nindex 1..2 100644\n--- a/f\n+++ b/f\n@@ -1 +1 @@\n-1\n+2\n-- \n2.39.0\n\nThat is all.\n";
  expect(parsePatch(mail)).toEqual([{ type: "update", path: "f", hunks: [{ before: ["1"], after: ["2"], line: 1 }] }]);
});

test("of several commits or mails one behind another the words of each are none of it", () => {
  const diff = (name: string) => `diff --git a/${name} b/${name}\n--- a/${name}\n+++ b/${name}\n@@ -1 +1 @@\n-1\n+2\n`;
  const updates = ["f", "g"].map((path) => ({
    type: "update",
    path,
    hunks: [{ before: ["1"], after: ["2"], line: 1 }],
  }));
  const commit = (name: string) => `commit 1234567\nAuthor: x\n\n    Change ${name}\n    - a\n\n${diff(name)}\n`;
  const mail = (name: string) =>
    `From 12ab Mon\nSubject: x\n\n- a\n---\n ${name} | 2 +-\n\n${diff(name)}-- \n2.39.0\n\n`;
  for (const one of [commit, mail]) expect(parsePatch(one("f") + one("g"))).toEqual(updates);
  expect(parsePatch(`So:\n\`\`\`diff\n${diff("f")}\`\`\`\n\n- a\n`)).toEqual(updates.slice(0, 1));
});

test("a count that is too large alone does not matter", async () => {
  expect(await apply("1\n2\n", "--- a/f\n+++ b/f\n@@ -1,7 +1,7 @@\n-1\n+x\n 2\n")).toBe("x\n2\n");
  expect(await apply("1\n2\n", "--- a/f\n+++ b/f\n@@ -1,7 +1,7 @@\n-1\n+x\n 2\n*** End Patch\n")).toBe("x\n2\n");
});

test("git's own words for names and empty files are read", () => {
  const quoted = String.raw`"a/\303\244 \"b\".txt"`;
  const git =
    `diff --git ${quoted} ${quoted.replace("a/", "b/")}\n--- ${quoted}\n+++ ${quoted.replace("a/", "b/")}\n@@ -1 +1 @@\n-1\n+2\n` +
    "diff --git a/sp ace b/sp ace\nnew file mode 100644\nindex 0000000..e69de29\n" +
    "diff --git a/gone b/gone\ndeleted file mode 100644\nindex e69de29..0000000\n" +
    'diff --git "a/\\303\\274" b/u\nsimilarity index 100%\nrename from "\\303\\274"\nrename to u\n' +
    "diff --git a/open b/open\nnew file mode 100644\n--- /dev/null\n+++ b/open\n@@ -0,0 +1 @@\n+x\n\\ No newline at end of file\n";
  expect(parsePatch(git)).toMatchObject([
    { type: "update", path: 'ä "b".txt' },
    { type: "add", path: "sp ace", text: "" },
    { type: "delete", path: "gone", hunks: [] },
    { type: "update", path: "ü", moveTo: "u" },
    { type: "add", path: "open", text: "x" },
  ]);
});

test("a removed line that looks like a file header stays part of its hunk", async () => {
  const patch = "--- a/f\n+++ b/f\n@@ -1,2 +1,1 @@\n--- old\n keep\n";
  expect(await apply("-- old\nkeep\n", patch)).toBe("keep\n");
});

test.each([
  ["", /changes no file/],
  ["just words", /changes no file/],
  ["*** Begin Patch\n*** Update File: a\n*** End Patch", /no lines for a/],
  ["*** Begin Patch\n*** Add File: a\nno plus\n*** End Patch", /Line 3 .*"no plus"/],
  ["*** Begin Patch\n*** Delete File: a\n*** Delete File: a\n*** End Patch", /names a twice/],
  ["@@ -1 +1 @@\n-a\n+b", /hunk before/],
  ["--- a/f\n+++ b/f\n@@ -1,5 +1,5 @@\n one\n-two\n+2\nthree\n-four\n+4\n five\n", /Line 7 .*"three"/],
  ["--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n one\n-two\n+2\nthree\n-four\n+4\n five\n", /Line 8 .*"-four"/],
  ["--- a/f\n+++ b/f\n@@\n-two\n+2\nthree\n", /Line 6 .*"three"/],
  ["--- /dev/null\n+++ b/n\n@@ -0,0 +1,3 @@\n+one\ntwo\n+three\n", /Line 5 .*"two"/],
  ["--- a/f\n+++ b/f\n@@ -1 +1 @@\n-1\n+one\n@ -4 +4 @\n-4\n+four\n", /Line 6 .*"@ -4 \+4 @"/],
  [`${begin("-a\n+b")}\n--- a/g\n+++ b/g\n@@ -1 +1 @@\n-1\n+2\n`, /Line 6 .*"--- a\/g"/],
  ["GIT binary patch\nxyz", /binary/],
  [
    "diff --git a/base.ts b/copy.ts\nsimilarity index 80%\ncopy from base.ts\ncopy to copy.ts\n--- a/base.ts\n+++ b/copy.ts\n@@ -1 +1 @@\n-1\n+2\n",
    /copies base.ts to copy.ts/,
  ],
  [
    "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-1\n+2\ndiff --git a/b b/c\nsimilarity index 100%\ncopy from b\ncopy to c\n",
    /copies b to c/,
  ],
  [
    "diff --git a/m.sh b/m.sh\nold mode 100644\nnew mode 100755\ndiff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -1 +1 @@\n-1\n+2\n",
    /no lines for m.sh, only the mode 100755/,
  ],
  ["--- a/f\n+++ b/f\n@@ -1 +1 @@\n-1\n+2\ndiff --git a/x b/y\nindex 1..2\n", /no lines for a\/x b\/y/],
  [
    "diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+/etc\n\\ No newline at end of file\n",
    /l is a link or a repository/,
  ],
])("refuses %j", (patch, message) => {
  expect(() => parsePatch(patch)).toThrow(message);
});
