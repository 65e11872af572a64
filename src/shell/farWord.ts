import { FAR_PROGRAMS, type FarProgram, SAME_PROGRAMS } from "./farPrograms.ts";
import { isPlainAwk } from "./awkProgram.ts";
import { isPlainSed } from "./sedScript.ts";

/** A word of a command by which it goes further than the words before it say. */
export interface FarWord {
  word: string;
  deed: "writes files" | "starts programs";
}

/**
 * The first of a command's words, from `from` on, by which its program writes files or starts programs that the words before
 * do not name. Undefined where there is none, and for a program that is not known to have any.
 */
export function farWord(words: string[], from: number): FarWord | undefined {
  const name = nameOf(words[0] ?? "");
  const own = Object.hasOwn(FAR_PROGRAMS, name) ? FAR_PROGRAMS[name]! : undefined;
  if (!own) return name === "uniq" || name === "xxd" ? farFile(words, from) : undefined;
  if (own.script) return farOfScript(name, own, words, from);
  const task = name === "git" ? gitTask(words) : 1;
  for (let index = 1; index < words.length; index += 1) {
    const word = words[index]!;
    if (own.ends && word === "--") break;
    if (index < from) continue;
    const rows = name === "git" ? gitRows(words, index, task) : [own];
    // What tar was told before options had dashes.
    const isOldOption = name === "tar" && index === 1 && !word.startsWith("-");
    // Go's tests know their options by two names.
    const asOption = isOldOption ? `-${word}` : name === "go" ? word.replace(/^--?test\./, "-") : word;
    const deed = rows.map((row) => deedOf(row, asOption)).find((one) => one !== undefined) ?? farText(name, word);
    if (deed) return { word, deed };
  }
  const tasks = name === "git" ? FAR_PROGRAMS["git (words)"]! : own;
  return farTask(tasks, words, { task, from }) ?? farProgram(name, words, from);
}

/** Whether options of a program may go further than its first words say. */
export function hasFarWords(program: string): boolean {
  return Object.hasOwn(FAR_PROGRAMS, nameOf(program));
}

/** Of what runs a file: its own options come before that. Where there is none it runs what comes in. */
function farOfScript(name: string, own: FarProgram, words: string[], from: number): FarWord | undefined {
  const isLauncher = ["npx", "bunx", "uvx"].includes(name);
  for (let index = 1; index < words.length; index += 1) {
    const word = words[index]!;
    if (isLauncher && !word.startsWith("-")) {
      const found = farWord(words.slice(index), from - index);
      if (found) return found;
      if (index === 1) return undefined;
    }
    // A later word that is no option may be the value of one.
    if (index === 1 && !word.startsWith("-")) return undefined;
    if (name === "python" && word === "-m") return undefined;
    if (index < from) continue;
    const deed = word === "-" ? "starts programs" : deedOf(own, word);
    if (deed) return { word, deed };
  }
  const isBare = words.slice(1).every((word) => word.startsWith("-"));
  const tells = words.some((word) => /^(--version|--help|-v|-V|-h|--test|--run|--v8-options)(=|$)/.test(word));
  return isBare && !tells ? { word: words[0]!, deed: "starts programs" } : undefined;
}

function deedOf(program: FarProgram, word: string): FarWord["deed"] | undefined {
  if (program.known?.split(" ").includes(word.replace(/=.*/s, ""))) return undefined;
  if (fitsAny(program.writes, program, word)) return "writes files";
  return fitsAny(program.runs, program, word) ? "starts programs" : undefined;
}

function fitsAny(options = "", { valued = "", whole }: FarProgram, word: string): boolean {
  if (!/^[-/]./.test(word)) return false;
  const all = options.split(" ").filter((option) => /^[-/]/.test(option));
  // Where options of several letters have one dash, letters are not put together.
  const isSingle = all.some((option) => /^-[^-]./.test(option));
  return all.some((option) => {
    if (option.length > 2) return [option, `-${option}`].some((one) => fitsLong(one, word, whole === true));
    return isSingle ? word.startsWith(option) : lettersOf(word, valued).includes(option[1]!);
  });
}

/** "--output", "--output=x", and "--outp" where that is enough. Some programs take them in capitals, too. */
function fitsLong(option: string, given: string, isWhole: boolean): boolean {
  const [wanted, word] = [option, given].map((one) => one.toLowerCase().replaceAll("_", "-")) as [string, string];
  const name = word.split(/[=:]/, 1)[0]!;
  if (name === wanted || word.startsWith(`${wanted}.`)) return true;
  return !isWhole && wanted.startsWith("--") && name.length > 3 && wanted.startsWith(name);
}

function lettersOf(word: string, valued: string): string {
  if (word.startsWith("--")) return "";
  const letters = word.slice(1);
  const end = [...letters].findIndex((letter) => valued.includes(letter));
  return end < 0 ? letters : letters.slice(0, end + 1);
}

function nameOf(word: string): string {
  const name = word.slice(word.lastIndexOf("/") + 1).replace(/\.exe$/i, "");
  const same = SAME_PROGRAMS.find(([pattern]) => pattern.test(name));
  return same ? name.replace(same[0], same[1]) : name;
}

const GIT_VALUED =
  "-C -c --git-dir --work-tree --namespace --exec-path --config-env --super-prefix --attr-source".split(" ");

/** Where git's subcommand stands. */
function gitTask(words: string[]): number {
  let at = 1;
  while (at < words.length && words[at]!.startsWith("-")) at += GIT_VALUED.includes(words[at]!) ? 2 : 1;
  return at;
}

