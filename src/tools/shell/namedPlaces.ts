import { delimiter, isAbsolute, join, normalize, resolve, sep } from "node:path";
import { homeFolder } from "../../base/files/homeFolder.ts";
import { isInside } from "../../base/files/isInside.ts";
import { isWholePath } from "../../base/files/isWholePath.ts";
import { once } from "../../base/oncePer.ts";
import { followPath } from "../../base/files/realPath.ts";
import { childEnv } from "../../processes/childEnv.ts";
import { stateFolders } from "../../rules/protectedState.ts";
import { roughPaths } from "../../shell/roughPaths.ts";
import { roughWords } from "../../shell/roughWords.ts";
import { type Dialect, parseShellLine } from "../../shell/shellLine.ts";
import { withoutTexts } from "../../shell/withoutTexts.ts";
import { foldersOf, isFolder, mostFolders } from "./namedFiles.ts";
import { createMeanings, MAX_MEANT, partTest } from "./patternMeanings.ts";

/** Where a word of a command may lead. */
export interface NamedPlace {
  word: string;
  /** Absolute and not followed: as written, then what a pattern stands for. */
  places: string[];
  /** The command only goes in there. */
  isEntered: boolean;
}

export interface NamedPlaces {
  named: NamedPlace[];
  /** The words, or what they stand for, are too many to be looked at all. */
  isLeftOut: boolean;
}

/** A command, and where its words lead: looked for once, by who asks first. */
export interface NamedLine {
  command: string;
  workspace: string;
  dialect: Dialect;
  places(): Promise<NamedPlaces>;
}

export function namedLine(command: string, workspace: string, dialect: Dialect): NamedLine {
  return { command, workspace, dialect, places: once(() => namedPlaces(command, workspace, dialect)) };
}

/**
 * Where the words of a command may lead: from the workspace, from each folder that it names, from those above the workspace where
 * it may go there, and through what stands for a folder, as variables and the links of a process.
 */
