import picomatch from "picomatch";
import { foldedName, SCRIPT_FIELDS, SCRIPTS_DECIDE } from "../../rules/protectedPath.ts";
import { expandedWords } from "../../shell/roughPaths.ts";
import type { ShellCommand, ShellWord } from "../../shell/shellCommand.ts";
import { type Dialect, parseShellLine } from "../../shell/shellLine.ts";
import { withoutTexts } from "../../shell/withoutTexts.ts";
import { lineReader, ownWords, programName, startsItsWords } from "../../shell/wordPrograms.ts";
import { codeChangesFile, codeMayChangeFile, isInterpreter } from "./codeChanges.ts";

/**
 * Why a command may change what a package.json runs: it writes to a file of that name, by a redirect or by a program that is known to,
 * or has npm set its scripts. What programs and scripts do of their own accord nobody knows.
 */
export function scriptChange(command: string, dialect: Dialect): string | undefined {
  const parsed = parseShellLine(command, dialect);
  const isChange =
    !parsed.understood || parsed.commands.some((one) => lineReader(one) !== undefined)
      ? mayChange(command, dialect)
      : parsed.commands.some((one) => changes(one, command));
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

function changes(command: ShellCommand, line: string): boolean {
  const isGiven = givesName(line);
  const named = (word: ShellWord) => toNamed(word, line, isGiven);
  if (command.redirects.some(({ operator, target }) => operator.includes(">") && named(target).isIt)) return true;
  const words = ownWords(command.words).map(named);
  // What is printed, or found, names its files.
  const isFed = command.wrappers.some((name) => /^(xargs|find -\w+)$/.test(programName(name))) && namesIt(line);
  const from = carries(command) ? words.map((_, at) => at) : [0];
  return from.some((at) => writes(words.slice(at), isFed)) || codeChanges(command, line);
}

/** Whether one of the words behind the first may be a program's. */
function carries(command: ShellCommand): boolean {
  return startsItsWords(command) || RUNNERS.test(programName(command.words[0]?.text));
}

const RUNNERS =
  /^(npm|pnpm|yarn|corepack|uv|poetry|pipenv|pdm|hatch|rye|conda|bundle|mise|docker|podman|kubectl|nix|wsl)$/;

function toNamed(word: ShellWord, line: string, isGiven: boolean): Named {
  const raw = word.place ? line.slice(word.place.start, word.place.end) : word.text;
  const isIt =
    isPackage(word.text) ||
    (!word.literal &&
      (expandedWords(raw, "posix").some(isPackage) || (isGiven && /\$/.test(raw) && !REPLACES.test(word.text))));
  return { text: word.text, isIt, isOpen: !word.literal };
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

/** Whether a word names a package.json, or is a pattern that says enough to stand for one: "*.json". */
function isPackage(word: string): boolean {
  const name = foldedName(word.split(/[\\/]/).at(-1) ?? "");
  if (name === PACKAGE) return true;
  const isPattern = /[*?[]/.test(name) && name.length < 100 && name.replace(/[*?[\]]/g, "").length >= 3;
  return isPattern && (name.match(/\*+/g)?.length ?? 0) <= 8 && picomatch(name, { dot: true })(PACKAGE);
}

const PACKAGE = "package.json";

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
function writes([program, ...given]: Named[], isFed: boolean): boolean {
  const name = programName(program?.text);
  if (/^(npm|pnpm|yarn|bun)$/.test(name)) return setsScripts(given);
  if (name === "git" && given[0]?.text === "mv") return copies(name, given.slice(1), isFed);
  if (COPIERS.test(name)) return copies(name, given, isFed);
  if (name === "dd") return given.some(({ text }) => text.startsWith("of=") && isPackage(text.slice(3)));
  if (TELLERS.test(name)) return tells(name, given);
  const [, option] = EDITORS.find(([names]) => names.test(name)) ?? [];
  const isWriter = WRITERS.test(name) || (option !== undefined && given.some(({ text }) => option.test(text)));
  if (isWriter && (isFed || given.some(({ isIt }) => isIt))) return true;
  // By a command of its own: "w package.json".
  return /^g?sed$/.test(name) && given.some(({ text }) => /(^|[^a-z])w\s+\S*package\.json/i.test(text));
}

/** Whether what is fetched or made goes to a package.json. */
function tells(name: string, given: Named[]): boolean {
  const isTold = given.some(({ text }) => /^(-[a-zA-Z]*O|--output-document|--remote-name)/.test(text));
  // By the name that it has there.
  if ((name === "wget" && !isTold) || (name === "curl" && isTold)) return given.some(({ isIt }) => isIt);
  return given.some(
    ({ text, isIt }, at) =>
      isPackage(behindOption(text)) ||
      (isIt && /^(-[a-z]*o|--output(-document)?|-out(file)?)$/i.test(given[at - 1]?.text ?? "")),
  );
}

/** Of "-opackage.json" and "--output=package.json" the file. */
function behindOption(text: string): string {
  return /^(?:--[\w-]+=|-[a-zA-Z]{1,8}?(?=[./\\]|package\.))(.*)/is.exec(text)?.[1] ?? "";
}

/** Whether the target of a copy, a move or a link is a package.json, or the folder that the words stand in and its like. */
function copies(name: string, given: Named[], isFed: boolean): boolean {
  const isTold = (text: string) => /^(-[a-zA-Z]*t|--target-directory|-destination|-newname)$/i.test(text);
  const told = /^(rsync|scp)$/.test(name) ? -1 : given.findIndex((_, at) => at > 0 && isTold(given[at - 1]!.text));
  const whole = given.find(({ text }) => text.startsWith("--target-directory="));
  const plain = given.filter(({ text }) => !/^(-.|\/-?[a-z]$)/i.test(text));
  const target = told >= 0 ? given[told] : whole ? { ...whole, text: behindOption(whole.text) } : plain.at(-1);
  const sources = plain.filter((word) => word !== target);
  const isLed = given.some(({ text }) => text.includes("{}"));
  if (isFed && (isLed ? target?.text.includes("{}") : told < 0 && !whole)) return true;
  if (!target) return false;
  const isSource = sources.some(({ isIt }) => isIt);
  if (target.isOpen ? target.isIt && !isSource : target.isIt) return true;
  // "cp package.json dist" makes one that nobody had.
  return (
    isSource &&
    (/^(.*[\\/])?\.{1,2}[\\/]?$/.test(target.text) || sources.some(({ isIt, text }) => isIt && isElsewhere(text)))
  );
}

/** Whether it lies in another folder than the one that the words stand in. */
function isElsewhere(text: string): boolean {
  return /[\\/]/.test(text.replace(/^\.[\\/]/, ""));
}

/** Whether npm or one of its like is told to change what a package.json runs. */
function setsScripts(given: Named[]): boolean {
  const texts = given.map(({ text }) => text);
  if (texts.includes("set-script") || texts.includes("--trust") || texts.join(" ").includes("pm trust")) return true;
  const at = texts.indexOf("pkg");
  const verb = at < 0 ? -1 : texts.findIndex((text, index) => index > at && /^(set|delete|rm)$/.test(text));
  const fields = verb < 0 ? [] : given.slice(verb + 1).filter(({ text }) => !text.startsWith("-"));
  // They may come from xargs.
  if (verb >= 0 && fields.length === 0) return true;
  return fields.some(({ text, isOpen }) => {
    const field = text.replace(/[=.[].*$/s, "").replace(/^["']/, "");
    return (
      SCRIPT_FIELDS.includes(field) || (isOpen && /^["']?\$/.test(text)) || (isOpen && !/^["']?[\w-]+[=.]/.test(text))
    );
  });
}

/** Whether a program that is written in the line names a package.json and says that it writes. */
function codeChanges(command: ShellCommand, line: string): boolean {
  const bodies = command.redirects.flatMap(({ body }) => (body ? [line.slice(body.start, body.end)] : []));
  const words = ownWords(command.words).map(({ text }) => text);
  const at = carries(command) ? words.findIndex(isInterpreter) : 0;
  return codeChangesFile(words.slice(Math.max(at, 0)), bodies, line);
}

// Of a redirect up to the end of the name.
const REDIRECTED = />[>|&]?\s*(?:"[^"\n]*|'[^'\n]*|[^\s;&|()<>"']*)package\.json(?![\w.-])/i;

/** A coarse look at what is not understood, or is a shell's that gets its lines: each word may be a program's. */
function mayChange(line: string, dialect: Dialect): boolean {
  const joined = dialect === "posix" ? line.replace(/\\(.)/gs, "$1") : line.replaceAll(/[`^]/g, "");
  const plain = joined.replace(/["']/g, "");
  if (REDIRECTED.test(joined) || REDIRECTED.test(plain)) return true;
  const isNamed = namesIt(line, dialect);
  const isGiven = givesName(line);
  // A redirect to a variable, to braces or to a pattern.
  const targets = [...joined.matchAll(/>[>|&]?\s*["']?([^\s;&|()<>"']+)/g)].map(([, target]) => target!);
  if (targets.some((text) => toRough(text, isGiven, dialect).isIt)) return true;
  const isTaken = isGiven || (isNamed && (dialect === "posix" ? TAKES : TAKES_OTHER).test(line));
  for (const segment of plain.split(/[;&|()\n]+|\$\(|(?<=\s)[{}](?=\s)/)) {
    const words = segment
      .split(/[\s<>]+/)
      .filter((text) => text !== "")
      .map((text) => toRough(text, isTaken, dialect));
    const isFed = isNamed && words.some(({ text }) => /^(xargs|parallel|-exec(dir)?|foreach-object|%)$/i.test(text));
    if (words.some((_, at) => writes(words.slice(at, at + MOST_WORDS), isFed))) return true;
  }
  return isNamed && codeMayChangeFile(plain.split(/[\s;&|()]+/), line);
}

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
