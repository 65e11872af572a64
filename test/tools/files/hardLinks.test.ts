import { linkSync, mkdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { readUploads } from "../../../src/browser/session/uploads.ts";
import type { CommandPolicy } from "../../../src/core/ports/commandPolicy.ts";
import type { Tool } from "../../../src/core/ports/tool.ts";
import * as tools from "../../../src/tools/index.ts";
import { findSandbox } from "../../../src/tools/sandbox/findSandbox.ts";
import { harmlessLine } from "../../../src/tools/shell/harmless.ts";
import { askOf, call, tempFolder, toolContext } from "../toolContext.ts";

const { sandbox } = await findSandbox();
const SECRET = "canary-77aa";

/** A folder in which a secret and a file that rules have other names besides, and an ordinary file has too. */
function linked(): string {
  const folder = tempFolder({ "sub/.env": `KEY=${SECRET}\n`, "AGENTS.md": "be good\n", "a.txt": `plain\n` });
  mkdirSync(join(folder, "docs"));
  linkSync(join(folder, "sub/.env"), join(folder, "docs/notes.txt"));
  linkSync(join(folder, "AGENTS.md"), join(folder, "docs/style.md"));
  linkSync(join(folder, "a.txt"), join(folder, "docs/b.txt"));
  return folder;
}

test("tools treat a secret under another name as that secret, and other files with two names as any", async () => {
  const context = toolContext(linked());
  const path = "docs/notes.txt";
  const reason = "it is .env under another name, which may hold secrets";
  expect(await askOf(tools.read, { path }, context)).toMatchObject({ reason, protected: true });
  expect(await askOf(tools.read, { path: "docs/b.txt" }, context)).toBeUndefined();
  expect(await askOf(tools.write as Tool<never>, { path, content: "x" }, context)).toMatchObject({ protected: true });
  expect(await askOf(tools.write as Tool<never>, { path: "docs/b.txt", content: "x" }, context)).toMatchObject({
    protected: false,
  });
  const edit = await askOf(tools.edit as Tool<never>, { path, oldText: "KEY=canary-x", newText: "y" }, context);
  expect(edit).toMatchObject({ summary: "change docs/notes.txt", protected: true });
  for (const named of [{}, { path }]) {
    const { text } = await call(tools.grep, { pattern: "canary|plain", ...named }, context);
    expect(text).not.toContain(SECRET);
  }
  expect((await call(tools.grep, { pattern: "plain" }, context)).text).toContain("docs/b.txt:1:plain");
  await expect(readUploads(context.workspace, [path], { maySecrets: false })).rejects.toMatchObject({
    code: "forbidden",
  });
  expect(await readUploads(context.workspace, ["docs/b.txt"], { maySecrets: false })).toHaveLength(1);
});

test("a change of what decides what runs is asked about under its other names, and no other change is", async () => {
  const folder = tempFolder({
    "AGENTS.md": "be good\n",
    ".vscode/tasks.json": "{}\n",
    "package.json": '{"scripts":{"test":"vitest"},"version":"1.0.0"}\n',
    "a.txt": "plain\n",
  });
  mkdirSync(join(folder, "docs"));
  for (const name of ["AGENTS.md", ".vscode/tasks.json", "package.json", "a.txt"])
    linkSync(join(folder, name), join(folder, "docs", `${basename(name)}.txt`));
  const edits = [
    ["AGENTS.md", "be good", "be bad", "it is AGENTS.md under another name: agents.md decides what code runs or"],
    ["tasks.json", "{}", "[]", "it is tasks.json under another name: .vscode decides what code runs"],
    ["package.json", "vitest", "curl", "it is package.json under another name: the scripts of package.json decide"],
    ["package.json", "1.0.0", "1.0.1", undefined],
    ["a.txt", "plain", "other", undefined],
  ] as const;
  for (const [name, oldText, newText, reason] of edits) {
    const input = { path: `docs/${name}.txt`, oldText, newText };
    const ask = await askOf(tools.edit as Tool<never>, input, toolContext(folder));
    expect([name, ask?.protected, ask?.reason]).toEqual([
      name,
      reason !== undefined,
      reason === undefined ? "changes a file" : expect.stringContaining(`protected path: ${reason}`),
    ]);
  }
});

test("without a sandbox no command reads it unasked", async () => {
  const folder = linked();
  expect(await harmlessLine("cat docs/notes.txt", folder)).toBeUndefined();
  expect(await harmlessLine("cat docs/b.txt", folder)).toBeDefined();
});

test.runIf(sandbox)("the sandbox hides and keeps them by what they are", async () => {
  const folder = linked();
  const run = async (command: string, approvals: "auto" | "auto-safe", consent: "mode" | "harmless") => {
    const commands: CommandPolicy = { approvals, sandbox: "auto", rules: [], grants: [], allowances: [] };
    const prepared = await tools.exec.prepare(tools.exec.input.parse({ command }), toolContext(folder, { commands }));
    return (await prepared.run(consent)).text;
  };
  for (const [approvals, consent] of [
    ["auto-safe", "harmless"],
    ["auto", "mode"],
  ] as const) {
    const text = await run("for f in docs/*; do cat $f; done; grep -r canary .", approvals, consent);
    expect(text).not.toContain(SECRET);
    expect(text).toContain("plain");
  }
  await run("echo bad >> docs/style.md; echo more >> docs/b.txt", "auto", "mode");
  expect(readFileSync(join(folder, "AGENTS.md"), "utf8")).toBe("be good\n");
  expect(readFileSync(join(folder, "a.txt"), "utf8")).toBe("plain\nmore\n");
});
