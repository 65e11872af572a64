import { lstatSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { isAppError } from "../../base/appError.ts";
import { headOf } from "../../base/cutText.ts";
import { isInside } from "../../base/files/isInside.ts";
import type { Files } from "../../core/ports/files.ts";
import { visibleData } from "../../base/text/visible.ts";
import type { InstructionFiles } from "../../core/ports/context/instructionFiles.ts";
import type { InstructionFile } from "../../protocol/context/instructionFile.ts";
import type { Rule } from "../../protocol/rule.ts";
import { deniedReading } from "../../rules/deniedReading.ts";
import { secretReason } from "../../rules/secretReason.ts";
import { toWorkspacePath } from "./workspacePath.ts";

/** One in each folder: the first that is there. */
const NAMES = ["AGENTS.md", "CLAUDE.md"];

// Sent with every request, so a long one is cut, and says so.
const MOST_CHARS = 32_000;
const MOST_BYTES = 1_000_000;
// Others wrote what is in these, for the packages themselves.
const NOT_IN = new Set(["node_modules", ".git"]);

interface InstructionFilesOptions {
  stateDir: string;
  files: Files;
  /** What may be read of a workspace, as it is in force. */
  rules: (workspace: string) => Rule[];
}

/** AGENTS.md of a workspace and its folders, as its user sees them, and AGENTS.md of the state folder. */
export function createInstructionFiles({ stateDir, files, rules }: InstructionFilesOptions): InstructionFiles {
  const theirsIn = (workspace: string, beneath: string) =>
    readFolder(workspace, beneath, { files, rules: rules(workspace) });
  return {
    async standing(workspace) {
      const theirs = workspace === undefined ? [] : await theirsIn(workspace, ".");
      const own = await readFolder(stateDir, ".", { files, rules: [] });
      return [
        ...theirs,
        ...own.map((file): InstructionFile => ({ ...file, name: "the user's AGENTS.md", from: "user" })),
      ];
    },
    async beneath(workspace, places) {
      const folders = [...new Set([...places].flatMap((place) => foldersTo(workspace, place)))];
      const outerFirst = folders.toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1));
      return (await Promise.all(outerFirst.map((folder) => theirsIn(workspace, folder)))).flat();
    },
  };
}

/** The folders on the way to a place, and the place itself, as it may be one; without the workspace. From it, with "/". */
function foldersTo(workspace: string, place: string): string[] {
  const folders: string[] = [];
  for (let at = place; at !== workspace && isInside(workspace, at); at = dirname(at)) {
    folders.push(relative(workspace, at).split(sep).join("/"));
  }
  return folders.filter((folder) => folder.split("/").every((name) => !NOT_IN.has(name)));
}

interface Reading {
  files: Files;
  rules: Rule[];
}

async function readFolder(root: string, beneath: string, reading: Reading): Promise<InstructionFile[]> {
  const name = NAMES.find((one) => isThere(join(root, beneath, one)));
  if (name === undefined) return [];
  const shown = beneath === "." ? name : `${beneath}/${name}`;
  const file = { path: join(root, beneath, name), name: shown, from: "workspace" as const, beneath };
  try {
    return [{ ...file, ...(await readWhole(root, shown, reading)) }];
  } catch (error) {
    if (!isAppError(error)) throw error;
    return [{ ...file, text: "", problem: error.message }];
  }
}

async function readWhole(
  root: string,
  name: string,
  { files, rules }: Reading,
): Promise<Pick<InstructionFile, "text" | "problem">> {
  const { real } = await toWorkspacePath(root, name);
  const denied = deniedReading(rules, real, root);
  if (denied !== undefined) return { text: "", problem: denied };
  const secret = await secretReason(root, real);
  if (secret !== undefined) return { text: "", problem: `It leads to ${relative(root, real)}: ${secret}` };
  const { size } = lstatSync(real);
  if (size > MOST_BYTES) return { text: "", problem: `It has ${size} bytes, and may have ${MOST_BYTES}` };
  // Nobody sees what is hidden in a file, and a model would follow it.
  const text = visibleData((await files.readText(real)).text).trim();
  if (text.length <= MOST_CHARS) return { text };
  const left = text.length - MOST_CHARS;
  return {
    text: `${headOf(text, MOST_CHARS)}\n[${left} more characters of ${name} are not shown here; read it for the rest]`,
    problem: `Only its first ${MOST_CHARS} characters are told, ${left} are not`,
  };
}

/** Under exactly this name, a link too. */
function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}
