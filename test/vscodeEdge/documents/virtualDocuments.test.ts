import { expect, test } from "vitest";
import { VirtualDocuments } from "../../../src/vscode/documents/virtualDocuments.ts";
import { openScreen, Uri, window, workspace } from "../editor/vscode.ts";

interface Parts {
  scheme: string;
  authority?: string;
  path: string;
}

const toUri = ({ scheme, authority = "", path }: Parts) => ({
  ...{ scheme, authority, path },
  toString: () => `${scheme}://${authority}${path}`,
});

/** The editor starts, with tabs that it has kept. */
function start(tabs: { input: unknown }[] = []) {
  openScreen();
  Object.assign(Uri, { from: toUri });
  Object.assign(workspace, { registerTextDocumentContentProvider: () => ({ dispose() {} }) });
  const close = (gone: object[]) => gone.forEach((tab) => tabs.splice(tabs.indexOf(tab as { input: unknown }), 1));
  Object.assign(window, { tabGroups: { all: [{ tabs }], close } });
  return new VirtualDocuments();
}

test("what was shown before a reload is never taken for what is shown now", () => {
  const before = start().add("notes.md", "old\n");
  const documents = start();
  const now = documents.add("notes.md", "new\n");
  expect(String(now)).not.toBe(String(before));
  expect(documents.provideTextDocumentContent(now)).toBe("new\n");
  expect(documents.provideTextDocumentContent(before)).toMatch(/earlier start/);
});

test("tabs of pages that are gone are closed, and no others", () => {
  const gone = toUri({ scheme: "pincer-text", authority: "1", path: "/notes.md" });
  const file = toUri({ scheme: "file", path: "/work/notes.md" });
  const kept = [{ input: { uri: file } }, { input: { original: file, modified: file } }, { input: undefined }];
  const tabs = [{ input: { uri: gone } }, ...kept, { input: { original: gone, modified: file } }];
  start(tabs);
  expect(tabs).toEqual(kept);
});
