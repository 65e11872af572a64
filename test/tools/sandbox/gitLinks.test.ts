import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findSandbox } from "../../../src/tools/sandbox/findSandbox.ts";
import { gitLinks, parseLinks } from "../../../src/tools/sandbox/git/gitLinks.ts";
import { tempFolder } from "../toolContext.ts";
import { runCommand } from "./runCommand.ts";

const { sandbox } = await findSandbox();

function git(folder: string, ...args: string[]): string {
  const own = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
  return execFileSync("git", [...own, ...args], { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
}

test.each([
  ["sha1", 2],
  ["sha1", 3],
  ["sha1", 4],
  ["sha256", 2],
  ["sha256", 4],
])("other repositories are read from an index of %s and version %d", async (format, version) => {
  const files = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`folder/${"n".repeat(at)}.txt`, ""]));
  const folder = tempFolder({ ...files, "a.txt": "a", "z/z.txt": "z" });
  git(folder, "init", "-q", `--object-format=${format}`);
  git(folder, "add", ".");
  const id = "1".repeat(format === "sha1" ? 40 : 64);
  for (const path of ["node_modules/m", "folder/sub", "zz"])
    git(folder, "update-index", "--add", "--cacheinfo", `160000,${id},${path}`);
  // What is only meant to be added makes an entry longer.
  if (version === 3) git(folder, "rm", "-q", "--cached", "a.txt");
  if (version === 3) git(folder, "add", "-N", "a.txt");
  else git(folder, "update-index", "--index-version", String(version));
  expect(readFileSync(join(folder, ".git/index")).readUInt32BE(4)).toBe(version);
  expect(await gitLinks(join(folder, ".git"))).toEqual(["folder/sub", "node_modules/m", "zz"]);
});

test("what is no index has none", () => {
  for (const text of [
    "",
    "DIRC",
    "DIRC\0\0\0\u0002\0\0\0\u0009",
    `DIRC\0\0\0\u0004\0\0\0\u0001${"\u00ff".repeat(200)}`,
  ])
    expect(parseLinks(Buffer.from(text, "latin1"))).toEqual([]);
});

test.runIf(sandbox)("a repository among the packages is looked at where git would look into it", async () => {
  const folder = tempFolder({ "a.txt": "a" });
  git(folder, "init", "-q");
  const make =
    "mkdir node_modules; git init -q node_modules/m; cd node_modules/m; git -c user.name=a -c user.email=b commit -q --allow-empty -m 1";
  const link = "git update-index --add --cacheinfo 160000,$(git -C node_modules/m rev-parse HEAD),node_modules/m";
  const evil = "git -C node_modules/m config core.fsmonitor 'touch pwned; false'";
  expect(await runCommand(folder, `(${make}); ${link}`)).toBe("(no output)");
  expect(await runCommand(folder, evil)).toMatch(/could not lock|Read-only|Device or resource busy|could not write/i);
  const other = tempFolder({ "a.txt": "a" });
  git(other, "init", "-q");
  expect(await runCommand(other, `(${make}); ${evil}; ${link}`)).toContain(
    "It made node_modules/m/.git, which decides",
  );
  git(other, "status", "-s");
  expect(existsSync(join(other, "node_modules/m/pwned"))).toBe(false);
});

test.runIf(sandbox?.endsTree)("more protected files than can be hidden are told in words", async () => {
  const files = Object.fromEntries(Array.from({ length: 3000 }, (_, at) => [`${at}.pem`, ""]));
  await expect(runCommand(tempFolder(files), "true")).rejects.toThrow(/has 3000 protected files, too many/);
});
