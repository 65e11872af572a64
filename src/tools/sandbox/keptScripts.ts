import { relative } from "node:path";
import { isAppError } from "../../base/appError.ts";
import { protectedChange } from "../../rules/protectedPath.ts";
import { createDiskFiles } from "../files/diskFiles.ts";

/** The text of each package.json, by its path. */
export type PackageTexts = ReadonlyMap<string, string>;

const MAX_PACKAGES = 500;
const files = createDiskFiles();

export async function packageTexts(paths: string[]): Promise<PackageTexts> {
  const texts = new Map<string, string>();
  for (const path of paths.slice(0, MAX_PACKAGES)) {
    const text = await textOf(path);
    if (text !== undefined) texts.set(path, text);
  }
  return texts;
}

/**
 * Gives each package.json that is another by now its scripts back, all else in it as it is: installing changes the file, and
 * what it runs decides what code runs. Resolves with the names.
 */
export async function putScriptsBack(workspace: string, before: PackageTexts): Promise<string[]> {
  const changed: string[] = [];
  for (const [path, was] of before) {
    const is = await textOf(path);
    if (is === undefined || is === was || !protectedChange(path, was, is)) continue;
    await files
      .writeText(path, withScripts(is, was), is)
      .then(() => changed.push(relative(workspace, path)), unlessOurs);
  }
  return changed;
}

/** A text with the scripts of another; that other one where either is no JSON. */
function withScripts(text: string, other: string): string {
  try {
    const whole = JSON.parse(text) as Record<string, unknown>;
    const kept = JSON.parse(other) as Record<string, unknown>;
    for (const name of ["scripts", "bin"]) {
      if (name in kept) whole[name] = kept[name];
      else delete whole[name];
    }
    return `${JSON.stringify(whole, null, /^[ \t]+(?=")/m.exec(text)?.[0] ?? 2)}\n`;
  } catch {
    return other;
  }
}

async function textOf(path: string): Promise<string | undefined> {
  return (await files.readText(path).catch(unlessOurs))?.text;
}

function unlessOurs(error: unknown): undefined {
  if (!isAppError(error)) throw error;
}
