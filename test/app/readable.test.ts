import { linkSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { listReadable, openReadable } from "../../src/app/readable.ts";

let base: string;
let folder: string;

beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "pincer-readable-")));
  folder = join(base, "work");
  mkdirSync(join(folder, "src"), { recursive: true });
  writeFileSync(join(folder, "src/a.ts"), "one");
  writeFileSync(join(folder, ".env"), "KEY=abc");
  writeFileSync(join(folder, ".gitignore"), "out/\n");
  mkdirSync(join(folder, "out"));
  writeFileSync(join(folder, "out/big.js"), "x");
  writeFileSync(join(base, "outside.txt"), "abc");
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

test("names that git ignores or that may hold secrets are not listed", async () => {
  const names: string[] = [];
  for await (const name of listReadable(folder, process.env)) names.push(name);
  expect(names.sort()).toEqual([".gitignore", "src/a.ts"]);
});

test("a file of the folder is opened by its real path", async () => {
  expect(await openReadable([folder], join(folder, "src/a.ts"), [])).toEqual({ real: join(folder, "src/a.ts") });
});

test.each([
  ["a file that may hold secrets", ".env", "may hold secrets"],
  ["one that is not there", "src/b.ts", "not there any more"],
  ["one outside", "../outside.txt", "outside of this window's folders"],
])("%s is refused in words", async (_what, path, words) => {
  await expect(openReadable([folder], join(folder, path), [])).rejects.toThrow(words);
});

test("a link does not lead past it, and a secret's other name is as secret", async () => {
  symlinkSync(join(base, "outside.txt"), join(folder, "link.txt"));
  linkSync(join(folder, ".env"), join(folder, "notes.txt"));
  await expect(openReadable([folder], join(folder, "link.txt"), [])).rejects.toThrow("outside");
  await expect(openReadable([folder], join(folder, "notes.txt"), [])).rejects.toThrow("under another name");
});

test("what a rule denies the tool read is denied here", async () => {
  const path = join(folder, "src/a.ts");
  await expect(openReadable([folder], path, [{ deny: "read", path: "src/**" }])).rejects.toThrow("deny read: src/**");
  await expect(openReadable([folder], path, [{ deny: "read", path: "lib/**" }])).resolves.toBeDefined();
});
