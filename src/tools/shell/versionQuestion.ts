import { open } from "node:fs/promises";
import { basename } from "node:path";
import { findProgram } from "../../base/findProgram.ts";
import { realPath } from "../../base/files/realPath.ts";

/**
 * Whether a command only asks a program for its version, in the way its manual says. The program itself must be on the
 * path: a shim in its place (pyenv, asdf, volta, corepack, ccache ...) looks into the folder for what to run.
 */
export async function isVersionQuestion(name: string, args: string[], workspace: string): Promise<boolean> {
  const flags = VERSION_FLAGS.get(name);
  if (!flags || args.length !== 1 || !flags.includes(args[0]!)) return false;
  const found = findProgram([name], [workspace]);
  const file = found === undefined ? "" : realPath(found);
  return basename(file).includes(name) && !/shims?\b/.test(file) && (await isMachineCode(file));
}

// Not those that are scripts or take themselves from a project file: npm, yarn, pnpm, cargo, go, dotnet, java, ruby ...
const VERSION_FLAGS = new Map<string, string[]>([
  ["node", ["--version", "-v"]],
  ["python", ["--version", "-V"]],
  ["python3", ["--version", "-V"]],
  ["perl", ["--version", "-v"]],
  ...["git", "gcc", "g++", "clang", "make", "cmake", "docker", "rg"].map((name): [string, string[]] => [
    name,
    ["--version"],
  ]),
]);

const STARTS = ["7f454c46", "cffaedfe", "cefaedfe", "cafebabe"];

async function isMachineCode(file: string): Promise<boolean> {
  try {
    await using opened = await open(file, "r");
    const { buffer } = await opened.read(Buffer.alloc(4), 0, 4, 0);
    return STARTS.includes(buffer.toString("hex"));
  } catch {
    return false;
  }
}
