import * as vscode from "vscode";
import type { ChangedHunk } from "../../protocol/checkpoint.ts";

/** What of a file's changes is still to be looked at. */
type Open = (uri: vscode.Uri) => ChangedHunk[];

/**
 * Keeping and putting back where the editor shows no code lens, which is in every comparison unless the user has set
 * otherwise: a hint at each change, and both as links when one points there.
 */
export class HunkHints implements vscode.HoverProvider, vscode.Disposable {
  readonly #open: Open;
  readonly #hint = vscode.window.createTextEditorDecorationType({});
  readonly #disposables: vscode.Disposable;

  constructor(open: Open) {
    this.#open = open;
    this.#disposables = vscode.Disposable.from(
      this.#hint,
      vscode.languages.registerHoverProvider({ scheme: "file" }, this),
      vscode.window.onDidChangeVisibleTextEditors(() => this.draw()),
    );
  }

  /** As the changes are now. */
  draw(): void {
    const contentText = vscode.l10n.t("Point here to keep it or put it back");
    const after = { contentText, margin: "0 0 0 3em", color: new vscode.ThemeColor("editorCodeLens.foreground") };
    for (const editor of vscode.window.visibleTextEditors) {
      const hunks = isInComparison(editor) ? this.#open(editor.document.uri) : [];
      const hints = hunks.map(({ nowStart }) => {
        const { range } = editor.document.lineAt(Math.min(Math.max(0, nowStart - 1), editor.document.lineCount - 1));
        return { range: new vscode.Range(range.end, range.end), renderOptions: { after } };
      });
      editor.setDecorations(this.#hint, hints);
    }
  }

  provideHover({ uri }: vscode.TextDocument, { line }: vscode.Position): vscode.Hover | undefined {
    const hunk = this.#open(uri).find((one) => isAt(one, line + 1));
    if (!hunk) return undefined;
    const given = encodeURIComponent(JSON.stringify([uri.toString(), hunk.id]));
    const link = (title: string, command: string) => `[${title}](command:${command}?${given})`;
    const text = new vscode.MarkdownString(
      [
        link(vscode.l10n.t("Keep this change"), "pincer.keepChange"),
        link(vscode.l10n.t("Put this change back"), "pincer.revertChange"),
      ].join(" | "),
    );
    text.isTrusted = { enabledCommands: ["pincer.keepChange", "pincer.revertChange"] };
    return new vscode.Hover(text);
  }

  dispose(): void {
    this.#disposables.dispose();
  }
}

/** What was taken away is at the line that came in its place. */
export function isAt({ nowStart, nowLines }: ChangedHunk, line: number): boolean {
  return line >= nowStart && line < nowStart + Math.max(1, nowLines);
}

/** A side of a comparison is in no column of its own. */
function isInComparison({ viewColumn }: vscode.TextEditor): boolean {
  return viewColumn === undefined;
}
