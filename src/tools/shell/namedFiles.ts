import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { isAppError } from "../../base/appError.ts";
import type { Files } from "../../core/ports/files.ts";
import type { Dialect } from "../../shell/shellLine.ts";
import { toWorkspacePath } from "../files/workspacePath.ts";
import { roughWords } from "./roughWords.ts";
import { systemShell } from "./systemShell.ts";

/**
 * A digest of the files of the workspace that a command names: a script that it would run, a list that it would read. It is
 * another when one of them was changed, made or removed. "" where it names none.
 */
export async function namedFilesDigest(
  command: string,
  workspace: string,
  files: Files,
  dialect: Dialect = systemShell.kind,
): Promise<string> {
  const digest = createHash("sha256");
  let named = 0;
  for (const word of new Set(roughWords(command, dialect))) {
    const state = await stateOf(word, workspace, files);
    if (state === undefined) continue;
    named += 1;
    digest.update(`${word}\0${state}\0`);
  }
  return named === 0 ? "" : digest.digest("hex");
}

/** Undefined for what is no file of the workspace. */
async function stateOf(word: string, workspace: string, files: Files): Promise<string | undefined> {
  try {
    const { real, exists } = await toWorkspacePath(workspace, word);
    if (!exists) return undefined;
    const found = await stat(real);
    if (!found.isFile()) return undefined;
    // As the user's editor has it: an earlier call of the same answer may be about to write it.
    const text = await files.readText(real).catch(() => `${found.size} ${found.mtimeMs}`);
    return typeof text === "string" ? text : `${text.encoding} ${text.text}`;
  } catch (error) {
    if (isAppError(error)) return undefined;
    return (error as NodeJS.ErrnoException).code === undefined ? Promise.reject(error as Error) : undefined;
  }
}
