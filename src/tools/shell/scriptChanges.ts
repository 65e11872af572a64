import { SCRIPT_FIELDS, SCRIPTS_DECIDE } from "../../rules/protectedPath.ts";
import { braceWords } from "../../shell/braceWords.ts";
import { expandedWords } from "../../shell/roughPaths.ts";
import type { ShellCommand, ShellWord } from "../../shell/shellCommand.ts";
import { type Dialect, parseShellLine } from "../../shell/shellLine.ts";
import { withoutTexts } from "../../shell/withoutTexts.ts";
import { lineReader, ownWords, programName, startsItsWords } from "../../shell/wordPrograms.ts";
import { codeChangesFile, codeMayChangeFile, isInterpreter } from "./codeChanges.ts";
import { createPackagePlaces, isPackage, type PackagePlaces } from "./packagePlaces.ts";

/**
 * Why a command may change what a package.json runs: it writes to a file of that name, by a redirect or by a program that is known to,
 * or has npm set its scripts. What programs and scripts do of their own accord nobody knows.
 */
export function scriptChange(command: string, workspace: string, dialect: Dialect): string | undefined {
  const places = createPackagePlaces(command, workspace);
  const parsed = parseShellLine(command, dialect);
  const isChange =
    !parsed.understood || parsed.commands.some((one) => lineReader(one) !== undefined)
      ? mayChange(command, places, dialect)
      : parsed.commands.some((one) => changes(one, places, command));
  return isChange ? SCRIPTS_DECIDE : undefined;
}

/** A word of a command, and what is known of the file that it may name. */
interface Named {
  text: string;
  /** It may name a package.json. */
  isIt: boolean;
  /** What it is, is not known. */
  isOpen: boolean;
}

function changes(command: ShellCommand, places: PackagePlaces, line: string): boolean {
  const isGiven = givesName(line);
  const named = (word: ShellWord) => toNamed(word, line, isGiven).map((one) => inPlace(one, places));
  const redirected = command.redirects.filter(({ operator }) => operator.includes(">"));
  if (redirected.some(({ target }) => named(target).some(({ isIt }) => isIt))) return true;
  // In a container a folder of the workspace has another name.
  const isContained = CONTAINERS.test(programName(command.words[0]?.text));
  const words = ownWords(command.words).flatMap((word) => (isContained ? toNamed(word, line, isGiven) : named(word)));
  // What is printed, or found, names its files.
  const isFed = command.wrappers.some((name) => /^(xargs|find -\w+)$/.test(programName(name))) && namesIt(line);
  const from = carries(command) ? words.map((_, at) => at) : [0];
  return from.some((at) => writes(words.slice(at), isFed, places)) || codeChanges(command, places, line);
}

/** Whether one of the words behind the first may be a program's. */
function carries(command: ShellCommand): boolean {
  return startsItsWords(command) || RUNNERS.test(programName(command.words[0]?.text));
}

const RUNNERS =
  /^(npm|pnpm|yarn|corepack|uv|poetry|pipenv|pdm|hatch|rye|conda|bundle|mise|docker|podman|kubectl|nix|wsl)$/;
const CONTAINERS = /^(docker|podman|nerdctl)$/;

