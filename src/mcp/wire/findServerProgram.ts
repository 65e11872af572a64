import { dirname, isAbsolute, join } from "node:path";
import { AppError } from "../../base/appError.ts";
import { findProgram, type Machine, thisMachine } from "../../base/findProgram.ts";
import { nameTable } from "../../base/nameTable.ts";

/** What is started for a command, and with which arguments before its own. */
export interface ServerProgram {
  file: string;
  before: string[];
}

/**
 * The program that a command names: an absolute path as it is, a bare name as PATH has it, but never from a workspace.
 * Of npm's own programs, which are scripts on Windows, what they start. `not_found` where there is none.
 */
export function findServerProgram(
  command: string,
  workspaces: string[],
  machine: Machine = thisMachine,
): ServerProgram {
  const isBare = !/[\\/]/.test(command);
  if (!isBare && !isAbsolute(command))
    throw new AppError("bad_request", `${command} is neither a name nor an absolute path, so it is not started`);
  const found = findProgram([command], workspaces, machine);
  if (found !== undefined) return { file: found, before: [] };
  const script = NPM_SCRIPTS[command.toLowerCase()];
  const node = machine.platform === "win32" && script ? findProgram(["node"], workspaces, machine) : undefined;
  if (node !== undefined) {
    const file = join(dirname(node), "node_modules", "npm", "bin", script!);
    if (machine.isProgram(file)) return { file: node, before: [file] };
  }
  const hint = /\s/.test(command) ? "; what stands behind its name belongs into args" : "";
  const where = isBare ? `in PATH, the workspaces left out${hint}` : `there, or it may not be run${hint}`;
  throw new AppError("not_found", `No program ${command} is ${where}`);
}

const NPM_SCRIPTS = nameTable<string>({
  npx: "npx-cli.js",
  "npx.cmd": "npx-cli.js",
  npm: "npm-cli.js",
  "npm.cmd": "npm-cli.js",
});
