import { chmodSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { createDiskFiles } from "../../../src/tools/files/diskFiles.ts";
import { asOwnFiles, isOwnWrite, ownTexts } from "../../../src/tools/files/ownWrites.ts";
import { tempFolder } from "../toolContext.ts";

const files = asOwnFiles(createDiskFiles());

test("what a tool writes is its own at every moment of writing it anew", async () => {
  const path = join(tempFolder(), "AGENTS.md");
  await files.writeText(path, "a");
  const told = new Set<boolean>();
  const over = new AbortController();
  const looking = (async () => {
    while (!over.signal.aborted) {
      told.add(await isOwnWrite(path, 0));
      await setImmediate();
    }
  })();
  for (let round = 0; round < 30; round += 1) await files.writeText(path, `${round}`);
  over.abort();
  await looking;
  expect(told).toEqual(new Set([true]));
});

test("what a tool could not write leaves its earlier text its own", async () => {
  const path = join(tempFolder(), "AGENTS.md");
  await files.writeText(path, "a");
  chmodSync(path, 0o444);
  await expect(files.writeText(path, "b")).rejects.toMatchObject({ code: "forbidden" });
  expect([ownTexts(path, 0), await isOwnWrite(path, 0)]).toEqual([{ done: ["a"], begun: [] }, true]);
});

test("what a tool began to write before a command and ended since is its own", async () => {
  const path = join(tempFolder(), "AGENTS.md");
  const writing = files.writeText(path, "a");
  expect(ownTexts(path, 0)).toEqual({ done: [], begun: ["a"] });
  const began = Date.now();
  expect(ownTexts(path, began + 1000).begun).toEqual(["a"]);
  await writing;
  expect([ownTexts(path, began).done, ownTexts(path, Date.now() + 1).done]).toEqual([["a"], []]);
});
