import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Editor, startEditor } from "../editor.ts";
import type { EditorWindow } from "../editorWindow.ts";

describe("a folder that is not trusted", () => {
  let editor: Editor;
  let window: EditorWindow;

  beforeAll(async () => {
    editor = await startEditor({ asksForTrust: true });
    window = await editor.open();
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await window.screenshot(`failed ${task.name}`);
  });
  afterAll(() => editor?.close());

  test("nothing runs in Restricted Mode, and the views say why", async () => {
    await window.waitForStatus("Pincer: restricted");
    expect(editor.gateway()).toBeUndefined();
    await window.openTrees();
    await window.page.locator(".welcome-view-content", { hasText: "until you trust this folder" }).first().waitFor();
    await window.screenshot("restricted");
  });

  test("trust starts it without a reload", async () => {
    await window.runCommand("Workspaces: Manage Workspace Trust");
    await window.page
      .locator(".workspace-trust-editor a.monaco-button", { hasText: /^Trust$/ })
      .first()
      .click();
    await window.waitForStatus("Pincer: running");
    expect((await fetch(`${editor.gateway()?.url}/health`)).status).toBe(200);
  });
});
