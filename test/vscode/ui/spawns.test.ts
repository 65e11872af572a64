import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Editor, startEditor } from "../editor.ts";
import { packGardenTests } from "../gardenTests.ts";
import type { EditorWindow } from "../editorWindow.ts";
import { pickOnProblem } from "../lightbulb.ts";

describe("sub-agents from a real editor", () => {
  let editor: Editor;
  let window: EditorWindow;

  beforeAll(async () => {
    editor = await startEditor({
      config: "agent: { approvals: auto, sandbox: off }",
      beside: packGardenTests,
      files: { "notes.md": "# Notes\n\nbuy milk\n", "broken.json": '{\n  "name": \n}\n' },
    });
    mkdirSync(path.join(editor.folder, "garden"));
    writeFileSync(path.join(editor.folder, "garden", "beds.md"), "three\n");
    const git = (...args: string[]) => execFileSync("git", args, { cwd: editor.folder });
    git("init", "-q", "-b", "main");
    git("config", "user.name", "Ada");
    git("config", "user.email", "ada@example.org");
    git("add", "-A");
    git("commit", "-qm", "First");
    window = await editor.open();
    await window.waitForStatus("Pincer: running");
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await window.screenshot(`failed ${task.name}`);
  });
  afterAll(() => editor?.close());

  /** Answers what a spawn asks, and returns what its model was told. */
  async function spawned(task: string): Promise<string> {
    await window.answer("(1/3)", task);
    await window.pick("(2/3)");
    const told = () => editor.model.requests.find(({ text }) => text.startsWith(task))?.text;
    await expect.poll(told).toBeDefined();
    // The last that comes of it: the chat shows the session and takes the focus, from a menu too.
    await window.panel().locator("header", { hasText: task }).waitFor();
    await window.waitForChatFocus();
    return told()!;
  }

  test.each([
    ["file", "notes.md", "This is about the file notes.md."],
    ["folder", "garden", "This is about the folder garden and what is in it."],
  ])("on a %s, from the explorer's menu", async (kind, name, about) => {
    await window.pickInExplorer(name, "Spawn sub-agent task…");
    await window.screenshot(`spawn on a ${kind}`);
    expect(await spawned(`Look at the ${kind}`)).toBe(`Look at the ${kind}\n\n${about}`);
  });

  test("on what is selected in an editor", async () => {
    await window.openFile("notes.md");
    await window.page.keyboard.press("Control+End");
    await window.page.keyboard.press("ArrowUp");
    await window.page.keyboard.press("Shift+End");
    await window.runCommand("Pincer: Spawn sub-agent task…");
    const told = await spawned("Make it tea");
    expect(told).toMatch(/^Make it tea\n\n/);
    expect(told).toContain("notes.md:3");
    expect(told).toContain("buy milk");
  });

  test("on a problem, from the lightbulb", async () => {
    await pickOnProblem(window, "broken.json", "Spawn a sub-agent on:");
    const told = await spawned("Mend it");
    expect(told).toContain("The editor shows this problem in broken.json:3");
    expect(told).toMatch(/Value expected/i);
  });

  test("on a test, from the test explorer's menu", async () => {
    await window.pickOnTest("beds", "Spawn sub-agent task…");
    await window.screenshot("spawn on a test");
    expect(await spawned("Look at the test")).toBe('Look at the test\n\nThis is about the test "beds" in notes.md:1.');
  });

  test("in a worktree: what it did is shown, merged and removed", async () => {
    editor.model.script(({ toolResults }) =>
      toolResults.length === 0
        ? { toolCalls: [{ name: "write", input: { path: "garden/beds.md", content: "four\n" } }] }
        : { text: "One more bed." },
    );
    const beds = () => readFileSync(path.join(editor.folder, "garden", "beds.md"), "utf8");
    await window.runCommand("Pincer: Spawn in a worktree…");
    await spawned("Add a bed");
    await window.panel().locator(".assistant", { hasText: "One more bed." }).waitFor();
    expect(beds()).toBe("three\n");
    const act = async (what: string) => {
      await window.runCommand("Pincer: Worktrees…");
      await window.clickListed("add-a-bed");
      await window.clickListed(what);
    };
    await act("Show what is different");
    await expect.poll(async () => (await window.shownText()).text).toMatch(/-three\n\+four/);
    await window.screenshot("what a worktree changed");
    await act("Merge it");
    await window.page.locator(".monaco-dialog-box .monaco-button", { hasText: "Merge" }).click();
    await expect.poll(beds).toBe("four\n");
    await act("Remove it");
    await window.page.locator(".monaco-dialog-box .monaco-button", { hasText: "Remove" }).click();
    await expect.poll(async () => JSON.stringify(await editor.call("/api/worktrees/list"))).toContain('"worktrees":[]');
  });
});
