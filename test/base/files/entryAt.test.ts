import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect } from "vitest";
import { emptyBesideCopies } from "../../../src/app/storeCopies.ts";
import { entryAt } from "../../../src/base/files/entryAt.ts";
import { toFile, toFolder } from "../../../src/cli/terminal/givenPlaces.ts";
import { openLogFile } from "../../../src/cli/terminal/logFile.ts";
import { readGatewayFile } from "../../../src/config/stateFolder.ts";
import { startFault } from "../../../src/tools/shell/child.ts";
import { posixTest } from "../../posix.ts";
import { tempFolder } from "../../tools/toolContext.ts";

// Root may look everywhere, so it is a link to itself that the system does not follow for anybody.
let folder: string;
let circle: string;
beforeEach(() => {
  folder = tempFolder({ "a.txt": "" });
  circle = join(folder, "circle");
  if (process.platform !== "win32") symlinkSync("circle", circle);
});

const why = /circle(\/\S+)? could not be read: its links lead in a circle/;

posixTest("what may not be looked at is neither nothing nor an error without words", () => {
  expect(entryAt(join(folder, "a.txt"))?.isFile()).toBe(true);
  expect(entryAt(join(folder, "gone"))).toBeUndefined();
  expect(() => entryAt(circle)).toThrow(why);
});

posixTest("so say the state folder, the store, the command line, and whoever starts a program there", () => {
  expect(() => readGatewayFile(circle)).toThrow(why);
  expect(() => emptyBesideCopies(join(circle, "pincer.db"))).toThrow(why);
  expect(() => toFile(circle)).toThrow(why);
  expect(() => toFolder(circle)).toThrow(why);
  expect(startFault(new Error("spawn sh ELOOP"), { file: "sh", cwd: circle }).message).toMatch(why);
});

posixTest("a log stays off the disk where it may not be, and stops nobody", () => {
  const write = openLogFile(join(circle, "gateway.log"));
  write("one");
  write("two");
});
