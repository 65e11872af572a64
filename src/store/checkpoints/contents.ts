import { createHash } from "node:crypto";
import { readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { constants, gunzip, gzip } from "node:zlib";
import { BoundedMap } from "../../base/boundedMap.ts";
import { makeFolders } from "../../base/files/makeFolders.ts";
import { newId } from "../../base/id.ts";

const pack = promisify(gzip);
const unpack = promisify(gunzip);

/** Contents of files under their digests, each once, compressed, for their owner alone. */
export interface Contents {
  /** Resolves with the digest under which it can be had. */
  put(bytes: Uint8Array): Promise<string>;
  /** It counts as put now. */
  refresh(digest: string): Promise<void>;
  /** Undefined when it is no longer there, or damaged. */
  get(digest: string): Promise<Buffer | undefined>;
  /** Every digest, with the bytes that it takes and when it was put. */
  list(): Promise<{ digest: string; bytes: number; at: number }[]>;
  /** Removes one, unless it was put after `before`. */
  remove(digest: string, before: number): Promise<void>;
}

// Of each, its digest and its size are in memory.
const MOST_SOUND = 100_000;

export function openContents(folder: string): Contents {
  const placeOf = (digest: string) => join(folder, digest.slice(0, 2), digest);
  /** The sizes of those that were read back, or written, by this process. */
  const sound = new BoundedMap<string, number>(MOST_SOUND);
  /** What a power cut left empty or cut off would be taken for kept, and never be. */
  const isSound = async (digest: string): Promise<boolean> => {
    const size = await sizeAt(placeOf(digest));
    if (size === undefined) return false;
    if (sound.get(digest) === size) return true;
    if ((await readAt(placeOf(digest), digest)) === undefined) return false;
    sound.set(digest, size);
    return true;
  };
  return {
    async put(bytes) {
      const digest = digestOf(bytes);
      const place = placeOf(digest);
      if ((await isSound(digest)) && (await isFresh(place))) return digest;
      await makeFolders(dirname(place), 0o700);
      const fresh = `${place}.${newId("new")}`;
      const packed = await pack(bytes, { level: constants.Z_BEST_SPEED });
      await writeFile(fresh, packed, { mode: 0o600 });
      await rename(fresh, place);
      sound.set(digest, packed.length);
      return digest;
    },
    async refresh(digest) {
      await isFresh(placeOf(digest));
    },
    get: (digest) => readAt(placeOf(digest), digest),
    async list() {
      const folders = await readdir(folder).catch(() => []);
      const lists = await Promise.all(
        folders.map(async (name) => {
          const digests = await readdir(join(folder, name)).catch(() => []);
          return await Promise.all(
            digests.map(async (digest) => {
              // One that is just being put is known by another name in a moment.
              const found = await stat(join(folder, name, digest)).catch(() => undefined);
              return found && { digest, bytes: found.size, at: found.mtimeMs };
            }),
          );
        }),
      );
      return lists.flat().filter((one) => one !== undefined);
    },
    async remove(digest, before) {
      const found = await stat(placeOf(digest)).catch(() => undefined);
      if (found && found.mtimeMs < before) await rm(placeOf(digest), { force: true });
    },
  };
}

/** SHA-256 in hex. */
export function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Undefined when it is no longer there, or damaged. */
async function readAt(place: string, digest: string): Promise<Buffer | undefined> {
  try {
    const bytes = await unpack(await readFile(place));
    return digestOf(bytes) === digest ? bytes : undefined;
  } catch {
    return undefined;
  }
}

async function sizeAt(path: string): Promise<number | undefined> {
  return await stat(path).then(
    ({ size }) => size,
    () => undefined,
  );
}

/** Whether it is there, and counts as put now: what nothing names yet is removed when it is old. */
async function isFresh(path: string): Promise<boolean> {
  const now = new Date();
  return await utimes(path, now, now).then(
    () => true,
    () => false,
  );
}
