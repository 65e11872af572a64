import * as vscode from "vscode";

/** Closes all that shows such a page, wherever it is, and nothing else. */
export function closeTabs(isPage: (uri: vscode.Uri) => boolean): void {
  const found = tabsOf(isPage);
  if (found.length > 0) void vscode.window.tabGroups.close(found);
}

export function tabsOf(isPage: (uri: vscode.Uri) => boolean): vscode.Tab[] {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  return tabs.filter((tab) => urisOf(tab).some(isPage));
}

/** Whatever draws it: a person may have chosen a preview or a notebook for such files. */
export function urisOf(tab: vscode.Tab | undefined): vscode.Uri[] {
  const { uri, original, modified } = (tab?.input ?? {}) as Record<string, vscode.Uri | undefined>;
  return [uri, original, modified].filter((one) => one !== undefined);
}
