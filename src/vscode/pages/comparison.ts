import { fencedMarkdown, plainMarkdown } from "../../base/text/markdown.ts";
import type { Texts } from "../../base/text/texts.ts";
import { visible } from "../../base/text/visible.ts";

/** What one of several sub-agents with the same task did. */
export interface Compared {
  name: string;
  state: string;
  /** Absent while it is at work. */
  seconds?: number;
  tokens: number;
  costUsd: number | null;
  knownUsd?: number | undefined;
  /** What it said last. */
  reply: string;
  /** All that differs in its worktree; absent where it has none. */
  patch?: string;
}

/** A page of Markdown: the figures side by side, then what each changed and said. */
export function comparisonText(title: string, given: Compared[], texts: Texts): string {
  const compared = given.map((one, at) => ({ ...one, name: ownName(given, at) }));
  const sections = compared.map(({ name, patch, reply }) =>
    [
      `## ${plainMarkdown(name)}`,
      ...(patch === undefined ? [] : [listFiles(patch, texts)]),
      reply === "" ? texts.t("(It has said nothing yet.)") : fencedMarkdown(visible(reply)),
    ].join("\n\n"),
  );
  return `${[`# ${plainMarkdown(title)}`, figures(compared, texts), ...sections].join("\n\n")}\n`;
}

/** As it is called; where others are called so, too, with its number. */
function ownName(compared: Compared[], at: number): string {
  const { name } = compared[at]!;
  return compared.filter((other) => other.name === name).length > 1 ? `${name} (${at + 1})` : name;
}

/** A table of Markdown, whose columns stand in line where it is read as text. */
function figures(compared: Compared[], texts: Texts): string {
  const { t, tAs } = texts;
  const rows = [
    ["", ...compared.map(({ name }) => name)],
    [t("State"), ...compared.map(({ state }) => state)],
    [t("Time"), ...compared.map(({ seconds }) => (seconds === undefined ? "-" : timeWords(seconds, texts)))],
    [t("Tokens"), ...compared.map(({ tokens }) => texts.number(tokens))],
    [t("Cost"), ...compared.map((used) => texts.cost(used) ?? t("not known"))],
    [
      tAs("files", "Changed"),
      ...compared.map(({ patch }) => (patch === undefined ? "-" : sumWords(changedFiles(patch), texts))),
    ],
  ].map((cells) => cells.map(toCell));
  const widths = rows[0]!.map((_, column) => Math.max(3, ...rows.map((cells) => cells[column]!.length)));
  const line = (cells: string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
  const [head, ...rest] = rows.map(line);
  return [head, line(widths.map((width) => "-".repeat(width))), ...rest].join("\n");
}

interface ChangedFile {
  path: string;
  added: number;
  removed: number;
}

/** The files of a patch as `git diff` prints it, with how many lines came and went. */
export function changedFiles(patch: string): ChangedFile[] {
  const files: ChangedFile[] = [];
  let inHunk = false;
  for (const line of patch.split("\n")) {
    const path = /^diff --git (?:"?a\/.*?"? )"?b\/(.*?)"?$/.exec(line)?.[1];
    if (path !== undefined && !(inHunk && /^[ +-]/.test(line))) {
      files.push({ path, added: 0, removed: 0 });
      inHunk = false;
    } else if (line.startsWith("@@ ")) inHunk = true;
    else if (inHunk && line.startsWith("+")) files.at(-1)!.added += 1;
    else if (inHunk && line.startsWith("-")) files.at(-1)!.removed += 1;
  }
  return files;
}

function listFiles(patch: string, { t }: Texts): string {
  const files = changedFiles(patch);
  if (files.length === 0) return t("No file is changed.");
  return files.map(({ path, added, removed }) => `- ${plainMarkdown(path)} (+${added} -${removed})`).join("\n");
}

function sumWords(files: ChangedFile[], { plural }: Texts): string {
  const sum = (of: (file: ChangedFile) => number) => files.reduce((total, file) => total + of(file), 0);
  const many = plural(files.length, "{0} file", "{0} files");
  return `${many}, +${sum(({ added }) => added)} -${sum(({ removed }) => removed)}`;
}

function timeWords(seconds: number, { t }: Texts): string {
  return seconds < 60
    ? t("{0} s", Math.round(seconds))
    : t("{0} min {1} s", Math.floor(seconds / 60), Math.round(seconds % 60));
}

function toCell(text: string): string {
  return text === "-" ? text : plainMarkdown(text).replaceAll("|", "\\|");
}
