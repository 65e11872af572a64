import { lstat } from "node:fs/promises";
import { resolve } from "node:path";
import { areReadable } from "./readableWords.ts";

export interface GitWords {
  revisions: string[];
  paths: string[];
}

interface GitPlace {
  workspace: string;
  takes: "nothing" | "paths" | "revisions" | "both";
  /** Revisions stay as they are, where only their names are printed. */
  namesOnly?: boolean;
}

/**
 * A git command's words, told apart: revisions that can only be commits, or a file of one, and readable paths. `loose`
 * words stood before "--" and may be either. Undefined when one is something else, such as the name of a stored object,
 * whose content might be that of a protected file.
 */
export async function gitWords(
  { loose, paths }: { loose: string[]; paths: string[] },
  { workspace, takes, namesOnly = false }: GitPlace,
): Promise<GitWords | undefined> {
  const words: GitWords = { revisions: [], paths: [...paths] };
  for (const word of loose) {
    if (takes === "paths" || (takes === "both" && (await isThere(word, workspace)))) {
      words.paths.push(word);
      continue;
    }
    const revision = toRevision(word);
    if (revision === undefined) return undefined;
    const file = /^[^:]+:\.\/(.*)$/s.exec(revision)?.[1];
    // It may be a folder: what git finds in it, it names from there on, and what is left out is told by its whole path.
    if (file !== undefined && (takes !== "revisions" || !(await areReadable([file], workspace)))) return undefined;
    words.revisions.push(namesOnly ? word : revision);
  }
  if (words.revisions.length > 0 && (takes === "nothing" || takes === "paths")) return undefined;
  if (words.paths.length > 0 && (takes === "nothing" || takes === "revisions")) return undefined;
  if (words.paths.some((path) => /[:*?[\\]/.test(path) || path.startsWith("-"))) return undefined;
  return (await areReadable(words.paths, workspace)) ? words : undefined;
}

/** Whether there is something of that name, even a link that leads out. */
async function isThere(word: string, workspace: string): Promise<boolean> {
  return await lstat(resolve(workspace, word)).then(
    () => true,
    () => false,
  );
}

const COMMIT = /^(@|[A-Za-z0-9_][\w/+-]*(\.[\w/+-]+)*)(@\{[\w/-]+\})?([~^]\d*)*$/;

/** "main" -> "main^{commit}", a range by its two ends, "HEAD:a.txt" -> "HEAD:./a.txt", from the folder it is asked in. */
function toRevision(word: string): string | undefined {
  const file = /^([^:]+):(?:\.\/)?([^:/][^:]*)$/s.exec(word);
  if (file) return COMMIT.test(file[1]!) && isPlainPath(file[2]!) ? `${file[1]}:./${file[2]}` : undefined;
  const range = /^(.*?)(\.{2,3})(.*)$/s.exec(word);
  const ends = range ? [range[1]!, range[3]!] : [word];
  if (!ends.every((end) => (range !== null && end === "") || COMMIT.test(end))) return undefined;
  return ends.map((end) => (end === "" ? "" : `${end}^{commit}`)).join(range?.[2] ?? "");
}

function isPlainPath(path: string): boolean {
  return path.split("/").every((name) => name !== "..");
}
