import { execFileSync } from "node:child_process";
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { posixTest } from "../posix.ts";
import { listReadable, openReadable, readableChanges, refusedReading } from "../../src/app/readable.ts";

let base: string;
let folder: string;

beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "pincer-readable-")));
  folder = join(base, "work");
  mkdirSync(join(folder, "src"), { recursive: true });
  writeFileSync(join(folder, "src/a.ts"), "one");
  writeFileSync(join(folder, ".env"), "KEY=abc");
  writeFileSync(join(folder, ".gitignore"), "out/\n");
  mkdirSync(join(folder, "out"));
  writeFileSync(join(folder, "out/big.js"), "x");
  writeFileSync(join(base, "outside.txt"), "abc");
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

test("names that git ignores or that may hold secrets are not listed", async () => {
  const names: string[] = [];
  for await (const name of listReadable(folder, process.env)) names.push(name);
  expect(names.sort()).toEqual([".gitignore", "src/a.ts"]);
});

test("a file of the folder is opened by its real path", async () => {
  expect(await openReadable([folder], join(folder, "src/a.ts"), [])).toEqual({ real: join(folder, "src/a.ts") });
});

test.each([
  ["a file that may hold secrets", ".env", "may hold secrets"],
  ["one that is not there", "src/b.ts", "not there any more"],
  ["one outside", "../outside.txt", "outside of this window's folders"],
])("%s is refused in words", async (_what, path, words) => {
  await expect(openReadable([folder], join(folder, path), [])).rejects.toThrow(words);
});

test("a link does not lead past it, and a secret's other name is as secret", async () => {
  symlinkSync(join(base, "outside.txt"), join(folder, "link.txt"));
  linkSync(join(folder, ".env"), join(folder, "notes.txt"));
  await expect(openReadable([folder], join(folder, "link.txt"), [])).rejects.toThrow("outside");
  await expect(openReadable([folder], join(folder, "notes.txt"), [])).rejects.toThrow("under another name");
});

test("what a rule denies the tool read is denied here", async () => {
  const path = join(folder, "src/a.ts");
  await expect(openReadable([folder], path, [{ deny: "read", path: "src/**" }])).rejects.toThrow("deny read: src/**");
  await expect(openReadable([folder], path, [{ deny: "read", path: "lib/**" }])).resolves.toBeDefined();
});

test("what lies elsewhere goes by its real name, and by rules for all places", async () => {
  writeFileSync(join(base, ".env"), "KEY=abc");
  symlinkSync(join(base, ".env"), join(base, "notes.txt"));
  linkSync(join(folder, ".env"), join(folder, "copy.pdf"));
  expect(await refusedReading([folder], join(base, "outside.txt"), [])).toBeUndefined();
  expect(await refusedReading([folder], join(base, "outside.txt"), [{ deny: "read", path: "**" }])).toBeUndefined();
  expect(await refusedReading([folder], join(base, "outside.txt"), [{ deny: "read" }])).toContain(
    "a rule refuses this",
  );
  expect(await refusedReading([folder], join(base, "notes.txt"), [])).toContain(".env may hold secrets");
  expect(await refusedReading([folder], join(folder, "copy.pdf"), [])).toContain("under another name");
  expect(await refusedReading([folder], join(folder, "src/a.ts"), [{ deny: "read", path: "src/**" }])).toContain(
    "src/**",
  );
});

/** A repository with one commit. */
function commitAll(): (...args: string[]) => void {
  const git = (...args: string[]) => void execFileSync("git", args, { cwd: folder, stdio: "pipe" });
  git("init", "-q", "-b", "main");
  git("config", "user.name", "Ann");
  git("config", "user.email", "ann@example.org");
  git("add", "--all");
  git("commit", "-qm", "first");
  return git;
}

const namesIn = (text: string) => [...text.matchAll(/^diff --(?:git a\/.* b\/|cc )(.+)$/gm)].map(([, name]) => name);

test.each([
  ["in colors", (git: (...args: string[]) => void) => git("config", "color.ui", "always")],
  ["by another program", (git) => git("config", "diff.external", "cat")],
  ["without prefixes", (git) => git("config", "diff.noprefix", "true")],
  [
    "in other words",
    (git) => {
      writeFileSync(join(folder, ".git/info/attributes"), "* diff=other\n");
      git("config", "diff.other.textconv", "cat");
    },
  ],
])("changes are without secrets where the user's git shows them %s", async (_how, set) => {
  const git = commitAll();
  set(git);
  writeFileSync(join(folder, ".env"), "KEY=new");
  writeFileSync(join(folder, "src/a.ts"), "two");
  const { text, left } = await readableChanges([folder], { top: folder, staged: false }, []);
  expect(text).not.toContain("KEY");
  expect(text).toContain("+two");
  expect(namesIn(text)).toEqual(["src/a.ts"]);
  expect(left).toEqual([{ path: ".env", reason: expect.stringContaining("may hold secrets") }]);
});

test("a secret in conflict, renamed, deleted or with letters of its own is left out of what has changed", async () => {
  const git = commitAll();
  git("checkout", "-qb", "other");
  writeFileSync(join(folder, ".env"), "KEY=other");
  git("commit", "-qam", "other");
  git("checkout", "-q", "main");
  writeFileSync(join(folder, ".env"), "KEY=main");
  writeFileSync(join(folder, "id_rsa"), "KEY=id\n".repeat(9));
  mkdirSync(join(folder, "schéma"));
  writeFileSync(join(folder, "schéma/.env"), "KEY=schema");
  writeFileSync(join(folder, "server.pem"), "KEY=pem");
  git("add", "--all");
  git("commit", "-qm", "main");
  expect(() => git("merge", "other")).toThrow();
  writeFileSync(join(folder, "src/a.ts"), "two");
  const unstaged = await readableChanges([folder], { top: folder, staged: false }, []);
  expect(namesIn(unstaged.text)).toEqual(["src/a.ts"]);
  expect(unstaged.left.map(({ path }) => path)).toEqual([".env"]);
  git("reset", "-q", "--hard");
  git("mv", "id_rsa", "notes.txt");
  git("rm", "-q", "server.pem");
  writeFileSync(join(folder, "schéma/.env"), "KEY=schema2");
  writeFileSync(join(folder, "src/a.ts"), "two");
  git("add", "--all");
  const staged = await readableChanges([folder], { top: folder, staged: true }, [{ deny: "read", path: "src/b.ts" }]);
  expect(namesIn(staged.text)).toEqual(["src/a.ts"]);
  expect(staged.text).not.toContain("KEY");
  expect(staged.left.map(({ path }) => path).sort()).toEqual(["id_rsa", "schéma/.env", "server.pem"]);
});

posixTest("the git that the editor has found is the one that is asked", async () => {
  commitAll();
  writeFileSync(join(folder, "src/a.ts"), "two");
  const program = join(base, "git");
  writeFileSync(program, '#!/bin/sh\n: > "$0.asked"\nexec git "$@"\n', { mode: 0o755 });
  const { text } = await readableChanges([folder], { top: folder, staged: false, program }, []);
  expect(namesIn(text)).toEqual(["src/a.ts"]);
  expect(existsSync(`${program}.asked`)).toBe(true);
});
