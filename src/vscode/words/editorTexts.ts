import * as vscode from "vscode";
import { createTexts, type Language, type Texts } from "../../base/text/texts.ts";

let texts: Texts | undefined;

/** For counts, which `l10n.t` does not know, and for what is written without the editor at hand. */
export function editorTexts(): Texts {
  return (texts ??= createTexts(editorLanguage()));
}

/** The editor's language never changes while it runs. */
export function editorLanguage(): Language {
  return { language: vscode.env.language, texts: vscode.l10n.bundle ?? {} };
}
