import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createDiskFiles } from "../../src/tools/files/diskFiles.ts";
import { edit } from "../../src/tools/editTool.ts";
import { read } from "../../src/tools/readTool.ts";
import { grep } from "../../src/tools/search/grepTool.ts";
import { askOf, call, tempFolder, toolContext } from "./toolContext.ts";
import { posixTest } from "../posix.ts";

const numbered = (count: number): string => Array.from({ length: count }, (_, index) => `line ${index + 1}\n`).join("");

test("a file as it is, its line endings as the model writes them", async () => {
  const folder = tempFolder({ a: "one\r\ntwo\r\n", empty: "" });
  expect((await call(read, { path: "a" }, toolContext(folder))).text).toBe("one\ntwo");
  expect((await call(read, { path: "empty" }, toolContext(folder))).text).toBe("(empty is empty)");
});

test("a part of it, and how to go on", async () => {
  const folder = tempFolder({ a: numbered(10) });
  const text = async (input: object) => (await call(read, { path: "a", ...input }, toolContext(folder))).text;
  expect(await text({ offset: 3, limit: 2 })).toBe("line 3\nline 4\n[lines 3-4 of 10; read on with offset 5]");
  expect(await text({ offset: 9 })).toBe("line 9\nline 10\n[lines 9-10 of 10]");
  await expect(text({ offset: 11 })).rejects.toThrow("The file has 10 lines; there is no line 11");
});

test("long files and long lines are cut", async () => {
  const folder = tempFolder({
    long: numbered(5000),
    wide: `${"x".repeat(3000)}\n`,
    fat: `${"y".repeat(1999)}\n`.repeat(100),
  });
  const text = async (path: string) => (await call(read, { path }, toolContext(folder))).text;
  expect(await text("long")).toMatch(/line 2000\n\[lines 1-2000 of 5000; read on with offset 2001\]$/);
  expect(await text("wide")).toBe(`${"x".repeat(2000)}[... 1000 more characters; read on with offset 1, column 2001]`);
  expect((await text("fat")).length).toBeLessThan(51_000);
  expect(await text("fat")).toMatch(/\[lines 1-25 of 100; read on with offset 26\]$/);
});

test("a file of one very long line can be read to its end, letter by letter", async () => {
  const line = `a${"😀".repeat(60_000)}`;
  const folder = tempFolder({ "one.json": line });
  const text = async (input: object) => (await call(read, { path: "one.json", ...input }, toolContext(folder))).text;
  let whole = "";
  let column: number | undefined;
  for (let next: object = {}; ;) {
    const part = await text(next);
    expect(part.isWellFormed()).toBe(true);
    whole += part.replace(/(\n\[line 1, |\[\.\.\. )[^]*$/, "");
    column = Number(/read on with offset 1, column (\d+)/.exec(part)?.[1]);
    if (!column) break;
    next = { offset: 1, column };
  }
  expect(whole === line).toBe(true);
  await expect(text({ column: 200_000 })).rejects.toThrow("Line 1 has 120001 characters; there is none at 200000");
});

test("a file that is not UTF-8 says how it is written", async () => {
  const folder = tempFolder({ a: Buffer.from("caf\u00e9\n", "latin1") });
  expect((await call(read, { path: "a" }, toolContext(folder))).text).toBe("[a is written in windows-1252]\ncafé");
});

test("a file of UTF-8 with one bad byte is read as that, found in, and not changed", async () => {
  const bytes = Buffer.concat([Buffer.from("größer\nnaïve\n"), Buffer.of(0xe9, 10)]);
  const folder = tempFolder({ a: bytes });
  const context = toolContext(folder);
  expect((await call(read, { path: "a" }, context)).text).toBe(
    "[a is mostly UTF-8, with a byte that is none in line 3]\ngrößer\nnaïve\n\ufffd",
  );
  expect((await call(grep, { pattern: "na.ve" }, context)).text).toBe("a:2:naïve");
  const change = { path: "a", oldText: "größer", newText: "größter" };
  await expect(call(edit, change, context)).rejects.toThrow(
    "a is mostly UTF-8, with a byte that is none in line 3; it cannot be changed as a text",
  );
  expect(readFileSync(join(folder, "a"))).toEqual(bytes);
});

test("an image is shown, a file that only has its name is not", async () => {
  const png = Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "base64",
  );
  const folder = tempFolder({ "a.png": png, "b.png": "text" });
  const context = toolContext(folder);
  expect((await call(read, { path: "a.png" }, context)).images).toEqual([
    { name: "a.png", mediaType: "image/png", data: png.toString("base64") },
  ]);
  expect((await call(read, { path: "b.png" }, context)).text).toBe("text");
});

test("unsaved text is read, not what the disk holds", async () => {
  const folder = tempFolder({ a: "saved" });
  const files = { ...createDiskFiles(), readText: async () => ({ text: "unsaved", encoding: "utf-8" as const }) };
  expect((await call(read, { path: "a" }, toolContext(folder, { files }))).text).toBe("unsaved");
});

test.each([
  ["../x", "forbidden"],
  ["nothing", "not_found"],
  [".", "bad_request"],
  ["binary", "bad_request"],
])("%s is refused", async (path, code) => {
  const folder = tempFolder({ binary: "a\0b" });
  await expect(call(read, { path }, toolContext(folder))).rejects.toMatchObject({ code });
});

posixTest("what may hold secrets is asked for, under its real name", async () => {
  const folder = tempFolder({ ".env": "KEY=1", "a.txt": "" });
  symlinkSync(".env", join(folder, "innocent"));
  const ask = (path: string) => askOf(read, { path }, toolContext(folder));
  expect(await ask("a.txt")).toBeUndefined();
  expect(await ask("innocent")).toEqual({
    summary: "read .env",
    subject: { type: "other", text: "read .env" },
    reason: ".env may hold secrets",
    safe: false,
    protected: true,
    effects: [{ kind: "read", place: join(folder, ".env") }],
  });
});
