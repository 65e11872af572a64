import type { ShellCommand, ShellRedirect, ShellWord } from "../shell/shellCommand.ts";
import { visibleLine } from "../base/text/visible.ts";
import { type FarWord, farWord } from "../shell/farWord.ts";
import { roughWords } from "../shell/roughWords.ts";
import { type Dialect, parseShellLine, readPlainLine, type ShellLine } from "../shell/shellLine.ts";
import {
  gitParts,
  isOwnOption,
  lineReader,
  linesOf,
  mayUseAlias,
  MOST_OPTIONS,
  namesNoProgram,
  onlyStartsItsSecond,
  programName,
  readsTasks,
  startsItsWords,
  surelyStarts,
  taskPlaces,
} from "../shell/wordPrograms.ts";

/** Exactly these words, or these first words and then any that are plain. */
export interface CommandPattern {
  words: string[];
  isPrefix: boolean;
}

/** The pattern of a rule's command; or a sentence that says why it is none. One that denies may name what starts others. */
export function toCommandPattern(text: string, isDenied = false): CommandPattern | string {
  const isPrefix = text.endsWith(" *");
  const line = isPrefix ? text.slice(0, -2) : text;
  const parsed = isDenied ? readPlainLine(line) : parseShellLine(line);
  if (!parsed.understood) return `A rule's command is plain words: ${parsed.reason}`;
  const [command] = parsed.commands;
  if (parsed.commands.length !== 1 || !command || !isPlain(command) || command.redirects.length > 0)
    return 'A rule\'s command is one command of plain words, at the end " *" for any further ones';
  return { words: command.words.map((word) => word.text), isPrefix };
}

/** Why a text is no command of a rule; undefined where it is one. Nothing that stands beside its words may be lost. */
export function commandFault(text: string, isDenied = false): string | undefined {
  const pattern = toCommandPattern(text, isDenied);
  if (typeof pattern === "string") return pattern;
  const line = pattern.isPrefix ? text.slice(0, -2) : text;
  const parsed = readPlainLine(line);
  const { start = 0, end = 0 } = parsed.understood ? parsed.commands[0]!.place : {};
  const beside = [line.slice(0, start).trim(), line.slice(end).trim()].filter((part) => part !== "");
  if (beside.length === 0) return undefined;
  const shown = beside.map((part) => `"${visibleLine(part, 40)}"`).join(" and ");
  return `A rule's command is plain words and nothing beside them: ${shown} is no part of it`;
}

