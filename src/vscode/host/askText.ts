import * as vscode from "vscode";

/** One line of text, trimmed; undefined when cancelled. `missing` says what to type when it is empty. */
export async function askText(question: {
  title: string;
  missing: string;
  value?: string;
  prompt?: string;
  placeHolder?: string;
}): Promise<string | undefined> {
  const { missing, ...options } = question;
  const text = await vscode.window.showInputBox({
    ...options,
    ignoreFocusOut: true,
    validateInput: (typed) => (typed.trim() ? undefined : missing),
  });
  return text?.trim();
}
