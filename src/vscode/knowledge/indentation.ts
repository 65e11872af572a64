import * as vscode from "vscode";

/** Beyond these lines the rest is as those are. */
const MOST_LINES = 10_000;
const WIDEST = 8;

/** How a document is indented: as its editor shows it where it is shown, else as its settings say and its lines are. */
export function indentationOf(document: vscode.TextDocument): vscode.FormattingOptions {
  const shown = vscode.window.visibleTextEditors.find((editor) => editor.document === document)?.options;
  if (typeof shown?.tabSize === "number" && typeof shown.insertSpaces === "boolean")
    return { tabSize: shown.tabSize, insertSpaces: shown.insertSpaces };
  const settings = vscode.workspace.getConfiguration("editor", document);
  const told = { tabSize: settings.get("tabSize", 4), insertSpaces: settings.get("insertSpaces", true) };
  return settings.get("detectIndentation", true) ? { ...told, ...indentationIn(document.getText()) } : told;
}

/** What the lines of a text say of it: whether more begin with a blank than with a tab, and by how many blanks most go further in. */
export function indentationIn(text: string): Partial<vscode.FormattingOptions> {
  const steps = new Map<number, number>();
  let tabs = 0;
  let blanks = 0;
  let before = 0;
  for (const line of text.split("\n", MOST_LINES)) {
    if (line.trim() === "") continue;
    if (line.startsWith("\t")) tabs += 1;
    const depth = /^ */.exec(line)![0].length;
    if (depth > 1) blanks += 1;
    const step = depth - before;
    if (step > 1 && step <= WIDEST) steps.set(step, (steps.get(step) ?? 0) + 1);
    before = depth;
  }
  if (tabs === 0 && blanks === 0) return {};
  if (tabs > blanks) return { insertSpaces: false };
  const [most] = [...steps].toSorted(([, some], [, others]) => others - some);
  return { insertSpaces: true, ...(most ? { tabSize: most[0] } : {}) };
}
