import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Editor, startEditor } from "../editor.ts";
import type { EditorWindow } from "../editorWindow.ts";

describe("folders of a real editor", () => {
  let editor: Editor;
  let second: string;
  let workspace: string;
  let window: EditorWindow;

  beforeAll(async () => {
    editor = await startEditor({ config: "agent: { approvals: auto, sandbox: off }" });
    const beside = path.dirname(editor.folder);
    second = path.join(beside, "second");
    mkdirSync(second);
    writeFileSync(path.join(second, "plan.md"), "sow beans\n");
    workspace = path.join(beside, "both.code-workspace");
    writeFileSync(workspace, JSON.stringify({ folders: [{ path: "workspace" }] }));
    window = await editor.open({ workspace });
    await window.waitForStatus("Pincer: running");
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await window.screenshot(`failed ${task.name}`);
  });
  afterAll(() => editor?.close());

  const folders = async () => ((await editor.call("/api/workspaces/list")) as { folders: string[] }).folders;

  /** What `pwd` says where the shown session works. */
  async function whereItWorks(): Promise<string | undefined> {
    const asked = editor.model.requests.length;
    editor.model.next({ toolCalls: [{ name: "exec", input: { command: "pwd; ls" } }] }, { text: `Looked ${asked}.` });
    await window.send("Look around");
    await window
      .panel()
      .locator(".assistant", { hasText: `Looked ${asked}.` })
      .waitFor();
    return editor.model.requests.at(-1)?.toolResults[0]?.text;
  }

  test("it runs on the machine of the files, and the editor names that", async () => {
    await window.runCommand("Developer: Show Running Extensions");
    const row = window.page.locator(".runtime-extensions-editor .monaco-list-row", { hasText: "Pincer" }).first();
    await row.locator(".codicon-remote").first().waitFor();
    await window.screenshot("running extensions");
    await window.page.keyboard.press("Escape");
    await row.waitFor({ state: "hidden" });
    // The gateway is a process of the machine that serves the editor, and the browser that shows it has no part in it.
    expect(() => process.kill(editor.gateway()!.pid, 0)).not.toThrow();
    await window.openChat();
    expect(await whereItWorks()).toContain(`${editor.folder}\nnotes.md`);
  });

  test("a folder that is added is worked in, and one that is removed no longer, by the same gateway", async () => {
    const { pid } = editor.gateway()!;
    await window.panel().locator("textarea").first().fill("Half a thought");
    expect(await folders()).toEqual([editor.folder]);
    await window.runCommand("Workspaces: Add Folder to Workspace...");
    // Enter means what the dialog has read, which it does while one types.
    const dialog = window.question("Add Folder to Workspace");
    const beside = dialog.locator(".monaco-list-row", { hasText: "profile" });
    await beside.waitFor();
    await dialog.locator("input.input").fill(`${second}/`);
    await beside.waitFor({ state: "detached" });
    await dialog.locator("input.input").press("Enter");
    await expect.poll(folders).toEqual([editor.folder, second]);
    expect(await window.panel().locator("textarea").first().inputValue()).toBe("Half a thought");
    await window.panel().locator("textarea").first().fill("");
    await window.panel().getByRole("button", { name: "New session" }).click();
    await window.pick("Folder of the new session", "second");
    await window.panel().locator("header", { hasText: "Untitled" }).waitFor();
    expect(await whereItWorks()).toContain(`${second}\nplan.md`);
    await window.runCommand("Workspaces: Remove Folder from Workspace...");
    await window.clickListed("second");
    await expect.poll(folders).toEqual([editor.folder]);
    await window.screenshot("folder removed");
    expect(editor.gateway()!.pid).toBe(pid);
    await window.waitForStatus("Pincer: running");
  });

  test("a window without a folder chats", async () => {
    await window.close();
    window = await editor.open({ ew: "true" });
    await window.waitForStatus("Pincer: running");
    await window.openChat();
    editor.model.next({ text: "Good day." });
    await window.send("Hello");
    await window.panel().locator(".assistant", { hasText: "Good day." }).waitFor();
    // Those of the window before go with its extension host, which may end after it.
    await expect.poll(folders).toEqual([]);
    await window.screenshot("no folder");
  });
});
