import { isPlainAwk } from "./awkProgram.ts";
import { isPlainSed } from "./sedScript.ts";
import type { ShellCommand, ShellWord } from "./shellCommand.ts";
import { type Dialect, parseShellLine } from "./shellLine.ts";
import { isWrapper } from "./shellWrappers.ts";
import { onlyStartsItsSecond, ownWords, programName, startsItsWords, takesWordsAsData } from "./wordPrograms.ts";

/**
 * A line without what is only a text to its programs and names no file: the pattern of a search, a script of sed, a message, what is
 * to be left out, a star in SQL or in code. All of it where it is not understood.
 */
export function withoutTexts(line: string, dialect: Dialect): string {
  const parsed = parseShellLine(line, dialect);
  if (!parsed.understood) return line;
  const { commands } = parsed;
  const isFed = SUBSTITUTION.test(line) || commands.some(getsTexts);
  const cuts = commands.flatMap((command) => [
    ...cutTexts(command, isFed && !onlyFeedsItself(command, commands, line)),
    ...(isFed ? [] : cutStars(command, line)),
  ]);
  let rest = "";
  let at = 0;
  // One may lie in another, or be told by two commands.
  for (const { start, end } of cuts.sort((one, other) => one.start - other.start)) {
    if (start >= at) rest += `${line.slice(at, start)} `;
    at = Math.max(at, end);
  }
  return rest + line.slice(at);
}

