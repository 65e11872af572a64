import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileFault } from "../../base/files/fileFault.ts";
import type { ChainEnd } from "../../base/hashChain.ts";

/** The file that is written to. Full ones stand beside it as audit-00001.jsonl and so on, the oldest first. */
export const CURRENT_FILE = "audit.jsonl";
/** Where the chain had got to when it was last written: shows that lines are missing at its end. */
export const END_FILE = "end.json";

export function auditFolder(stateDir: string): string {
  return join(stateDir, "audit");
}

export function fullFileName(number: number): string {
  return `audit-${String(number).padStart(5, "0")}.jsonl`;
}

/** Names of the full files by their numbers, oldest first. */
export async function listFullFiles(folder: string): Promise<{ name: string; number: number }[]> {
  const names = await readdir(folder).catch(ifMissing<string[]>([]));
  return names
    .flatMap((name) => {
      const number = /^audit-(\d+)\.jsonl$/.exec(name)?.[1];
      return number === undefined ? [] : [{ name, number: Number(number) }];
    })
    .toSorted((a, b) => a.number - b.number);
}

/** The file's text; "" when it is not there. */
export async function readText(path: string): Promise<string> {
  return readFile(path, "utf8")
    .catch(ifMissing(""))
    .catch((error: unknown) => {
      throw fileFault(error, path, "read");
    });
}

export async function readEnd(folder: string): Promise<ChainEnd | undefined> {
  const text = await readText(join(folder, END_FILE));
  try {
    const end = JSON.parse(text) as Partial<ChainEnd> | null;
    if (typeof end?.seq === "number" && typeof end.hash === "string") return { seq: end.seq, hash: end.hash };
  } catch {
    // Missing or half written: the lines themselves still hold.
  }
  return undefined;
}

function ifMissing<T>(value: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === "ENOENT") return value;
    throw error;
  };
}