function gitRows(words: string[], index: number, task: number): FarProgram[] {
  const own = index < task ? "git (before)" : `git ${words[task] ?? ""}`;
  return [FAR_PROGRAMS.git!, ...(Object.hasOwn(FAR_PROGRAMS, own) ? [FAR_PROGRAMS[own]!] : [])];
}

/** "npm exec", "git submodule foreach": subcommands that start what comes after them. */
function farTask(
  { writes = "", runs = "" }: FarProgram,
  words: string[],
  { task, from }: { task: number; from: number },
): FarWord | undefined {
  const starts = taskStarts(words, task);
  const find = (text: string) =>
    [...text.matchAll(/\[([^\]]+)\]/g)]
      .map(([, one = ""]) => one.split(" "))
      .find((one) =>
        starts.some(
          (start) =>
            start + one.length > from &&
            one.every((word, index) => words[start + index] === word || (word === "*" && start + index < words.length)),
        ),
      );
  const [written, run] = [find(writes), find(runs)];
  if (written) return { word: written.join(" "), deed: "writes files" };
  return run && { word: run.join(" "), deed: "starts programs" };
}

/** Where a subcommand may stand: at the first word that is no option, and behind it where that may be an option's value. */
function taskStarts(words: string[], task: number): number[] {
  const next = (from: number) => words.findIndex((word, index) => index >= from && !word.startsWith("-"));
  const starts = [next(task)];
  for (let at = starts[0]!; at > task && words[at - 1]!.startsWith("-"); starts.push(at)) {
    at = next(at + 1);
    if (at < 0) break;
  }
  return starts.filter((at) => at >= 0);
}

const VIEWERS = ["less", "vim", "vi", "nvim", "view", "ex"];
const SQL = /writefile|load_extension|edit *\(/i;
// What sqlite3 is told to show; other commands write or start something, and each may be shortened.
const SQL_SHOWS = new Set(
  (
    "tables schema mode headers header dump indexes indices databases width separator nullvalue timer help version show stats explain eqp " +
    "quit exit fullschema limit print changes bail echo dbinfo"
  ).split(" "),
);
// Of msbuild, with one dash, two or none.
const BUILD_TELLS =
  /^@|^(\/|--?)(p|property|l|logger|dl|distributedlogger|bl|binarylogger|fl|flp|fileloggerparameters|pp|preprocess|ts|targets|getresultoutputfile|profileevaluation|orc|outputresultscache)\d*([:=]|$)/i;

/** What is no option, and still tells a program to write or to start something. */
function farText(name: string, word: string): FarWord["deed"] | undefined {
  if (VIEWERS.includes(name) && word.startsWith("+")) return "starts programs";
  // "make CC=...": what a Makefile starts by a variable.
  if (/^g?make$/.test(name) && /^\w+[:+?!]*=/.test(word)) return "starts programs";
  if (name === "curl" && (word.includes("%output{") || word.startsWith("--expan"))) return "writes files";
  if (name === "dotnet" && BUILD_TELLS.test(word)) return "starts programs";
  if (name === "go" && /^--?c(=|$)/.test(word)) return "writes files";
  if (name !== "sqlite3") return undefined;
  const told = [...word.matchAll(/^\s*\.([a-z]\w*)(?=\s|$)/gim)].map(([, one = ""]) => one);
  return SQL.test(word) || !told.every((one) => SQL_SHOWS.has(one)) ? "starts programs" : undefined;
}

/** The second file of a program that reads the first. */
function farFile(words: string[], from: number): FarWord | undefined {
  const files = words.flatMap((word, at) =>
    at === 0 || word.startsWith("-") || /^-[fswcglno]$/.test(words[at - 1]!) ? [] : [at],
  );
  const second = files[1];
  return second === undefined || second < from ? undefined : { word: words[second]!, deed: "writes files" };
}

/** A word that is a program of its own, in the language of sed or awk. */
function farProgram(name: string, words: string[], from: number): FarWord | undefined {
  const texts = name === "sed" ? sedScripts(words) : name === "awk" ? awkPrograms(words) : [];
  const isPlain = name === "sed" ? isPlainSed : isPlainAwk;
  const far = texts.find((at) => at >= from && !isPlain(textOf(words[at]!)));
  return far === undefined ? undefined : { word: words[far]!, deed: "starts programs" };
}

function textOf(word: string): string {
  return word.replace(/^(-[a-zA-Z]*e|--exp[a-z]*=)/, "");
}

/** Where sed's scripts stand: what -e gives, else the first word that is no option. */
function sedScripts(words: string[]): number[] {
  const given: number[] = [];
  const loose: number[] = [];
  for (let at = 1; at < words.length; at += 1) {
    const word = words[at]!;
    if (/^(-[a-zA-Z]*e|--exp[a-z]*)$/.test(word)) given.push((at += 1));
    else if (/^(-[a-df-zA-Z]*e.|--exp[a-z]*=)/s.test(word)) given.push(at);
    else if (/^(-[a-zA-Z]*l|--line-length)$/.test(word)) at += 1;
    else if (!word.startsWith("-")) loose.push(at);
  }
  return (given.length > 0 ? given : loose.slice(0, 1)).filter((at) => at < words.length);
}

/** Where awk's program stands: its first word that is no option. After an option that is not known, each may be it. */
function awkPrograms(words: string[]): number[] {
  let at = 1;
  while (at < words.length && words[at]!.startsWith("-")) at += /^-[Fv]$/.test(words[at]!) ? 2 : 1;
  const isSure = words.slice(1, at).every((word) => /^-[Fv]/.test(word));
  return isSure ? [at].filter((one) => one < words.length) : words.map((_, index) => index).slice(1);
}