/** What a word names: several where it has braces. */
function toNamed({ text, literal, place }: ShellWord, line: string, isGiven: boolean): Named[] {
  const raw = place ? line.slice(place.start, place.end) : text;
  const isVariable = !literal && isGiven && /\$/.test(raw) && !REPLACES.test(text);
  const spread = literal ? [] : braceWords(raw);
  if (spread.length > 0)
    return spread.map((one) => ({ text: one, isIt: isPackage(one) || isVariable, isOpen: /[$`*?[]/.test(one) }));
  const isIt = isPackage(text) || isVariable || (!literal && expandedWords(raw, "posix").some(isPackage));
  return [{ text, isIt, isOpen: !literal }];
}

/** With what is known of where it leads. */
function inPlace(named: Named, places: PackagePlaces): Named {
  const isIt = named.isIt ? !places.isOutside(named.text) : !named.isOpen && places.isLink(named.text);
  return { ...named, isIt };
}

// Of sed.
const REPLACES = /^[sy]([^\w\s]).*\1/s;

/** Whether a variable gets the name: "F=package.json", "F=$(find . -name package.json)", "for f in package.json". */
function givesName(line: string): boolean {
  return GIVES.test(line) || FINDS.test(line) || LISTS.test(line);
}

const GIVES = /\w\s{0,9}=\s{0,9}["']?[^\s"';|&]{0,300}package\.j/i;
const FINDS =
  /=\s{0,9}["'$(`]{0,4}\s{0,9}(?:find|fd|ls|echo|printf|git ls-files|realpath|readlink|get-item|gi|get-childitem|gci|resolve-path|join-path)\b[^;\n]{0,300}package\.j/i;
const LISTS = /\b(?:for|foreach)\s{1,9}(?:\(\s{0,9})?[$%]*\w+\s{1,9}in\b[^;\n]{0,500}package\.j/i;

function namesIt(line: string, dialect: Dialect = "posix"): boolean {
  return expandedWords(withoutTexts(line, dialect), dialect).some(isPackage);
}

// What changes each file that it is given, what does so with such an option, what puts the last word in another's place, and what is
// told where its output goes.
const WRITERS =
  /^(tee|tee-object|truncate|sponge|ed|red|ex|vi|vim|nvim|nano|emacs|sd|patch|set-content|add-content|clear-content|out-file|sc|ac|export-\w+|new-item|ni|robocopy|xcopy|mklink)$/;
const EDITORS: [program: RegExp, option: RegExp][] = [
  [/^g?sed$/, /^(-[nErsuzlp0]*i|--in-place)/],
  [/^(perl|ruby)[\d.]*$/, /^-[a-zA-Z0-9]*i/],
  [/^g?awk$/, /^(-i|--include)/],
  [/^(yq|dasel)$/, /^(-[a-zA-Z]*i|--in-?place)/],
  [/^json$/, /^-[a-zA-Z]*I/],
];
const COPIERS = /^(cp|mv|ln|install|rsync|scp|copy|move|ren|rename|copy-item|cpi|move-item|mi|rename-item|rni|link)$/;
const TELLERS = /^(curl|wget|sort|base64|openssl|gpg|iwr|irm|invoke-webrequest|invoke-restmethod)$/;

/** Whether a program, the first of the words, changes a package.json that they name. `isFed`: it may get that name as a word. */
function writes([program, ...given]: Named[], isFed: boolean, places: PackagePlaces): boolean {
  const name = programName(program?.text);
  const isTarget = (text: string) => isPackage(text) && !places.isOutside(text);
  if (/^(npm|pnpm|yarn|bun)$/.test(name)) return setsScripts(name, given);
  if (name === "git" && given[0]?.text === "mv") return copies(name, given.slice(1), isFed, places);
  if (COPIERS.test(name)) return copies(name, given, isFed, places);
  if (name === "dd") return given.some(({ text }) => text.startsWith("of=") && isTarget(text.slice(3)));
  if (TELLERS.test(name)) return tells(name, given, isTarget);
  const [, option] = EDITORS.find(([names]) => names.test(name)) ?? [];
  const isReader =
    /^n?vim?$/.test(name) &&
    given.some(({ text }) => text === "-R") &&
    !given.some(({ text }) => /^(-c|\+)/.test(text));
  const isWriter = WRITERS.test(name) || (option !== undefined && given.some(({ text }) => option.test(text)));
  if (isWriter && !isReader && (isFed || given.some(({ isIt }) => isIt))) return true;
  // By a command of its own: "w package.json".
  return /^g?sed$/.test(name) && given.some(({ text }) => /(^|[^a-z])w\s+\S*package\.json/i.test(text));
}

/** Whether what is fetched or made goes to a package.json. */
function tells(name: string, given: Named[], isTarget: (text: string) => boolean): boolean {
  const isTold = given.some(({ text }) => /^(-[a-zA-Z]*O|--output-document|--remote-name)/.test(text));
  // By the name that it has there.
  if ((name === "wget" && !isTold) || (name === "curl" && isTold)) return given.some(({ isIt }) => isIt);
  return given.some(
    ({ text, isIt }, at) =>
      isTarget(behindOption(text)) ||
      (isIt && /^(-[a-z]*o|--output(-document)?|-out(file)?)$/i.test(given[at - 1]?.text ?? "")),
  );
}

/** Of "-opackage.json" and "--output=package.json" the file. */
function behindOption(text: string): string {
  return /^(?:--[\w-]+=|-[a-zA-Z]{1,8}?(?=[./\\]|package\.))(.*)/is.exec(text)?.[1] ?? "";
}

/** Whether the target of a copy, a move or a link is a package.json of the workspace, or a folder that has one where one is copied. */
function copies(name: string, given: Named[], isFed: boolean, places: PackagePlaces): boolean {
  const isTold = (text: string) => /^(-[a-zA-Z]*t|--target-directory|-destination|-newname)$/i.test(text);
  const told = /^(rsync|scp)$/.test(name) ? -1 : given.findIndex((_, at) => at > 0 && isTold(given[at - 1]!.text));
  const whole = given.find(({ text }) => text.startsWith("--target-directory="));
  const plain = given.filter(({ text }, at) => {
    const isValue = name === "rsync" && VALUED_OF_RSYNC.test(given[at - 1]?.text ?? "");
    return !isValue && !/^(-.|\/-?[a-z]$)/i.test(text);
  });
  const last = plain.length === 1 ? HERE : plain.at(-1);
  const target = told >= 0 ? given[told] : whole ? { ...whole, text: behindOption(whole.text) } : last;
  const sources = plain.filter((word) => word !== target);
  const isLed = given.some(({ text }) => text.includes("{}"));
  if (isFed && (isLed ? target?.text.includes("{}") : told < 0 && !whole)) return true;
  if (!target || ELSEWHERE.test(target.text) || places.isOutside(target.text)) return false;
  const those = sources.filter(({ isIt, text }) => isIt || isPackage(text));
  if (target.isIt && (target.isOpen ? those.length === 0 : those.length < sources.length || !isPackage(target.text)))
    return true;
  if (those.length === 0) return false;
  const folder = isPackage(target.text) ? target.text.replace(/[^\\/]*$/, "") : target.text;
  if (!target.isOpen) return places.holdsOne(folder);
  const isFile = folder === target.text && /\.[a-z]\w*$/i.test(folder);
  return !isFile && !places.isBuilt(folder) && those.some(({ text }) => isElsewhere(text));
}

const HERE: Named = { text: ".", isIt: false, isOpen: false };
const VALUED_OF_RSYNC = /^(-[a-zA-Z]*[ef]|--((in|ex)clude(-from)?|filter|files-from|rsh|rsync-path))$/;

// On another machine, or in a container.
const ELSEWHERE = /^[\w.@-]{2,}:/;

/** Whether it lies in another folder than the one that the words stand in. */
function isElsewhere(text: string): boolean {
  return /[\\/]/.test(text.replace(/^\.[\\/]/, ""));
}

/** Whether npm or one of its like is told to change what a package.json runs. */
function setsScripts(name: string, given: Named[]): boolean {
  const isValue = (before = "") => VALUED.test(before) || (name === "npm" && before === "-w");
  const tasks = given.filter(({ text }, at) => !text.startsWith("-") && !isValue(given[at - 1]?.text));
  const [task, verb, ...fields] = tasks[0]?.text === "pm" ? tasks.slice(1) : tasks;
  if (name === "bun" && (task?.text === "trust" || given.some(({ text }) => text === "--trust")))
    return !/^(run|test|x)$/.test(task?.text ?? "");
  if (task?.text === "set-script") return true;
  if (task?.text !== "pkg" || !/^(set|delete|rm)$/.test(verb?.text ?? "")) return false;
  // They may come from xargs.
  if (fields.length === 0) return true;
  return fields.some(({ text, isOpen }) => {
    const field = text.replace(/[=.[].*$/s, "").replace(/^["']/, "");
    return (
      SCRIPT_FIELDS.includes(field) || (isOpen && /^["']?\$/.test(text)) || (isOpen && !/^["']?[\w-]+[=.[]/.test(text))
    );
  });
}

// What takes the word behind it, before the task and behind it.
const VALUED = /^(-[CF]|--(workspace|prefix|loglevel|registry|userconfig|cache|tag|otp|dir|cwd|filter|reporter))$/;

/** Whether a program that is written in the line names a package.json and says that it writes. */
function codeChanges(command: ShellCommand, places: PackagePlaces, line: string): boolean {
  const bodies = command.redirects.flatMap(({ body }) => (body ? [line.slice(body.start, body.end)] : []));
  const words = ownWords(command.words).map(({ text }) => text);
  const at = carries(command) ? words.findIndex(isInterpreter) : 0;
  return codeChangesFile(words.slice(Math.max(at, 0)), bodies, { line, ...toldOf(places) });
}

/** What a program in the line is told apart by. */
function toldOf(places: PackagePlaces) {
  return { isOutside: places.isOutside, isChange: (line: string) => wordsMayChange(line, places, "posix") };
}

// Of a redirect up to the end of the name.
const REDIRECTED = />[>|&]?\s*("[^"\n]*|'[^'\n]*|[^\s;&|()<>"']*)package\.json(?![\w.-])/gi;

/** A coarse look at what is not understood, or is a shell's that gets its lines: each word may be a program's. */
function mayChange(line: string, places: PackagePlaces, dialect: Dialect): boolean {
  if (wordsMayChange(line, places, dialect)) return true;
  const words = withoutQuotes(withoutEscapes(line, dialect)).split(/[\s;&|()]+/);
  return namesIt(line, dialect) && codeMayChangeFile(words, { line, ...toldOf(places) });
}

function withoutEscapes(line: string, dialect: Dialect): string {
  return dialect === "posix" ? line.replace(/\\(.)/gs, "$1") : line.replaceAll(/[`^]/g, "");
}

const withoutQuotes = (line: string): string => line.replace(/["']/g, "");

function wordsMayChange(line: string, places: PackagePlaces, dialect: Dialect): boolean {
  const joined = withoutEscapes(line, dialect);
  const isRedirected = (text: string) =>
    [...text.matchAll(REDIRECTED)].some(([, folder]) => !places.isOutside(folder!.replace(/^["']/, "")));
  if (isRedirected(joined) || isRedirected(withoutQuotes(joined))) return true;
  const isNamed = namesIt(line, dialect);
  const isGiven = givesName(line);
  // A redirect to a variable, to braces or to a pattern.
  const targets = [...joined.matchAll(/>[>|&]?\s*["']?([^\s;&|()<>"']+)/g)].map(([, target]) => target!);
  if (targets.some((text) => inPlace(toRough(text, isGiven, dialect), places).isIt)) return true;
  const isTaken = isGiven || (isNamed && (dialect === "posix" ? TAKES : TAKES_OTHER).test(line));
  // What is read from a file or a text is no word, unless a shell gets it.
  const told = parsesLines(line) ? joined : joined.replace(READ, " ");
  for (const segment of withoutQuotes(told).split(/[;&|()\n]+|\$\(|(?<=\s)[{}](?=\s)/)) {
    const words = segment
      .split(/[\s<>]+/)
      .filter((text) => text !== "")
      .flatMap((text) => (dialect === "posix" && braceWords(text).length > 0 ? braceWords(text) : [text]))
      .map((text) => inPlace(toRough(text, isTaken, dialect), places));
    const isFed = isNamed && words.some(({ text }) => /^(xargs|parallel|-exec(dir)?|foreach-object|%)$/i.test(text));
    if (words.some((_, at) => writes(words.slice(at, at + MOST_WORDS), isFed, places))) return true;
  }
  return false;
}

const READ = /(?<![<>])<(?:<<)?\s*(?:"[^"]*"|'[^']*'|[^\s<>|&;()"'-][^\s<>|&;()"']*)/g;
const parsesLines = (line: string): boolean => /\b(ba|da|fi|k|z|c|tc)?sh\b|\b(eval|source|su)\b/.test(line);

// What gives a variable the words or lines of something.
const TAKES = /\b(read|for|select|mapfile|readarray)\b/;
const TAKES_OTHER = /\$(_|PSItem)\b|%%?\w/i;

// Nobody gives a program more that it is told by.
const MOST_WORDS = 100;

function toRough(text: string, isGiven: boolean, dialect: Dialect): Named {
  const isOpen = /[$%*?[{]/.test(text);
  const isVariable = isGiven && /[$%]/.test(text) && !REPLACES.test(text);
  return {
    text,
    isIt: isPackage(text) || isVariable || (isOpen && expandedWords(text, dialect).some(isPackage)),
    isOpen,
  };
}
