import { lstatSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const kept = new Map<string, { state: string; paths: string[] }>();
// That of a repository with a million files.
const MOST_BYTES = 200 * 1024 * 1024;

/**
 * The paths at which the index of a repository has another one, from its root: git looks into each of those whenever it tells
 * the state of this one. [] for an index that git could not read either.
 */
export async function gitLinks(folder: string): Promise<string[]> {
  const names = (await readdir(folder).catch((): string[] => [])).filter((name) => /^(shared)?index\b/.test(name));
  const found = await Promise.all(names.map((name) => linksIn(join(folder, name))));
  return [...new Set(found.flat())];
}

async function linksIn(index: string): Promise<string[]> {
  const stat = lstatSync(index, { throwIfNoEntry: false });
  if (!stat?.isFile() || stat.size > MOST_BYTES) return [];
  const state = `${stat.ino} ${stat.ctimeMs} ${stat.size}`;
  const known = kept.get(index);
  if (known?.state === state) return known.paths;
  const paths = parseLinks(await readFile(index).catch(() => Buffer.alloc(0)));
  kept.set(index, { state, paths });
  return paths;
}

const MODE_AT = 24;
const LINK_MODE = 0o160000;

/** Of the bytes of an index, in any of its versions. */
export function parseLinks(bytes: Buffer): string[] {
  if (bytes.length < 12 || bytes.toString("latin1", 0, 4) !== "DIRC") return [];
  const version = bytes.readUInt32BE(4);
  // Nothing but the size of the hashes tells how long they are: one of the two fits all entries.
  return entries(bytes, version, 20) ?? entries(bytes, version, 32) ?? [];
}

function entries(bytes: Buffer, version: number, hashBytes: number): string[] | undefined {
  const links: string[] = [];
  let at = 12;
  let before = Buffer.alloc(0);
  for (let left = bytes.readUInt32BE(8); left > 0; left -= 1) {
    const flagsAt = at + 40 + hashBytes;
    if (flagsAt + 4 > bytes.length) return undefined;
    const isLong = version >= 3 && (bytes.readUInt16BE(flagsAt) & 0x4000) !== 0;
    let nameAt = flagsAt + (isLong ? 4 : 2);
    let shared = 0;
    if (version === 4) {
      // How many bytes of the path before are left out at its end.
      let cut = bytes[nameAt]! & 0x7f;
      for (; bytes[nameAt]! & 0x80;) cut = ((cut + 1) << 7) | (bytes[(nameAt += 1)]! & 0x7f);
      nameAt += 1;
      shared = before.length - cut;
      if (shared < 0) return undefined;
    }
    const end = bytes.indexOf(0, nameAt);
    const mode = bytes.readUInt32BE(at + MODE_AT);
    if (end < 0 || !MODES.has(mode >> 12)) return undefined;
    const path = Buffer.concat([before.subarray(0, shared), bytes.subarray(nameAt, end)]);
    if (mode === LINK_MODE) links.push(path.toString("utf8"));
    before = path;
    at = version === 4 ? end + 1 : at + (Math.floor((end - at) / 8) + 1) * 8;
  }
  return links;
}

// Files, links, other repositories, and folders where only some of the files are there.
const MODES = new Set([0o10, 0o12, 0o16, 0o04]);
