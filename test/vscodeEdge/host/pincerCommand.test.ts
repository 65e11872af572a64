import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { toBatchFile, writePincerCommand } from "../../../src/vscode/host/pincerCommand.ts";
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

posixTest("works on the state folder that it lies in, unless another one is named", async () => {
  const cli = join(folder, "cli.mjs");
  writeFileSync(cli, "console.log(process.env.PINCER_HOME ?? '')");
  const run = async (stateDir: string, named?: string) => {
    const command = join(await writePincerCommand(stateDir, cli), "pincer");
    return execFileSync(command, { env: { ...process.env, PINCER_HOME: named }, encoding: "utf8" }).trim();
  };
  const other = join(folder, "$state");
  expect(await run(other)).toBe(other);
  expect(await run(other, "")).toBe(other);
  expect(await run(other, "/another")).toBe("/another");
  // Which is found without a word.
  vi.stubEnv("HOME", folder);
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(await run(join(folder, ".pincer"))).toBe("");
});

test("is written anew only when it changed", async () => {
  const file = join(await writePincerCommand(folder, "/a/cli.mjs"), "pincer");
  const before = statSync(file).ino;
  await writePincerCommand(folder, "/a/cli.mjs");
  expect(statSync(file).ino).toBe(before);
  await writePincerCommand(folder, "/b/cli.mjs");
  expect(statSync(file).ino).not.toBe(before);
});

const env = { USERPROFILE: "C:\\Users\\Пётр", LocalAppData: "C:\\Users\\Пётр\\AppData\\Local" };

test("cmd finds a user's folder whatever letters are in the name: the file has none of them", () => {
  const node = "C:\\Users\\Пётр\\AppData\\Local\\Programs\\Microsoft VS Code\\Code.exe";
  const cli = "c:\\users\\пётр\\.vscode\\extensions\\100%\\cli.mjs";
  expect(toBatchFile(node, cli, env)).toBe(
    [
      "@echo off",
      "setlocal DisableDelayedExpansion",
      "set ELECTRON_RUN_AS_NODE=1",
      '"%LOCALAPPDATA%\\Programs\\Microsoft VS Code\\Code.exe" "%USERPROFILE%\\.vscode\\extensions\\100%%\\cli.mjs" %*',
      "",
    ].join("\r\n"),
  );
});

test("what lies elsewhere under such a name is read in UTF-8, and the console has its code page back", () => {
  const lines = toBatchFile("C:\\node.exe", "D:\\работа\\cli.mjs", env).split("\r\n");
  expect(lines.slice(3)).toEqual([
    "for /f \"tokens=2 delims=:.\" %%p in ('chcp') do set page=%%p",
    "chcp 65001 >nul",
    '"C:\\node.exe" "D:\\работа\\cli.mjs" %*',
    "set code=%errorlevel%",
    "chcp %page% >nul",
    "exit /b %code%",
    "",
  ]);
});

test("a state folder that is not the usual one is named in the batch file, too, whatever letters are in it", () => {
  const linesOf = (stateDir: string) =>
    toBatchFile("C:\\node.exe", "C:\\cli.mjs", env, stateDir).split("\r\n").slice(3);
  expect(linesOf("C:\\Users\\Пётр\\100%")).toEqual([
    'if not defined PINCER_HOME set "PINCER_HOME=%USERPROFILE%\\100%%"',
    '"C:\\node.exe" "C:\\cli.mjs" %*',
    "",
  ]);
  expect(linesOf("D:\\работа").slice(1, 4)).toEqual([
    "chcp 65001 >nul",
    'if not defined PINCER_HOME set "PINCER_HOME=D:\\работа"',
    '"C:\\node.exe" "C:\\cli.mjs" %*',
  ]);
});
