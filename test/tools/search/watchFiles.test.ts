import { appendFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { posixTest } from "../../posix.ts";
import { watchFiles } from "../../../src/tools/search/watchFiles.ts";

function openFolder(files: string[]) {
  const folder = mkdtempSync(join(tmpdir(), "pincer-watch-"));
  onTestFinished(() => rmSync(folder, { recursive: true, maxRetries: 5 }));
  const write = (name: string, text = "x") => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  for (const file of files) write(file);
  return { folder, write };
}

function openWatch(folder: string, glob: string, onChange: () => void = () => {}) {
  const watched = watchFiles(folder, glob, onChange);
  onTestFinished(() => watched.dispose());
  return watched;
}

test("the files that fit are seen, but for ignored and protected ones", async () => {
  const { folder, write } = openFolder([
    ...["src/a.ts", "src/deep/b.ts", "src/c.js", "other/d.ts"],
    ...["node_modules/m/x.ts", ".git/x.ts", "out/x.ts", ".env", ".vscode/x.ts", "src/.env.ts"],
  ]);
  write(".gitignore", "out/\n");
  const watched = openWatch(folder, "**/*.ts");
  expect([...(await watched.look()).stamps.keys()].toSorted()).toEqual(["other/d.ts", "src/a.ts", "src/deep/b.ts"]);
  expect([...(await openWatch(folder, "src/**/*.ts").look()).stamps.keys()].toSorted()).toEqual([
    "src/a.ts",
    "src/deep/b.ts",
  ]);
  expect([...(await openWatch(folder, "src/*").look()).stamps.keys()].toSorted()).toEqual(["src/a.ts", "src/c.js"]);
  expect([...(await openWatch(folder, "src/a.ts").look()).stamps.keys()]).toEqual(["src/a.ts"]);
  expect([...(await openWatch(folder, "nothing/**").look()).stamps.keys()]).toEqual([]);
});

test("a file that changes, comes or goes makes another digest, and nothing else does", async () => {
  const { folder, write } = openFolder(["src/a.ts", "src/b.ts", "other/c.ts"]);
  const watched = openWatch(folder, "src/**");
  const digests = [(await watched.look()).digest];
  const next = async () => digests.push((await watched.look()).digest);
  write("other/c.ts", "changed");
  write("src/.env", "SECRET=1");
  await next();
  expect(new Set(digests).size).toBe(1);
  appendFileSync(join(folder, "src/a.ts"), "more");
  await next();
  write("src/new/d.ts");
  await next();
  unlinkSync(join(folder, "src/b.ts"));
  await next();
  // What is elsewhere is not looked at.
  symlinkSync(join(folder, "other"), join(folder, "src/link"), "dir");
  await next();
  expect(new Set(digests).size).toBe(4);
});

test("changes are told soon, also below folders that came later, and none after the end", async () => {
  const { folder, write } = openFolder(["src/a.ts"]);
  let told = 0;
  const watched = openWatch(folder, "src/**", () => (told += 1));
  await watched.look();
  write("src/a.ts", "changed");
  await expect.poll(() => told).toBeGreaterThan(0);
  told = 0;
  write("src/new/b.ts");
  await expect.poll(() => told).toBeGreaterThan(0);
  await watched.look();
  told = 0;
  write("src/new/b.ts", "changed");
  await expect.poll(() => told).toBeGreaterThan(0);
  watched.dispose();
  const before = told;
  write("src/a.ts", "again");
  await expect(watched.look()).rejects.toThrow();
  expect(told).toBe(before);
});

test.each([
  ["an empty folder", "src/**", "src/a.ts"],
  ["an empty folder far below", "**/*.ts", "src/deep/er/a.ts"],
  ["a folder below one that has no files", "src/deep/*.ts", "src/deep/a.ts"],
])("the first file in %s is told of", async (_where, glob, name) => {
  const { folder, write } = openFolder([]);
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  let told = 0;
  const watched = openWatch(folder, glob, () => (told += 1));
  await watched.look();
  write(name);
  await expect.poll(() => told).toBeGreaterThan(0);
});

posixTest("a link is not followed where a glob names it", async () => {
  const { folder } = openFolder(["src/a.ts"]);
  const elsewhere = openFolder(["b.ts"]);
  symlinkSync(elsewhere.folder, join(folder, "src/link"));
  for (const glob of ["src/link/**", "src/link/*.ts", "src/**"])
    expect([...(await openWatch(folder, glob).look()).stamps.keys()]).toEqual(glob === "src/**" ? ["src/a.ts"] : []);
});

test("what a glob names comes folder by folder, and a folder that is made anew is watched anew", async () => {
  const { folder, write } = openFolder([]);
  let told = 0;
  const watched = openWatch(folder, "src/deep/*.ts", () => (told += 1));
  const next = async (change: () => void) => {
    await watched.look();
    told = 0;
    change();
    await expect.poll(() => told).toBeGreaterThan(0);
  };
  await next(() => mkdirSync(join(folder, "src")));
  await next(() => mkdirSync(join(folder, "src/deep")));
  await next(() => write("src/deep/a.ts"));
  rmSync(join(folder, "src"), { recursive: true });
  await next(() => write("src/deep/a.ts"));
  await next(() => write("src/deep/a.ts", "changed"));
});
