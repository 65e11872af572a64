import { expect, test } from "vitest";
import { withoutProtected } from "../../../src/vscode/context/protectedPatch.ts";

const part = (path: string, line: string) =>
  `diff --git a/${path} b/${path}\nindex 1..2 100644\n--- a/${path}\n+++ b/${path}\n@@ -1 +1 @@\n-old\n+${line}\n`;

test("a file that may hold secrets is left out of a patch, and named", () => {
  const { text, left } = withoutProtected(part("src/a.ts", "one") + part(".env", "KEY=abc") + part("b.md", "two"));
  expect(left).toEqual([".env"]);
  expect(text).toContain("+one");
  expect(text).toContain("+two");
  expect(text).not.toContain("abc");
});

test.each([
  [
    "renamed away",
    "diff --git a/.env b/notes.txt\nsimilarity index 90%\nrename from .env\nrename to notes.txt\n@@ -1 +1 @@\n+KEY=abc\n",
  ],
  [
    "renamed into",
    "diff --git a/notes.txt b/certs/own.pem\nrename from notes.txt\nrename to certs/own.pem\n@@ -1 +1 @@\n+abc\n",
  ],
  [
    "without lines of its own",
    "diff --git a/.ssh/id_rsa b/.ssh/id_rsa\nnew file mode 100644\nindex 0..1\nBinary files abc\n",
  ],
  [
    "with a quoted name",
    'diff --git "a/sch\\303\\251ma/.env" "b/sch\\303\\251ma/.env"\n--- "a/sch\\303\\251ma/.env"\n+++ "b/sch\\303\\251ma/.env"\n@@ -1 +1 @@\n+abc\n',
  ],
  [
    "deleted",
    "diff --git a/.npmrc b/.npmrc\ndeleted file mode 100644\n--- a/.npmrc\n+++ /dev/null\n@@ -1 +0,0 @@\n-abc\n",
  ],
])("%s", (_how, patch) => {
  const { text, left } = withoutProtected(part("src/a.ts", "one") + patch);
  expect(left).toHaveLength(1);
  expect(text).not.toContain("abc");
  expect(text).toContain("+one");
});

test("words in a file's lines that look like a head are no head", () => {
  const { left } = withoutProtected(part("src/a.ts", "--- a/.env"));
  expect(left).toEqual([]);
});
