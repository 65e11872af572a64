import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { root } from "../../steps/process.mjs";
import { type Editor, startEditor } from "../editor.ts";
import type { EditorWindow } from "../editorWindow.ts";
import { runtimeFolder } from "../runtime.mjs";
import { VSCODE } from "../editions.mjs";

const read = (file: string) => JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;

describe("the oldest editor that is supported", () => {
  let editor: Editor;
  let window: EditorWindow;

  beforeAll(async () => {
    editor = await startEditor({ edition: "oldest" });
    window = await editor.open();
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await window.screenshot(`failed ${task.name}`);
  });
  afterAll(() => editor?.close());

  test("is the one that the manifest names, and the extension starts in it without a word", async () => {
    const { version } = read(path.join(runtimeFolder("oldest"), VSCODE, "package.json"));
    const { engines } = read(path.join(root, "package.json")) as { engines: { vscode: string } };
    expect(engines.vscode).toBe(`^${String(version).replace(/\.\d+$/, ".0")}`);
    await window.waitForStatus("Pincer: running");
    expect(await window.toasts()).toEqual([]);
  });

  test("the chat answers, and what it asks is answered in it", async () => {
    await window.openTreesAndChat();
    editor.model.next(
      { toolCalls: [{ name: "edit", input: { path: "notes.md", oldText: "# Notes", newText: "# Plans" } }] },
      { text: "It is changed." },
    );
    await window.send("Change the title");
    await window.panel().locator("section.approval").waitFor();
    await window.screenshot("oldest editor");
    await window.panel().getByRole("button", { name: "Allow once" }).click();
    await window.panel().locator(".assistant", { hasText: "It is changed." }).waitFor();
    await expect.poll(() => readFileSync(path.join(editor.folder, "notes.md"), "utf8")).toContain("# Plans");
  });

  test("keys in a tree are meant for the focused row", async () => {
    await editor.call("/api/sessions/create", { title: "Garden plans" });
    await window.row("Sessions", "Garden plans").waitFor();
    await window.clickRow("Sessions", "Main");
    await window.waitForFocus("Sessions", "Main");
    await window.page.keyboard.press("ArrowDown");
    await window.waitForFocus("Sessions", "Garden plans");
    await window.page.keyboard.press("F2");
    const name = window.question("Rename session").locator("input.input");
    await expect.poll(() => name.inputValue()).toBe("Garden plans");
    await name.press("Escape");
    await name.waitFor({ state: "hidden" });
  });
});
