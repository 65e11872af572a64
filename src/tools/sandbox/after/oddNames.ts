import { type Dirent, lstatSync, type Stats } from "node:fs";
import { readdir, rename } from "node:fs/promises";
import { isBareRepository } from "../git/gitPlaces.ts";

const MAX_FOLDERS = 10_000;
const CLOCK_LAG_MS = 10;
let count = 0;

/**
 * Sets repositories aside that were made since a time below folders whose names are no text, which a path in words never leads
 * to. `folders` have such names in them. Resolves with the names, as far as they can be read.
 */
export async function setOddAside(folders: string[], since: number): Promise<string[]> {
  const done: string[] = [];
  const waiting: Buffer[] = [];
  for (const folder of folders) {
    const place = Buffer.from(folder);
    waiting.push(...(await entriesOf(place)).filter(isOdd).flatMap((one) => below(place, one)));
  }
  for (let looked = 0; waiting.length > 0 && looked < MAX_FOLDERS; looked += 1) {
    const folder = waiting.pop()!;
    const entries = await entriesOf(folder);
    const names = entries.map(({ name }) => name.toString());
    const deciding = entries.filter(({ name }) => name.toString().toLowerCase() === ".git");
    if (isBareRepository(names)) deciding.push(...entries.filter(({ name }) => name.toString() === "HEAD"));
    for (const { name } of deciding) {
      const path = join(folder, name);
      if ((look(path)?.ctimeMs ?? 0) >= since - CLOCK_LAG_MS && (await moveAside(path))) done.push(path.toString());
    }
    waiting.push(...entries.filter((one) => !deciding.includes(one)).flatMap((one) => below(folder, one)));
  }
  return done;
}

type Entry = Dirent<Buffer>;

/** Whether a name that was read as text is not the one that is there. */
export function isOddName(name: string): boolean {
  return name.includes("\ufffd");
}

function isOdd({ name }: Entry): boolean {
  return !Buffer.from(name.toString()).equals(name);
}

function below(folder: Buffer, entry: Entry): Buffer[] {
  return entry.isDirectory() ? [join(folder, entry.name)] : [];
}

async function moveAside(path: Buffer): Promise<boolean> {
  count += 1;
  const place = Buffer.concat([path, Buffer.from(`.set-aside-${Date.now().toString(36)}${count.toString(36)}`)]);
  const isMoved = await rename(path, place).then(
    () => true,
    () => false,
  );
  // Under its new name it would be one without files of its own.
  if (isMoved && look(place)?.isDirectory()) {
    const head = join(place, Buffer.from("HEAD"));
    await rename(head, Buffer.concat([head, Buffer.from(".set-aside")])).catch(() => {});
  }
  return isMoved;
}

function join(folder: Buffer, name: Buffer): Buffer {
  return Buffer.concat([folder, Buffer.from("/"), name]);
}

async function entriesOf(folder: Buffer): Promise<Entry[]> {
  return await readdir(folder, { withFileTypes: true, encoding: "buffer" }).catch((): Entry[] => []);
}

function look(path: Buffer): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}
