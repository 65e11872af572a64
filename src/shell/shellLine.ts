import { NotUnderstood, type ShellCommand } from "./shellCommand.ts";
import { readShell } from "./shellReader.ts";
import { unwrap } from "./shellWrappers.ts";

/** Every command of a line, those inside substitutions, wrappers and `sh -c` included; or why it is not understood. */
export type ShellLine = { understood: true; commands: ShellCommand[] } | { understood: false; reason: string };

const MAX_LENGTH = 20_000;

/** Whose rules a line is written by. Only those of POSIX shells are read. */
export type Dialect = "posix" | "powershell" | "cmd";

/** Reads a whole shell line or script. Never throws; whatever is not surely understood says so. */
export function parseShellLine(line: string, dialect: Dialect = "posix"): ShellLine {
  if (dialect !== "posix") {
    const name = dialect === "cmd" ? "cmd.exe" : "PowerShell";
    return { understood: false, reason: `it is written for ${name}, whose lines are not read` };
  }
  return understand(() => parse(line, 0));
}

/** The same of the commands as they are written: none of those that others start is looked for. */
export function readPlainLine(line: string): ShellLine {
  return understand(() => readShell(line));
}

function understand(read: () => ShellCommand[]): ShellLine {
  try {
    const commands = read();
    if (commands.length === 0) return { understood: false, reason: "there is no command in it" };
    return { understood: true, commands };
  } catch (error) {
    if (error instanceof NotUnderstood) return { understood: false, reason: error.message };
    throw error;
  }
}

function parse(line: string, depth: number): ShellCommand[] {
  if (depth > 8) throw new NotUnderstood("it is nested too deeply");
  if (line.length > MAX_LENGTH) throw new NotUnderstood("it is too long");
  return readShell(line).flatMap((command) => unwrap(command, (inner) => parse(inner, depth + 1)));
}
