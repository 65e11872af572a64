import * as vscode from "vscode";
import { AppError } from "../../base/appError.ts";

interface Manifest {
  contributes?: { menus?: { "view/item/context"?: { command?: string }[] } };
}

/** The commands that the menus of rows offer. */
export function rowCommands(manifest: Manifest): Set<string> {
  const items = manifest.contributes?.menus?.["view/item/context"] ?? [];
  return new Set(items.flatMap(({ command }) => (command === undefined ? [] : [command])));
}

/**
 * Throws `conflict` where a row's command has lost its row. While a tree is drawn anew the editor hands over `undefined` in its place
 * (microsoft/vscode#144250); from the palette, and by a key, there is no argument at all. What is selected is not what was meant.
 */
export function demandRow(args: readonly unknown[]): void {
  if (args.length > 0 && args[0] === undefined)
    throw new AppError(
      "conflict",
      vscode.l10n.t("The list was being drawn anew just then, so nothing was done. Choose it once more."),
    );
}
