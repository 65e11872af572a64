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
