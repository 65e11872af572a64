import type { ShellCommand } from "../shell/shellCommand.ts";
import { parseShellLine } from "../shell/shellLine.ts";

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

/** Whether a line does nothing but what these patterns name: each of its commands fits one, and all of it is understood. */
export function coversLine(patterns: CommandPattern[], line: string): boolean {
  const parsed = parseShellLine(line);
  if (!parsed.understood) return false;
  return parsed.commands.every(
    (command) =>
      isPlain(command) &&
      command.redirects.every(isHarmlessRedirect) &&
      patterns.some((pattern) =>
        fits(
          pattern,
          command.words.map((word) => word.text),
        ),
      ),
  );
}

/**
 * Whether a line may do what a pattern names, also through sudo, env, xargs or a path to the program. What is not
 * understood may do anything.
 */
export function mayDo(pattern: CommandPattern, line: string): "yes" | "no" | "unknown" {
  const parsed = parseShellLine(line);
  if (!parsed.understood) return "unknown";
  let answer: "no" | "unknown" = "no";
  for (const { words } of parsed.commands) {
    const texts = words.map((word, at) =>
      at === 0 && !pattern.words[0]?.includes("/") ? baseName(word.text) : word.text,
    );
    if (fits(pattern, texts)) return "yes";
    if (words.slice(0, pattern.words.length).some((word) => !word.literal)) answer = "unknown";
  }
  return answer;
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

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
