import * as vscode from "vscode";
import { visible } from "../../base/text/visible.ts";
import type { VirtualDocuments } from "../documents/virtualDocuments.ts";
import { askOfText } from "./askOfText.ts";

interface ConfigWidening {
  file: string;
  changes: { key: string; value: string }[];
}

/** Asks whether a workspace's openclaw.yml may have what it asks for beyond the user's own; no answer means no. */
export function confirmWidening(
  documents: Pick<VirtualDocuments, "openText">,
  { file, changes }: ConfigWidening,
): Promise<boolean> {
  const text = [
    visible(file),
    wideningText(changes),
    vscode.l10n.t("Allow exactly this? If the file changes, you are asked again. Otherwise the rest of it applies."),
  ].join("\n\n");
  return askOfText(documents, {
    question: vscode.l10n.t("This folder's openclaw.yml asks for more than your own configuration allows."),
    page: "openclaw.txt",
    text,
    names: changes.map(({ key }) => keyText(key)),
    allow: vscode.l10n.t("Allow"),
  });
}

/** Every key with its whole value, a line each: what is allowed is what is read, so nothing is cut. */
export function wideningText(changes: ConfigWidening["changes"]): string {
  return changes.map(({ key, value }) => `${keyText(key)}: ${visible(value)}`).join("\n");
}

function keyText(key: string): string {
  return visible(key).replace(/\s*\n\s*/g, " ⏎ ");
}
