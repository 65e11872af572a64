import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createDiskFiles } from "../../../src/tools/files/diskFiles.ts";
import { namedFilesDigest } from "../../../src/tools/shell/namedFiles.ts";
import { tempFolder } from "../toolContext.ts";

test("a file that a command names is part of it, wherever it stands in the line and however it is written", async () => {
  const folder = tempFolder({ "sub/s.sh": "one\n" });
  const many = Array.from({ length: 100 }, (_, at) => `word${at}`).join(" ");
  const lines: [line: string, dialect: "posix" | "powershell"][] = [
    ["sh sub/s.sh", "posix"],
    ['sh "sub"/s.sh', "posix"],
    [`echo ${many}; sh ./sub/s.sh`, "posix"],
    ["X=1 sh <sub/s.sh", "posix"],
    ["& .\\sub\\s.sh", "powershell"],
  ];
  const digests = () =>
    Promise.all(lines.map(([line, dialect]) => namedFilesDigest(line, folder, createDiskFiles(), dialect)));
  const before = await digests();
  expect(before).not.toContain("");
  expect(await digests()).toEqual(before);
  writeFileSync(join(folder, "sub/s.sh"), "two\n");
  const after = await digests();
  for (const [at, digest] of after.entries()) expect(digest).not.toBe(before[at]);
  expect(await namedFilesDigest("echo nothing", folder, createDiskFiles())).toBe("");
});

test("what a program runs without being told is part of its command, and so is a script in a folder that is named", async () => {
  const before = { scripts: { test: "true" }, dependencies: {} };
  const folder = tempFolder({
    "package.json": JSON.stringify(before),
    "web/package.json": "{}",
    "web/app/run.sh": "one",
    "web/Makefile": "all:",
  });
  const digest = (line: string) => namedFilesDigest(line, folder, createDiskFiles());
  const lines = [
    "npm test",
    "cd web && npm test",
    "npm --prefix=web run x",
    "cd web; cd app; sh run.sh",
    "make -C web",
  ];
  const all = () => Promise.all(lines.map(digest));
  const first = await all();
  expect(first).not.toContain("");
  const change = (name: string, text: string) => writeFileSync(join(folder, name), text);
  change("package.json", JSON.stringify({ ...before, dependencies: { a: "1" } }));
  expect(await all()).toEqual(first);
  change("package.json", JSON.stringify({ ...before, scripts: { test: "false" } }));
  change("web/package.json", JSON.stringify(before));
  change("web/app/run.sh", "two");
  change("web/Makefile", "all: evil");
  for (const [at, digest] of (await all()).entries()) expect(digest).not.toBe(first[at]);
});
