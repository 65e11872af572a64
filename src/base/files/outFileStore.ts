import { randomBytes } from "node:crypto";
import { open, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { makeFolders } from "./makeFolders.ts";
import { AppError } from "../appError.ts";
import { fileFault } from "./fileFault.ts";
import { sizeWords } from "../text/sizeWords.ts";

/** Files as they were at a time, in a folder of their own, until whoever keeps them drops them. */
export interface OutFileStore {
  /** Durable when it resolves with the id. `unavailable` where the disk refuses, and where too much is kept already. */
  keep(owner: string, data: Buffer): Promise<string>;
  /** Undefined where it is not there any more. */
  read(id: string): Promise<Buffer | undefined>;
  drop(id: string): Promise<void>;
  /** Removes an owner's files that nothing names any more; not those that were kept a moment ago, and are named next. */
  tidy(owner: string, named: ReadonlySet<string>): Promise<void>;
}

const MOST_BYTES = 1024 * 1024 * 1024;
const FRESH_MS = 3_600_000;
const OWNER = /^[a-z]{1,20}$/;
const ID = /^[a-z]{1,20}-[0-9a-f]{24}$/;

export function createOutFileStore(folder: string, now: () => number): OutFileStore {
  const pathOf = (id: string) => join(folder, id);
  return {
    async keep(owner, data) {
      if (!OWNER.test(owner)) throw new Error(`${owner} keeps no files`);
      const id = `${owner}-${randomBytes(12).toString("hex")}`;
      try {
        await makeFolders(folder, 0o700);
        const kept = (await filesOf(folder)).reduce((sum, { bytes }) => sum + bytes, 0);
        if (kept + data.length > MOST_BYTES)
          throw new AppError("unavailable", `${sizeWords(kept)} of files wait to be sent already: no more are taken`);
        await using file = await open(pathOf(id), "wx", 0o600);
        await file.writeFile(data);
        await file.sync();
      } catch (error) {
        await rm(pathOf(id), { force: true }).catch(() => {});
        throw fileFault(error, folder, "written");
      }
      return id;
    },
    async read(id) {
      if (!ID.test(id)) return undefined;
      return await readFile(pathOf(id)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return undefined;
        throw fileFault(error, pathOf(id), "read");
      });
    },
    async drop(id) {
      if (ID.test(id)) await rm(pathOf(id), { force: true });
    },
    async tidy(owner, named) {
      for (const { id, at } of await filesOf(folder))
        if (id.startsWith(`${owner}-`) && !named.has(id) && now() - at > FRESH_MS)
          await rm(pathOf(id), { force: true });
    },
  };
}

async function filesOf(folder: string): Promise<{ id: string; bytes: number; at: number }[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const found = names.map(async (id) => {
    // One that went meanwhile.
    const state = await stat(join(folder, id)).catch(() => undefined);
    return state?.isFile() ? [{ id, bytes: state.size, at: state.mtimeMs }] : [];
  });
  return (await Promise.all(found)).flat();
}
