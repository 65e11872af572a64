import { expect, test } from "vitest";
import type { Approval } from "../../../src/protocol/approval.ts";
import { answerProposal, openProposal, proposeText } from "../../../src/vscode/choices/proposalDiff.ts";
import type { VirtualDocuments } from "../../../src/vscode/documents/virtualDocuments.ts";
import { editApproval } from "../../webview/sceneApprovals.ts";
import { openScreen, screen, window } from "../editor/vscode.ts";

/** Approvals that wait, and the tabs of an editor that draws a proposed change in its own way. */
function openEditor() {
  openScreen();
  const waiting = new Set<string>();
  const listeners = new Set<(count: number) => void>();
  const answered: unknown[] = [];
  const tabs: { input: object }[] = [];
  const close = (gone: object[]) => gone.forEach((tab) => tabs.splice(tabs.indexOf(tab as { input: object }), 1));
  Object.assign(window, { tabGroups: { all: [{ tabs }], activeTabGroup: { activeTab: tabs[0] }, close } });
  let next = 0;
  const documents = { add: (name: string) => `pincer-text://${(next += 1)}/${name}` } as unknown as VirtualDocuments;
  const approvals = {
    isWaiting: (id: string) => waiting.has(id),
    onDidChange(listener: (count: number) => void) {
      listeners.add(listener);
      return { dispose: () => void listeners.delete(listener) };
    },
    answer: async ({ id }: Approval, { decision }: { decision: string }) => void answered.push([id, decision]),
  };
  const settle = (id: string) => {
    waiting.delete(id);
    for (const listener of listeners) listener(waiting.size);
  };
  return { waiting, answered, tabs, settle, parts: { approvals, documents } };
}

/** What the editor's menus are told: the addresses of changes that wait. */
const proposals = () =>
  screen.commands.findLast(([name, key]) => name === "setContext" && key === "pincer.proposals")![2] as string[];

test.each([
  ["a comparison", "old\n", "vscode.diff", (uri: string) => ({ original: "", modified: uri })],
  ["a new file", "", "vscode.open", (uri: string) => ({ uri })],
  ["a preview that the user chose for such files", "", "vscode.open", (uri: string) => ({ uri, viewType: "preview" })],
])("a proposed change shown as %s is answered there, and its tab alone is closed once it is", async (...row) => {
  const [, before, command, toInput] = row;
  const { waiting, answered, tabs, settle, parts } = openEditor();
  const approval = { ...editApproval("run"), id: `a ${row[0]}` };
  waiting.add(approval.id);
  await openProposal(parts, approval, { type: "edit", path: "src/a.md", before, after: "new\n" });
  // What other tests of this process have left waits, too.
  const address = proposals().at(-1)!;
  expect(screen.commands.map(([name]) => name)).toEqual(["setContext", command]);
  expect(screen.commands.at(-1)).toContainEqual({ preview: false });
  tabs.push({ input: toInput(address) }, { input: { uri: "file:///src/a.md" } }, { input: {} });
  await answerProposal("deny", "pincer-text://99/other");
  expect(answered).toEqual([]);
  await answerProposal("deny", address);
  expect(answered).toEqual([[approval.id, "deny"]]);
  settle("another");
  expect(tabs).toHaveLength(3);
  settle(approval.id);
  expect(tabs.map(({ input }) => input)).toEqual([{ uri: "file:///src/a.md" }, {}]);
  expect(screen.commands.at(-1)?.slice(0, 2)).toEqual(["setContext", "pincer.proposals"]);
  expect(proposals()).not.toContain(address);
});

test("code of an answer is put into the file once its comparison is accepted, and waits on where it cannot be", async () => {
  const { tabs, parts } = openEditor();
  const made: string[] = [];
  let isChanged = true;
  const make = async () => {
    if (isChanged) throw new Error("a.md has changed in the meantime");
    made.push("new\n");
  };
  await proposeText(parts.documents, { path: "src/a.md", before: "old\n", after: "new\n" }, make);
  const address = proposals()[0]!;
  tabs.push({ input: { original: "", modified: address } }, { input: { uri: "file:///src/a.md" } });
  await expect(answerProposal("allow", address)).rejects.toThrow("has changed");
  expect(proposals()).toEqual([address]);
  expect(tabs).toHaveLength(2);
  isChanged = false;
  await Promise.all([answerProposal("allow", address), answerProposal("allow", address)]);
  expect(made).toEqual(["new\n"]);
  expect(proposals()).toEqual([]);
  expect(tabs).toEqual([{ input: { uri: "file:///src/a.md" } }]);
});

test("code of an answer whose comparison is closed, or is rejected, changes nothing and waits no more", async () => {
  const { tabs, parts } = openEditor();
  const make = () => Promise.reject(new Error("made"));
  const propose = () => proposeText(parts.documents, { path: "a.md", before: "", after: "new\n" }, make);
  await propose();
  const closed = proposals()[0]!;
  await propose();
  const rejected = proposals()[0]!;
  expect(proposals()).toHaveLength(1);
  tabs.push({ input: { uri: rejected } });
  await answerProposal("allow", closed);
  await answerProposal("deny", rejected);
  expect([proposals(), tabs]).toEqual([[], []]);
});
