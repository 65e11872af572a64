import * as vscode from "vscode";
import { nameTable } from "../../base/nameTable.ts";

const COLOURS = nameTable<string>({
  error: "list.errorForeground",
  warning: "list.warningForeground",
  "bell-dot": "list.warningForeground",
  pass: "testing.iconPassed",
});

/** The icon of a row's state, in the colour that this has in every tree: what failed is seen from afar. */
export function stateIcon(id: string): vscode.ThemeIcon {
  const colour = COLOURS[id];
  return new vscode.ThemeIcon(id, colour === undefined ? undefined : new vscode.ThemeColor(colour));
}
