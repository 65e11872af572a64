import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { answerPanel } from "../../../src/vscode/chat/editorMethods.ts";
import { linkedWires } from "../../../src/net/linkedWires.ts";
import { namedFile } from "../../../src/vscode/chat/namedFile.ts";
import { createEdgeGateway, createEdgeWindow } from "../editor/edge.ts";
import { openScreen, screen, Uri, window as editor, workspace } from "../editor/vscode.ts";

test("what is typed behind a slash is done for the session of the chat, and takes nothing else from the page", async () => {
  openScreen();
  const gateway = createEdgeGateway({ "checkpoints.list": { checkpoints: [] } });
  const { window } = createEdgeWindow(gateway, { chat: { sessionKey: "s_1" } });
  await answerPanel(window, "editor.compact", { sessionKey: "s_1" });
  expect(screen.commands).toEqual([["pincer.compactSession", "s_1"]]);
  await answerPanel(window, "editor.undoRun", {});
  expect(gateway.calls).toEqual([["checkpoints.list", { sessionKey: "s_1" }]]);
  await expect(answerPanel(window, "editor.undoRun", { sessionKey: "other" })).rejects.toThrow("does not take");
  await expect(answerPanel(window, "editor.compact", {})).rejects.toThrow("does not take");
});

test("a plan that is accepted in the chat is accepted from there", async () => {
  openScreen();
  const [panel, agent] = linkedWires();
  const asked: unknown[] = [];
  agent.onFrame((frame) => {
    if (frame.type !== "req") return;
    asked.push([frame.method, frame.params]);
    agent.send({ type: "res", id: frame.id, ok: true, payload: null });
  });
  const closed = new Promise((resolve) => agent.onClose(resolve));
  const connect = async (via: string) => {
    asked.push(via);
    return panel;
  };
  const gateway = Object.assign(createEdgeGateway(), { connect });
  const { window } = createEdgeWindow(gateway);
  Object.assign(window.context, { globalStorageUri: Uri.file(join(tmpdir(), "pincer-no-plans")) });
  await answerPanel(window, "editor.acceptPlan", { sessionKey: "s_1", runId: "r_1" });
  await closed;
  expect(asked).toEqual(["panel", ["plans.accept", { sessionKey: "s_1", runId: "r_1", timeoutSeconds: 0 }]]);
  expect(gateway.calls).toEqual([]);
});

/** A window with two folders that have a file of one name each, and a session that works in `workspace`. */
function openTwoFolders(toWorkspace: (top: string) => string | null) {
  const top = realpathSync(mkdtempSync(join(tmpdir(), "pincer-links-")));
  onTestFinished(() => rmSync(top, { recursive: true, force: true }));
  const folders = ["one", "two"].map((name) => join(top, name));
  for (const folder of [...folders, join(top, "tree"), join(top, "worktree")]) {
    mkdirSync(join(folder, "src"), { recursive: true });
    writeFileSync(join(folder, "src/a.ts"), `of ${folder}\n`);
  }
  writeFileSync(join(top, "two/only.ts"), "there\n");
  openScreen();
  Object.assign(workspace, {
    workspaceFolders: folders.map((folder) => ({ uri: Uri.file(folder) })),
    asRelativePath: (path: string) => path.slice(top.length + 1),
  });
  const worktrees = [{ path: join(top, "worktree"), repository: folders[1] }];
  const gateway = createEdgeGateway({
    "session.status": { workspace: toWorkspace(top) },
    "worktrees.list": { worktrees },
  });
  const documents = { add: (name: string) => `pincer-text:${name}` };
  const { window } = createEdgeWindow(gateway, { chat: { sessionKey: "s_1" }, documents });
  const open = async (path: string) => {
    await answerPanel(window, "editor.openFile", { path });
    return (screen.commands.at(-1)![1] as { fsPath: string }).fsPath.slice(top.length + 1);
  };
  return { top, window, open };
}

test("a file that an answer names is the one of its session's folder", async () => {
  const { top, window, open } = openTwoFolders((folders) => join(folders, "two"));
  expect(await open("src/a.ts")).toBe("two/src/a.ts");
  expect(await open(join(top, "one/src/a.ts"))).toBe("one/src/a.ts");
  await answerPanel(window, "editor.apply", { text: "new\n", path: "src/b.ts" });
  const shown = screen.commands.findLast(([name]) => name === "vscode.open")!;
  expect(shown).toEqual([expect.anything(), expect.anything(), expect.anything(), "two/src/b.ts: proposed change"]);
  expect(shown[1]).toBe(`pincer-text:${join(top, "two/src/b.ts")}`);
});

test("a file that an answer names is opened in the editor that is for its kind, a text at its line", async () => {
  const { top, window } = openTwoFolders((folders) => join(folders, "two"));
  writeFileSync(join(top, "two/plan.png"), "\x89PNG\0");
  for (const file of [{ path: "plan.png" }, { path: "src/a.ts", line: 3 }])
    await answerPanel(window, "editor.openFile", file);
  const at = expect.objectContaining({ line: 2 });
  expect(screen.opened).toEqual([]);
  expect(screen.commands).toEqual([
    ["vscode.open", expect.objectContaining({ fsPath: join(top, "two/plan.png") }), { preview: true }],
    [
      "vscode.open",
      expect.objectContaining({ fsPath: join(top, "two/src/a.ts") }),
      { preview: true, selection: expect.objectContaining({ start: at }) },
    ],
  ]);
});

