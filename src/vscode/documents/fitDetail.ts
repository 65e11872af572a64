import * as vscode from "vscode";
import type { VirtualDocuments } from "./virtualDocuments.ts";

/** As many lines of this length as a question shows without being larger than its window. */
const MOST_LINES = 15;
const LINE = 80;

/**
 * What a question says beneath. Where it has no room for the lines, `short` stands in their place and they are opened as a document: their
 * end would be out of sight, and the buttons with it.
 */
export async function fitDetail(
  documents: Pick<VirtualDocuments, "openText">,
  name: string,
  lines: string[],
  short: string[],
): Promise<string> {
  const drawn = lines.join("\n").split("\n");
  const height = drawn.reduce((sum, { length }) => sum + Math.max(1, Math.ceil(length / LINE)), 0);
  if (height <= MOST_LINES) return lines.join("\n");
  await documents.openText(name, lines.join("\n"));
  return [...short, vscode.l10n.t("All of it is in the document that is open now.")].join("\n");
}
