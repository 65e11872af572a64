import * as vscode from "vscode";

const ANSWER_MS = 500;
const MOST_TRIES = 4;

/**
 * The row of a tree that has the focus: what a key is meant for. The editor tells extensions only what is selected, so the
 * focused row is toggled, found as what changed, and the selection is put back. With no focus, the first selected row. For keys
 * that are pressed in the tree alone: the editor toggles in the list that had the focus last, which else is any other.
 */
export async function focusedRow<T>(view: vscode.TreeView<T>): Promise<T | undefined> {
  for (let tries = MOST_TRIES; ; tries -= 1) {
    const before = view.selection;
    if (!(await toggleFocused(view))) return before[0];
    const toggled = differing(before, view.selection);
    await toggleFocused(view);
    // Another selection may come between, as when the tree follows the chat: then it is no row alone, or does not go back.
    const isAlone = toggled.length === 1 && differing(before, view.selection).length === 0;
    if (isAlone || tries === 1) return toggled[0] ?? before[0];
  }
}

/**
 * The row that a key was pressed on, of what its keybinding hands over: the editor puts the row that had the focus then in the
 * place of `{ "$treeViewId": "pincer.cron", "$focusedTreeItem": true }`. Undefined where it did not.
 */
export function pressedRow(given: unknown): unknown {
  const isRow = typeof given === "object" && given !== null && !("$treeViewId" in given);
  return isRow ? given : undefined;
}

function differing<T>(before: readonly T[], after: readonly T[]): T[] {
  return [...after.filter((each) => !before.includes(each)), ...before.filter((each) => !after.includes(each))];
}

/** Whether the selection changed. */
async function toggleFocused<T>(view: vscode.TreeView<T>): Promise<boolean> {
  const change = Promise.withResolvers<boolean>();
  const listening = view.onDidChangeSelection(() => change.resolve(true));
  await vscode.commands.executeCommand("list.toggleSelection");
  // From here on: what the command takes on a busy machine is no sign that nothing has the focus.
  const limit = setTimeout(() => change.resolve(false), ANSWER_MS);
  const changed = await change.promise;
  clearTimeout(limit);
  listening.dispose();
  return changed;
}