test("a file of a session without a folder is the first that is there", async () => {
  const { top, window, open } = openTwoFolders(() => null);
  expect([await open("src/a.ts"), await open("only.ts")]).toEqual(["one/src/a.ts", "two/only.ts"]);
  expect((await namedFile(window, "src/new.ts")).fsPath).toBe(join(top, "one/src/new.ts"));
});

test("a link to what is not there says so, and one to a folder shows it among the files", async () => {
  const { top, window, open } = openTwoFolders((folders) => join(folders, "two"));
  const missing = answerPanel(window, "editor.openFile", { path: "nothere.md", line: 3 });
  await expect(missing).rejects.toMatchObject({ code: "not_found", message: "nothere.md is not there." });
  await expect(open("src/b.ts")).rejects.toThrow("src/b.ts is not there.");
  await answerPanel(window, "editor.openFile", { path: "src" });
  expect(screen.commands.map(([name, file]) => [name, (file as { fsPath: string }).fsPath])).toEqual([
    ["revealInExplorer", join(top, "two/src")],
  ]);
});

test("a file of a sub-agent's worktree is its own", async () => {
  const { window, open } = openTwoFolders((folders) => join(folders, "worktree"));
  expect(await open("src/a.ts")).toBe("worktree/src/a.ts");
  await expect(answerPanel(window, "editor.openFile", { path: "../tree/src/a.ts" })).rejects.toThrow("is not a file");
});

test("no file of another folder is taken for one of a session whose folder is not open here", async () => {
  const { top, window, open } = openTwoFolders((folders) => join(folders, "tree"));
  await expect(open("src/a.ts")).rejects.toThrow(`${join(top, "tree/src/a.ts")} is not a file of this workspace.`);
  const applied = answerPanel(window, "editor.apply", { text: "new", path: "src/a.ts" });
  await expect(applied).rejects.toThrow("is not a file of this workspace.");
});

test("what is picked or dropped and cannot be attached is told to the panel, which sends nothing without it", async () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "pincer-picked-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const given = { "notes.md": "# Notes", ".env": "KEY=1", "tool.exe": "\0", "huge.log": "x".repeat(700_001) };
  for (const [name, text] of Object.entries(given)) writeFileSync(join(folder, name), text);
  const files = Object.keys(given).map((name) => Uri.file(join(folder, name)));
  openScreen();
  Object.assign(editor, { showOpenDialog: async () => files });
  const asRelativePath = ({ fsPath }: { fsPath: string }) => basename(fsPath);
  Object.assign(workspace, { asRelativePath, getWorkspaceFolder: () => undefined });
  const { window } = createEdgeWindow(createEdgeGateway({}), { sources: { rules: async () => [] } });
  const read = {
    attachments: [{ name: "notes.md", mediaType: "text/plain", data: "# Notes" }],
    refused: [
      ".env is not attached: .env may hold secrets, so the agent does not get it this way.",
      "tool.exe is neither text nor an image.",
      "huge.log is larger than 700 KB.",
    ],
  };
  expect(await answerPanel(window, "editor.pickFiles", {})).toEqual(read);
  const dropped = await answerPanel(window, "editor.readDropped", { uris: files.map(String) });
  expect(dropped).toEqual({ refs: [], ...read });
  expect(screen.asked).toEqual([]);
});

test("a file that cannot be read takes no other along, and what is in another encoding is read in that", async () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "pincer-picked-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const text = "Gärten für Ä, 5 €";
  const given = {
    "utf8.txt": Buffer.from(text),
    "utf16.txt": Buffer.from(`\ufeff${text}`, "utf16le"),
    "latin.txt": Buffer.from("Gärten für Ä", "latin1"),
    "grown.txt": Buffer.from(`\ufeff${"花".repeat(300_000)}`, "utf16le"),
  };
  for (const [name, bytes] of Object.entries(given)) writeFileSync(join(folder, name), bytes);
  mkdirSync(join(folder, "beds"));
  const files = ["gone.txt", "beds", ...Object.keys(given)].map((name) => Uri.file(join(folder, name)));
  openScreen();
  Object.assign(editor, { showOpenDialog: async () => files });
  Object.assign(workspace, { asRelativePath: ({ fsPath }: { fsPath: string }) => basename(fsPath) });
  const { window } = createEdgeWindow(createEdgeGateway({}), { sources: { rules: async () => [] } });
  expect(await answerPanel(window, "editor.pickFiles", {})).toEqual({
    attachments: [
      { name: "utf8.txt", mediaType: "text/plain", data: text },
      { name: "utf16.txt", mediaType: "text/plain", data: text },
      { name: "latin.txt", mediaType: "text/plain", data: "Gärten für Ä" },
    ],
    refused: [
      expect.stringMatching(/^gone\.txt is not attached: ENOENT/),
      "beds is not attached: It is no file.",
      "grown.txt is larger than 700 KB.",
    ],
  });
});

test("of more files than are taken at once the panel is told", async () => {
  openScreen();
  Object.assign(workspace, { getWorkspaceFolder: () => undefined });
  const { window } = createEdgeWindow(createEdgeGateway({}), { sources: { rules: async () => [] } });
  const uris = Array.from({ length: 21 }, (_, at) => `untitled:note-${at}`);
  const { refs, refused } = (await answerPanel(window, "editor.readDropped", { uris })) as {
    refs: unknown[];
    refused: string[];
  };
  expect([refs.length, refused]).toEqual([20, ["At most 20 are attached at once."]]);
});
