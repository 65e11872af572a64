import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { AppError } from "../base/appError.ts";
import { makeFolders } from "../base/files/makeFolders.ts";
import { replaceFile } from "../base/files/replaceFile.ts";
import { worktreeShape } from "../protocol/worktree.ts";

const recordShape = worktreeShape.extend({
  /** The worktree's own folder, which `path` is or lies in. */
  folder: z.string(),
  /** Folders in it whose content is linked. */
  linked: z.array(z.string()),
});

export type WorktreeRecord = z.output<typeof recordShape>;

/** What is known of each worktree: a file beside its folder. */
export interface WorktreeRecords {
  /** Newest first. */
  list(): Promise<WorktreeRecord[]>;
  /** not_found when there is none. */
  get(name: string): Promise<WorktreeRecord>;
  put(record: WorktreeRecord): Promise<void>;
  remove(name: string): Promise<void>;
}

export function openRecords(folder: string): WorktreeRecords {
  const fileOf = (name: string) => join(folder, `${name}.json`);
  const read = async (name: string): Promise<WorktreeRecord | undefined> => {
    const text = await readFile(fileOf(name), "utf8").catch(() => undefined);
    return text === undefined ? undefined : recordShape.safeParse(parsed(text)).data;
  };
  return {
    async list() {
      const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".json"));
      const records = await Promise.all(names.map((name) => read(name.slice(0, -".json".length))));
      return records.filter((record) => record !== undefined).toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
    },
    async get(name) {
      const record = await read(name);
      if (!record) throw new AppError("not_found", `There is no worktree ${name}`);
      return record;
    },
    async put(record) {
      await makeFolders(folder, 0o700);
      await replaceFile(fileOf(record.name), `${JSON.stringify(record, null, 2)}\n`, 0o600);
    },
    remove: (name) => rm(fileOf(name), { force: true }),
  };
}

/** Undefined of a record that is broken: the others are still known. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
