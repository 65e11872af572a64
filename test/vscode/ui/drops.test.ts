import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Editor, startEditor } from "../editor.ts";
import type { EditorWindow } from "../editorWindow.ts";

describe("what is dragged from the editor into its chat", () => {
  let editor: Editor;
  let window: EditorWindow;

  beforeAll(async () => {
    editor = await startEditor({
      files: { "notes.md": "# Notes\n\nbuy milk\n", "a plan.txt": "sow beans\n", ".env": "KEY=abc\n" },
    });
    mkdirSync(path.join(editor.folder, "beds"));
    writeFileSync(path.join(editor.folder, "beds", "north.md"), "carrots\n");
    window = await editor.open();
    await window.waitForStatus("Pincer: running");
    await window.openChat();
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await window.screenshot(`failed ${task.name}`);
  });
  afterAll(() => editor?.close());

  const chips = () => window.panel().locator(".composer .chip-name").allTextContents();

  test("a file and a folder of the explorer and a tab are chips by their names, and sent as they are by then", async () => {
    await window.dragToChat(await window.inExplorer("notes.md"));
    await expect.poll(chips).toEqual(["notes.md"]);
    await window.dragToChat(await window.inExplorer("beds"));
    await expect.poll(chips).toEqual(["notes.md", "beds/"]);
    await window.openFile("a plan.txt");
    await window.dragToChat(window.tab("a plan.txt"));
    await expect.poll(chips).toEqual(["notes.md", "beds/", "a plan.txt"]);
    await window.screenshot("dropped");
    writeFileSync(path.join(editor.folder, "notes.md"), "# Notes\n\nbuy tea\n");
    editor.model.next({ text: "Seen." });
    await window.send("Look");
    await window.panel().locator(".assistant", { hasText: "Seen." }).waitFor();
    const sent = JSON.stringify(editor.model.requests.at(-1)!.body).replaceAll("\\n", "\n").replaceAll('\\"', '"');
    expect(sent).toContain('<attachment name="notes.md">\n# Notes\n\nbuy tea\n');
    expect(sent).toContain('<attachment name="beds/">\nbeds/north.md');
    expect(sent).toContain('<attachment name="a plan.txt">\nsow beans\n');
  });

  test("a file that may hold secrets is refused when it is sent, as by any other way", async () => {
    await window.dragToChat(await window.inExplorer(".env"));
    await expect.poll(chips).toEqual([".env"]);
    await window.panel().locator("textarea").first().fill("And this?");
    await window.panel().locator("textarea").first().press("Enter");
    await window.panel().getByRole("alert").filter({ hasText: ".env may hold secrets" }).waitFor();
    await window.panel().getByRole("button", { name: "Remove .env" }).click();
    await expect.poll(chips).toEqual([]);
    expect(JSON.stringify(editor.model.requests)).not.toContain("KEY=abc");
  });
});
