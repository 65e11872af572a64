import { visible } from "../../base/visible.ts";
import { isAppError } from "../../base/appError.ts";
import { protectedReason } from "../files/protectedPath.ts";
import { toWorkspacePath } from "../files/workspacePath.ts";
import { isHarmlessGit } from "./harmlessGit.ts";
import { HARMLESS_COMMANDS, type HarmlessCommand } from "./harmlessCommands.ts";
import type { ShellCommand, ShellRedirect } from "./shellCommand.ts";
import { parseShellLine } from "./shellLine.ts";

/**
 * Whether every command of a line is known to only read, and only inside the workspace. False whenever there is any
 * doubt: an unknown command or option, an expansion, a redirect to a file, a path that leads out or is protected.
 */
export async function isHarmless(line: string, workspace: string): Promise<boolean> {
  // Other shells, other rules.
  if (process.platform === "win32" || workspace === "") return false;
  if (visible(line) !== line || line.includes("\r")) return false;
  const parsed = parseShellLine(line);
  if (!parsed.understood) return false;
  for (const command of parsed.commands) {
    if (!(await isHarmlessCommand(command, workspace))) return false;
  }
  return true;
}

async function isHarmlessCommand(command: ShellCommand, workspace: string): Promise<boolean> {
  if (command.wrappers.length > 0 || command.assignments.length > 0) return false;
  if (!command.words.every((word) => word.literal)) return false;
  if (!command.redirects.every(isHarmlessRedirect)) return false;
  const [name, ...args] = command.words.map((word) => word.text);
  if (name === undefined) return false;
  if (name === "git") return isHarmlessGit(args, workspace);
  const known = HARMLESS_COMMANDS.get(name);
  const paths = known && pathsOf(args, known);
  if (!paths) return false;
  for (const path of paths) {
    if (!(await isReadableInside(path, workspace))) return false;
  }
  return true;
}

function isHarmlessRedirect({ operator, target }: ShellRedirect): boolean {
  if (operator === ">&" || operator === "<&") return target.literal && /^[0-9-]$/.test(target.text);
  return [">", ">>", "<", "&>"].includes(operator) && target.literal && target.text === "/dev/null";
}

/** The words that name files; undefined when an option is not one of the known ones. */
function pathsOf(args: string[], known: HarmlessCommand): string[] | undefined {
  if (known.check) return known.check(args);
  const positional: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at]!;
    if (arg === "--") {
      positional.push(...args.slice(at + 1));
      break;
    }
    if (!arg.startsWith("-") || arg === "-") positional.push(arg);
    else if (known.numeric && /^-\d+$/.test(arg)) continue;
    else if (arg.startsWith("--")) {
      const name = arg.replace(/=.*$/s, "");
      if (!known.long?.includes(name)) return undefined;
    } else {
      const takesNext = shortOptions(arg.slice(1), known);
      if (takesNext === undefined) return undefined;
      if (takesNext) at += 1;
    }
  }
  return positional.slice(known.texts ?? 0).filter((path) => path !== "-");
}

/** Whether a cluster such as "-nA" takes the next word; undefined when a letter of it is not known. */
function shortOptions(cluster: string, known: HarmlessCommand): boolean | undefined {
  for (const [index, letter] of [...cluster].entries()) {
    if (known.valued?.includes(letter)) return index === cluster.length - 1;
    if (!known.flags?.includes(letter)) return undefined;
  }
  return false;
}

async function isReadableInside(path: string, workspace: string): Promise<boolean> {
  try {
    const { real, shown } = await toWorkspacePath(workspace, path);
    return !protectedReason(real, "read") && !protectedReason(shown, "read") && !protectedReason(path, "read");
  } catch (error) {
    if (isAppError(error)) return false;
    throw error;
  }
}
