import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writePincerCommand } from "../../../src/vscode/host/pincerCommand.ts";
import { posixTest } from "../../posix.ts";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "pincer it's "))));
afterEach(() => rmSync(folder, { recursive: true }));

posixTest("runs the command line by its name, with its arguments as they are", async () => {
  const cli = join(folder, "$cli.mjs");
  writeFileSync(cli, "console.log(JSON.stringify([process.env.ELECTRON_RUN_AS_NODE, ...process.argv.slice(2)]))");
  const bin = await writePincerCommand(folder, cli);
  expect(bin).toBe(join(folder, "bin"));
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
  const said = execFileSync("sh", ["-c", `pincer send 'a "b" $c' ''`], { env, encoding: "utf8" });
  expect(JSON.parse(said)).toEqual(["1", "send", 'a "b" $c', ""]);
});

test("is written anew only when it changed", async () => {
  const file = join(await writePincerCommand(folder, "/a/cli.mjs"), "pincer");
  const before = statSync(file).ino;
  await writePincerCommand(folder, "/a/cli.mjs");
  expect(statSync(file).ino).toBe(before);
  await writePincerCommand(folder, "/b/cli.mjs");
  expect(statSync(file).ino).not.toBe(before);
});
