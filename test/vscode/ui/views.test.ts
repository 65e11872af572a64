import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Editor, startEditor } from "../editor.ts";
import type { EditorWindow } from "../editorWindow.ts";

describe("the views and commands in a real editor", () => {
  let editor: Editor;
  let window: EditorWindow;

  beforeAll(async () => {
    editor = await startEditor();
    window = await editor.open();
    await window.waitForStatus("Pincer: running");
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await window.screenshot(`failed ${task.name}`);
  });
  afterAll(() => editor?.close());

  test("a session made over REST shows in the tree, with its state", async () => {
    await window.openTreesAndChat();
    await editor.call("/api/sessions/create", { title: "Garden plans" });
    await window.row("Sessions", "Garden plans").waitFor();
    await expect.poll(async () => (await window.rows("Sessions")).join("\n")).toMatch(/Garden plans, idle/);
  });

  test("choosing a session shows it in the chat", async () => {
    const sent = { message: "What grows here?", timeoutSeconds: 30 };
    editor.model.next({ text: "Tomatoes." });
    await editor.call("/api/sessions/send", sent);
    await window.clickRow("Sessions", "Main");
    await window.panel().locator(".user", { hasText: "What grows here?" }).waitFor();
    await window.panel().locator(".assistant", { hasText: "Tomatoes." }).waitFor();
  });

  test("a job shows its schedule in words, and its checkbox turns it off for everyone", async () => {
    const job = {
      name: "Water the plants",
      schedule: { kind: "every", everyMs: 3_600_000 },
      payload: { kind: "agentTurn", message: "Water" },
      sessionTarget: "main",
    };
    await editor.call("/api/cron/add", { job });
    await expect.poll(async () => (await window.rows("Cron")).join("\n")).toMatch(/Water the plants, .*hour/i);
    await window.screenshot("trees");
    const box = ".monaco-custom-toggle, .custom-view-tree-node-item-checkbox";
    await window.clickRow("Cron", "Water the plants", box);
    await expect.poll(async () => JSON.stringify(await editor.call("/api/cron/list"))).toContain('"enabled":false');
  });

  test("what a job does is changed in a document of its own, lines and all, by saving it", async () => {
    const message = "Prune:\n\n- the apple\n- the pear";
    const job = {
      name: "Prune: all",
      schedule: { kind: "every", everyMs: 86_400_000 },
      payload: { kind: "agentTurn", message },
      sessionTarget: "isolated",
    };
    const { id } = ((await editor.call("/api/cron/add", { job })) as { job: { id: string } }).job;
    await window.openTrees();
    await window.pickOnRow("Cron", "Prune: all", "Edit…", window.question("Edit job"));
    await window.pick("Edit job", "What to do");
    await window.tab("Prune- all.md").waitFor();
    await expect.poll(async () => (await window.shownText()).text).toBe(message);
    await window.typeAtStart("Today. ");
    await window.screenshot("task of a job");
    await window.page.keyboard.press("Control+s");
    const task = async () =>
      ((await editor.call(`/api/cron/get?id=${id}`)) as { job: { payload: { message: string } } }).job.payload.message;
    await expect.poll(task).toBe(`Today. ${message}`);
    await expect.poll(async () => (await window.shownText()).isUnsaved).toBe(false);
  });

  test("a job is rehearsed from the tree, and does with nobody there exactly what is ticked", async () => {
    const file = { name: "bed.txt", command: "touch bed.txt" };
    const job = {
      name: "Rake",
      schedule: { kind: "every", everyMs: 86_400_000 },
      payload: { kind: "agentTurn", message: "Rake" },
      sessionTarget: "isolated",
    };
    const added = (await editor.call("/api/cron/add", { job })) as { job: { id: string } };
    const { id } = added.job;
    const calls = [
      { toolCalls: [{ name: "exec", input: { command: file.command } }] },
      { toolCalls: [{ name: "exec", input: { command: "touch path.txt" } }] },
      { text: "Raked." },
    ];
    editor.model.next(...calls);
    await window.openTrees();
    const card = window.panel().locator("section.approval");
    await window.pickOnRow("Cron", "Rake", "Rehearse job…", card.filter({ hasText: file.command }));
    for (const command of [file.command, "touch path.txt"]) {
      await card.filter({ hasText: command }).locator("button", { hasText: "Allow once" }).waitFor();
      await window.screenshot(`rehearsal approval ${command}`);
      await card.filter({ hasText: command }).locator("button", { hasText: "Allow once" }).click();
    }
    expect((await window.toasts()).join("\n")).not.toContain("Pincer asks");
    const ended = await window.holdToast("See what it asked");
    await window.screenshot("rehearsal ended");
    await ended.locator(".monaco-button", { hasText: "See what it asked" }).click();
    const picks = window.question("Rehearsal of Rake");
    await picks.waitFor();
    await window.screenshot("rehearsal page");
    await expect.poll(async () => (await window.shownText()).text).toContain("# Rehearsal of Rake");
    await window.clickListed("bed.txt");
    await window.screenshot("rehearsal ticked");
    await picks.locator(".monaco-button", { hasText: "OK" }).click();
    await expect
      .poll(async () => JSON.stringify(await editor.call(`/api/cron/get?id=${id}`)))
      .toContain("run exactly `touch bed.txt`");
    await window.screenshot("rehearsal granted");
    for (const name of ["bed.txt", "path.txt"]) rmSync(path.join(editor.folder, name), { force: true });
    editor.model.next(...calls);
    const slots = async () => JSON.stringify(await editor.call(`/api/cron/runs?id=${id}`));
    const isRun = async () => expect.poll(slots).toContain('"status":"ok"');
    await window.pickOnRow("Cron", "Rake", "Run now", { waitFor: isRun });
    await expect.poll(slots).toContain("touch path.txt");
    expect(["bed.txt", "path.txt"].map((name) => existsSync(path.join(editor.folder, name)))).toEqual([true, false]);
  });

  test("keys in a tree are meant for the focused row, whichever is selected", async () => {
    const asked = (text: string) => window.page.locator(".monaco-dialog-box, .quick-input-widget", { hasText: text });
    // What is pinned stands right below the main one, however new the others are.
    const { sessions } = (await editor.call("/api/sessions/list")) as { sessions: { key: string; title: string }[] };
    const sessionKey = sessions.find(({ title }) => title === "Garden plans")?.key;
    await editor.call("/api/sessions/update", { sessionKey, pinned: true });
    // The tree selects what the chat shows.
    await window.showSession("Main");
    await expect.poll(async () => (await window.rows("Sessions"))[1]).toContain("Garden plans");
    const focusNext = async () => {
      await window.clickRow("Sessions", "Main");
      await window.waitForFocus("Sessions", "Main");
      await window.page.keyboard.press("ArrowDown");
      await window.waitForFocus("Sessions", "Garden plans");
    };
    await focusNext();
    await window.page.keyboard.press("F2");
    const name = window.question("Rename session").locator("input.input");
    await expect.poll(() => name.inputValue()).toBe("Garden plans");
    await name.press("Escape");
    await name.waitFor({ state: "hidden" });
    await focusNext();
    await window.page.keyboard.press("Delete");
    const question = asked("Delete the session “Garden plans”?");
    await question.getByRole("button", { name: "Delete" }).click();
    await window.row("Sessions", "Garden plans").waitFor({ state: "detached" });
    const told = await window.holdToast("“Garden plans” is deleted.");
    await told.getByRole("button", { name: "Undo" }).click();
    await window.row("Sessions", "Garden plans").waitFor();
    await window.clickRow("Cron", "Water the plants");
    await window.waitForFocus("Cron", "Water the plants");
    await window.page.keyboard.press("Delete");
    const ofJob = asked("Delete the job “Water the plants”?");
    await ofJob.waitFor();
    await window.page.keyboard.press("Escape");
    await ofJob.waitFor({ state: "hidden" });
  });

  test("the palette offers the commands under one category, and only those that need no context", async () => {
    for (const title of ["Pincer: Open chat", "Pincer: Spawn sub-agent task…", "Pincer: Copy token"]) {
      expect(await window.findCommands(title)).toContain(title);
    }
    for (const title of ["Pincer: Stop", "Pincer: Copy session key", "Pincer: Run now"]) {
      expect(await window.findCommands(title)).not.toContain(title);
    }
  });

  test("a sub-agent task from the palette becomes a session that reports", async () => {
    editor.model.next({ text: "Counted: three." });
    await window.runCommand("Pincer: Spawn sub-agent task…");
    await window.answer("(1/3)", "Count the beds");
    await window.pick("(2/3)");
    await window.row("Sessions", "Count the beds").waitFor();
    await expect
      .poll(async () => JSON.stringify(await editor.call("/api/sessions/list?messageLimit=2")))
      .toContain("Counted: three.");
  });

  test("the picker of the session's model says which is in use and leads to set-up; rules are listed", async () => {
    await window.runCommand("Pincer: Pick model…");
    const rows = window.page.locator(".quick-input-widget .monaco-list-row");
    await rows.filter({ hasText: " · now" }).waitFor();
    await window.pick("Model of this session", "Add a provider");
    await window.question("Set up a model").waitFor();
    await window.page.keyboard.press("Escape");
    await editor.call("/api/rules/add", { rule: { allow: "edit", path: "garden/**" } });
    await window.runCommand("Pincer: Show rules…");
    await rows.filter({ hasText: "Has let nothing through lately" }).waitFor();
    await window.page.keyboard.press("Escape");
  });

  test("words of a message find its session, which opens", async () => {
    const { sessionKey } = (await editor.call("/api/sessions/create", { title: "Orchard" })) as { sessionKey: string };
    editor.model.next({ text: "Plant the quinces along the southern wall." });
    await editor.call("/api/sessions/send", { sessionKey, message: "Where do they go?", timeoutSeconds: 30 });
    await window.runCommand("Pincer: Search sessions…");
    const search = window.question("Search sessions");
    await search.locator("input.input").fill("QUINCES wall");
    const found = search.locator(".monaco-list-row.focused", { hasText: "southern wall" });
    await found.waitFor();
    await expect.poll(() => search.locator(".monaco-list-row").count()).toBe(1);
    expect(await found.textContent()).toContain("Orchard");
    await window.screenshot("search sessions");
    await search.locator("input.input").press("Enter");
    await window.panel().locator(".assistant", { hasText: "quinces" }).waitFor();
  });

  test("sub-agents of one session are compared side by side", async () => {
    const { sessionKey } = (await editor.call("/api/sessions/create", { title: "Two beds" })) as { sessionKey: string };
    for (const text of ["Beans.", "Peas and onions."]) {
      editor.model.next({ text });
      await editor.call("/api/sessions/spawn", { task: "What goes in?", parentSessionKey: sessionKey });
    }
    await window.showSession("Two beds");
    await window.runCommand("Pincer: Compare sub-agents…");
    await window.page.locator(".notification-toast", { hasText: "2 sub-agents are compared." }).waitFor();
    const page = window.drawnPage();
    await page.locator("h1", { hasText: "Two beds" }).waitFor();
    await page.locator("td", { hasText: "done" }).first().waitFor();
    for (const words of ["Beans.", "Peas and onions."]) await page.locator("pre", { hasText: words }).waitFor();
    await window.screenshot("compare sub-agents");
    await window.hoverStatus("Store:");
    await window.screenshot("status tooltip");
    await window.runCommand("Notifications: Clear All Notifications");
  });

  test("a key that is set while openclaw.yml names another says which one is used, and can take its place", async () => {
    await window.runCommand("Pincer: Set API key…");
    await window.pick("Set API key: provider", "Anthropic");
    await window.answer("Anthropic API key", "another-key-of-the-fake-server");
    const told = await window.holdToast("openclaw.yml names another one");
    await window.screenshot("key in two places");
    await told.locator(".monaco-button", { hasText: "Use the stored key" }).click();
    await window.page.locator(".notification-toast", { hasText: "The stored Anthropic key is in use now." }).waitFor();
    const keys = async () => JSON.stringify(await editor.call("/api/models/providers"));
    // The configuration is read again when its file was seen to have changed.
    await expect.poll(keys).toContain('{"id":"anthropic","key":{"from":"stored"}}');
    const written = readFileSync(path.join(editor.home, "openclaw.yml"), "utf8");
    expect(written).toContain("baseUrl");
    expect(written).not.toContain("apiKey");
  });

  test("a key in the folder's openclaw.yml is told of, and moves into the secret storage", async () => {
    const file = path.join(editor.folder, "openclaw.yml");
    writeFileSync(file, "# of this folder\nproviders:\n  openai:\n    apiKey: sk-in-plain-words\n");
    const modal = window.page.locator(".monaco-dialog-box", { hasText: "asks for more" });
    await modal.locator(".monaco-button", { hasText: "Not now" }).click();
    const move = window.page.locator(".notification-toast .monaco-button", { hasText: "Move it to secret storage" });
    await move.click();
    await window.page.locator(".notification-toast", { hasText: "secret storage now" }).waitFor();
    expect(readFileSync(file, "utf8")).not.toContain("sk-in-plain-words");
    const keys = async () => JSON.stringify(await editor.call("/api/models/providers"));
    await expect.poll(keys).toContain('{"id":"openai","key":{"from":"stored"}}');
    rmSync(file);
    await window.runCommand("Notifications: Clear All Notifications");
  });

  test("a second window attaches to the gateway of the first, and takes over when that one goes", async () => {
    const first = editor.gateway();
    const second = await editor.open();
    await second.waitForStatus("Pincer: attached");
    await second.showSession("Main");
    await second.panel().locator(".assistant", { hasText: "Tomatoes." }).waitFor();
    await window.close();
    await second.waitForStatus("Pincer: running");
    expect(editor.gateway()?.pid).not.toBe(first?.pid);
    window = second;
  });

  test("stopping the gateway closes its port", async () => {
    const url = editor.gateway()?.url;
    expect((await fetch(`${url}/health`)).status).toBe(200);
    await window.runCommand("Pincer: Stop gateway");
    await window.waitForStatus("Pincer: stopped");
    await expect(fetch(`${url}/health`)).rejects.toThrow("fetch failed");
    expect(editor.gateway()).toBeUndefined();
    expect(await window.toasts()).toEqual([]);
  });
});
