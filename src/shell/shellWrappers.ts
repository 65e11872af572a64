import { NotUnderstood, type ShellCommand, type ShellWord } from "./shellCommand.ts";
import { withoutPlaces } from "./shellReader.ts";

/**
 * The commands that a command stands for: itself, or what it starts when it is one of those that start others (sudo,
 * env, xargs, sh -c ...). `parse` reads a text that a shell would get.
 */
export function unwrap(command: ShellCommand, parse: (text: string) => ShellCommand[]): ShellCommand[] {
  const [first, ...rest] = command.words;
  if (!first) return [command];
  if (!first.literal) throw new NotUnderstood("the name of the command is not fixed");
  const name = first.text.replace(/^.*\//, "").replace(/\.exe$/i, "");
  if (SHELLS.has(name)) return unwrapShell(command, first.text, rest, parse);
  if (name === "eval") return wrapAll(command, "eval", parse(literalText(rest)));
  // What is put there to be read so is a script of its own.
  if ((name === "source" || name === ".") && isActivation(rest[0])) {
    const sameWords = [{ text: name === "." ? "source" : ".", literal: true }, ...rest];
    return [{ ...command, wrappers: [...command.wrappers, name], outers: [...(command.outers ?? []), sameWords] }];
  }
  if (name === "source" || name === "." || name === "trap" || name === "alias")
    throw new NotUnderstood(`"${name}" runs text from elsewhere`);
  if (name === "hash" && rest.some(({ text }) => /^-[a-z]*p/.test(text)))
    throw new NotUnderstood('"hash -p" gives a program another name');
  if (expandsNames(name, rest)) throw new NotUnderstood(`"${name}" runs what stands in a name's brackets`);
  if (name === "find") return unwrapFind(command, parse);
  if (name === "env") return unwrapEnv(command, rest, parse);
  const wrapper = WRAPPERS.get(name);
  if (!wrapper || tellsOfCommand(command.words.map(({ text }) => text))) return [command];
  const after = afterOptions(rest, wrapper);
  // "sudo NAME=value command", as env has it.
  const set = TAKES_VARIABLES.has(name) ? after.findIndex((word) => !/^\w+=/.test(word.text)) : 0;
  const inner = set < 0 ? [] : after.slice(set);
  refuseOpen(after.slice(0, Math.max(set, 0)));
  return inner.length === 0 ? [command] : through(command, first.text, inner, parse);
}

/** ".venv/bin/activate" and its like, wherever it lies. */
function isActivation(word: ShellWord | undefined): boolean {
  return word?.expands === undefined && /^(~\/)?[\w./ -]*\b(bin|Scripts)\/activate$/.test(word?.text ?? "");
}

const OF_NAMES = new Set(
  "test [ printf export declare typeset local readonly unset let read mapfile readarray wait".split(" "),
);

/** "test -v 'a[$(x)]'": a shell reads the name, which was fixed until then, once more. */
function expandsNames(name: string, words: ShellWord[]): boolean {
  if (!OF_NAMES.has(name) || (name === "printf" && !words[0]?.text.startsWith("-v"))) return false;
  return words.some(({ text }) => {
    const at = text.indexOf("[");
    // "${x}" only names something, as "$x" does.
    return at >= 0 && /\$[([]|\$\{(?!\w+\})|`/.test(text.slice(at));
  });
}

interface Wrapper {
  /** Options that take a word, written as they are: "-u", "--signal". */
  valued: string[];
  /** Letters of options without a word. */
  flags?: string;
  /** Long options without a word. */
  long?: string[];
  /** Words before the command: a duration, a mask. */
  leading?: number;
}

const TAKES_VARIABLES = new Set(["sudo", "doas"]);

const SHELLS = new Set([
  "sh",
  "bash",
  "dash",
  "zsh",
  "ksh",
  "mksh",
  "ash",
  "fish",
  "csh",
  "tcsh",
  "pwsh",
  "powershell",
  "cmd",
]);

const names = (text: string): string[] => text.split(" ").map((name) => `--${name}`);
const letters = (text: string): string[] => [...text].map((letter) => `-${letter}`);

const WRAPPERS = new Map<string, Wrapper>([
  ["sudo", { valued: [...letters("ughpCDRTrtU"), ...names("user group host prompt chdir")], flags: "AbEeHiKklnPSsv" }],
  ["doas", { valued: letters("uC"), flags: "Lns" }],
  ["busybox", { valued: [] }],
  ["toybox", { valued: [] }],
  ["nohup", { valued: [] }],
  ["setsid", { valued: [], flags: "cfw", long: names("ctty fork wait") }],
  ["command", { valued: [], flags: "pvV" }],
  ["builtin", { valued: [] }],
  ["exec", { valued: ["-a"], flags: "cl" }],
  ["time", { valued: [...letters("fo"), ...names("format output")], flags: "apqv", long: names("append portability") }],
  [
    "timeout",
    {
      valued: [...letters("ks"), ...names("kill-after signal")],
      flags: "fpv",
      long: names("foreground preserve-status verbose"),
      leading: 1,
    },
  ],
  ["nice", { valued: ["-n", "--adjustment"], flags: "0123456789" }],
  ["ionice", { valued: [...letters("cnp"), ...names("class classdata")], flags: "t" }],
  ["stdbuf", { valued: [...letters("ioe"), ...names("input output error")] }],
  ["chrt", { valued: [], flags: "abfior", leading: 1 }],
  ["taskset", { valued: [], flags: "ac", leading: 1 }],
  ["unbuffer", { valued: [], flags: "p" }],
  [
    "xargs",
    {
      valued: [...letters("InPLsdEa"), ...names("max-args max-procs max-lines delimiter arg-file")],
      flags: "0rtx",
      long: names("null no-run-if-empty verbose exit replace"),
    },
  ],
  ["watch", { valued: ["-n", "--interval"], flags: "bcdegtx" }],
  ["strace", { valued: letters("eopsuEPIO"), flags: "fFqvtTrcCixy" }],
]);

function afterOptions(words: ShellWord[], wrapper: Wrapper): ShellWord[] {
  let at = 0;
  for (; at < words.length; at += 1) {
    const word = words[at]!;
    if (!word.literal) break;
    if (word.text === "--") {
      at += 1;
      break;
    }
    if (!word.text.startsWith("-") || word.text === "-") break;
    if (wrapper.valued.includes(word.text)) at += 1;
    // The word after one that nobody knows may be its value, or the command.
    else if (!isWhole(word.text, wrapper)) throw new NotUnderstood(`the option "${word.text}" is not known`);
  }
  return words.slice(at + (wrapper.leading ?? 0));
}

/** Whether an option takes no further word: it has none, or has its value with it. */
function isWhole(option: string, { valued, flags = "", long = [] }: Wrapper): boolean {
  if (option.startsWith("--")) return option.includes("=") || long.includes(option) || option === "--help";
  for (const [index, letter] of [...option.slice(1)].entries()) {
    if (valued.includes(`-${letter}`)) return index < option.length - 2;
    if (!flags.includes(letter)) return false;
  }
  return true;
}

/** An unquoted variable may become several words, and the second one the command. */
function refuseOpen(assignments: ShellWord[]): void {
  if (!assignments.every((word) => word.literal)) throw new NotUnderstood("the name of the command is not fixed");
}

// Nobody starts a program through more.
const MOST_WRAPPERS = 200;

/** The inner words as a command of their own, which may be a wrapper again. */
function through(
  outer: ShellCommand,
  wrapper: string,
  words: ShellWord[],
  parse: (text: string) => ShellCommand[],
): ShellCommand[] {
  if (outer.wrappers.length >= MOST_WRAPPERS) throw new NotUnderstood("it is nested too deeply");
  const inner: ShellCommand = { ...outer, words, wrappers: [...outer.wrappers, wrapper], outers: outersWith(outer) };
  return unwrap(inner, parse);
}

function outersWith({ outers = [], words }: ShellCommand): ShellWord[][] {
  return [...outers, words];
}

function wrapAll(outer: ShellCommand, wrapper: string, inner: ShellCommand[]): ShellCommand[] {
  return inner.map(withoutPlaces).map((command) => ({
    words: command.words,
    assignments: [...outer.assignments, ...command.assignments],
    redirects: [...outer.redirects, ...command.redirects],
    wrappers: [...outer.wrappers, wrapper, ...command.wrappers],
    outers: [...outersWith(outer), ...(command.outers ?? [])],
    place: outer.place,
  }));
}

function unwrapShell(
  command: ShellCommand,
  shell: string,
  rest: ShellWord[],
  parse: (text: string) => ShellCommand[],
): ShellCommand[] {
  const at = rest.findIndex((word) => /^-[a-z]*c[a-z]*$/.test(word.text));
  const before = rest.slice(0, Math.max(at, 0));
  const isPosix = !/(fish|csh|pwsh|powershell|cmd)(\.exe)?$/.test(shell);
  if (at < 0 || !isPosix || !before.every((word, index) => isShellOption(word, before[index - 1]))) return [command];
  // "-euc pipefail": a letter before it took a word.
  const behind = rest.slice(at + 1 + (/o/.test(rest[at]!.text) ? 1 : 0));
  const script = behind[0]?.text === "--" ? behind[1] : behind[0];
  if (!script) return [command];
  if (/^[-+]/.test(script.text)) throw new NotUnderstood(`"${shell}" has options behind "-c"`);
  return wrapAll(command, shell, parse(literalText([script])));
}

/** Also the name behind "-o" and "-euo". */
function isShellOption({ text, literal }: ShellWord, last: ShellWord | undefined): boolean {
  return literal && (/^[-+]/.test(text) || /^[-+][a-z]*[oO]$/.test(last?.text ?? ""));
}

function unwrapEnv(command: ShellCommand, rest: ShellWord[], parse: (text: string) => ShellCommand[]): ShellCommand[] {
  const assignments: ShellWord[] = [];
  for (const [at, word] of rest.entries()) {
    if (word.literal && /^(-S|--split-string)/.test(word.text)) {
      // Splits its text by rules close to the shell's, but not quite.
      throw new NotUnderstood('"env -S" splits text by its own rules');
    }
    const isOption = word.text.startsWith("-");
    if (isOption && /^-([uC]|-unset|-chdir)$/.test(word.text))
      throw new NotUnderstood(`"env ${word.text}" changes where or with what it runs`);
    if (/^-[a-zA-Z]*S/.test(word.text)) throw new NotUnderstood('"env -S" splits text by its own rules');
    if (isOption) continue;
    if (/^[^=]+=/.test(word.text)) {
      refuseOpen([word]);
      assignments.push(word);
      continue;
    }
    return through({ ...command, assignments: [...command.assignments, ...assignments] }, "env", rest.slice(at), parse);
  }
  return [{ ...command, assignments: [...command.assignments, ...assignments] }];
}

/** "command -v git": starts nothing, and says where it is. */
export function tellsOfCommand([name, option = ""]: string[]): boolean {
  return name === "command" && /^-p?[vV]p?$/.test(option);
}

export function isShell(name: string): boolean {
  return SHELLS.has(name);
}

/** Whether a program starts what its words say, and is looked through here. */
export function isWrapper(name: string): boolean {
  return SHELLS.has(name) || WRAPPERS.has(name) || ["env", "find", "eval"].includes(name);
}

/** `find` itself, and what its -exec, -execdir, -ok and -okdir start. */
function unwrapFind(command: ShellCommand, parse: (text: string) => ShellCommand[]): ShellCommand[] {
  const found: ShellCommand[] = [command];
  for (const [at, word] of command.words.entries()) {
    if (!/^-(exec|ok)(dir)?$/.test(word.text)) continue;
    const rest = command.words.slice(at + 1);
    const end = rest.findIndex((one) => one.text === ";" || one.text === "+");
    const words = end < 0 ? rest : rest.slice(0, end);
    if (words.length > 0) found.push(...through({ ...command, redirects: [] }, `find ${word.text}`, words, parse));
  }
  return found;
}

function literalText(words: ShellWord[]): string {
  if (!words.every((word) => word.literal)) throw new NotUnderstood("a shell runs text that is not fixed");
  return words.map((word) => word.text).join(" ");
}
