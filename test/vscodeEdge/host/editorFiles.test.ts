import { expect, test } from "vitest";
import { createEditorFiles } from "../../../src/vscode/host/editorFiles.ts";
import type { Presence } from "../../../src/vscode/host/presence.ts";
import { saveDocument, Uri } from "../editor/vscode.ts";

test("what is saved in the editor is told by its path, while somebody listens: texts and notebooks, of the disk alone", () => {
  const told: string[] = [];
  const listening = createEditorFiles({ isThere: true } as Presence).onSave!((path) => told.push(path));
  saveDocument(Uri.file("/ws/a.txt"));
  saveDocument(Uri.file("/ws/b.ipynb"), true);
  saveDocument({ ...Uri.file("c"), scheme: "untitled" });
  listening.dispose();
  saveDocument(Uri.file("/ws/d.txt"));
  expect(told.map((path) => path.replaceAll("\\", "/"))).toEqual(["/ws/a.txt", "/ws/b.ipynb"]);
});
