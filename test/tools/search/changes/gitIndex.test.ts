import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { indexCount, readIndex } from "../../../../src/tools/search/changes/gitIndex.ts";
import { findRepository, readBlobs } from "../../../../src/tools/search/changes/gitRepository.ts";
import { tempFolder } from "../../toolContext.ts";

const git = (folder: string, ...args: string[]) =>
  execFileSync("git", ["-c", "core.autocrlf=false", ...args], { cwd: folder, encoding: "utf8" });

const names = ["a.txt", "a/b.txt", "deep/er/ü.txt", "deep/er/üb.txt", `long/${"x".repeat(200)}`];

test.each([2, 3, 4])("an index of version %i is read as git reads it", async (version) => {
  const folder = tempFolder(Object.fromEntries(names.map((name) => [name, `${name}\n`])));
  git(folder, "init", "-q");
  git(folder, "add", ".");
  // A flag that only the third version has.
  if (version > 2) git(folder, "update-index", "--skip-worktree", "a.txt");
  git(folder, "update-index", "--index-version", String(version));
  const bytes = readFileSync(join(folder, ".git", "index"));
  expect([bytes.readUInt32BE(4), indexCount(bytes)]).toEqual([version, names.length]);
  const entries = readIndex(bytes);
  const listed = git(folder, "ls-files", "-s", "-z").split("\0").filter(Boolean);
  expect([...entries].map(([path, { oid }]) => `100644 ${oid} 0\t${path}`)).toEqual(listed);
  for (const [path, { mtimeNs, size }] of entries) {
    const stat = statSync(join(folder, path), { bigint: true });
    expect([mtimeNs, size]).toEqual([stat.mtimeNs, stat.size]);
  }
  const repository = (await findRepository(join(folder, "deep")))!;
  expect(repository.prefix).toBe("deep/");
  const oids = [...entries.values()].map(({ oid }) => oid);
  const blobs = await readBlobs(repository, [...oids, "0".repeat(40)], folder);
  expect(oids.map((oid) => blobs.get(oid)?.toString())).toEqual([...entries.keys()].map((path) => `${path}\n`));
  expect(blobs.size).toBe(names.length);
});

test("what is broken, or no index, has what can be read of it", () => {
  expect([readIndex(Buffer.from("hello")).size, indexCount(Buffer.alloc(0))]).toEqual([0, 0]);
  const folder = tempFolder({ "a.txt": "a", "b.txt": "b" });
  git(folder, "init", "-q");
  git(folder, "add", ".");
  const bytes = readFileSync(join(folder, ".git", "index"));
  for (let length = 0; length < bytes.length; length += 1)
    expect(readIndex(bytes.subarray(0, length)).size).toBeLessThanOrEqual(2);
});