const SUBSTITUTION = /\$\(|`|[<>]\(/;

interface Cut {
  start: number;
  end: number;
}

/** Whether what another command prints may become words or lines for it, or a script is run that another may have written. */
function getsTexts({ words, wrappers }: ShellCommand): boolean {
  const [first] = words;
  if (wrappers.some((name) => !/^(sudo|env|time|timeout|nice|nohup|command|source|\.|find -\w+)$/.test(name)))
    return true;
  const name = programName(first?.text);
  const isListed = LISTS.find(([program]) => program.test(name))?.[1];
  if (words.some(({ text }) => /^--(files0?-from|pathspec-from-file)\b/.test(text) || isListed?.test(text)))
    return true;
  if (name === "find" || onlyStartsItsSecond({ words })) return false;
  return first !== undefined && (isWrapper(name) || startsItsWords({ words }) || first.text.includes("/"));
}

// By what a program is told its files in lines of another.
const LISTS: [program: RegExp, word: RegExp][] = [
  [/^(read|mapfile|readarray|cpio|pax)$/, /^/],
  [/^(tar|bsdtar|gtar)$/, /^-?[a-zA-Z]*T/],
  [/^curl$/, /^(-\w*K|--config)/],
  [/^wget$/, /^(-\w*i|--input)/],
];

/** Whether what a command writes is only the files that it edits in place, and no other of the line gets texts from somewhere. */
function onlyFeedsItself(command: ShellCommand, commands: ShellCommand[], line: string): boolean {
  if (!command.words.some(({ text }) => IN_PLACE.test(text))) return false;
  const others = commands.filter((other) => other !== command);
  return !others.some((other) => {
    const words = [...other.words, ...other.assignments, ...other.redirects.map(({ target }) => target)];
    return (
      getsTexts(other) || words.some(({ place }) => place && SUBSTITUTION.test(line.slice(place.start, place.end)))
    );
  });
}

const IN_PLACE = /^(-[nErsuzp0l]*i|--in-place)/;

function cutTexts({ words, redirects }: ShellCommand, isFed: boolean): Cut[] {
  const [program, ...given] = ownWords(words);
  if (!program?.literal || redirects.some(({ body }) => body !== undefined && isFed)) return [];
  const name = programName(program.text).replace(/(?<=.)@.*$/s, "");
  const texts = [...optionTexts(name, given, isFed), ...(SCRIPTED.get(name)?.(given, isFed) ?? [])];
  return texts.flatMap(({ literal, place }) => (literal && place ? [place] : []));
}

// The word behind such an option is a text, and so is what stands in one behind "=".
const MESSAGES = /^(?:-[aenqsv]*m|--message)$/;
const TEST_NAMES = /^(?:-t|-g|--grep|--testNamePattern|--test-name-pattern)$/;
const TITLES = /^(?:-[tbn]|--title|--body|--notes)$/;
const LEFT_OUT = /^--exclude(?:-dir)?$/;
const OPTIONS: [program: RegExp, task: RegExp, option: RegExp][] = [
  [/^git$/, /^(commit|tag|merge|notes|stash)\b/, MESSAGES],
  [/^git$/, /^(log|shortlog|rev-list)\b/, /^(?:--grep|--author|--format|--pretty|-[SG])$/],
  [/^gh$/, /^(pr|issue|release)\b/, TITLES],
  [/^(vitest|jest|mocha|playwright)$/, /^/, TEST_NAMES],
  [/^(npm|pnpm|yarn|bun)$/, /^(test|t|run [\w:-]*test[\w:-]*)( |$)/, TEST_NAMES],
  [/^pytest$/, /^/, /^-k$/],
  [/^go$/, /^test\b/, /^-(?:run|bench|skip)$/],
  [/^(tar|rsync|grep|egrep|fgrep|du)$/, /^/, LEFT_OUT],
  [/^tree$/, /^/, /^-I$/],
  [/^curl$/, /^/, /^(?:-H|--header)$/],
];

// What no program prints.
const UNSEEN = /^(tar|rsync|grep|egrep|fgrep|du|tree|curl)$/;

function optionTexts(name: string, words: ShellWord[], isFed: boolean): ShellWord[] {
  if (isFed && !UNSEEN.test(name)) return [];
  const task = words.slice(0, 2).map(({ text }) => text);
  const options = OPTIONS.filter(([program, tasks]) => program.test(name) && tasks.test(task.join(" ")));
  const isOption = (text: string) => options.some(([, , option]) => option.test(text));
  return words.filter((word, at) => {
    const [before, last] = [words[at - 2]?.text ?? "", words[at - 1]];
    const [, joined] = /^(-[\w-]+)=(?!@)/.exec(word.text) ?? [];
    if (joined !== undefined && isOption(joined)) return true;
    // "curl -H @FILE"; and "-m" of "-m -m FILE" is a message itself, as that of "grep -e --exclude FILE" is a pattern.
    const isValue = isOption(before) || (name.endsWith("grep") && /^-[a-zA-Z]*[ef]$/.test(before));
    return last?.literal === true && isOption(last.text) && !isValue && !word.text.startsWith("@");
  });
}

type Scripted = (words: ShellWord[], isFed: boolean) => ShellWord[];

const SCRIPTED = new Map<string, Scripted>([
  ...["grep", "egrep", "fgrep"].map((name): [string, Scripted] => [
    name,
    searchPattern({ flags: "aEFGHILPRTUVZbchilnoqrsvwxyz", valued: "ABCmdD", printing: "o" }),
  ]),
  ["rg", searchPattern({ flags: "FHILNPSUVabchilnopqsuvwxz", valued: "ABCmgtTjMrEd", printing: "or" })],
  ["sed", sedScript],
  ...["awk", "gawk", "mawk"].map((name): [string, Scripted] => [name, awkProgram]),
  ["perl", perlProgram],
  ["find", leftOutOfFind],
]);

const SEARCH_FLAG =
  /^--((ignore-case|line-number|count|invert-match|word-regexp|only-matching|fixed-strings|extended-regexp|perl-regexp|recursive|files-with-matches|files-without-match|no-filename|with-filename|quiet|color|no-messages|text|hidden|no-ignore|smart-case|multiline|no-heading|heading|null)|(include|exclude|exclude-dir|context|after-context|before-context|max-count|colou?r|binary-files|devices|directories|i?glob|type|type-not|max-depth|sort|sortr|engine|encoding)=.*)$/s;
const SEARCH_VALUED =
  /^--(include|exclude|exclude-dir|after-context|before-context|max-count|glob|iglob|type|type-not|max-depth)$/;

/** The pattern of a search: its first word, or what "-e" gives. None where an option is not known, or a file has the patterns. */
function searchPattern({ flags, valued, printing }: Record<"flags" | "valued" | "printing", string>): Scripted {
  const isFlag = new RegExp(`^-([${flags}]+|[${flags}]*[ABCm]?\\d+)$`);
  const isValued = new RegExp(`^-[${flags}]*[${valued}]$`);
  const isGiving = new RegExp(`^-[${flags}]*e$`);
  // What matches is printed by itself, perhaps for xargs.
  const isPrinting = new RegExp(`^-[a-zA-Z]*[${printing}]|^--(only-|replace)`);
  return (words, isFed) => {
    const given: ShellWord[] = [];
    let first: ShellWord | undefined;
    for (let at = 0; at < words.length; at += 1) {
      const word = words[at]!;
      const { text } = word;
      if ((isFed && isPrinting.test(text)) || (!isFixed(word) && first === undefined)) return [];
      if (isGiving.test(text)) given.push(...words.slice((at += 1), at + 1));
      else if (isValued.test(text) || SEARCH_VALUED.test(text)) at += 1;
      else if (text === "--") {
        first ??= words[at + 1];
        break;
      } else if (text.startsWith("-") && text !== "-") {
        if (!isFixed(word) || (!isFlag.test(text) && !SEARCH_FLAG.test(text))) return [];
      } else first ??= word;
    }
    return given.length > 0 ? given : first === undefined ? [] : [first];
  };
}

/** Whether it is an option and nothing else, whatever files there are: "--include=*.ts". */
function isFixed({ text, literal, expands }: ShellWord): boolean {
  return literal || (expands === undefined && /^--(include|exclude|exclude-dir)=/.test(text));
}

function sedScript(words: ShellWord[], isFed: boolean): ShellWord[] {
  if (isFed) return [];
  const given: ShellWord[] = [];
  let first: ShellWord | undefined;
  for (const [at, word] of words.entries()) {
    const last = words[at - 1]?.text ?? "";
    if (/^(-[nErsuz]*e|--expression)$/.test(last)) given.push(word);
    else if (!word.text.startsWith("-")) first ??= word.text === "" ? undefined : word;
    else if (
      !/^(-[nErsuz]+|-[nErsuz]*e|-[nErsuz]*i.*|--(expression|in-place.*|regexp-extended|quiet|silent))$/.test(word.text)
    )
      return [];
  }
  return (given.length > 0 ? given : [first]).filter(
    (word) => word !== undefined && isPlainSed(word.text, false),
  ) as ShellWord[];
}

function awkProgram(words: ShellWord[], isFed: boolean): ShellWord[] {
  for (const [at, word] of isFed ? [] : words.entries()) {
    if (!word.literal) return [];
    if (/^-[Fv]$/.test(words[at - 1]?.text ?? "") || /^-[Fv]/.test(word.text)) continue;
    if (word.text.startsWith("-")) return [];
    return isPlainAwk(word.text) && !word.text.includes("ARGV") ? [word] : [];
  }
  return [];
}

// Replacements that run no code.
const REPLACEMENTS = /^(?:\s*s([/|#!,])(?:\\.|(?!\1)[^\\])*\1(?:\\.|(?!\1)[^\\$@])*\1[gims]*\s*(?:;|$))+$/;

function perlProgram(words: ShellWord[], isFed: boolean): ShellWord[] {
  const isKnown = words.every(({ text }) => !text.startsWith("-") || /^-[pn0li]*(\.\w+)?e?$/.test(text));
  if (isFed || !isKnown) return [];
  return words.filter(
    ({ text }, at) =>
      /^-[pn0li]*e$/.test(words[at - 1]?.text ?? "") &&
      REPLACEMENTS.test(text) &&
      !/\(\?\??\{|[@$][\w:]*[{[]|->/.test(text),
  );
}

const NAMED = /^-i?(name|path|wholename|regex)$/;

/** "-not -path X", and "-path X -prune -o". */
function leftOutOfFind(words: ShellWord[], isFed: boolean): ShellWord[] {
  const texts = words.map(({ text }) => text);
  if (texts.some((text) => /^(,|\(|\))$/.test(text))) return [];
  const isEither = texts.some((text) => /^-or?$/.test(text));
  // Without them what is not entered is printed as well; and what is done to a folder's files first enters each.
  const isTold = !isFed || texts.some((text) => /^-(print0?|exec(dir)?)$/.test(text));
  const isPruned = isTold && !texts.some((text) => /^-(delete|depth|d)$/.test(text));
  const started = texts.findIndex((text) => /^-(exec|ok)(dir)?$/.test(text));
  return words.filter((_, at) => {
    // What stands behind it may be another program's.
    if (started >= 0 && at > started) return false;
    if (!NAMED.test(texts[at - 1] ?? "")) return false;
    const isNot = (text = "") => /^(!|-not)$/.test(text);
    if (texts[at + 1] === "-prune" && /^-or?$/.test(texts[at + 2] ?? "")) return isPruned && !isNot(texts[at - 2]);
    return !isEither && isNot(texts[at - 2]) && !isNot(texts[at - 3]);
  });
}

const CODE =
  /^(psql|mysql|mariadb|sqlite3|duckdb|clickhouse-client|python[\d.]*|node|ruby|perl|php|deno|bun|gh|echo|printf|cat|tee)$/;

// Where a shell may get it.
const STARTING =
  /system|popen|proc_open|passthru|(sub|child_)process|from\s+program|glob|spawn|shell|(check_|get)output|capture\d|Deno\.Command|\bexec(?!ut)|\b(ba|da|fi|k|z|c|tc)?sh\b|%x|\bqx|`|\\!|\.(import|once|output)\b/i;

// What is written there is run by other programs.
const SCRIPTS = /(^|\/)(gnumakefile|makefile|justfile|package\.json|activate)$|\.(sh|bash|zsh|mk)$/i;

/** Stars that stand alone in a text of several words, and those of comments. */
function cutStars(command: ShellCommand, line: string): Cut[] {
  const { words, redirects } = command;
  const name = programName(words[0]?.text);
  // "export PAGER='cat *'", "gh alias set x '!cat *'"
  if ((!CODE.test(name) && !takesWordsAsData(command)) || name === "export" || words[1]?.text === "alias") return [];
  if ([...words, ...redirects.map(({ target }) => target)].some(({ text }) => SCRIPTS.test(text))) return [];
  const texts = words.flatMap(({ text, literal, place }) => (literal && /\s/.test(text) && place ? [place] : []));
  const bodies = redirects.flatMap(({ body }) => (body ? [body] : []));
  return [...texts, ...bodies].flatMap(({ start, end }) => {
    const text = line.slice(start, end);
    if (STARTING.test(text)) return [];
    return [...text.matchAll(/(?<![^\s(),;:={}[\]])\/?\*{1,2}\/?(?![^\s(),;:={}[\]])/g)].map(({ index, 0: star }) => ({
      start: start + index,
      end: start + index + star.length,
    }));
  });
}
