import { createHash } from "node:crypto";
import { readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { constants, gunzip, gzip } from "node:zlib";
import { makeFolders } from "../../base/files/makeFolders.ts";
import { newId } from "../../base/id.ts";

const pack = promisify(gzip);
const unpack = promisify(gunzip);

/** Contents of files under their digests, each once, compressed, for their owner alone. */
export interface Contents {
  /** Resolves with the digest under which it can be had. */
  put(bytes: Uint8Array): Promise<string>;
  /** Undefined when it is no longer there, or damaged. */
  get(digest: string): Promise<Buffer | undefined>;
  /** Every digest, with the bytes that it takes and when it was put. */
  list(): Promise<{ digest: string; bytes: number; at: number }[]>;
  remove(digest: string): Promise<void>;
}

export function openContents(folder: string): Contents {
  const placeOf = (digest: string) => join(folder, digest.slice(0, 2), digest);
  return {
    async put(bytes) {
      const digest = digestOf(bytes);
      const place = placeOf(digest);
      if (await isFresh(place)) return digest;
      await makeFolders(dirname(place), 0o700);
      const fresh = `${place}.${newId("new")}`;
      await writeFile(fresh, await pack(bytes, { level: constants.Z_BEST_SPEED }), { mode: 0o600 });
      await rename(fresh, place);
      return digest;
    },
    async get(digest) {
      try {
        const bytes = await unpack(await readFile(placeOf(digest)));
        return digestOf(bytes) === digest ? bytes : undefined;
      } catch {
        return undefined;
      }
    },
    async list() {
      const folders = await readdir(folder).catch(() => []);
      const lists = await Promise.all(
        folders.map(async (name) => {
          const digests = await readdir(join(folder, name)).catch(() => []);
          return await Promise.all(
            digests.map(async (digest) => {
              const { size, mtimeMs } = await stat(join(folder, name, digest));
              return { digest, bytes: size, at: mtimeMs };
            }),
          );
        }),
      );
      return lists.flat();
    },
    remove: (digest) => rm(placeOf(digest), { force: true }),
  };
}

/** SHA-256 in hex. */
export function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Whether it is there, and counts as put now: what nothing names yet is removed when it is old. */
async function isFresh(path: string): Promise<boolean> {
  const now = new Date();
  return await utimes(path, now, now).then(
    () => true,
    () => false,
  );
}