async function namedPlaces(command: string, workspace: string, dialect: Dialect): Promise<NamedPlaces> {
  if (workspace === "") return { named: [], isLeftOut: false };
  const plain = withoutTexts(command, dialect);
  const { words: written, entered } = wordsOf(plain, dialect);
  const told = withVariables(plain, workspace);
  const read = told === plain ? written : [...written, ...wordsOf(told, dialect).words];
  const given = [...new Set(read.flatMap((word) => [word, ...throughProcess(word)]))];
  const fromAbove = leadsAbove(given, plain, workspace) ? restsBelow(given, workspace) : [];
  const words = [...new Set([...given, ...fromAbove])];
  if (words.length === 0) return { named: [], isLeftOut: false };
  const folders = await foldersOf(words, workspace);
  const isLost = await goesToNew(
    plain,
    folders.map((folder) => resolve(workspace, folder)),
  );
  const fromNew = isLost ? withoutUps(given) : [];
  words.push(...fromNew, ...restsBelow(fromNew, workspace));
  const isReached = (folder: string) => isLost || leadsAbove(given, plain, workspace, folder);
  const named = stateNamed([...given, ...fromNew], isReached);
  const patterned = words.filter((word) => /[*?[]/.test(word));
  if (patterned.length > MAX_MEANT) return { named, isLeftOut: true };
  const meanings = createMeanings(workspace);
  // What a pattern stands for is gone into as well: "for d in data*; do cat $d/a; done".
  const known = new Set(folders);
  const links = createLinks();
  for (const word of words) {
    const meant = /[*?[]/.test(word) ? await meanings.of(resolve(workspace, word)) : await links(workspace, word);
    const inside = meant.filter((place) => isInside(workspace, place) && !known.has(place));
    for (const place of inside) known.add(place);
    const areFolders = await Promise.all(inside.map(isFolder));
    folders.push(...inside.filter((_, at) => areFolders[at]));
  }
  const isCut = folders.length >= mostFolders(words);
  for (const folder of folders)
    for (const word of words) {
      const place = resolve(workspace, folder, word);
      const isPattern = /[*?[]/.test(word);
      const meant = await (isPattern ? meanings.of(place) : links(resolve(workspace, folder), word));
      const processes = meant.flatMap((one) => throughProcess(one).map((rest) => resolve(workspace, rest)));
      named.push({ word, places: [place, ...meant, ...processes], isEntered: entered.has(word) });
    }
  return { named, isLeftOut: isCut || meanings.isLeftOut() };
}

/** What the words name in the folders of Pincer's state from those above them: "st/token" of "cd ..; cat st/token". */
function stateNamed(words: string[], isReached: (folder: string) => boolean): NamedPlace[] {
  return stateFolders()
    .filter(isReached)
    .flatMap((folder) =>
      words.flatMap((word) =>
        belowFolder(word, folder).map((rest) => ({ word, places: [join(folder, rest)], isEntered: false })),
      ),
    );
}

/** A command with what its variables, and "~", stand for as far as the environment tells. */
function withVariables(command: string, workspace: string): string {
  const env = new Map(Object.entries(childEnv(workspace)));
  const known = new Map([...env, ["HOME", homeFolder()], ["PWD", workspace]]);
  return command
    .replace(/(?<![^\s=:"';&|(<>])~(?=[\\/\s;&|)"']|$)/g, () => homeFolder())
    .replace(/\$(?:env:)?(\w+)|\$\{(?:env:)?(\w+)\}|%(\w+)%/gi, (whole: string, ...names: (string | undefined)[]) => {
      const name = names.slice(0, 3).find((one) => one !== undefined) ?? "";
      const value = known.get(name) ?? "";
      return isWholePath(value) && !value.includes(delimiter) ? value : whole;
    });
}

/** Tells where ".." behind a link leads: above what the link stands for, not above the link. Follows each path once. */
function createLinks(): (folder: string, word: string) => Promise<string[]> {
  const followed = new Map<string, Promise<string | undefined>>();
  return async (folder, word) => {
    // Windows looks at no link there.
    const [ups] = process.platform === "win32" ? [] : (/^.*[^/]\/+\.\.(?=\/|$)/.exec(word) ?? []);
    if (ups === undefined) return [];
    const path = isAbsolute(ups) ? ups : `${folder}/${ups}`;
    const real = followed.get(path) ?? followPath(path).catch(() => undefined);
    followed.set(path, real);
    const place = await real;
    return place === undefined ? [] : [join(place, word.slice(ups.length))];
  };
}

const GOES = /(?:^|[\s;&|(])(?:cd|pushd|-C)\s+["']?([^\s;&|()"'$~`%]+)/g;

/** Whether a command goes to a folder that is not there yet, as one that it makes itself. The first of the folders is the workspace. */
async function goesToNew(command: string, folders: string[]): Promise<boolean> {
  const targets = [...new Set([...command.matchAll(GOES)].map(([, target]) => target!))].slice(0, MOST_PARTS);
  for (const target of targets) {
    const places = folders.map((folder) => resolve(folder, target));
    // Nobody on the network is told who asks.
    if (process.platform === "win32" && !places.every((place) => isInside(folders[0]!, place))) continue;
    const areFolders = await Promise.all(places.map(isFolder));
    if (!areFolders.includes(true)) return true;
  }
  return false;
}

/** From a folder that nobody knows, "../a" may be that of any above it. */
function withoutUps(words: string[]): string[] {
  return words.flatMap((word) => (/^(\.{1,2}\/+)*\.\.\/+[^./]/.test(word) ? [word.replace(/^(\.{1,2}\/+)+/, "")] : []));
}

/** What stands behind a process's own links: "a/b" of "/proc/self/cwd/a/b", "home/a" of "/proc/1/root/home/a". */
function throughProcess(path: string): string[] {
  const parts = path.split(/\/+/).filter((part) => part !== "" && part !== ".");
  const rest = /^(?:proc\/[^/]+\/(?:task\/[^/]+\/)?(cwd|root|fd\/[^/]+)|dev\/(fd\/[^/]+))(?:\/(.*))?$/.exec(
    parts.join("/"),
  );
  if (!rest || !path.startsWith("/")) return [];
  if (rest[1] === "root") return [`/${rest[3] ?? ""}`];
  // A descriptor may be of any folder that was opened.
  return rest[3] === undefined ? (rest[1] === "cwd" ? ["."] : []) : [rest[3]];
}

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

/** Whether a command goes to a folder above this one, or may. */
function leadsAbove(words: string[], command: string, workspace: string, target = workspace): boolean {
  if (GOES_ELSEWHERE.test(command)) return true;
  return words.some((word) => {
    const place = resolve(workspace, word);
    return place !== target && isInside(place, target);
  });
}

/** What the words name in the workspace from the folders above it. */
function restsBelow(words: string[], workspace: string): string[] {
  return words.flatMap((word) => belowFolder(word, workspace)).filter((rest) => rest !== "");
}

/** What a word names in a folder from the folders above it: of "app/a.csv" in /home/app "a.csv", and "" of "app". */
function belowFolder(word: string, target: string): string[] {
  const names = target.split(sep).filter((name) => name !== "");
  const parts = normalize(word)
    .split(sep)
    .filter((part) => part !== "");
  const isName = (part: string, name: string) => part === name || (/[*?[]/.test(part) && partTest(part)(name));
  return names.flatMap((_, at) => {
    const above = names.slice(at);
    const isBelow = above.length <= parts.length && above.every((name, index) => isName(parts[index]!, name));
    return isBelow ? [parts.slice(above.length).join("/")] : [];
  });
}

const STANDS_FOR = /[$~`%]/;

// No folder of a project lies as deep.
const MOST_PARTS = 100;