/** Whether a line does nothing but what these patterns name: each of its commands fits one, and all of it is understood. */
export function coversLine(patterns: CommandPattern[], whole: string, dialect: Dialect = "posix"): boolean {
  const line = withoutDiscarding(whole, dialect);
  if (!isReadAlike(line, dialect)) return false;
  const parsed = parsedOnce(line);
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

/**
 * Whether a line is read as a POSIX shell would: no other's grammar is known here, but letters are letters in all of them, and
 * so is what stands between two commands.
 */
function isReadAlike(line: string, dialect: Dialect): boolean {
  if (dialect === "posix") return true;
  const commands = line.split(dialect === "cmd" ? / (?:&&|\|\|?) / : / (?:&&|\|\|?) |; |\n/);
  return commands.every((one) => /^(?:[\w ./:=+-]|"[\w ./:=+-]*")+$/.test(one));
}

/** A line of another shell without what gives the errors of its commands to nobody, or to whoever reads the rest. */
function withoutDiscarding(line: string, dialect: Dialect): string {
  if (dialect === "posix") return line;
  const nothing = dialect === "cmd" ? "nul" : "\\$null";
  return line.trim().replace(new RegExp(` 2>(?:&1|${nothing})(?=$| (?:&&|\\|\\|?) |; |\n)`, "gi"), "");
}

/**
 * Whether a line of another shell may do what its words do not say: it has something in it that stands for other words there, or
 * a program that takes a text for a command, a name of somebody's making, or a pattern of files for the program.
 */
function mayBeOther(line: string, dialect: Dialect): boolean {
  if (dialect === "cmd" && /[%!]/.test(line)) return true;
  // What stands behind it is taken as it is.
  if (dialect === "powershell" && /\s--%(\s|$)/.test(line)) return true;
  const quoted = dialect === "cmd" ? /"[^"']*"/g : /'[^'"$\u2018-\u201f]*'|"[^'"$\u2018-\u201f]*"/g;
  const bare = /[`^\n]/.test(line) ? line : line.replace(quoted, "");
  // Quotes of print are quotes for PowerShell; and "@a", where all of it is one, the words in $a.
  if (/[$(){}[\]\u2018-\u201f]|(^|\s)@\w+(?=\s|$)/.test(bare)) return true;
  if (/alias|include\.path|includeif|GIT_CONFIG|\bHOME=/i.test(line)) return true;
  if (roughWords(line, dialect).some((word) => EVALUATES.has(programName(word)))) return true;
  return /(^|[;&|\n])(?:[ \t\r]|\.[ \t])*(?:"[^"]*|'[^']*|[^\s;&|]*)[*?]/.test(line);
}

const EVALUATES = new Set(
  "iex invoke-expression icm invoke-command ii invoke-item sal nal doskey cmd powershell pwsh wsl bash sh xargs parallel forfiles".split(
    " ",
  ),
);

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
 * understood may do anything, and so may a program that is not known to take its words as data where it is given those words,
 * and one that gets its words from elsewhere.
 */
export function mayDo(pattern: CommandPattern, whole: string, dialect: Dialect = "posix"): "yes" | "no" | "unknown" {
  const line = withoutDiscarding(whole, dialect);
  const isAlike = isReadAlike(line, dialect);
  // One command alone says what it does; what comes before it may say what another means.
  if (dialect !== "posix" && (!isAlike || /[|&;\n]/.test(line)) && mayBeOther(line, dialect)) return "unknown";
  if (!isAlike) return isMentioned(pattern, line, [], dialect) ? "unknown" : "no";
  const parsed = parsedOnce(line);
  return parsed.understood ? commandsDo(pattern, line, parsed.commands) : "unknown";
}

let last: { line: string; parsed: ShellLine } | undefined;

/** Each rule is held against the same line. */
function parsedOnce(line: string): ShellLine {
  if (last?.line !== line) last = { line, parsed: parseShellLine(line) };
  return last.parsed;
}

/** `fed`: what a shell that reads its lines from outside of these commands does by them. */
function commandsDo(
  pattern: CommandPattern,
  line: string,
  commands: ShellCommand[],
  fed?: (shell: string) => "yes" | "no" | "unknown",
): "yes" | "no" | "unknown" {
  const program = programName(pattern.words[0]);
  let answer: "no" | "unknown" = "no";
  for (const command of commands) {
    const found = [command.words, ...(command.outers ?? [])].map((words) => doesAt(pattern, words, 0, command));
    const isOneProgram = onlyStartsItsSecond(command);
    const shell = lineReader(command);
    const given = linesOf(command, commands.length === 1);
    if (readsTasks(command, given)) found.push("unknown");
    if (shell !== undefined) found.push(!given && fed ? fed(shell) : linesDo(pattern, line, shell, given));
    for (const [at, word] of startsItsWords(command) ? command.words.entries() : []) {
      if (at === 0) continue;
      const { text, literal } = word;
      const isAnothers = isOneProgram && at > 1;
      if (!isAnothers && (literal ? programName(text) === program : mayBecome(word, program))) {
        const does = doesAt(pattern, command.words, at, command);
        found.push(does === "yes" && pattern.words.length === 1 && !surelyStarts(command, at) ? "unknown" : does);
      }
      // A text is a line of its own for "su -c", "ssh" and their like.
      if (/\s/.test(text.trim())) {
        const within = parseShellLine(text);
        // "hyperfine -L x push 'git {x}'"
        const isMade = /\{[\w@*#%-]+\}/.test(text) && !isOneProgram;
        // "ssh host 'bash -s' < run.sh"
        const passed = (reader: string) => linesDo(pattern, line, reader, given);
        const isPassed = within.understood && within.commands.length === 1;
        found.push(
          within.understood && !isMade
            ? commandsDo(pattern, text, within.commands, isPassed ? passed : undefined)
            : "unknown",
        );
      }
    }
    if (found.includes("yes")) return "yes";
    if (found.includes("unknown")) answer = "unknown";
  }
  if (program === "git" && answer === "no" && mayMeanAlias(commands)) answer = "unknown";
  const isOfData = commands.every(namesNoProgram);
  return answer === "no" && !isOfData && isMentioned(pattern, line, commands, "posix") ? "unknown" : answer;
}

/** What a shell does by the lines that it is given: those of a heredoc stand there, a file is a script, all else may be anything. */
function linesDo(
  pattern: CommandPattern,
  line: string,
  shell: string,
  given: ShellRedirect | undefined,
): "yes" | "no" | "unknown" {
  if (given?.operator === "<" && given.target.literal)
    return /^\/(dev|proc)\/(?!null$)/.test(given.target.text) ? "unknown" : "no";
  const text = given?.body && line.slice(given.body.start, given.body.end);
  if (text === undefined) return "unknown";
  if (/^(pwsh|powershell)$/.test(shell)) return mayDo(pattern, text, "powershell");
  if (shell === "cmd") return mayDo(pattern, text, "cmd");
  if (/\\|<</.test(text)) return "unknown";
  const parsed = parseShellLine(text);
  return parsed.understood ? commandsDo(pattern, text, parsed.commands) : "unknown";
}

/** Whether a word that is not fixed may be this program, alone or with words behind it. */
function mayBecome({ text, expands }: ShellWord, program: string): boolean {
  if (expands !== undefined) return true;
  const name = text.slice(text.lastIndexOf("/") + 1);
  // A pattern of files. Many stars would be tried in all ways.
  const parts = name.split(/[*?]|\[[^\]]*\]/);
  return parts.length > 8 || new RegExp(`^${parts.map(escaped).join(".*")}(\\.exe)?$`, "i").test(program);
}

/** Whether the words from `at` on are those of the pattern, or may become them. */
function doesAt(
  { words: wanted, isPrefix }: CommandPattern,
  words: ShellWord[],
  at: number,
  command: ShellCommand,
): "yes" | "no" | "unknown" {
  const elsewhere = words === command.words ? wordsFromElsewhere(command) : [];
  const isFixed = ({ text, literal }: ShellWord) =>
    literal && (typeof elsewhere === "string" || elsewhere.every((mark) => !text.includes(mark)));
  const first = words[at];
  if (!first) return "no";
  // 'flock l "$X" push': what is one word may be the program, and no more.
  const isOne = at > 0 && !first.literal && isOneWord(first);
  if (!isFixed(first) && !isOne) return "unknown";
  const isSame = wanted[0]!.includes("/")
    ? first.text === wanted[0]
    : programName(first.text) === programName(wanted[0]);
  if (!isSame && !isOne) return "no";
  // "parallel git ::: push"
  const other = at > 0 && elsewhere === "anywhere" ? "unknown" : "no";
  const isGit = programName(wanted[0]) === "git";
  const { before, from } = afterOptions(words, at, isGit);
  const isKnown = (word: ShellWord, index: number) =>
    isFixed(word) || (isPlace(before, index) && !(word.literal && from === at + 1));
  if (before.some((word, index) => GIT_NAMES.test(word.text) || !isKnown(word, index))) return "unknown";
  // Where a word of the rule may stand, and whether it surely does.
  let ends = new Map([[from, true]]);
  let isOpen = false;
  for (let index = 1; index < wanted.length; index += 1) {
    // Those of git were passed over; and an option of the rule is meant where it stands.
    const isHere = (isGit && index === 1) || wanted[index]!.startsWith("-");
    // "docker logs -f" is another one than "docker-compose -f".
    const places = isHere ? ends : taskPlaces(words, ends, index === 1 ? first.text : undefined);
    ends = new Map();
    for (const [place, isSure] of places) {
      const word = words[place];
      if (!word) isOpen ||= elsewhere === "behind";
      else if (word.text === wanted[index] && isFixed(word)) ends.set(place + 1, isSure);
      else isOpen ||= !isFixed(word) && !(isOneWord(word) && /^-[^=]*=/.test(word.text) && !isHere);
    }
    isOpen ||= !isHere && words.slice(from, Math.max(...places.keys())).some((word) => !isOneWord(word));
  }
  const fitting = [...ends].find(([end]) => isPrefix || end === words.length);
  if (fitting) return isSame && fitting[1] ? "yes" : "unknown";
  isOpen ||= ends.size > 0 && !words.slice(Math.min(...ends.keys())).every(isFixed);
  return isOpen ? "unknown" : other;
}

/** What git is told before its subcommand, all of it where there is none, and where that stands. Of other programs: nothing. */
function afterOptions(words: ShellWord[], at: number, isGit: boolean): { before: ShellWord[]; from: number } {
  if (!isGit) return { before: [], from: at + 1 };
  const rest = words.slice(at + 1, at + 1 + MOST_OPTIONS);
  const { options, rest: own } = gitParts(rest.map(({ text }) => text));
  const isAlone = own.length === rest.length && options.length > 0;
  if (isAlone) return { before: rest, from: at + 1 };
  const from = at + 1 + rest.length - own.length;
  return { before: words.slice(at + 1, from), from };
}

function isOneWord({ text, literal, expands }: ShellWord): boolean {
  return literal || (expands !== "many" && !/[*?[]/.test(text));
}

/** Whether one of git's first words says where it works, and can be nothing else: 'git -C "$DIR" log'. */
function isPlace(before: ShellWord[], index: number): boolean {
  const [option, word] = [before[index - 1], before[index]!];
  if (word.literal && /^--(git-dir|work-tree)=/.test(word.text)) return true;
  return isOneWord(word) && option?.literal === true && /^(-C|--git-dir|--work-tree)$/.test(option.text);
}

/** Where a command gets words that do not stand in its line: anywhere, behind its own, or in place of these texts. */
function wordsFromElsewhere({ wrappers, outers = [], words }: ShellCommand): "anywhere" | "behind" | string[] {
  if (/^(parallel|sem|pexec)$/.test(programName(words[0]?.text))) return "anywhere";
  if (!wrappers.some((name) => programName(name) === "xargs")) return wrappers.length > 0 ? ["{}"] : [];
  const given = outers.find(([first]) => programName(first!.text) === "xargs")!.map(({ text }) => text);
  const marks = given.flatMap((text, at) => {
    const joined = /^-[a-zA-Z0-9]*[IJ](.*)$/s.exec(text)?.[1];
    if (joined !== undefined) return [joined || (given[at + 1] ?? "{}")];
    return /^(-i|--repl)/.test(text) ? ["{}", text.replace(/^(-i|--repl[a-z]*=?)/, "")] : [];
  });
  return marks.length > 0 ? marks.filter((mark) => mark !== "") : "behind";
}

/** Whether a word that git is given may be an alias for what is denied: what sets such, or what uses one that the line has set. */
function mayMeanAlias(commands: ShellCommand[]): boolean {
  if (commands.some(setsAlias)) return true;
  return (
    commands.some(setsVariables) &&
    commands.some(({ words, outers = [] }) =>
      [words, ...outers].some((one) => mayUseAlias(one.map(({ text }) => text))),
    )
  );
}

function setsAlias({ words }: ShellCommand): boolean {
  const [program = "", ...texts] = words.map(({ text }) => text);
  if (programName(program) !== "git" || !texts.includes("config")) return false;
  const at = texts.findIndex((text) => GIT_NAMES.test(text));
  // A name with nothing behind it is read, or taken away.
  const isRead = at === texts.length - 1 || texts.some((text) => /^(--get|get$)/.test(text));
  return at >= 0 && (!isRead || texts.some((text) => /^(--)?rename/.test(text)));
}

/** Whether it sets what git goes by: its aliases may come from there. */
function setsVariables({ assignments, words }: ShellCommand): boolean {
  const [program = "", ...texts] = words.map(({ text }) => text);
  const isExport = /^(export|declare|typeset|set)$/.test(program);
  const given = [...assignments.map(({ text }) => text), ...(isExport ? texts : [])];
  return given.some((text) => /^(GIT_CONFIG|HOME=|XDG_CONFIG_HOME=)/.test(text));
}

// Of git's settings: those by which a word becomes a subcommand.
const GIT_NAMES = /^(--config-env=)?(alias|include|includeif)\b/i;

/**
 * Whether the words of a pattern stand in a line, one behind the other or options between them, elsewhere than at the
 * beginning of its commands, where they were looked at.
 */
function isMentioned(pattern: CommandPattern, line: string, commands: ShellCommand[], dialect: Dialect): boolean {
  const [program = "", ...others] = roughWords(pattern.words.join(" "), "posix").map(escaped);
  const end = others.length === 0 ? "[^\\w.-]*$" : "$";
  // "!git", "-Ogit", "[git" and "push]" are these words too.
  const isProgram = new RegExp(`(?:^|^-\\w|[^\\w.-])${program}(?:\\.(?:exe|cmd|bat|ps1))?${end}`, "i");
  const tests = others.map(
    (other, at) => new RegExp(`^${at === 0 ? "\\[*" : ""}${other}${at === others.length - 1 ? "[^\\w.-]*$" : "$"}`),
  );
  const known = commands.filter(({ words: [first] }) => first && isProgram.test(programName(first.text))).length;
  // A continued line cuts words in two for one reader, and joins them for another.
  return [line, line.replaceAll("\\\n", "")].some((text) => {
    // "Start-Process git -ArgumentList push"
    const words = roughWords(text, dialect).filter((word) => !/^-(argumentlist|args|filepath)$/i.test(word));
    const starts = words.flatMap((word, at) => (isProgram.test(word) ? [at] : []));
    return starts.length > known && starts.some((at) => areBehind(words, at, tests, program === "git"));
  });
}

/** Whether words that fit these tests stand behind one, all together. */
function areBehind(words: string[], start: number, tests: RegExp[], isGit: boolean): boolean {
  const isAt = (from: number) => tests.every((test, index) => test.test(words[from + index] ?? ""));
  let option = Number.NEGATIVE_INFINITY;
  for (let at = start + 1; at < words.length && at - start < MOST_OPTIONS; at += 1) {
    if (isAt(at)) return true;
    if (isGit ? isOwnOption(words[at]!) : /^[-+]./.test(words[at]!)) option = at;
    else if (at - option > (isGit ? MOST_OF_AN_OPTION : 1)) return false;
  }
  return tests.length === 0;
}

// Of "-c a.b=c:d", cut at its signs.
const MOST_OF_AN_OPTION = 6;

function escaped(word: string): string {
  return word.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
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
