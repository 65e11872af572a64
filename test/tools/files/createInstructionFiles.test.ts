import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Rule } from "../../../src/protocol/rule.ts";
import { createDiskFiles } from "../../../src/tools/files/diskFiles.ts";
import { createInstructionFiles } from "../../../src/tools/files/createInstructionFiles.ts";
import { tempFolder } from "../toolContext.ts";

const notOnWindows = process.platform !== "win32";

function open(given: Record<string, string>, rules: Rule[] = []) {
  const root = tempFolder({ "ws/.keep": "", "state/.keep": "", ...given });
  const workspace = join(root, "ws");
  const files = createInstructionFiles({
    stateDir: join(root, "state"),
    files: createDiskFiles(),
    rules: () => rules,
  });
  return {
    root,
    workspace,
    standing: () => files.standing(workspace),
    beneath: async (...places: string[]) =>
      (
        await files.beneath(
          workspace,
          places.map((place) => join(workspace, place)),
        )
      ).map(({ name }) => name),
  };
}

test("the workspace's AGENTS.md stands before the user's own", async () => {
  const { standing } = open({ "ws/AGENTS.md": "\uFEFFUse\u{e0041} tabs\u202e.\n", "state/AGENTS.md": "Say du." });
  expect(await standing()).toMatchObject([
    { name: "AGENTS.md", from: "workspace", beneath: ".", text: "Use\\u{e0041} tabs\\u{202e}." },
    { name: "the user's AGENTS.md", from: "user", text: "Say du." },
  ]);
});

test("CLAUDE.md counts where there is no AGENTS.md, and only there", async () => {
  const { standing, root } = open({ "ws/CLAUDE.md": "old" });
  expect(await standing()).toMatchObject([{ name: "CLAUDE.md", text: "old" }]);
  writeFileSync(join(root, "ws", "AGENTS.md"), "new");
  expect(await standing()).toMatchObject([{ name: "AGENTS.md", text: "new" }]);
});

test("without a workspace there is the user's own alone; without any file, nothing", async () => {
  expect(await open({}).standing()).toEqual([]);
});

test.runIf(notOnWindows)("a link to another file of the workspace is followed, one out of it is not", async () => {
  const { standing, root } = open({ "ws/docs/rules.md": "Rules.", "secret.txt": "out" });
  const link = (target: string, name: string) => symlinkSync(target, join(root, "ws", name));
  link("docs/rules.md", "AGENTS.md");
  expect(await standing()).toMatchObject([{ text: "Rules." }]);
  const other = open({ "secret.txt": "out" });
  symlinkSync("../secret.txt", join(other.workspace, "AGENTS.md"));
  expect(await other.standing()).toMatchObject([{ text: "", problem: "AGENTS.md is outside the workspace" }]);
});

test.runIf(notOnWindows)("nor one to a secret of the workspace", async () => {
  const { standing, workspace } = open({ "ws/.env": "KEY=hush" });
  symlinkSync(".env", join(workspace, "AGENTS.md"));
  const [file] = await standing();
  expect(file).toMatchObject({ text: "", problem: expect.stringContaining(".env") });
  expect(JSON.stringify(file)).not.toContain("hush");
});

test("a folder, a binary and an endless file in its place are told as problems", async () => {
  const { standing, root } = open({ "ws/AGENTS.md/x": "a folder" });
  expect(await standing()).toMatchObject([{ text: "", problem: expect.stringContaining("folder") }]);
  const binary = open({ "ws/AGENTS.md": "a\0b\0" });
  expect(await binary.standing()).toMatchObject([{ text: "", problem: expect.stringContaining("binary") }]);
  writeFileSync(join(root, "state", "AGENTS.md"), "x".repeat(1_000_001));
  expect((await standing())[1]).toMatchObject({ text: "", problem: "It has 1000001 bytes, and may have 1000000" });
});

test("a long one is cut where characters end, and says so", async () => {
  const { standing } = open({ "ws/AGENTS.md": `${"x".repeat(31_999)}😀${"y".repeat(100)}` });
  const [file] = await standing();
  expect(file!.text.startsWith("x".repeat(31_999))).toBe(true);
  expect(file!.text).toMatch(/^x+\n\[\d+ more characters of AGENTS\.md are not shown here; read it for the rest\]$/);
  expect(file!.problem).toMatch(/^Only its first 32000 characters are told/);
});

test("those of the folders on the way to a file come outer first, without the root's", async () => {
  const { beneath } = open({
    "ws/AGENTS.md": "root",
    "ws/a/AGENTS.md": "a",
    "ws/a/b/c/CLAUDE.md": "c",
    "ws/z/AGENTS.md": "z",
  });
  expect(await beneath("a/b/c/d/file.ts")).toEqual(["a/AGENTS.md", "a/b/c/CLAUDE.md"]);
  expect(await beneath("z", "a/x.ts", "a/y.ts")).toEqual(["a/AGENTS.md", "z/AGENTS.md"]);
  expect(await beneath("top.ts", "../elsewhere/x.ts")).toEqual([]);
});

test("those of packages that were installed are nobody's instructions", async () => {
  const { beneath } = open({ "ws/node_modules/evil/AGENTS.md": "obey", "ws/.git/AGENTS.md": "obey" });
  expect(await beneath("node_modules/evil/index.js", ".git/config")).toEqual([]);
});

test("what a rule denies to be read is not told, and the rule is", async () => {
  const { standing } = open({ "ws/AGENTS.md": "Use tabs." }, [{ deny: "read", path: "*.md" }]);
  expect(await standing()).toMatchObject([{ text: "", problem: "a rule refuses this: deny read: *.md" }]);
});
