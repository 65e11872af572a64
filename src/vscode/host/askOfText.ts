import * as vscode from "vscode";
import type { VirtualDocuments } from "../documents/virtualDocuments.ts";
import { withoutLinks } from "./plainText.ts";

export interface TextQuestion {
  question: string;
  /** What the page is called, where there is one. */
  page: string;
  /** What is allowed, all of it. */
  text: string;
  /** What it is about in a few names, the one that matters most first. */
  names: string[];
  /** The answer that is a yes. */
  allow: string;
}

// What an editor's dialog shows of a text on a small screen, with its buttons.
const MOST_LINES = 15;
const MOST_CHARACTERS = 1500;
const MOST_NAMES = 8;

/**
 * Asks about a text that was to be read: in a dialog, or, where it would not fit into one, in a page beside which a short
 * question stays until it is answered. No answer means no.
 */
export async function askOfText(
  documents: Pick<VirtualDocuments, "openText">,
  { question, page, text, names, allow }: TextQuestion,
): Promise<boolean> {
  const yes = { title: allow };
  const no = { title: vscode.l10n.t("Not now"), isCloseAffordance: true };
  const isShort = text.length <= MOST_CHARACTERS && text.split("\n").length <= MOST_LINES;
  if (isShort) {
    const options = { modal: true, detail: text };
    return (await vscode.window.showWarningMessage<vscode.MessageItem>(question, options, yes, no)) === yes;
  }
  await documents.openText(page, `${text}\n`);
  const more = names.length > MOST_NAMES ? [`… (${names.length})`] : [];
  const said = [...names.slice(0, MOST_NAMES), ...more].join(", ");
  const about = vscode.l10n.t("{0} The page that was opened has all of it: {1}", question, said);
  // A warning is out of sight after some moments, whatever its buttons; an error is there until somebody answers.
  return (await vscode.window.showErrorMessage<vscode.MessageItem>(withoutLinks(about), yes, no)) === yes;
}
