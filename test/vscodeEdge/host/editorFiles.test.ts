import { join } from "node:path";
import { expect, test } from "vitest";
import { createEditorFiles } from "../../../src/vscode/host/editorFiles.ts";
import type { Presence } from "../../../src/vscode/host/presence.ts";
import { tempFolder } from "../../tools/toolContext.ts";
import { saveDocument, Uri, workspace } from "../editor/vscode.ts";

test("what is saved in the editor is told by its path and text, while somebody listens: texts and notebooks, of the disk alone", () => {
  const told: [path: string, text?: string][] = [];
  const listening = createEditorFiles({ isThere: true } as Presence).onSave!((...saved) => told.push(saved));
  saveDocument(Uri.file("/ws/a.txt"), false, "mine");
  saveDocument(Uri.file("/ws/b.ipynb"), true);
  saveDocument({ ...Uri.file("c"), scheme: "untitled" });
  listening.dispose();
  saveDocument(Uri.file("/ws/d.txt"));
  expect(told.map(([path, text]) => [path.replaceAll("\\", "/"), text])).toEqual([
    ["/ws/a.txt", "mine"],
    ["/ws/b.ipynb", undefined],
  ]);
});

test("what a failed save has formatted is not put back by places that are others by now", async () => {
  const path = join(tempFolder({ a: "one" }), "a");
  let text = "one";
  let edits = 0;
  const document = {
    ...{ uri: Uri.file(path), encoding: "utf8", getText: () => text, positionAt: (at: number) => at },
    get isDirty() {
      return edits > 0;
    },
    save: async () => {
      text = `// Formatted\n${text}`;
      return false;
    },
  };
  const applyEdit = async () => {
    edits += 1;
    text = "two";
    return true;
  };
  Object.assign(workspace, { textDocuments: [document], applyEdit });
  const presence = { isThere: true, ask: async (question: () => unknown) => await question() };
  const files = createEditorFiles(presence as unknown as Presence);
  await expect(files.writeText(path, "two", "one")).rejects.toThrow(
    /could not be saved; its page in the editor holds the change, unsaved$/,
  );
  expect([text, edits]).toEqual(["// Formatted\ntwo", 1]);
});
