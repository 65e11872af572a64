import * as vscode from "vscode";

/** One line of text, trimmed, of at most `most` characters; undefined when cancelled. `missing` says what to type when it is empty. */
export async function askText(question: {
  title: string;
  missing: string;
  most?: number;
  value?: string;
  prompt?: string;
  placeHolder?: string;
}): Promise<string | undefined> {
  const { missing, most = Infinity, ...options } = question;
  const text = await vscode.window.showInputBox({
    ...options,
    ignoreFocusOut: true,
    validateInput(typed) {
      if (typed.trim() === "") return missing;
      return typed.trim().length > most ? vscode.l10n.t("At most {0} characters", most) : undefined;
    },
  });
  return text?.trim();
}
