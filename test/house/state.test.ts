import { mkdtemp, mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { STATE_ENTRIES, stateEntries } from "../../src/base/files/stateEntries.ts";
import { readTree } from "./tree.ts";

test("what any file puts into a state folder is on the list of what is deleted with all data", () => {
  const found = [...readTree(["src"], [".ts"])].flatMap(([, source]) =>
    [...source.matchAll(/join\((?:\w+\.)?stateDir,\s*(?:"([^"]+)"|(\w*FILE\w*))/g)].map(
      ({ 1: name, 2: constant }) =>
        name ?? new RegExp(`const ${constant} = "([^"]+)"`).exec(source)?.[1] ?? `the value of ${constant}`,
    ),
  );
  expect(found.length).toBeGreaterThan(25);
  expect([...new Set(found)].filter((name) => ![...STATE_ENTRIES, "worktrees"].includes(name))).toEqual([]);
});

test("of a folder with other things in it only what is Pincer's own is named", async () => {
  const folder = await mkdtemp(join(tmpdir(), "pincer-state-"));
  await Promise.all(["checkpoints", "memory", "worktrees", "photos"].map((name) => mkdir(join(folder, name))));
  const files = ["pincer.db", "pincer.db-wal", "pincer.db.damaged-2026-01-01T00-00-00Z.lost.txt", "token", "todo.txt"];
  await Promise.all(files.map((name) => writeFile(join(folder, name), "")));
  expect((await stateEntries(folder)).toSorted()).toEqual(["checkpoints", "memory", ...files.slice(0, 4)]);
  expect(await stateEntries(join(folder, "none"))).toEqual([]);
});
