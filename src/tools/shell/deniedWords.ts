import { readdir, stat } from "node:fs/promises";
import { join, normalize, relative, resolve, sep } from "node:path";
import picomatch from "picomatch";
import { isInside } from "../../base/files/isInside.ts";
import { followPath } from "../../base/files/realPath.ts";
import { visibleLine } from "../../base/text/visible.ts";
import type { Rule } from "../../protocol/rule.ts";
import { deniedReading } from "../../rules/deniedReading.ts";
import { roughPaths } from "../../shell/roughPaths.ts";
import { type Dialect, parseShellLine } from "../../shell/shellLine.ts";
import { roughWords } from "../../shell/roughWords.ts";
import { withoutTexts } from "../../shell/withoutTexts.ts";
import { foldersOf, mostFolders } from "./namedFiles.ts";

/**
 * The first word of a command that names what these rules deny to be read, by whatever name: such a file, a folder that has
 * one in it, or a pattern that stands for one. Words count in each folder that the command names, too.
 */
export async function deniedWord(
  command: string,
  workspace: string,
  { rules, dialect }: { rules: Rule[]; dialect: Dialect },
): Promise<string | undefined> {
  const denying = rules.filter(({ deny }) => deny === "read");
  if (denying.length === 0 || workspace === "") return undefined;
  const { words: given, entered } = wordsOf(withoutTexts(command, dialect), dialect);
  const fromAbove = leadsAbove(given, command, workspace)
    ? given.flatMap((word) => belowWorkspace(word, workspace))
    : [];
  const words = [...new Set([...given, ...fromAbove])];
  if (words.length === 0) return undefined;
  const patterned = words.filter((word) => /[*?[]/.test(word));
  if (patterned.length > MAX_MEANT) return TOO_MANY;
  const meanings = createMeanings(workspace);
  const folders = await foldersOf(words, workspace);
  // What a pattern stands for is gone into as well: "for d in data*; do cat $d/a; done".
  for (const word of patterned) {
    for (const place of await meanings.of(resolve(workspace, word)))
      if (isInside(workspace, place) && !folders.includes(place) && (await isFolder(place))) folders.push(place);
    if (meanings.isLeftOut()) return TOO_MANY;
  }
  if (folders.length >= mostFolders(words)) return TOO_MANY;
  const denied = await deniedFiles(denying, workspace);
  for (const folder of folders) {
    for (const word of words) {
      const place = resolve(workspace, folder, word);
      const places = /[*?[]/.test(word) ? [place, ...(await meanings.of(place))] : [place];
      if (meanings.isLeftOut()) return TOO_MANY;
      const reason = await placesReason(places, { denying, denied, workspace, isEntered: entered.has(word) });
      if (reason !== undefined) return visibleLine(`${word}: ${reason}`);
    }
  }
  return undefined;
}

const TOO_MANY = "its words are too many to be held against what rules deny to be read";

/** Programs whose second word is what is to be done, and no file, be there one of that name. */
const WITH_TASKS = new Set(
  "git gh npm pnpm yarn bun deno cargo go dotnet make gmake just task rake gradle gradlew mvn docker podman kubectl pip poetry uv composer".split(
    " ",
  ),
);

/** What may name a file, and what of it a command only goes into. */
function wordsOf(command: string, dialect: Dialect): { words: string[]; entered: Set<string> } {
  const given = roughPaths(command, dialect);
  const parsed = parseShellLine(command, dialect);
  const commands = parsed.understood ? parsed.commands : [];
  // Continued lines cut words in two here and not there.
  for (const { words } of command.includes("\\\n") ? [] : commands) {
    const [program = "", verb = "", task = ""] = words.map(({ text, literal }) => (literal ? text : ""));
    const tasks = WITH_TASKS.has(program) ? [verb, verb === "run" ? task : ""] : [];
    for (const name of [program, ...tasks].filter((one) => /^[\w-]+$/.test(one))) {
      const at = given.indexOf(name);
      if (at >= 0) given.splice(at, 1);
    }
  }
  const entered = commands
    .map(({ words }) => words.map(({ text }) => text))
    .filter(([program, , more]) => program === "cd" && more === undefined)
    .map(([, folder = ""]) => folder)
    .filter((folder) => given.indexOf(folder) === given.lastIndexOf(folder));
  // A name with a blank is one word only where its quotes count.
  const quoted = [...command.matchAll(/'([^']*)'|"([^"]*)"/g)].map(([, single, double]) => single ?? double ?? "");
  const whole = commands.flatMap(({ words, redirects }) => [...words, ...redirects.map(({ target }) => target)]);
  const names = [
    ...given,
    ...[...quoted, ...whole.map(({ text }) => text)].filter((text) => /[\s;&|<>()$={},:]/.test(text)),
  ];
  const rests = restsOf(command, dialect, [...quoted, ...whole.map(({ text }) => text)]);
  return {
    words: [...new Set([...names, ...rests])].filter((word) => word !== "" && word.length < 4096),
    entered: new Set(entered),
  };
}

/** What stands behind something that may stand for a folder: "a/b" and "b" of "$PWD/a/b", of "$(pwd)/a/b" and of "~/a/b". */
function restsOf(command: string, dialect: Dialect, texts: string[]): string[] {
  if (!STANDS_FOR.test(command)) return [];
  const chunks = command.split(/[\s;&|<>()=,:]+/).filter(isBehind);
  const names = [...chunks.flatMap((chunk) => roughWords(chunk, dialect)), ...texts.filter(isBehind)];
  return names.flatMap((name) =>
    [...name.matchAll(/[\\/]+/g)].slice(0, MOST_PARTS).map((at) => name.slice(at.index + at[0].length)),
  );
}

function isBehind(text: string): boolean {
  return STANDS_FOR.test(text) || /^["']*[\\/]/.test(text);
}

// To the home folder, to where it was before, to what a variable or a command says.
const GOES_ELSEWHERE = /(?:^|[\s;&|(])(?:cd|pushd|-C)\s*(?:["']?[$~`%]|-(?:\s|$)|$|[;&|)\n])/;

/** Whether a command goes to a folder above the workspace, or may. */
function leadsAbove(words: string[], command: string, workspace: string): boolean {
  if (GOES_ELSEWHERE.test(command)) return true;
  return words.some((word) => {
    const place = resolve(workspace, word);
    return place !== workspace && isInside(place, workspace);
  });
}

/** What a word names in the workspace from the folders above it: of "app/a.csv" in /home/app "a.csv". */
function belowWorkspace(word: string, workspace: string): string[] {
  const names = workspace.split(sep).filter((name) => name !== "");
  const parts = normalize(word)
    .split(sep)
    .filter((part) => part !== "");
  const isName = (part: string, name: string) => part === name || (/[*?[]/.test(part) && partTest(part)(name));
  return names.flatMap((_, at) => {
    const above = names.slice(at);
    const isBelow = above.length < parts.length && above.every((name, index) => isName(parts[index]!, name));
    return isBelow ? [parts.slice(above.length).join("/")] : [];
  });
}

const STANDS_FOR = /[$~`%]/;

// No folder of a project lies as deep.
const MOST_PARTS = 100;

interface Denied {
  /** Absolute paths of what rules deny and is there. */
  files: string[];
  /** Folders with more in them than was looked at. */
  unseen: string[];
}

interface Judged {
  denying: Rule[];
  denied: Denied;
  workspace: string;
  /** The command only goes in there. */
  isEntered: boolean;
}

async function placesReason(
  places: string[],
  { denying, denied, workspace, isEntered }: Judged,
): Promise<string | undefined> {
  const isDeep = places[0]!.includes("**");
  for (const place of places) {
    const plain = deniedReading(denying, place, workspace);
    if (plain !== undefined) return plain;
    // Nobody on the network is told who asks.
    if (process.platform === "win32" && !isInside(workspace, place)) continue;
    const real = await followPath(place).catch(() => undefined);
    const linked = real === undefined ? undefined : deniedReading(denying, real, workspace);
    if (linked !== undefined) return linked;
    if (isEntered || real === undefined || isInside(real, workspace)) continue;
    const held = denied.files.find((file) => isInside(real, file));
    if (held !== undefined)
      return `${relative(workspace, held)} is in there, and ${deniedReading(denying, held, workspace)!}`;
    const isUnseen = denied.unseen.some((folder) => isInside(real, folder) || isInside(folder, real));
    if (isUnseen && (await isFolder(real))) return "it may hold what a rule denies to be read";
  }
  if (!isDeep) return undefined;
  // "**" stands for folders in folders in some shells.
  const pattern = relative(workspace, places[0]!);
  if ((pattern.match(/\*+/g)?.length ?? 0) > 8) return undefined;
  const fits = picomatch(pattern.split(sep).join("/"));
  const held = denied.files.find((file) => fits(relative(workspace, file).split(sep).join("/")));
  return held && deniedReading(denying, held, workspace);
}

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

const MAX_NAMES = 20_000;

/** What rules deny to be read and is there, each folder that is denied as one. Not in node_modules, where nobody keeps any. */
async function deniedFiles(rules: Rule[], workspace: string): Promise<Denied> {
  const found: Denied = { files: [], unseen: [] };
  for (const rule of rules) {
    const { base, negated } = picomatch.scan(rule.path ?? "");
    const folders = [negated ? workspace : resolve(workspace, base)];
    let names = 0;
    for (const folder of folders) {
      if (deniedReading([rule], folder, workspace) !== undefined) {
        found.files.push(folder);
        continue;
      }
      if (names > MAX_NAMES) {
        found.unseen.push(folder);
        continue;
      }
      const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
      names += entries.length;
      for (const entry of entries) {
        const place = join(folder, entry.name);
        if (entry.isDirectory() && entry.name !== "node_modules" && entry.name !== ".git") folders.push(place);
        else if (deniedReading([rule], place, workspace) !== undefined) found.files.push(place);
      }
    }
  }
  return found;
}

// How many names one part of a pattern may stand for.
const MAX_MEANT = 1000;

// How many folders are listed for the patterns of one command.
const MAX_LISTED = 2000;

interface Meanings {
  of(pattern: string): Promise<string[]>;
  /** Whether some of them were not looked for. */
  isLeftOut(): boolean;
}

/** What patterns stand for, each looked for once. */
function createMeanings(workspace: string): Meanings {
  const found = new Map<string, string[]>();
  let listed = 0;
  let isCut = false;
  const list = async (folder: string): Promise<string[]> => {
    listed += 1;
    return listed > MAX_LISTED ? [] : await readdir(folder).catch(() => []);
  };
  return {
    isLeftOut: () => isCut || listed > MAX_LISTED,
    async of(pattern) {
      const known = found.get(pattern) ?? (await standsFor(pattern, workspace, { list, cut: () => (isCut = true) }));
      found.set(pattern, known);
      return known;
    },
  };
}

/** What is there of the names that a pattern stands for; "**" as one name. */
async function standsFor(
  pattern: string,
  workspace: string,
  { list, cut }: { list(folder: string): Promise<string[]>; cut(): void },
): Promise<string[]> {
  // Nobody on the network is told who asks.
  if (process.platform === "win32" && !isInside(workspace, pattern)) return [];
  const [root = "", ...parts] = pattern.split(sep);
  let found = [`${root}${sep}`];
  for (const part of parts) {
    if (!/[*?[]/.test(part)) {
      found = found.map((folder) => join(folder, part));
      continue;
    }
    const fits = partTest(part);
    const next: string[] = [];
    for (const folder of found) {
      const names = await list(folder);
      next.push(...names.filter((name) => fits(name)).map((name) => join(folder, name)));
    }
    if (next.length > MAX_MEANT) cut();
    found = next.slice(0, MAX_MEANT);
  }
  return found;
}

function partTest(part: string): (name: string) => boolean {
  // Many stars would be tried in all ways.
  const isEach = (part.match(/\*+/g)?.length ?? 0) > 8;
  return isEach ? () => true : picomatch(part, { dot: part.startsWith("."), nobrace: true, noextglob: true });
}
