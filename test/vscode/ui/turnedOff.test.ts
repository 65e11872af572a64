import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Editor, startEditor } from "../editor.ts";
import type { EditorWindow } from "../editorWindow.ts";

describe("the extension turned off in a real editor", () => {
  let editor: Editor;
  let window: EditorWindow;
  let rounds = 0;

  beforeAll(async () => {
    editor = await startEditor({ config: "agent: { approvals: auto, sandbox: off }" });
    window = await editor.open();
    await window.waitForStatus("Pincer: running");
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await window.screenshot(`failed ${task.name}`);
  });
  afterAll(() => editor?.close());

  /** Starts what is to end: a command in the background and a browser. Resolves with the address and all processes of the extension. */
  async function startAll(): Promise<{ url: string; started: number[] }> {
    const { url, pid } = editor.gateway()!;
    const command = { name: "exec", input: { command: "sleep 100000", background: true } };
    const page = { name: "browser", input: { action: "open", url: "about:blank" } };
    rounds += 1;
    const before = new Set(descendantsOf(pid).map(([child]) => child));
    editor.model.next({ toolCalls: [command, page] }, { text: `Both run ${rounds}.` });
    await window.openChat();
    const answer = (round: number) =>
      window.panel().locator(".assistant:not(.open)", { hasText: `Both run ${round}.` });
    // A window that was opened anew shows what was said before.
    if (rounds > 1) await answer(rounds - 1).waitFor();
    await window.send("Start both");
    await answer(rounds).waitFor();
    const own = () => descendantsOf(pid).filter(([child]) => !before.has(child));
    // A shell may still be about to become its command.
    await expect
      .poll(() => own().map(([, program]) => program))
      .toEqual(expect.arrayContaining([expect.stringContaining("sleep"), expect.stringMatching(/chrom/)]));
    return { url, started: own().map(([child]) => child) };
  }

  async function expectNothing({ url, started }: { url: string; started: number[] }): Promise<void> {
    await expect.poll(() => editor.gateway()).toBeUndefined();
    await expect.poll(() => started.filter(isAlive)).toEqual([]);
    await expect(fetch(`${url}/health`)).rejects.toThrow("fetch failed");
    // The store is closed after the port.
    await expect.poll(() => holdersOf(editor)).toEqual([]);
    expect(existsSync(path.join(editor.home, "gateway.json"))).toBe(false);
  }

  test("its window closed, they are gone as soon as the editor gives its extension host up", async () => {
    const all = await startAll();
    await window.close();
    await expectNothing(all);
    window = await editor.open();
    await window.waitForStatus("Pincer: running");
  });

  test("disabled in the extensions' view, its port, lock, browser and programs are gone with the window's reload", async () => {
    const all = await startAll();
    expect(holdersOf(editor)).not.toEqual([]);
    await window.runCommand("Extensions: Show Installed Extensions");
    const reload = window.page.getByRole("button", { name: "Reload Window" }).first();
    await window.clickOnExtension("Pincer", "Disable", reload);
    await reload.click();
    await expectNothing(all);
    await window.page.locator(".monaco-workbench .statusbar-item").first().waitFor();
    expect(await window.findCommands("Pincer: Open chat")).not.toContain("Pincer: Open chat");
    // What a window shows first is what the one before it had.
    await expect.poll(() => window.page.locator('.activitybar [aria-label^="Pincer"]').count()).toBe(0);
    await window.screenshot("turned off");
  });
});

/** Processes beneath one, with the programs that they run. */
function descendantsOf(pid: number): [pid: number, program: string][] {
  const rows = execFileSync("ps", ["-eo", "pid=,ppid=,comm="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((row) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(row)!)
    .map(([, child, parent, program]) => ({ child: Number(child), parent: Number(parent), program: program ?? "" }));
  const beneath = (above: number): [number, string][] =>
    rows
      .filter(({ parent }) => parent === above)
      .flatMap(({ child, program }) => [[child, program] as [number, string], ...beneath(child)]);
  return beneath(pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Who holds a lease of the store. */
function holdersOf({ home }: Editor): unknown[] {
  const db = new DatabaseSync(path.join(home, "pincer.db"), { readOnly: true });
  try {
    return db.prepare("SELECT name FROM leases WHERE nonce IS NOT NULL AND expires_at > ?").all(Date.now());
  } finally {
    db.close();
  }
}
