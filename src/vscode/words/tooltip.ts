import * as vscode from "vscode";
import { visibleData } from "../../base/text/visible.ts";

/** A tooltip of paragraphs, each as text: what looks like a link or a picture there stays what it is. */
export function toTooltip(paragraphs: string[]): vscode.MarkdownString {
  return new vscode.MarkdownString(paragraphs.map(tooltipText).join("\n\n"));
}

/** Text for a tooltip of Markdown, in which nothing hides or reorders words. The editor's own `appendText` ties the words together, and breaks long lines in the middle of one. */
export function tooltipText(text: string): string {
  const tied = new vscode.MarkdownString().appendText(visibleData(text)).value;
  return tied.replaceAll(/(?<=\S)&nbsp;(?=[^\s&])/g, " ");
}
