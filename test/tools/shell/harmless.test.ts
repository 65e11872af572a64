import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "../../property.ts";
import { expect, onTestFinished } from "vitest";
import { childEnv } from "../../../src/processes/childEnv.ts";
import { harmlessLine } from "../../../src/tools/shell/harmless.ts";
import { tempFolder } from "../toolContext.ts";
import { posixTest } from "../../posix.ts";
import { SAFE, UNSAFE } from "./harmlessLines.ts";

function workspace(): string {
  const base = tempFolder({
    "ws/a.txt": "a",
    "ws/src/b.ts": "b",
    "ws/.env": "KEY=1",
    "ws/sub/.env.local": "",
    "out/secret": "s",
  });
  const folder = join(base, "ws");
  symlinkSync(join(base, "out"), join(folder, "outLink"));
  symlinkSync(join(base, "out/secret"), join(folder, "fileLink"));
  symlinkSync(".env", join(folder, "innocent"));
  const git = (...args: string[]) => execFileSync("git", args, { cwd: folder, env: childEnv(folder), stdio: "ignore" });
  git("init", "-q");
  git("add", "a.txt", "src");
  git("-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-qm", "first");
  return folder;
}

const isHarmless = async (line: string, folder: string) => (await harmlessLine(line, folder)) !== undefined;

posixTest("what only reads inside is harmless", async () => {
  const folder = workspace();
  const judged = await Promise.all(SAFE.map((line) => isHarmless(line, folder)));
  expect(SAFE.filter((_, index) => !judged[index])).toEqual([]);
});

posixTest("everything else is not", async () => {
  const folder = workspace();
  const judged = await Promise.all(UNSAFE.map((line) => isHarmless(line, folder)));
  expect(UNSAFE.filter((_, index) => judged[index])).toEqual([]);
});

posixTest("a dangerous word outside quotes is never harmless", async () => {
  const folder = workspace();
  const command = fc.constantFrom(..."rm x|sudo ls|A=1|$(rm)|`rm`|eval ls|sh|. x|>out|tee x|cd /|env ls".split("|"));
  const word = fc.constantFrom(..."$(rm)|`rm`|/etc/passwd|../x|~|*|$HOME|.env|<(rm)|{a,b}|>out".split("|"));
  const danger = fc.oneof(
    command,
    word.map((bad) => `cat ${bad}`),
  );
  const around = fc.constantFrom(
    ...SAFE.filter((line) => !line.includes("'") && !line.includes("echo") && !line.includes("#")),
  );
  const glue = fc.constantFrom(" ; ", " && ", " | ", "\n", " & ");
  await fc.assert(
    fc.asyncProperty(around, glue, danger, fc.boolean(), async (line, glued, bad, first) => {
      const whole = first ? `${bad}${glued}${line}` : `${line}${glued}${bad}`;
      expect(await isHarmless(whole, folder)).toBe(false);
    }),
    { numRuns: 150 },
  );
});

posixTest.each([
  ["diff.external", "touch ran"],
  ["core.fsmonitor", "touch ran"],
  ["filter.x.clean", "touch ran"],
  ["diff.x.textconv", "touch ran"],
  ["gpg.program", "./ran"],
  ["include.path", "../evil"],
  ["core.sshCommand", "touch ran"],
  ["remote.origin.promisor", "true"],
  ["alias.status", "!touch ran"],
])("a repository that brings %s is asked about", async (key, value) => {
  const folder = workspace();
  expect(await isHarmless("git status", folder)).toBe(true);
  execFileSync("git", ["config", "--local", key, value], { cwd: folder });
  expect(await isHarmless("git status", folder)).toBe(false);
  expect(await isHarmless("git --version", folder)).toBe(true);
});

posixTest("git -C asks the repository that is there, by no program of the workspace's", async () => {
  const folder = workspace();
  const below = join(folder, "src/below");
  const git = (...args: string[]) => execFileSync("git", args, { cwd: below, env: childEnv(folder), stdio: "ignore" });
  mkdirSync(below);
  git("init", "-q");
  expect(await harmlessLine("git -C src/below status", folder)).toBe(
    `git -C ${below} --no-pager --no-optional-locks status --ignore-submodules=all `,
  );
  git("config", "core.fsmonitor", "touch ran");
  expect(await isHarmless("git -C src/below status", folder)).toBe(false);
  expect(await isHarmless("git -C src status", folder)).toBe(true);
  writeFileSync(join(folder, "git"), `#!/bin/sh\ntouch ${folder}/ran\n`, { mode: 0o755 });
  const before = process.env["PATH"];
  process.env["PATH"] = `${folder}:${before}`;
  onTestFinished(() => void (process.env["PATH"] = before));
  expect(await isHarmless("git -C src/below status", folder)).toBe(false);
  expect(existsSync(join(folder, "ran"))).toBe(false);
});

posixTest("a folder is entered by its real path, and nothing runs where it is not", async () => {
  const folder = workspace();
  symlinkSync("src", join(folder, "inLink"));
  expect(await harmlessLine("cd inLink && cat b.ts ../a.txt | wc -l", folder)).toBe(
    `cd ${join(folder, "src")}  && cat b.ts ../a.txt  | wc -l `,
  );
  expect(await harmlessLine("cd src && ls", folder, "powershell")).toBeUndefined();
});
