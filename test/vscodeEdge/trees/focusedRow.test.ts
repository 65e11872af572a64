import { afterEach, expect, test, vi } from "vitest";
import * as vscode from "vscode";
import { focusedRow } from "../../../src/vscode/trees/focusedRow.ts";

afterEach(() => void vi.restoreAllMocks());

/** A tree whose focused row is Garden; `between` happens before the toggle of that number. */
function openTree(selected: string[], between: Record<number, string[]> = {}) {
  const changes = new vscode.EventEmitter<vscode.TreeViewSelectionChangeEvent<string>>();
  const view = { selection: selected, onDidChangeSelection: changes.event };
  const select = (selection: string[]) => {
    view.selection = selection;
    changes.fire({ selection });
  };
  let toggles = 0;
  vi.spyOn(vscode.commands, "executeCommand").mockImplementation(async () => {
    toggles += 1;
    const other = between[toggles];
    if (other) select(other);
    const { selection } = view;
    select(selection.includes("Garden") ? selection.filter((row) => row !== "Garden") : [...selection, "Garden"]);
  });
  return view as unknown as vscode.TreeView<string> & { selection: string[] };
}

test.each([
  ["nothing is selected", [], {}, []],
  ["another is selected", ["Main"], {}, ["Main"]],
  ["it is selected as well", ["Main", "Garden"], {}, ["Main", "Garden"]],
  ["the tree follows the chat meanwhile", ["Rake"], { 1: ["Main"] }, ["Main"]],
  ["the tree follows the chat from nothing meanwhile", [], { 1: ["Main"] }, ["Main"]],
  ["the tree follows the chat before it is put back", ["Rake"], { 2: ["Main"] }, ["Main", "Garden"]],
])("the focused row is found where %s", async (_, selected, between, after) => {
  const tree = openTree(selected, between);
  expect(await focusedRow(tree)).toBe("Garden");
  expect([...tree.selection].toSorted()).toEqual(after.toSorted());
});
