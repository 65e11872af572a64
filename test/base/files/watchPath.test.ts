import { mkdirSync, mkdtempSync, rmSync, symlinkSync, watch, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { watchPath } from "../../../src/base/files/watchPath.ts";
import { silentLog } from "../../../src/base/log.ts";
import { posixTest } from "../../posix.ts";

posixTest.each([
  ["within its folder is followed", "in/own.yml", true, true],
  ["out of its folder is not", "../out/own.yml", true, false],
  ["out of its folder is followed where it may", "../out/own.yml", false, true],
])("a link that leads %s", async (_name, target, stays, isTold) => {
  const folder = mkdtempSync(join(tmpdir(), "pincer-watch-path-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const each of ["home/in", "out"]) mkdirSync(join(folder, each), { recursive: true });
  const at = join(folder, "home", target);
  writeFileSync(at, "1");
  symlinkSync(target, join(folder, "home/link.yml"));
  let told = false;
  const watching = watchPath(join(folder, "home/link.yml"), () => (told = true), { stays, log: silentLog });
  onTestFinished(() => watching.dispose());
  const seen = Promise.withResolvers<void>();
  const own = watch(join(at, ".."), () => seen.resolve());
  writeFileSync(at, "2");
  await seen.promise;
  own.close();
  expect(told).toBe(isTold);
});
