import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Editor, startEditor } from "../editor.ts";
import type { EditorWindow } from "../editorWindow.ts";
import { QUICK } from "../palette.ts";

describe("worktrees in a real editor", () => {
  let editor: Editor;
  let window: EditorWindow;
  let git: (...args: string[]) => string;

  beforeAll(async () => {
    editor = await startEditor({ config: "agent: { approvals: auto, sandbox: off }", files: { "beds.md": "three\n" } });
    const up = path.join(editor.folder, "..", "up.git");
    mkdirSync(up, { recursive: true });
    git = (...args) => execFileSync("git", args, { cwd: editor.folder, encoding: "utf8" });
    execFileSync("git", ["init", "-q", "--bare", up]);
    git("init", "-q", "-b", "main");
    git("config", "user.name", "Ada");
    git("config", "user.email", "ada@example.org");
    git("add", "-A");
    git("commit", "-qm", "First");
    git("remote", "add", "origin", up);
    editor.model.script(({ toolResults, model }) =>
      toolResults.length === 0
        ? { toolCalls: [{ name: "write", input: { path: "beds.md", content: `of ${model}\n` } }] }
        : { text: `Done by ${model}.` },
    );
    window = await editor.open();
    await window.waitForStatus("Pincer: running");
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await window.screenshot(`failed ${task.name}`);
  });
  afterAll(() => editor?.close());

  const worktrees = async () =>
    (await editor.call("/api/worktrees/list")) as {
      worktrees: { name: string; branch: string; uncommitted: number }[];
    };
  const asked = (word: string) => window.page.locator(".monaco-dialog-box .monaco-button", { hasText: word });
  const say = (word: string) => asked(word).click();
  const beds = () => readFileSync(path.join(editor.folder, "beds.md"), "utf8");

  test("each is a row with its size; what differs, a patch, a push, a merge and its removal are in its menu", async () => {
    const spawn = { task: "Add a bed", label: "Add a bed", worktree: true, workspace: editor.folder };
    await editor.call("/api/sessions/spawn", spawn);
    await window.openTreesAndChat();
    const row = window.row("Worktrees", "add-a-bed");
    await row.waitFor();
    const rows = async () => (await window.rows("Worktrees")).join();
    await expect.poll(rows).toMatch(/add-a-bed-\w+, \d+ (B|kB) · 0 commits · 1 file not committed/);
    await window.clickRow("Worktrees", "add-a-bed");
    await expect.poll(async () => (await window.shownText()).text).toMatch(/-three\n\+of /);
    await window.screenshot("worktrees");

    await window.pickOnRow("Worktrees", "add-a-bed", "Save as a patch…", window.page.locator(QUICK));
    const place = await window.savesAs(/add-a-bed-\w+\.patch$/);
    await expect.poll(() => readFileSync(place, "utf8")).toContain("+of ");
    execFileSync("git", ["apply", "--check", place], { cwd: editor.folder });
    rmSync(place);

    const question = window.page.locator(".monaco-dialog-box", { hasText: "What is not committed in it" });
    await window.pickOnRow("Worktrees", "add-a-bed", "Push for a pull request…", question);
    await window.screenshot("pushing a worktree");
    await say("Push");
    await expect.poll(() => git("ls-remote", "origin")).toMatch(/refs\/heads\/pincer\/add-a-bed-\w+/);
    expect(beds()).toBe("three\n");
    // The tree is drawn anew after each; a menu that is open then is shut.
    await expect.poll(rows).toMatch(/ · 1 commit\b/);

    await window.pickOnRow("Worktrees", "add-a-bed", "Merge…", asked("Merge"));
    await say("Merge");
    await expect.poll(beds).toMatch(/^of /);
    await window.page.locator(".notification-toast", { hasText: "is merged into" }).waitFor();
    await window.pickOnRow("Worktrees", "add-a-bed", "Remove…", asked("Remove"));
    await say("Remove");
    await expect.poll(async () => (await worktrees()).worktrees).toEqual([]);
    // Without any there is no tree of them.
    await row.waitFor({ state: "detached" });
  });

  test("of several models' work one is kept, and the others are gone", async () => {
    writeFileSync(path.join(editor.folder, "beds.md"), "three\n");
    git("commit", "-qam", "Three again");
    const { session } = (await editor.call("/api/sessions/create", { title: "Beds", workspace: editor.folder })) as {
      session: { key: string };
    };
    const models = ["anthropic/claude-haiku-5-5", "anthropic/claude-sonnet-5-5"];
    for (const model of models) {
      const more = { parentSessionKey: session.key, worktree: true, model, workspace: editor.folder };
      await editor.call("/api/sessions/spawn", { task: "Beds", label: model, ...more });
    }
    await window.openTrees();
    const compared = { waitFor: () => window.holdToast("Keep one…") };
    await window.pickOnRow("Sessions", "Beds", "Compare sub-agents…", compared);
    await window.drawnPage().locator("pre", { hasText: "Done by claude-haiku-5-5." }).waitFor();
    await window.screenshot("a comparison");
    await window.page.locator(".notification-toast .monaco-button", { hasText: "Keep one…" }).click();
    await window.clickListed("claude-haiku-5-5");
    await window.page.locator(".monaco-dialog-box", { hasText: "The other sub-agent is stopped" }).waitFor();
    await window.screenshot("keeping one");
    await say("Keep it");
    await expect.poll(beds).toBe("of claude-haiku-5-5\n");
    await expect.poll(async () => (await worktrees()).worktrees).toEqual([]);
    const { subagents } = (await editor.call(`/api/subagents/list?sessionKey=${session.key}`)) as {
      subagents: { title: string }[];
    };
    expect(subagents.map(({ title }) => title)).toEqual([models[0]]);
    expect(git("for-each-ref", "--format=%(refname)", "refs/heads/pincer").trim()).not.toContain("sonnet");
  });
});
