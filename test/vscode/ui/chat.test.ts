import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Editor, startEditor } from "../editor.ts";
import type { EditorWindow } from "../editorWindow.ts";
import { pickOnProblem } from "../lightbulb.ts";

const words = Array.from({ length: 200 }, (_, at) => `word${at}`).join(" ");

describe("the chat in a real editor", () => {
  let editor: Editor;
  let window: EditorWindow;

  beforeAll(async () => {
    editor = await startEditor({
      files: {
        "notes.md": "# Notes\n\nbuy milk\n",
        "broken.json": '{ "a": }\n',
        ".env": "KEY=abc\n",
        "todo.txt": "rake\n",
      },
    });
    window = await editor.open();
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await window.screenshot(`failed ${task.name}`);
  });
  afterAll(() => editor?.close());

  test("a fresh install starts the gateway and puts nothing in the way", async () => {
    await window.waitForStatus("Pincer: running");
    expect(await window.toasts()).toEqual([]);
    expect(await window.page.locator(".tabs-container .tab").count()).toBe(0);
    expect(await window.page.locator("iframe.webview").count()).toBe(0);
  });

  test("an answer is painted as it comes", async () => {
    await window.openChat();
    const answer = window.panel().locator(".assistant").last();
    const lengths: number[] = [];
    let said = "";
    editor.model.next({
      text: words,
      chunks: 6,
      // The rest is not sent before this much is seen.
      async pace(piece) {
        said += /"text_delta","text":"([^"]*)"/.exec(piece)?.[1] ?? "";
        if (said === "" || said.length === lengths.at(-1)) return;
        await expect.poll(() => answer.innerText()).toContain(said.trim());
        lengths.push(said.length);
      },
    });
    await window.send("Tell me many words");
    await window.panel().locator(".assistant:not(.open)", { hasText: "word199" }).waitFor();
    expect(lengths).toHaveLength(6);
    await expect.poll(() => answer.innerText()).toContain(words);
    await window.screenshot("chat");
  });

  test("a tool call is a row with its name and how it ended", async () => {
    editor.model.next({ toolCalls: [{ name: "read", input: { path: "notes.md" } }] }, { text: "You want milk." });
    await window.send("What is in my notes?");
    await window.panel().locator('article.tool.ok[aria-label*="notes.md"]').waitFor();
    await window.panel().locator(".assistant", { hasText: "You want milk." }).waitFor();
    expect(editor.model.requests.at(-1)?.toolResults[0]?.text).toContain("buy milk");
  });

  test("an edit waits for the user's word, then it is on disk", async () => {
    editor.model.next(
      { toolCalls: [{ name: "edit", input: { path: "notes.md", oldText: "buy milk", newText: "buy tea" } }] },
      { text: "Changed." },
    );
    await window.send("Make it tea");
    const card = window.panel().locator("section.approval");
    await card.waitFor();
    await expect.poll(() => card.innerText()).toContain("buy tea");
    expect(readFileSync(path.join(editor.folder, "notes.md"), "utf8")).toContain("buy milk");
    await window.screenshot("approval");
    await card.locator("button", { hasText: "Allow once" }).click();
    await window.panel().locator(".assistant", { hasText: "Changed." }).waitFor();
    await expect.poll(() => readFileSync(path.join(editor.folder, "notes.md"), "utf8")).toBe("# Notes\n\nbuy tea\n");
  });

  test("the editor's own comparison of an edit is answered in its title and by its keys, and is gone then", async () => {
    const diff = (name: string) => window.page.locator(".tab", { hasText: `${name}: proposed change` });
    const shown = window.page.locator(".editor-instance .monaco-editor:not(.original-in-monaco-diff-editor)");
    const ask = async (
      call: { name: string; input: Record<string, string> & { path: string } },
      words: string,
      end: string,
    ) => {
      editor.model.next({ toolCalls: [call] }, { text: end });
      await window.send(`Please: ${end}`);
      await window.panel().locator("section.approval").getByRole("button", { name: "Open diff" }).click();
      await diff(call.input.path).waitFor();
      await shown.locator(".view-line", { hasText: words }).first().waitFor();
    };
    await ask(
      { name: "edit", input: { path: "notes.md", oldText: "# Notes", newText: "# Plans" } },
      "# Plans",
      "Titled.",
    );
    await window.screenshot("a proposed change");
    await window.page.getByRole("button", { name: /^Accept the proposed change/ }).click();
    await diff("notes.md").waitFor({ state: "detached" });
    await window.panel().locator(".assistant", { hasText: "Titled." }).waitFor();
    expect(readFileSync(path.join(editor.folder, "notes.md"), "utf8")).toContain("# Plans");
    await ask({ name: "write", input: { path: "beds.md", content: "one\ntwo\n" } }, "two", "Not made.");
    expect((await window.shownText()).text).toBe("one\ntwo\n");
    expect(await window.page.locator(".monaco-diff-editor").count()).toBe(0);
    await window.screenshot("a proposed file");
    // As one reaches it by the keyboard: from the chat to the editor.
    await window.page.keyboard.press("Control+1");
    await shown.locator(":focus").waitFor();
    await window.page.keyboard.press("Control+Alt+Shift+U");
    await diff("beds.md").waitFor({ state: "detached" });
    await window.panel().locator(".assistant", { hasText: "Not made." }).waitFor();
    expect(editor.model.requests.at(-1)?.toolResults[0]).toMatchObject({ isError: true });
    expect(existsSync(path.join(editor.folder, "beds.md"))).toBe(false);
  });

  test("a message leads back to before it: the file is as it was, and that can be taken back", async () => {
    const text = () => readFileSync(path.join(editor.folder, "notes.md"), "utf8");
    const message = window.panel().locator("article.user", { hasText: "Make it tea" });
    await message.hover();
    await message.getByRole("button", { name: "Go back to before this message…" }).click();
    const dialog = window.page.locator(".monaco-dialog-box");
    await dialog.waitFor();
    await expect.poll(() => dialog.innerText()).toContain("notes.md");
    await window.screenshot("go back");
    await dialog.getByRole("button", { name: "Files", exact: true }).click();
    await window.page.getByRole("button", { name: "Take that back" }).first().waitFor();
    expect(text()).toContain("buy milk");
    await window.page.getByRole("button", { name: "Take that back" }).first().click();
    await expect.poll(text).toContain("buy tea");
  });

  test("a denied command does not run, and the model is told", async () => {
    editor.model.next(
      { toolCalls: [{ name: "exec", input: { command: "touch made.txt" } }] },
      { text: "As you wish." },
    );
    await window.send("Make a file");
    const card = window.panel().locator("section.approval");
    await card.waitFor();
    await expect.poll(() => card.innerText()).toContain("touch made.txt");
    await card.locator("button", { hasText: "Deny" }).click();
    await window.panel().locator(".assistant", { hasText: "As you wish." }).waitFor();
    expect(existsSync(path.join(editor.folder, "made.txt"))).toBe(false);
    expect(editor.model.requests.at(-1)?.toolResults[0]).toMatchObject({ isError: true });
  });

  test("code of an answer is put where it belongs in the open file, and no tab of the user's is closed", async () => {
    const text = () => readFileSync(path.join(editor.folder, "notes.md"), "utf8");
    const apply = async (code: string) => {
      editor.model.next({ text: `Add this:\n\n\`\`\`md\n${code}\n\`\`\`` });
      await window.send(`How would ${code} look?`);
      const shown = window.panel().locator(".assistant:not(.open) .code").last();
      await shown.filter({ hasText: code }).hover();
      await shown.getByRole("button", { name: "Apply as a change…" }).click();
    };
    const open = (name: string) => window.page.locator(`.tab[data-resource-name="${name}"]`);
    const proposed = window.tab("notes.md: proposed change");
    await window.openFile("todo.txt");
    await window.tab("todo.txt").dblclick();
    // Only looked into: what is shown in its place would take it away.
    await (await window.inExplorer("notes.md")).click();
    await open("notes.md").waitFor();
    await apply("buy tea\nbuy cake");
    await proposed.waitFor();
    await window.page.getByRole("button", { name: /^Reject the proposed change/ }).click();
    await proposed.waitFor({ state: "detached" });
    expect(await open("notes.md").count()).toBe(1);
    await apply("buy tea\nbuy cake");
    await proposed.waitFor();
    await window.screenshot("code of an answer as a change");
    expect(text()).not.toContain("cake");
    await window.page.getByRole("button", { name: /^Accept the proposed change/ }).click();
    await expect.poll(text).toBe("# Plans\n\nbuy tea\nbuy cake\n");
    await proposed.waitFor({ state: "detached" });
    expect(await open("notes.md").count()).toBe(1);
    await open("todo.txt").click();
    await apply("nothing like it");
    await window.panel().getByRole("alert").filter({ hasText: "where in todo.txt this belongs" }).waitFor();
    await window.runCommand("View: Close All Editors");
    await window.page.locator(".tab").first().waitFor({ state: "detached" });
  });

  test("stop cancels the request and keeps what was said", async () => {
    const stopped = Promise.withResolvers<void>();
    const pace = async (piece: string) => (piece.includes("word1") ? stopped.promise : undefined);
    editor.model.next({ text: words, chunks: 100, pace });
    await window.send("Talk for long");
    await window.panel().locator(".assistant.open", { hasText: "word1" }).waitFor();
    await window.panel().locator("button.stop").click();
    await window.panel().locator(".outcome", { hasText: "Stopped" }).waitFor();
    stopped.resolve();
    await editor.model.quiet();
    await expect.poll(() => window.panel().locator(".assistant").last().innerText()).toContain("word1");
  });

  test("a reload in the middle of an answer loses nothing", async () => {
    const reloaded = Promise.withResolvers<void>();
    const pace = async (piece: string) => (piece.includes("begin") ? reloaded.promise : undefined);
    editor.model.next({ text: `begin ${words} end`, chunks: 60, pace });
    await window.send("Survive a reload");
    await window.panel().locator(".assistant.open", { hasText: "begin" }).waitFor();
    // Whichever way the run goes on, by itself or anew from its last step, the answer is there once and whole.
    editor.model.script(() => ({ text: `begin ${words} end` }));
    await window.reload();
    reloaded.resolve();
    await window.openChat();
    await window.panel().locator(".user", { hasText: "Survive a reload" }).waitFor();
    const answer = window.panel().locator(".assistant:not(.open)", { hasText: /begin[^]*end/ });
    await answer.waitFor();
    expect(await answer.count()).toBe(1);
    await expect.poll(() => answer.innerText()).toContain(`begin ${words} end`);
  });

  test("a message carries lines by @, a problem by its quick fix, and what they are when it is sent; a secret is refused", async () => {
    const panel = window.panel();
    const input = panel.locator("textarea").first();
    const chips = panel.locator(".composer .chip-name");
    await pickOnProblem(window, "broken.json", "Send to Pincer");
    await expect.poll(() => chips.allTextContents()).toEqual(["Problem in broken.json:1"]);
    await input.pressSequentially("Look at @notes:1-2");
    await panel.getByRole("option", { selected: true }).filter({ hasText: "notes.md:1-2" }).waitFor();
    await window.screenshot("mention");
    await input.press("Enter");
    await window.pickInExplorer(".env", "Send selection to chat");
    await expect.poll(() => chips.allTextContents()).toEqual(["Problem in broken.json:1", "notes.md:1-2", ".env"]);
    await input.press("Enter");
    await panel.getByRole("alert").filter({ hasText: ".env may hold secrets" }).waitFor();
    await panel.getByRole("button", { name: "Remove .env" }).click();
    await window.openFile("notes.md");
    await window.typeAtStart("Fresh! ");
    editor.model.script(() => ({ text: "Seen." }));
    await input.press("Enter");
    await panel.locator(".assistant", { hasText: "Seen." }).waitFor();
    const sent = JSON.stringify(editor.model.requests.at(-1)!.body).replaceAll("\\n", "\n").replaceAll('\\"', '"');
    expect(sent).toContain('<attachment name="notes.md:1-2">\nFresh! # Plans\n\n</attachment>');
    expect(sent).toMatch(/broken\.json:1:\d+: error/);
  });
});
