import { rm } from "node:fs/promises";
import { existsSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { readPrivateFile, writePrivateFile } from "../../config/privateFile.ts";
import type { Service } from "./service.ts";

const FILE = "service.json";

/** Notes in the state folder with which words its service is started. */
export async function keepServiceRecord(stateDir: string, { name, words }: Service): Promise<void> {
  await writePrivateFile(join(stateDir, FILE), `${JSON.stringify({ name, words }, null, 2)}\n`);
}

export async function dropServiceRecord(stateDir: string): Promise<void> {
  await rm(join(stateDir, FILE), { force: true });
}

/** What the service of a state folder is started with and is not there any more: programs, folders, its configuration. */
export function missingPlaces(stateDir: string): string[] {
  let record: Partial<Service>;
  try {
    record = JSON.parse(readPrivateFile(join(stateDir, FILE)) ?? "{}") as Partial<Service>;
  } catch {
    return [];
  }
  const { words = [] } = record;
  // A file of variables need not be there.
  const places = words.filter((word, at) => isAbsolute(word) && words[at - 1] !== "--variables");
  return places.filter((place) => !existsSync(place));
}
