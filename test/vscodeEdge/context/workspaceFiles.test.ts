import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { WorkspaceFiles } from "../../../src/vscode/context/workspaceFiles.ts";
import { env, openScreen, Uri, workspace } from "../editor/vscode.ts";

const base = mkdtempSync(path.join(tmpdir(), "pincer-folders-"));
afterAll(() => rmSync(base, { recursive: true, force: true }));

/** A window of folders with files, by the folder's name. */
function openFolders(folders: Record<string, string[]>): WorkspaceFiles {
  openScreen();
  const place = (name: string) => path.join(base, name);
  for (const [name, files] of Object.entries(folders)) {
    for (const file of files) {
      mkdirSync(path.dirname(path.join(place(name), file)), { recursive: true });
      writeFileSync(path.join(place(name), file), "x\n");
    }
  }
  const opened = Object.keys(folders).map((name) => ({ uri: Uri.file(place(name)), name }));
  const nothing = () => ({ dispose() {} });
  Object.assign(env, { appRoot: base });
  Object.assign(workspace, {
    workspaceFolders: opened,
    getWorkspaceFolder: (uri: { fsPath: string }) => opened.find(({ uri: { fsPath } }) => fsPath === uri.fsPath),
    createFileSystemWatcher: () => ({ dispose() {}, onDidCreate: nothing, onDidDelete: nothing }),
    onDidChangeWorkspaceFolders: nothing,
    onDidGrantWorkspaceTrust: nothing,
  });
  return new WorkspaceFiles();
}

const shown = async (files: WorkspaceFiles, query: string) => (await files.find(query, 20)).map((one) => one.shown);

test("in a window with one folder a file is shown from there", async () => {
  const files = openFolders({ alone: ["plan.md", "beds/tomatoes.md"] });
  expect(await shown(files, "tomato")).toEqual(["beds/tomatoes.md"]);
  expect(await files.within(path.join(base, "alone", "beds"))).toEqual(["beds/tomatoes.md"]);
});

test("in a window with several, files of the same name are told apart, and the best comes first wherever it is", async () => {
  const scattered = Array.from({ length: 30 }, (_, at) => `p${at}/la/nmd.txt`);
  const files = openFolders({
    garden: ["README.md", ...scattered],
    kitchen: ["README.md", "plan.md", "soups/leek.md"],
  });
  expect(await shown(files, "readme")).toEqual(["garden/README.md", "kitchen/README.md"]);
  expect((await files.find("readme", 20)).map(({ path: place }) => place)).toEqual(
    ["garden", "kitchen"].map((name) => path.join(base, name, "README.md")),
  );
  expect((await shown(files, "planmd"))[0]).toBe("kitchen/plan.md");
  expect((await shown(files, "kitchen/pl"))[0]).toBe("kitchen/plan.md");
  expect(await files.within(path.join(base, "kitchen", "soups"))).toEqual(["soups/leek.md"]);
});
