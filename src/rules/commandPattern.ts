import type { ShellCommand } from "../shell/shellCommand.ts";
import { visibleLine } from "../base/text/visible.ts";
import { type FarWord, farWord } from "../shell/farWord.ts";
import { roughWords } from "../shell/roughWords.ts";
import { parseShellLine } from "../shell/shellLine.ts";
import { ruledWords, startsItsWords, takesWordsAsData } from "../shell/wordPrograms.ts";

/** Exactly these words, or these first words and then any that are plain. */
export interface CommandPattern {
  words: string[];
  isPrefix: boolean;
}

/** The pattern of a rule's command; or a sentence that says why it is none. */
export function toCommandPattern(text: string): CommandPattern | string {
  const isPrefix = text.endsWith(" *");
  const parsed = parseShellLine(isPrefix ? text.slice(0, -2) : text);
  if (!parsed.understood) return `A rule's command is plain words: ${parsed.reason}`;
  const [command] = parsed.commands;
  if (parsed.commands.length !== 1 || !command || !isPlain(command) || command.redirects.length > 0)
    return 'A rule\'s command is one command of plain words, at the end " *" for any further ones';
  return { words: command.words.map((word) => word.text), isPrefix };
}

/** Why a text is no command of a rule; undefined where it is one. Nothing that stands beside its words may be lost. */
export function commandFault(text: string): string | undefined {
  const pattern = toCommandPattern(text);
  if (typeof pattern === "string") return pattern;
  const line = pattern.isPrefix ? text.slice(0, -2) : text;
  const parsed = parseShellLine(line);
  const { start = 0, end = 0 } = parsed.understood ? parsed.commands[0]!.place : {};
  const beside = [line.slice(0, start).trim(), line.slice(end).trim()].filter((part) => part !== "");
  if (beside.length === 0) return undefined;
  const shown = beside.map((part) => `"${visibleLine(part, 40)}"`).join(" and ");
  return `A rule's command is plain words and nothing beside them: ${shown} is no part of it`;
}

/** Whether a line does nothing but what these patterns name: each of its commands fits one, and all of it is understood. */
export function coversLine(patterns: CommandPattern[], line: string): boolean {
  const parsed = parseShellLine(line);
  if (!parsed.understood) return false;
  return parsed.commands.every(
    (command) =>
      isPlain(command) &&
      command.redirects.every(isHarmlessRedirect) &&
      patterns.some((pattern) => {
        const texts = command.words.map((word) => word.text);
        return fits(pattern, texts) && farOf(pattern, texts) === undefined;
      }),
  );
}

/** Why patterns do not cover a line that begins with their words: what else it does by a word that none of them names. */
export function uncoveredWords(patterns: CommandPattern[], line: string): string | undefined {
  const parsed = parseShellLine(line);
  if (!parsed.understood) return undefined;
  for (const command of parsed.commands) {
    const texts = command.words.map((word) => word.text);
    const fitting = isPlain(command) ? patterns.filter((pattern) => fits(pattern, texts)) : [];
    const found = fitting.map((pattern) => farOf(pattern, texts));
    const [far] = found;
    if (!far || found.includes(undefined)) continue;
    const by = far.word === texts[0] ? "and nothing to run" : `and ${visibleLine(far.word, 100)}`;
    const rule = visibleLine(`${fitting[0]!.words.join(" ")} *`, 200);
    return `A rule for \`${rule}\` does not cover its words ${by}, for that ${far.deed}: a rule has to name it`;
  }
  return undefined;
}

/** What a pattern with any further words leaves open is what its program reads, and not what it writes or starts. */
function farOf({ words, isPrefix }: CommandPattern, texts: string[]): FarWord | undefined {
  return isPrefix ? farWord(texts, words.length) : undefined;
}

/**
 * Whether a line may do what a pattern names, also through sudo, env, xargs, flock or a path to the program. What is not
 * understood may do anything, and so may a program that is not known to take its words as data where it is given those words.
 */
export function mayDo(pattern: CommandPattern, line: string): "yes" | "no" | "unknown" {
  const parsed = parseShellLine(line);
  if (!parsed.understood) return "unknown";
  let answer: "no" | "unknown" = "no";
  for (const command of parsed.commands) {
    const texts = command.words.map((word) => word.text);
    const starts = startsItsWords(command) ? texts.map((_, at) => texts.slice(at)) : [texts];
    if (starts.some((one) => fits(pattern, one) || fits(pattern, named(pattern, one)))) return "yes";
    if (command.words.slice(0, pattern.words.length).some((word) => !word.literal)) answer = "unknown";
    // A text is a line of its own for "su -c", "ssh" and their like.
    for (const text of startsItsWords(command) ? texts.filter((one) => /\s/.test(one.trim())) : []) {
      const within = mayDo(pattern, text);
      if (within === "yes") return "yes";
      if (within === "unknown") answer = "unknown";
    }
  }
  const isOfData = parsed.commands.every(takesWordsAsData);
  return answer === "no" && !isOfData && isMentioned(pattern, line, parsed.commands) ? "unknown" : answer;
}

/** A rule's program is one by its name, unless it says a path. */
function named(pattern: CommandPattern, texts: string[]): string[] {
  return pattern.words[0]?.includes("/") ? texts : ruledWords(texts);
}

/** Whether the words of a pattern stand in a line elsewhere than at the beginning of its commands, where they were looked at. */
function isMentioned(pattern: CommandPattern, line: string, commands: ShellCommand[]): boolean {
  const wanted = roughWords(pattern.words.join(" "), "posix");
  // "!git", "-Ogit", "[git" and "push]" are these words too.
  const tests = wanted.map((word, index) => {
    const before = index === 0 ? "(?:^|^-\\w|[^\\w.-])" : "^";
    return new RegExp(
      `${before}${word.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")}${index === wanted.length - 1 ? "[^\\w.-]*$" : "$"}`,
    );
  });
  const standsAt = (words: string[], at: number): boolean =>
    tests.every((test, index) => test.test(words[at + index] ?? ""));
  const words = roughWords(line, "posix");
  const all = words.filter((_, at) => standsAt(words, at)).length;
  const known = commands.filter((command) =>
    standsAt(
      named(
        pattern,
        command.words.map((word) => word.text),
      ),
      0,
    ),
  ).length;
  return all > known;
}

function fits({ words, isPrefix }: CommandPattern, given: string[]): boolean {
  if (isPrefix ? given.length < words.length : given.length !== words.length) return false;
  return words.every((word, at) => word === given[at]);
}

function isPlain({ words, assignments, wrappers }: ShellCommand): boolean {
  return words.length > 0 && assignments.length === 0 && wrappers.length === 0 && words.every((word) => word.literal);
}

function isHarmlessRedirect({ operator, target }: ShellCommand["redirects"][number]): boolean {
  if (operator.endsWith("&")) return /^[0-9-]$/.test(target.text);
  return [">", ">>", "<"].includes(operator) && target.literal && target.text === "/dev/null";
}
