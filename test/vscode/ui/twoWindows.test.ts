import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { ModelServerRequest, Turn } from "../../fakes/modelTurn.ts";
import { type Editor, startEditor } from "../editor.ts";
import type { EditorWindow } from "../editorWindow.ts";

/** A command that says which process ran it. */
const who = (file: string) => ({ toolCalls: [{ name: "exec", input: { command: `echo $PPID >> ${file}` } }] });

describe("two windows of a real editor on one state folder", () => {
  let editor: Editor;
  let folders: { first: string; second: string };
  let first: EditorWindow;
  let second: EditorWindow;
  let third: EditorWindow | undefined;

  beforeAll(async () => {
    editor = await startEditor({ config: "agent: { approvals: auto, sandbox: off }" });
    folders = { first: editor.folder, second: path.join(path.dirname(editor.folder), "second") };
    mkdirSync(folders.second);
    writeFileSync(path.join(folders.second, "plan.md"), "one\ntwo\nthree\n");
    first = await editor.open();
    await first.waitForStatus("Pincer: running");
    second = await editor.open({ folder: folders.second });
    await second.waitForStatus("Pincer: attached");
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") {
      await first.screenshot(`failed ${task.name} first`);
      await second.screenshot(`failed ${task.name} second`);
      await third?.screenshot(`failed ${task.name} third`);
    }
    await third?.close();
    third = undefined;
  });
  afterAll(() => editor?.close());

  /** A session in a folder, shown in the chat of a window. */
  async function showSession(window: EditorWindow, workspace: string, title: string): Promise<string> {
    const { session } = (await editor.call("/api/sessions/create", { workspace, title })) as {
      session: { key: string };
    };
    await window.showSession(title);
    return session.key;
  }

  test("the window that has a folder killed, its run goes on, and ends once where it is watched", async () => {
    const key = await showSession(first, folders.second, "Killed there");
    const hang = Promise.withResolvers<void>();
    let asked = 0;
    editor.model.script(async ({ toolResults }: ModelServerRequest): Promise<Turn> => {
      if (toolResults.length === 0) return who("ran.txt");
      asked += 1;
      if (asked === 1) await hang.promise;
      return toolResults.length === 1 ? who("ran.txt") : { text: "All of it is done." };
    });
    await first.send("Begin");
    await expect.poll(() => asked).toBe(1);
    const killed = await workerOf(editor, folders.second);
    process.kill(killed, "SIGKILL");
    await first.panel().locator(".assistant", { hasText: "All of it is done." }).waitFor();
    hang.resolve();
    await expect.poll(() => endsOf(editor, key)).toBe(1);
    expect(await first.panel().locator(".assistant", { hasText: "All of it is done." }).count()).toBe(1);
    const ran = readFileSync(path.join(folders.second, "ran.txt"), "utf8").trim().split("\n").map(Number);
    expect(ran).toHaveLength(2);
    expect(ran[0]).toBe(killed);
    await expect.poll(() => [editor.gateway()?.pid, ...workersOf(editor, folders.second)]).toContain(ran[1]);
    await first.screenshot("two windows, one killed");
    // The editor starts its extensions anew.
    await expect.poll(() => workersOf(editor, folders.second)).toEqual([expect.not.toBeOneOf([killed])]);
  });

  test("the leader killed, the other window leads, shows the run end once, and its own run notices nothing", async () => {
    const own = await showSession(first, folders.first, "Of the first");
    const other = await showSession(second, folders.second, "Of the second");
    await second.showSession("Of the first");
    const hangs = { Begin: Promise.withResolvers<void>(), Other: Promise.withResolvers<void>() };
    const asked: string[] = [];
    editor.model.script(async ({ text }: ModelServerRequest): Promise<Turn> => {
      asked.push(text);
      const word = text as keyof typeof hangs;
      if (asked.filter((one) => one === text).length === 1) await hangs[word].promise;
      return { text: `${word}: all of it is done.` };
    });
    await first.send("Begin");
    await editor.call("/api/sessions/send", { sessionKey: other, message: "Other", timeoutSeconds: 0 });
    await expect.poll(() => asked.toSorted()).toEqual(["Begin", "Other"]);
    const led = editor.gateway()!.pid;
    expect(await workerOf(editor, folders.first)).toBe(led);
    const next = await workerOf(editor, folders.second);
    process.kill(led, "SIGKILL");
    await expect.poll(() => editor.gateway()?.pid).toBe(next);
    hangs.Other.resolve();
    await expect.poll(() => endsOf(editor, other)).toBe(1);
    const end = second.panel().locator(".assistant", { hasText: "Begin: all of it is done." });
    await end.waitFor();
    expect(await end.count()).toBe(1);
    hangs.Begin.resolve();
    await second.waitForStatus("Pincer: running");
    await first.waitForStatus("Pincer: attached");
    await expect.poll(() => endsOf(editor, own)).toBe(1);
    // Only the one whose process is gone was asked for again.
    expect(asked.toSorted()).toEqual(["Begin", "Begin", "Other"]);
    const endOfFirst = first.panel().locator(".assistant", { hasText: "Begin: all of it is done." });
    await endOfFirst.waitFor();
    expect(await endOfFirst.count()).toBe(1);
    await first.screenshot("two windows, leader killed, first");
    await second.screenshot("two windows, leader killed, second");
  });

  test("what is typed and not saved in one window survives what is asked for in the other", async () => {
    const plan = () => readFileSync(path.join(folders.second, "plan.md"), "utf8");
    const sessionKey = await showSession(first, folders.second, "Edits there");
    // What is typed is shown before the agent's process hears of it.
    const heard = async (text: string) => {
      const read = { tool: "read", args: { path: "plan.md" }, sessionKey };
      await expect.poll(async () => JSON.stringify(await editor.call("/tools/invoke", read))).toContain(text);
    };
    await second.openFile("plan.md");
    await second.typeAtStart("typed ");
    await expect.poll(() => second.shownText()).toEqual({ text: "typed one\ntwo\nthree\n", isUnsaved: true });
    expect(plan()).toBe("one\ntwo\nthree\n");
    await heard("typed one");
    const ask = async (name: string, input: object, end: string) => {
      editor.model.script(({ toolResults }) =>
        toolResults.length === 0 ? { toolCalls: [{ name, input: { path: "plan.md", ...input } }] } : { text: end },
      );
      await first.send(`Please: ${end}`);
      await first.panel().locator(".assistant", { hasText: end }).waitFor();
      return editor.model.requests.at(-1)!.toolResults[0]!;
    };
    // Merged.
    const merged = { isError: false, text: expect.stringContaining("Changed plan.md") };
    expect(await ask("edit", { oldText: "two", newText: "2" }, "Merged.")).toMatchObject(merged);
    await expect.poll(() => second.shownText()).toEqual({ text: "typed one\n2\nthree\n", isUnsaved: false });
    expect(plan()).toBe("typed one\n2\nthree\n");
    // Refused: the text that it would change is another by now, or would be lost as a whole.
    await second.typeAtStart("again ");
    const kept = { text: "again typed one\n2\nthree\n", isUnsaved: true };
    await expect.poll(() => second.shownText()).toEqual(kept);
    await heard("again typed");
    expect(await ask("edit", { oldText: "\none\n2", newText: "gone" }, "No match.")).toMatchObject({ isError: true });
    expect(await ask("write", { content: "all new" }, "Not replaced.")).toMatchObject({
      isError: true,
      text: expect.stringContaining("changes in the editor that are not saved"),
    });
    expect(await second.shownText()).toEqual(kept);
    expect(plan()).toBe("typed one\n2\nthree\n");
    await second.screenshot("two windows, typed text");
  });

  test("a folder that is open twice runs each message once, and its question is answered in either window", async () => {
    const other = (third = await editor.open({ folder: folders.second }));
    await expect.poll(() => workersOf(editor, folders.second)).toHaveLength(2);
    const key = await showSession(second, folders.second, "Open twice");
    await other.showSession("Open twice");
    for (const [at, [asking, answering]] of [
      [second, other],
      [other, second],
    ].entries()) {
      const call = { name: "write", input: { path: ".vscode/tasks.json", content: `{ "version": "2.${at}.0" }\n` } };
      editor.model.script(({ toolResults }) =>
        toolResults.length === 0 ? { toolCalls: [call, ...who("twice.txt").toolCalls] } : { text: `End ${at}.` },
      );
      await asking!.send(`Ask ${at}`);
      const card = answering!.panel().locator("section.approval");
      await card.waitFor();
      await asking!.panel().locator("section.approval").waitFor();
      if (at === 0) await asking!.screenshot("folder open twice, asked");
      await card.locator("button", { hasText: "Allow once" }).click();
      for (const window of [asking!, answering!]) {
        const end = window.panel().locator(".assistant", { hasText: `End ${at}.` });
        await end.waitFor();
        expect(await end.count()).toBe(1);
        await expect.poll(() => window.panel().locator("section.approval button").count()).toBe(0);
      }
    }
    await expect.poll(() => endsOf(editor, key)).toBe(2);
    const ran = readFileSync(path.join(folders.second, "twice.txt"), "utf8").trim().split("\n").map(Number);
    expect(ran).toHaveLength(2);
    await expect.poll(() => workersOf(editor, folders.second)).toEqual(expect.arrayContaining(ran));
    await other.screenshot("folder open twice");
  });
});

/** The one extension host that has a folder open, once the store knows it. */
async function workerOf(editor: Editor, folder: string): Promise<number> {
  let workers: number[] = [];
  await expect.poll(() => (workers = workersOf(editor, folder))).toHaveLength(1);
  return workers[0]!;
}

/** The extension hosts that have a folder open, as the store knows them. */
function workersOf({ home }: Editor, folder: string): number[] {
  return read(home, "SELECT pid, places FROM workers WHERE places IS NOT NULL AND expires_at > ?", Date.now()).flatMap(
    ({ pid, places }) =>
      (JSON.parse(String(places)) as { name: string }[]).some(({ name }) => name === folder) ? [Number(pid)] : [],
  );
}

function endsOf({ home }: Editor, sessionKey: string): number {
  const sql =
    "SELECT count(*) AS ends FROM events WHERE session_key = ? AND json_extract(body, '$.type') = 'run.finished'";
  return Number(read(home, sql, sessionKey)[0]?.["ends"]);
}

function read(home: string, sql: string, ...values: (string | number)[]) {
  const db = new DatabaseSync(path.join(home, "pincer.db"), { readOnly: true });
  try {
    return db.prepare(sql).all(...values);
  } finally {
    db.close();
  }
}
