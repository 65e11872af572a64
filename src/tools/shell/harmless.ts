import { visible } from "../../base/text/visible.ts";
import { HARMLESS_COMMANDS } from "./harmlessCommands.ts";
import { harmlessGit } from "./harmlessGit.ts";
import { harmlessRipgrep } from "./harmlessRipgrep.ts";
import { isVersionQuestion } from "./versionQuestion.ts";
import { areReadable, pathsOf, readableFolder } from "./readableWords.ts";
import type { ShellCommand, ShellRedirect } from "../../shell/shellCommand.ts";
import { type Dialect, parseShellLine } from "../../shell/shellLine.ts";
import { systemShell } from "../../processes/systemShell.ts";

/**
 * The line to run instead of one that is known to only read, and only what is not protected inside the workspace: every
 * word quoted, so that it is what was judged in any shell, and git and rg told to leave protected files out. Undefined
 * whenever there is any doubt: an unknown command or option, an expansion, a redirect to a file, a path that leads out.
 */
export async function harmlessLine(
  line: string,
  workspace: string,
  dialect: Dialect = systemShell.kind,
): Promise<string | undefined> {
  if (workspace === "") return undefined;
  if (visible(line) !== line || line.includes("\r")) return undefined;
  const parsed = parseShellLine(line, dialect);
  if (!parsed.understood) return undefined;
  let rewritten = "";
  let at = 0;
  const inside = dialect === "posix" ? await enteredFolder(parsed.commands[0], workspace) : undefined;
  for (const [index, command] of parsed.commands.entries()) {
    const { start, end } = command.place;
    const isEntering = inside !== undefined && index === 0;
    const words = isEntering ? ["cd", inside] : await harmlessWords(command, workspace, inside);
    const between = line.slice(at, start);
    if (!words || start < at || !isSeparator(between)) return undefined;
    // Should it not get there, nothing may run in the folder that it was in before.
    if (inside !== undefined && !(index === 0 ? /^\s*$/ : index === 1 ? /^ *&& *$/ : /^ *(?:&&|\|) *$/).test(between))
      return undefined;
    rewritten += line.slice(at, start) + [...words.map(quoted), ...command.redirects.map(drawn)].join(" ") + " ";
    at = end;
  }
  return isSeparator(line.slice(at)) ? rewritten + line.slice(at) : undefined;
}

/** What is between two commands: nothing that opens, closes or expands. */
function isSeparator(text: string): boolean {
  return /^(?:[ \t\n]|&&|\|\||[;|&]|! |#[^\n]*(?:\n|$))*$/.test(text);
}

/** The folder of the workspace that a first command goes into: `cd DIR`. Its real path, which no CDPATH leads elsewhere. */
async function enteredFolder(command: ShellCommand | undefined, workspace: string): Promise<string | undefined> {
  if (!command || command.redirects.length > 0) return undefined;
  const [name, path, ...more] = plainWords(command) ?? [];
  if (name !== "cd" || path === undefined || path.startsWith("-") || more.length > 0) return undefined;
  return await readableFolder(path, workspace);
}

/** What a command says, word by word, where a shell makes nothing else of it. */
function plainWords({ wrappers, assignments, words }: ShellCommand): string[] | undefined {
  if (wrappers.length > 0 || assignments.length > 0) return undefined;
  return words.every((word) => word.literal) ? words.map((word) => word.text) : undefined;
}

/** `inside`: the folder below the workspace that it runs in, where that is another. */
async function harmlessWords(
  command: ShellCommand,
  workspace: string,
  inside: string | undefined,
): Promise<string[] | undefined> {
  if (!command.redirects.every(isHarmlessRedirect)) return undefined;
  const [name, ...args] = plainWords(command) ?? [];
  if (name === undefined) return undefined;
  if (inside !== undefined) {
    // Not git, rg and others that read what they find: what is left out for them is told from the workspace on.
    const known = HARMLESS_COMMANDS.get(name);
    const paths = known && pathsOf(args, known);
    return paths && (await areReadable(paths, workspace, inside)) ? [name, ...args] : undefined;
  }
  if (name === "rg") return await harmlessRipgrep(args, workspace);
  if (await isVersionQuestion(name, args, workspace)) return [name, ...args];
  if (name === "git") return await harmlessGit(args, workspace);
  const known = HARMLESS_COMMANDS.get(name);
  const paths = known && pathsOf(args, known);
  return paths && (await areReadable(paths, workspace)) ? [name, ...args] : undefined;
}

function isHarmlessRedirect({ operator, target }: ShellRedirect): boolean {
  if (operator === ">&" || operator === "<&") return target.literal && /^[0-9-]$/.test(target.text);
  return [">", ">>", "<"].includes(operator) && target.literal && target.text === "/dev/null";
}

function drawn({ descriptor, operator, target }: ShellRedirect): string {
  return `${descriptor}${operator}${target.text}`;
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
