import { expect, test } from "vitest";
import type { Approval } from "../../../src/protocol/approval.ts";
import { answerProposal, openProposal } from "../../../src/vscode/choices/proposal.ts";
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
  const address = (
    screen.commands.find(([name, key]) => name === "setContext" && key === "pincer.proposals")![2] as string[]
  )[0]!;
  expect(screen.commands.map(([name]) => name)).toEqual(["setContext", command]);
  tabs.push({ input: toInput(address) }, { input: { uri: "file:///src/a.md" } }, { input: {} });
  await answerProposal(parts.approvals, "deny", "pincer-text://99/other");
  expect(answered).toEqual([]);
  await answerProposal(parts.approvals, "deny", address);
  expect(answered).toEqual([[approval.id, "deny"]]);
  settle("another");
  expect(tabs).toHaveLength(3);
  settle(approval.id);
  expect(tabs.map(({ input }) => input)).toEqual([{ uri: "file:///src/a.md" }, {}]);
  expect(screen.commands.at(-1)).toEqual(["setContext", "pincer.proposals", []]);
});
