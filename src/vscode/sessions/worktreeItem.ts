import * as vscode from "vscode";
import { stateIcon } from "../trees/stateIcon.ts";
import { toTooltip } from "../words/tooltip.ts";
import { editorTexts } from "../words/editorTexts.ts";
import { sizeWords } from "../../base/text/sizeWords.ts";
import type { WorktreeState } from "../../protocol/worktree.ts";

/** How large a worktree is, and what is in it. */
export function worktreeWords({ state, ahead, uncommitted, sizeBytes }: WorktreeState): string {
  const commits = editorTexts().plural(ahead, "{0} commit", "{0} commits");
  const files = editorTexts().plural(uncommitted, "{0} file not committed", "{0} files not committed");
  const what = state === "missing" ? [vscode.l10n.t("not there any more")] : [commits, files];
  return [sizeWords(sizeBytes), ...what].join(" · ");
}

/** How a worktree looks in the tree. */
export function toWorktreeItem(worktree: WorktreeState): vscode.TreeItem {
  const { name, branch, repository, path, notes, state, sessionKey } = worktree;
  const item = new vscode.TreeItem(name);
  item.id = name;
  item.description = worktreeWords(worktree);
  item.iconPath = stateIcon(state === "missing" ? "warning" : "git-branch");
  item.contextValue = ["worktree", state, ...(sessionKey ? ["used"] : [])].join(";");
  item.accessibilityInformation = { label: [name, item.description].join(", ") };
  item.tooltip = toTooltip([branch, repository, path, ...notes]);
  if (state === "ok")
    item.command = {
      command: "pincer.diffWorktree",
      title: vscode.l10n.t("Show what is different"),
      arguments: [{ worktree: name }],
    };
  return item;
}
