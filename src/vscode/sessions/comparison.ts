/** What one of several sub-agents with the same task did. */
export interface Compared {
  name: string;
  state: string;
  /** Absent while it is at work. */
  seconds?: number;
  tokens: number;
  costUsd: number | null;
  /** What it said last. */
  reply: string;
  /** All that differs in its worktree; absent where it has none. */
  patch?: string;
}

/** A page of Markdown: the figures side by side, then what each changed and said. */
export function comparisonText(title: string, compared: Compared[]): string {
  const row = (name: string, cell: (one: Compared) => string) =>
    `| ${name} | ${compared.map((one) => toCell(cell(one))).join(" | ")} |`;
  const sections = compared.map((one) =>
    [
      `## ${one.name}`,
      ...(one.patch === undefined ? [] : [listFiles(one.patch)]),
      one.reply || "(It has said nothing yet.)",
    ].join("\n\n"),
  );
  return `${[
    `# ${title}`,
    [
      row("", ({ name }) => name),
      `|---|${compared.map(() => "---|").join("")}`,
      row("State", ({ state }) => state),
      row("Time", ({ seconds }) => (seconds === undefined ? "-" : timeWords(seconds))),
      row("Tokens", ({ tokens }) => tokens.toLocaleString("en")),
      row("Cost", ({ costUsd }) => (costUsd === null ? "not known" : `$${costUsd.toFixed(4)}`)),
      row("Changed", ({ patch }) => (patch === undefined ? "-" : sumWords(changedFiles(patch)))),
    ].join("\n"),
    ...sections,
  ].join("\n\n")}\n`;
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

function listFiles(patch: string): string {
  const files = changedFiles(patch);
  if (files.length === 0) return "No file is changed.";
  return files.map(({ path, added, removed }) => `- ${path} (+${added} -${removed})`).join("\n");
}

function sumWords(files: ChangedFile[]): string {
  const sum = (of: (file: ChangedFile) => number) => files.reduce((total, file) => total + of(file), 0);
  const many = files.length === 1 ? "1 file" : `${files.length} files`;
  return `${many}, +${sum(({ added }) => added)} -${sum(({ removed }) => removed)}`;
}

function timeWords(seconds: number): string {
  return seconds < 60 ? `${Math.round(seconds)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

function toCell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
