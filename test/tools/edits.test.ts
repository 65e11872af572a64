import { createHash } from "node:crypto";
import { chmodSync, existsSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { AppError } from "../../src/base/appError.ts";
import type { Tool } from "../../src/core/ports/tool.ts";
import { applyPatch } from "../../src/tools/applyPatchTool.ts";
import { edit } from "../../src/tools/editTool.ts";
import { createDiskFiles } from "../../src/tools/files/diskFiles.ts";
import { memory } from "../../src/tools/memoryTool.ts";
import { write } from "../../src/tools/writeTool.ts";
import { ownStretch } from "../fakes/longestStretch.ts";
import { askOf, call, tempFolder, toolContext } from "./toolContext.ts";
import { expectMode, posixTest } from "../posix.ts";

test("write makes folders, replaces, and keeps line endings and byte order mark", async () => {
  const folder = tempFolder({ win: "\uFEFFa\r\nb\r\n" });
  const context = toolContext(folder);
  expect((await call(write, { path: "new/a.txt", content: "1\n2\n" }, context)).text).toBe(
    "Created new/a.txt (2 lines)",
  );
  expect((await call(write, { path: "win", content: "x\ny\n" }, context)).text).toBe("Replaced win (2 lines)");
  expect(readFileSync(join(folder, "new/a.txt"), "utf8")).toBe("1\n2\n");
  await expect(call(write, { path: "made/", content: "" }, context)).rejects.toMatchObject({ code: "bad_request" });
  expect(readFileSync(join(folder, "win"), "utf8")).toBe("\uFEFFx\r\ny\r\n");
});

test("edit changes one place, or all of them when told", async () => {
  const folder = tempFolder({ a: "x = 1\ny = 1\n" });
  const context = toolContext(folder);
  expect((await call(edit, { path: "a", oldText: "x = 1", newText: "x = 2" }, context)).text).toBe(
    "Changed a at line 1",
  );
  expect((await call(edit, { path: "a", oldText: " = ", newText: ": ", replaceAll: true }, context)).text).toBe(
    "Changed a at lines 1, 2",
  );
  expect(readFileSync(join(folder, "a"), "utf8")).toBe("x: 2\ny: 1\n");
  const many = toolContext(tempFolder({ a: "x\n".repeat(30) }));
  expect((await call(edit, { path: "a", oldText: "x", newText: "y", replaceAll: true }, many)).text).toMatch(
    /^Changed a at lines 1, 2, [\d, ]+ 20 and 10 more$/,
  );
});

test("an edit that does not fit says how it differs, and changes nothing", async () => {
  const text = "function add(a, b) {\n  return a + b;\n}\nadd(1, 2);\nadd(1, 2);\n";
  const folder = tempFolder({ a: text });
  const message = (oldText: string, newText = "z", path = "a") =>
    call(edit, { path, oldText, newText }, toolContext(folder)).then(
      () => "changed",
      (error: AppError) => `${error.code}: ${error.message}`,
    );
  expect(await message("  return a - b;")).toBe(
    'conflict: The text was not found in a. The closest lines are:\n2:   return a + b;\nLine 2 is "  return a + b;", but the text has "  return a - b;".',
  );
  expect(await message("nothing alike at all here")).toBe(
    "conflict: The text was not found in a, nor anything like it. Read the file again.",
  );
  expect(await message("add(1, 2);")).toBe(
    "conflict: The text was found 2 times in a, at lines 4, 5. Add lines around it to say which one, or set replaceAll.",
  );
  expect(await message("")).toMatch(/^bad_request: oldText is empty/);
  expect(await message("a", "a")).toMatch(/^bad_request: .* the same/);
  expect(await message("a", "b", "gone")).toBe("not_found: gone does not exist");
  expect(readFileSync(join(folder, "a"), "utf8")).toBe(text);
});

test("places that overlap are several, but not where it makes no difference which goes", async () => {
  const folder = tempFolder({ a: "}\n}\n}\n", b: "x\n\n\n\ny\n", c: "  a;\n  a;\n  a;\n" });
  const change = (path: string, oldText: string, newText: string, replaceAll = false) =>
    call(edit, { path, oldText, newText, replaceAll }, toolContext(folder)).catch((caught: AppError) => caught);
  expect(await change("a", "}\n}", "END")).toMatchObject({
    code: "conflict",
    message: expect.stringContaining("lines 1, 2"),
  });
  expect(await change("c", "a;\na;\n", "b;\n")).toMatchObject({
    code: "conflict",
    message: expect.stringContaining("1, 2"),
  });
  expect(contents(folder, ["a", "c"])).toEqual(["}\n}\n}\n", "  a;\n  a;\n  a;\n"]);
  await change("b", "\n\n", "\n");
  await change("a", "}\n}", "END", true);
  expect(contents(folder, ["a", "b"])).toEqual(["END\n}\n", "x\n\n\ny\n"]);
});

test("a file that changes between reading and writing is not overwritten", async () => {
  const folder = tempFolder({ a: "one" });
  const disk = createDiskFiles();
  const files = {
    ...disk,
    readText: async (path: string) => {
      const text = await disk.readText(path);
      await disk.writeText(path, "typed meanwhile");
      return text;
    },
  };
  await expect(
    call(edit, { path: "a", oldText: "one", newText: "two" }, toolContext(folder, { files })),
  ).rejects.toMatchObject({ code: "conflict" });
  expect(readFileSync(join(folder, "a"), "utf8")).toBe("typed meanwhile");
});

posixTest("what a user is asked shows the change, and protected paths as such", async () => {
  const folder = tempFolder({ a: "one\r\n", ".vscode/settings.json": "{}" });
  symlinkSync(".vscode", join(folder, "innocent"));
  const context = toolContext(folder);
  expect(await askOf(edit, { path: "a", oldText: "one\n", newText: "two\n" }, context)).toEqual({
    summary: "change a",
    subject: { type: "edit", path: "a", before: "one\r\n", after: "two\r\n" },
    reason: "changes a file",
    safe: false,
    protected: false,
    effects: [{ kind: "change", place: join(folder, "a"), before: sha256("one\r\n"), after: sha256("two\r\n") }],
  });
  expect(await askOf(write, { path: "innocent/settings.json", content: "x" }, context)).toMatchObject({
    summary: "change .vscode/settings.json",
    reason: "protected path: .vscode decides what code runs",
    protected: true,
  });
  expect(await askOf(write, { path: "b\u202egnp.sh", content: "x\u200b\r\n" }, context)).toMatchObject({
    summary: "create b\\u{202e}gnp.sh",
    subject: { path: "b\\u{202e}gnp.sh", after: "x\\u{200b}\r\n" },
  });
  await expect(askOf(write, { path: "../x", content: "" }, context)).rejects.toMatchObject({ code: "forbidden" });
});

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

const PATCH = `*** Begin Patch
*** Add File: new/n.txt
+hello
*** Update File: a.txt
@@
-one
+ONE
*** Update File: b.txt
*** Move to: moved/b.txt
@@
-two
+TWO
*** Delete File: c.txt
*** End Patch`;

const contents = (folder: string, names: string[]) =>
  names.map((name) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8") : null));

const NAMES = ["new/n.txt", "a.txt", "b.txt", "moved/b.txt", "c.txt"];

test("a patch changes several files", async () => {
  const folder = tempFolder({ "a.txt": "one\n", "b.txt": "two\n", "c.txt": "three\n" });
  const result = await call(applyPatch, { patch: PATCH }, toolContext(folder));
  expect(result.text).toBe("Created new/n.txt\nChanged a.txt\nCreated moved/b.txt\nDeleted b.txt\nDeleted c.txt");
  expect(contents(folder, NAMES)).toEqual(["hello\n", "ONE\n", null, "TWO\n", null]);
});

test("what a patch moves keeps its mode, encoding and byte order mark, and gets them back when it fails", async () => {
  const bytes = Buffer.from("caf\xe9\r\nb\r\n", "latin1");
  const folder = tempFolder({
    "run.sh": "\uFEFFecho a\n",
    latin: bytes,
    wide: Buffer.from("\uFEFFa\nb\n", "utf16le"),
  });
  chmodSync(join(folder, "run.sh"), 0o755);
  const move = (from: string, to: string, hunk: string) =>
    `*** Update File: ${from}\n*** Move to: ${to}\n@@\n${hunk}\n`;
  const moves =
    move("run.sh", "go.sh", "-echo a\n+echo b") + move("latin", "l2", "-b\n+c") + move("wide", "w2", "-b\n+c");
  const patch = `*** Begin Patch\n${moves}*** End Patch`;
  const disk = createDiskFiles();
  const failing = {
    ...disk,
    remove: async (path: string, expected?: string) => {
      if (path.endsWith("wide")) throw new AppError("unavailable", "The disk is full");
      await disk.remove(path, expected);
    },
  };
  await expect(call(applyPatch, { patch }, toolContext(folder, { files: failing }))).rejects.toThrow("full");
  expect(readFileSync(join(folder, "latin"))).toEqual(bytes);
  expectMode(join(folder, "run.sh"), 0o755);
  const { text } = await call(applyPatch, { patch }, toolContext(folder));
  expect(text).toContain("Created l2 (in windows-1252)");
  expect(readFileSync(join(folder, "go.sh"), "utf8")).toBe("\uFEFFecho b\n");
  expectMode(join(folder, "go.sh"), 0o755);
  expect(readFileSync(join(folder, "l2"), "latin1")).toBe("caf\xe9\r\nc\r\n");
  expect(readFileSync(join(folder, "w2"))).toEqual(Buffer.from("\uFEFFa\nc\n", "utf16le"));
});

test("a diff deletes only what it shows", async () => {
  const folder = tempFolder({ a: "one\ntwo\n", b: "x" });
  const gone = (path: string, lines: string) => `--- a/${path}\n+++ /dev/null\n@@ -1 +0,0 @@\n${lines}\n`;
  const error = (patch: string) => call(applyPatch, { patch }, toolContext(folder)).catch((caught: AppError) => caught);
  expect(await error(gone("a", "-one"))).toMatchObject({ code: "conflict", message: expect.stringContaining("more") });
  expect(await error(gone("a", "-other"))).toMatchObject({ code: "conflict" });
  expect(await error("diff --git a/b b/b\ndeleted file mode 100644\n")).toMatchObject({ code: "conflict" });
  expect(contents(folder, ["a", "b"])).toEqual(["one\ntwo\n", "x"]);
  await call(applyPatch, { patch: gone("a", "-one\n-two") }, toolContext(folder));
  await call(applyPatch, { patch: gone("b", "-x\n\\ No newline at end of file") }, toolContext(folder));
  expect(contents(folder, ["a", "b"])).toEqual([null, null]);
});

test("a mode in a diff is told as one that is not set", async () => {
  const folder = tempFolder({ "a.sh": "one\n", "b.txt": "two\n" });
  chmodSync(join(folder, "a.sh"), 0o644);
  const patch =
    "diff --git a/a.sh b/a.sh\nold mode 100644\nnew mode 100755\n--- a/a.sh\n+++ b/a.sh\n@@ -1 +1 @@\n-one\n+1\n" +
    "diff --git a/b.txt b/b.txt\n--- a/b.txt\n+++ b/b.txt\n@@ -1 +1 @@\n-two\n+2\n" +
    "diff --git a/n.sh b/n.sh\nnew file mode 100755\n--- /dev/null\n+++ b/n.sh\n@@ -0,0 +1 @@\n+x\n" +
    "diff --git a/e.sh b/e.sh\nnew file mode 100755\nindex 0000000..e69de29\n" +
    "diff --git a/n.txt b/n.txt\nnew file mode 100644\n--- /dev/null\n+++ b/n.txt\n@@ -0,0 +1 @@\n+x\n";
  const { text } = await call(applyPatch, { patch }, toolContext(folder));
  expect(text.split("\n")).toEqual([
    ...["Changed a.sh", "Changed b.txt", "Created n.sh", "Created e.sh", "Created n.txt"],
    ...["a.sh", "n.sh", "e.sh"].map((name) => `The mode of ${name} was not set: 100755 in the patch`),
  ]);
  expectMode(join(folder, "a.sh"), 0o644);
});

test("a patch that does not fit everywhere changes nothing", async () => {
  const folder = tempFolder({ "a.txt": "one\n", "b.txt": "something else\n", "c.txt": "three\n" });
  await expect(call(applyPatch, { patch: PATCH }, toolContext(folder))).rejects.toMatchObject({ code: "conflict" });
  expect(contents(folder, NAMES)).toEqual([null, "one\n", "something else\n", null, "three\n"]);
});

test("a patch whose writing fails half-way is undone", async () => {
  const folder = tempFolder({ "a.txt": "one\n", "b.txt": "two\n", "c.txt": "three\n" });
  for (let failing = 1; failing <= 5; failing += 1) {
    const disk = createDiskFiles();
    let steps = 0;
    const orFail = () => {
      steps += 1;
      if (steps === failing) throw new AppError("unavailable", "The disk is full");
    };
    const files = {
      ...disk,
      writeText: async (...args: Parameters<typeof disk.writeText>) => (orFail(), disk.writeText(...args)),
      remove: async (path: string) => (orFail(), disk.remove!(path)),
    };
    await expect(call(applyPatch, { patch: PATCH }, toolContext(folder, { files }))).rejects.toMatchObject({
      code: "unavailable",
    });
    expect(contents(folder, NAMES), `step ${failing}`).toEqual([null, "one\n", "two\n", null, "three\n"]);
  }
});

test("what cannot be put back is named", async () => {
  const folder = tempFolder({ a: "1\n", b: "1\n", c: "1\n" });
  const disk = toolContext(folder).files;
  let writes = 0;
  const files = {
    ...disk,
    async writeText(...args: Parameters<typeof disk.writeText>) {
      writes += 1;
      if (writes === 3) throw new AppError("unavailable", "The disk is full");
      if (writes > 4) throw new AppError("unavailable", "The disk is full still");
      await disk.writeText(...args);
    },
  };
  const patch = `*** Begin Patch\n${["a", "b", "c"].map((name) => `*** Update File: ${name}\n@@\n-1\n+2\n`).join("")}*** End Patch`;
  await expect(call(applyPatch, { patch }, toolContext(folder, { files }))).rejects.toMatchObject({
    code: "unavailable",
    message: "The disk is full; what was changed before could not be put back: a",
  });
  expect(contents(folder, ["a", "b", "c"])).toEqual(["2\n", "1\n", "1\n"]);
});

test("what a patch deletes is as it was when what comes after it fails", async () => {
  const wide = Buffer.from("\uFEFFa\n", "utf16le");
  const folder = tempFolder({
    "run.sh": "\uFEFFecho a\n",
    latin: Buffer.from("caf\xe9\n", "latin1"),
    wide,
    "ro.txt": "one\n",
  });
  chmodSync(join(folder, "run.sh"), 0o755);
  chmodSync(join(folder, "ro.txt"), 0o444);
  const gone = ["run.sh", "latin", "wide"].map((name) => `*** Delete File: ${name}\n`).join("");
  const patch = `*** Begin Patch\n${gone}*** Update File: ro.txt\n@@\n-one\n+two\n*** End Patch`;
  await expect(applyPatch.prepare({ patch }, toolContext(folder))).rejects.toThrow("is read-only");
  chmodSync(join(folder, "ro.txt"), 0o644);
  const disk = toolContext(folder).files;
  const files = {
    ...disk,
    async writeText(path: string, ...how: [string]) {
      if (path.endsWith("ro.txt")) throw new AppError("unavailable", "The disk is full");
      await disk.writeText(path, ...how);
    },
  };
  await expect(call(applyPatch, { patch }, toolContext(folder, { files }))).rejects.toThrow("The disk is full");
  expect(readFileSync(join(folder, "run.sh"), "utf8")).toBe("\uFEFFecho a\n");
  expect(readFileSync(join(folder, "latin"), "latin1")).toBe("caf\xe9\n");
  expect(readFileSync(join(folder, "wide"))).toEqual(wide);
  expectMode(join(folder, "run.sh"), 0o755);
});

posixTest("a patch reaches nothing outside, and the same file only once", async () => {
  const folder = tempFolder({ "ws/a.txt": "one\n", "out.txt": "x\n" });
  const inside = join(folder, "ws");
  symlinkSync("a.txt", join(inside, "alias"));
  const code = (body: string) =>
    call(applyPatch, { patch: `*** Begin Patch\n${body}\n*** End Patch` }, toolContext(inside)).then(
      () => "applied",
      (error: AppError) => error.code,
    );
  expect(await code("*** Add File: ../evil\n+x")).toBe("forbidden");
  expect(await code("*** Delete File: ../out.txt")).toBe("forbidden");
  expect(await code("*** Update File: a.txt\n*** Move to: ../b\n@@\n-one\n+two")).toBe("forbidden");
  expect(await code("*** Update File: a.txt\n@@\n-one\n+two\n*** Update File: alias\n@@\n-one\n+three")).toBe(
    "bad_request",
  );
  expect(await code("*** Add File: a.txt\n+x")).toBe("conflict");
  expect(await code("*** Delete File: gone")).toBe("not_found");
  expect(contents(folder, ["ws/a.txt", "out.txt", "evil"])).toEqual(["one\n", "x\n", null]);
});

test("of several files the user sees all changes", async () => {
  const folder = tempFolder({ "a.txt": "one\n", "b.txt": "two\n", "c.txt": "three\n" });
  expect(await askOf(applyPatch, { patch: PATCH }, toolContext(folder))).toMatchObject({
    summary: "create new/n.txt, change a.txt, create moved/b.txt, delete b.txt, delete c.txt",
    subject: {
      path: "new/n.txt, a.txt, moved/b.txt, b.txt, c.txt",
      before: "=== a.txt\none\n\n=== b.txt\ntwo\n\n=== c.txt\nthree\n",
      after: "=== new/n.txt\nhello\n\n=== a.txt\nONE\n\n=== moved/b.txt\nTWO\n",
    },
    reason: "changes 3 files, deletes b.txt, c.txt",
    protected: false,
  });
});

test("notes are appended and read, and only appending asks", async () => {
  const folder = tempFolder();
  const context = toolContext(folder);
  expect((await call(memory, { action: "read" }, context)).text).toBe("There are no notes yet");
  await call(memory, { action: "append", text: "tests run with npm test" }, context);
  await call(memory, { action: "append", text: "two\nlines" }, context);
  expect((await call(memory, { action: "read" }, context)).text).toContain(
    ".pincer/memory.md:\n- tests run with npm test\n- two\n  lines",
  );
  expect(await askOf(memory, { action: "read" }, context)).toBeUndefined();
  expect(await askOf(memory, { action: "append", text: "x" }, context)).toMatchObject({
    protected: false,
    summary: "change .pincer/memory.md",
  });
  await expect(call(memory, { action: "append" }, context)).rejects.toMatchObject({ code: "bad_request" });
});

test("an edit that fits nowhere in a very long file keeps nobody waiting", async () => {
  const text = Array.from({ length: 400_000 }, (_, index) => `  const value${index} = compute(${index});\n`).join("");
  const folder = tempFolder({ a: text });
  const block = text.slice(0, 3000).replaceAll("value", "valu");
  const patch = `*** Begin Patch\n*** Update File: a\n@@ nowhere\n-${block.split("\n")[0]}\n+x\n*** End Patch`;
  for (const [tool, input] of [
    [edit, { path: "a", oldText: block, newText: "x" }],
    [applyPatch, { patch }],
  ] as [Tool, object][]) {
    const longest = await ownStretch(50, () =>
      expect(call(tool, input, toolContext(folder))).rejects.toMatchObject({ code: "conflict" }),
    );
    expect(longest, tool.name).toBeLessThan(50);
  }
  const far = `value399998 = compute(399998);\n`;
  const ask = await askOf(edit, { path: "a", oldText: far, newText: `${far}// new\n` }, toolContext(folder));
  const subject = ask?.subject.type === "edit" ? ask.subject : undefined;
  expect(subject?.after).toMatch(/characters above stay[^]*399998\);\n\/\/ new\n {2}const value399999/);
  expect(subject!.after.length).toBeLessThan(10_000);
});
