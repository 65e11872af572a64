import { lstat } from "node:fs/promises";
import { resolve } from "node:path";
import picomatch from "picomatch";
import { protectedReason, SETTING_FILES, SETTING_FOLDERS } from "../../rules/protectedPath.ts";
import { SECRET_FILES, SECRET_FOLDERS, SECRET_PATHS } from "../../rules/secretNames.ts";
import { expandedWords, roughPaths } from "../../shell/roughPaths.ts";
import { type Dialect, parseShellLine } from "../../shell/shellLine.ts";
import { withoutTexts } from "../../shell/withoutTexts.ts";
import { ownWords } from "../../shell/wordPrograms.ts";
import { foldersOf } from "./namedFiles.ts";
import type { NamedLine } from "./namedPlaces.ts";
import { shellPattern } from "./patternMeanings.ts";
import { reachedReason } from "./reachedReason.ts";

/** The first thing in a command that looks like a protected path. */
export async function namedProtected(line: NamedLine): Promise<string | undefined> {
  const { workspace: cwd, dialect } = line;
  const command = withoutTexts(line.command, dialect);
  const paths = roughPaths(command, dialect);
  const isHere = isOfFilesHere(command, dialect, paths);
  let folders: string[] | undefined;
  for (const path of paths) {
    const reason = protectedReason(path, "write");
    if (!reason) continue;
    // "credentials" and "kubeconfig" are words as well.
    const isName = isHere && /^(\.\/)?([\w-]+\/)*[\w-]+$/.test(path) && protectedReason(path, "read") !== undefined;
    if (!isName && !isVariables(path, dialect)) return reason;
    folders ??= await foldersOf([...new Set(paths)], cwd);
    if (await isIn(folders.map((folder) => resolve(cwd, folder, path)))) return reason;
  }
  // No shell makes anything of a pattern behind the letters of an option.
  const words = new Set(expandedWords(command, dialect).filter((word) => !word.startsWith("-") && /[*?[]/.test(word)));
  if (words.size > MOST_PATTERNS) return `of ${words.size} patterns each may stand for what is protected`;
  const meant = [...words].map(protectedByPattern).find((reason) => reason !== undefined);
  return meant ?? (await reachedReason(await line.places(), cwd));
}

/** Whether it is what a program calls its environment, also as a regular expression: "process\.env". */
function isVariables(path: string, dialect: Dialect): boolean {
  const name = dialect === "posix" ? path : path.replaceAll("/", "");
  return /^[^\w/]*(process|import\.meta|deno|bun)\??\.env(\.\w+)?$/i.test(name);
}

// What has no other place to find a file of a name than the folder it works in, as git's history, an archive or another machine.
const LOCAL = new Set(
  (
    "node tsx vitest jest mocha ava playwright cypress pytest tox cargo go dotnet mvn gradle make just rake " +
    "rspec phpunit composer echo printf true cat head tail wc ls grep rg sort uniq tee cd mkdir touch"
  ).split(" "),
);

/** Whether a name in a command can only be that of a file in the folders that it names. */
function isOfFilesHere(command: string, dialect: Dialect, paths: string[]): boolean {
  if (/[$`~%]/.test(command)) return false;
  if (paths.some((path) => /^([\\/]|[a-z]:)|(^|[\\/])\.\.([\\/]|$)/i.test(path))) return false;
  const parsed = parseShellLine(command, dialect);
  if (!parsed.understood) return false;
  return parsed.commands.every(({ words, wrappers }) => {
    const [program, task] = ownWords(words);
    const [name = "", verb = ""] = [program?.text, task?.text];
    const isTask = /^(npm|pnpm|yarn|bun|deno)$/.test(name) && /^(test|t|run|start)$/.test(verb);
    return wrappers.length === 0 && (isTask || (name === "git" && verb === "commit") || LOCAL.has(name));
  });
}

async function isIn(places: string[]): Promise<boolean> {
  for (const place of places)
    if (
      await lstat(place).then(
        // What is called so and holds files has other names for them.
        (found) => !found.isDirectory(),
        () => false,
      )
    )
      return true;
  return false;
}

const MOST_PATTERNS = 2000;

// What "*.yml", "a*" and their like are tried on, of which most are not protected: what lies in many folders.
const COMMON = [
  ...[".env", ".env.local", "prod.env", "id_rsa", "id_ed25519", "server.pem", "server.key", ".npmrc", ".netrc"],
  ...[".pgpass", ".pypirc", ".git-credentials", ".vscode", ".git", ".ssh", ".aws", ".github", ".husky", ".bashrc"],
  ...[".profile", "openclaw.yml", "AGENTS.md", "CLAUDE.md", "mcp.json", "secrets.yml", "credentials.json"],
];

// What any other pattern is tried on: a name of each kind, as it would lie in a folder.
const SAMPLES = [
  ...COMMON,
  ...[".bash_history", ".zsh_history", ".zshrc", ".zshenv", ".bash_profile", ".bash_aliases", ".gitlab", ".cargo"],
  ...SECRET_FILES.flatMap((name) => [name.replaceAll("*", ""), name.replaceAll("*", "x")]),
  ...[...SECRET_FOLDERS, ...SETTING_FOLDERS, ...SETTING_FILES],
];

/** Whether a pattern says enough of a rare name to be meant for it: "build*" and "*config*" are for much else. */
function isMeant(sample: string, part: string): boolean {
  // Dots at the beginning, and ends of names, are of one kind.
  if (COMMON.includes(sample) || /^x?\./.test(sample)) return true;
  return part.replace(/[*?[\]]/g, "").length * 8 >= sample.length * 5;
}

/** Why a word with "*", "?" or "[" may turn into a protected path. */
function protectedByPattern(word: string): string | undefined {
  if (word.length > 500) return undefined;
  const parts = word.split("/");
  for (const part of parts.filter((name) => /[*?[]/.test(name))) {
    // "*.pem" says that it is keys; a lone "*" only that it is everything.
    const isWide = /^[*?]+\.\w+$/.test(part) || part.replace(/[*?[\]]/g, "").length < 3;
    const samples = /^[*?]+$/.test(part) ? [] : isWide ? COMMON : SAMPLES.filter((name) => isMeant(name, part));
    const matches = toTest(part);
    const sample = samples.find((name) => matches(name));
    if (sample) return `${word} may stand for ${sample}`;
  }
  const path = SECRET_PATHS.find((one) => {
    const ends = parts.slice(-one.split("/").length);
    return (
      ends.some((part) => /[*?[]/.test(part)) &&
      ends.length > 1 &&
      one.split("/").every((name, at) => toTest(ends[at] ?? "")(name))
    );
  });
  return path === undefined ? undefined : `${word} may stand for ${path}`;
}

function toTest(part: string): (name: string) => boolean {
  // Before the first slash of a whole path, where picomatch takes none.
  if (part === "") return () => false;
  // Many stars would be tried in all ways.
  if ((part.match(/\*+/g)?.length ?? 0) > 8) return () => true;
  return picomatch(shellPattern(part), { dot: part.startsWith("."), nocase: true, strictSlashes: true });
}
