import { statSync } from "node:fs";
import { resolve } from "node:path";
import { InvalidArgumentError } from "commander";

/** A port, of the words of an option. */
export function toPort(text: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new InvalidArgumentError("Write a number from 0 to 65535.");
  return port;
}

/** The whole path of a file that is there. */
export function toFile(text: string): string {
  const path = resolve(text);
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) throw new InvalidArgumentError("There is no such file.");
  return path;
}

/** The folders before, and the whole path of one more that is there. */
export function addFolder(text: string, before: string[] = []): string[] {
  const path = resolve(text);
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw new InvalidArgumentError("There is no such folder.");
  return [...before, path];
}
