import { resolve } from "node:path";
import { InvalidArgumentError } from "commander";
import { entryAt } from "../../base/files/entryAt.ts";
import { isWholePath } from "../../base/files/isWholePath.ts";

/** A port, of the words of an option. */
export function toPort(text: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new InvalidArgumentError("Write a number from 0 to 65535.");
  return port;
}

/** The whole path of a file that is there. */
export function toFile(text: string): string {
  const path = resolve(text);
  if (!found(path)?.isFile()) throw new InvalidArgumentError("There is no such file.");
  return path;
}

/** The whole path of a folder that is there. */
export function toFolder(text: string): string {
  const path = resolve(named(text));
  if (!found(path)?.isDirectory()) throw new InvalidArgumentError("There is no such folder.");
  return path;
}

/** The whole path of a folder, which may not be there. */
export function toFolderPath(text: string): string {
  return resolve(named(text));
}

/** A folder as the gateway is told it, which works in another one than whoever types, and on another machine perhaps. */
export function toFolderThere(text: string): string {
  return isWholePath(text, "linux") || isWholePath(text, "win32") ? text : resolve(named(text));
}

/** The folders before, and the whole path of one more that is there. */
export function addFolder(text: string, before: string[] = []): string[] {
  return [...before, toFolder(text)];
}

/** The folders before, and the whole path of one more, which may not be there. */
export function addFolderPath(text: string, before: string[] = []): string[] {
  return [...before, toFolderPath(text)];
}

/** Why a place that was named is not what it is to be; undefined where it is. */
export function faultOf(path: string, to: typeof toFile | typeof toFolder): string | undefined {
  try {
    to(path);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function found(path: string) {
  try {
    return entryAt(path);
  } catch (error) {
    throw new InvalidArgumentError(`${(error as Error).message}.`);
  }
}

/** The text, if it names anything: a variable that is not set must not mean the folder that one happens to be in. */
function named(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError("The path of a folder is wanted, and this is blank.");
  return text;
}
