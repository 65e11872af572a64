import * as vscode from "vscode";

const ANSWER_MS = 500;

/**
 * The row of a tree that has the focus: what a key is meant for. The editor tells extensions only what is selected, so the
 * focused row is toggled, found as what changed, and the selection is put back. With no focus, the first selected row.
 */
export async function focusedRow<T>(view: vscode.TreeView<T>): Promise<T | undefined> {
  const before = view.selection;
  const changed = await toggleFocused(view);
  if (!changed) return before[0];
  const row =
    view.selection.find((each) => !before.includes(each)) ?? before.find((each) => !view.selection.includes(each));
  await toggleFocused(view);
  return row ?? before[0];
}

/** Whether the selection changed. */
async function toggleFocused<T>(view: vscode.TreeView<T>): Promise<boolean> {
  const change = Promise.withResolvers<boolean>();
  const listening = view.onDidChangeSelection(() => change.resolve(true));
  const limit = setTimeout(() => change.resolve(false), ANSWER_MS);
  await vscode.commands.executeCommand("list.toggleSelection");
  const changed = await change.promise;
  clearTimeout(limit);
  listening.dispose();
  return changed;
}
