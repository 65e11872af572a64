import { chmodSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { createDiskFiles } from "../../../src/tools/files/diskFiles.ts";
import { isOwnWrite, ownText } from "../../../src/tools/files/ownWrites.ts";
import { tempFolder } from "../toolContext.ts";

const files = createDiskFiles();

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
  expect([ownText(path, 0), await isOwnWrite(path, 0)]).toEqual(["a", true]);
});

test("what a tool began to write before a command and ended since is its own", async () => {
  const path = join(tempFolder(), "AGENTS.md");
  const writing = files.writeText(path, "a");
  while (ownText(path, 0) === undefined) await setImmediate();
  const began = Date.now();
  expect(ownText(path, began + 1000)).toBe("a");
  await writing;
  expect([ownText(path, began), ownText(path, Date.now() + 1)]).toEqual(["a", undefined]);
});
