import { writeFile } from "node:fs/promises";
import { relative } from "node:path";
import { isAppError } from "../../../base/appError.ts";
import { isInside } from "../../../base/files/isInside.ts";
import { protectedChange, SCRIPT_FIELDS } from "../../../rules/protectedPath.ts";
import { createDiskFiles } from "../../files/diskFiles.ts";
import { linkAbove, look } from "./linkAbove.ts";
import { keepAside, moveAside } from "./moveAside.ts";

/** The text of each package.json, by its path. */
export type PackageTexts = ReadonlyMap<string, string>;

const MAX_PACKAGES = 500;
const files = createDiskFiles();

// Those that a command took away: what the next one puts there is no new file.
const gone = new Map<string, string>();

/** How they are before a command that nobody looked at; one that the last such command took away is as it was then. */
export async function packageTexts(workspace: string, paths: string[]): Promise<PackageTexts> {
  const texts = new Map([...gone].filter(([path]) => isInside(workspace, path)));
  for (const path of paths.slice(0, MAX_PACKAGES)) {
    gone.delete(path);
    const text = await textOf(path);
    if (text !== undefined) texts.set(path, text);
    else texts.delete(path);
  }
  return texts;
}

/** How a package.json was, and what somebody else is just making of it. */
export interface KeptPackage {
  was: string;
  begun: string[];
}

/**
 * Gives each package.json that is another by now its scripts back, all else in it as it is: installing changes the file, and
 * what it runs decides what code runs. One that can no longer be read is as it was. Resolves with the names.
 */
export async function putScriptsBack(workspace: string, before: ReadonlyMap<string, KeptPackage>): Promise<string[]> {
  const changed: string[] = [];
  for (const [path, { was, begun }] of before) {
    gone.delete(path);
    const is = await textOf(path);
    if (is !== undefined && begun.includes(is)) continue;
    const link = linkAbove(path, workspace);
    if (is === was && link === undefined) continue;
    // What a link leads to may be somebody else's: it goes itself, and what was there is gone with it.
    const isElse = link !== undefined && look(path) !== undefined && (await moveAside(link));
    if (isElse) changed.push(relative(workspace, link));
    if (link !== undefined || (is === undefined && !look(path))) gone.set(path, was);
    else if (is === undefined ? await replace(path, was) : await putBack(path, was, is))
      changed.push(relative(workspace, path));
  }
  return changed;
}

async function putBack(path: string, was: string, is: string): Promise<boolean> {
  if (!protectedChange(path, was, is)) return false;
  // It may have been somebody else who changed them while the command ran.
  await keepAside(path, is);
  return await files.writeText(path, withScripts(is, was), is).then(
    () => true,
    async (error: unknown) => (unlessOurs(error), await replace(path, was)),
  );
}

/** A link, a folder, a file too large to be one: npm might read what we do not. */
async function replace(path: string, text: string): Promise<boolean> {
  if (!(await moveAside(path))) return false;
  await writeFile(path, text, { flag: "wx" });
  return true;
}

/** A text with the scripts of another; that other one where either is no JSON. */
function withScripts(text: string, other: string): string {
  try {
    const whole = JSON.parse(text) as Record<string, unknown>;
    const kept = JSON.parse(other) as Record<string, unknown>;
    for (const name of SCRIPT_FIELDS) {
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
