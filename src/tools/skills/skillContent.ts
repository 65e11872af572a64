import { createHash } from "node:crypto";
import { lstat, readdir, readlink } from "node:fs/promises";
import { join, sep } from "node:path";
import { AppError } from "../../base/appError.ts";
import { BoundedMap } from "../../base/boundedMap.ts";
import { isInside } from "../../base/files/isInside.ts";
import { fileDigest } from "../../base/files/realFile.ts";
import { followPath } from "../../base/files/realPath.ts";
import { quotedLine } from "../../base/text/visible.ts";

/** All that is in a folder, as it was found. */
export interface SkillContent {
  /** Digest of all names and bytes. */
  hash: string;
  /** Of each regular file, by its path from the folder with "/". */
  digests: ReadonlyMap<string, string>;
}

// Read whole before anybody is asked, and again when it changes.
const MOST_FILES = 300;
const MOST_BYTES = 8_000_000;
const MOST_DEPTH = 10;

interface Entry {
  path: string;
  /** Where a link leads, as it says; undefined for a file. */
  link?: string;
  /** Says the same as long as the file is as it was. */
  stamp: string;
}

/** What was digested, by folder: none is read again as long as its files' stamps are the same. */
export class SkillContents {
  readonly #known = new BoundedMap<string, { stamps: string; content: SkillContent }>(500);

  /** Takes a real path. Rejects with bad_request for what may not be in a skill: links out of it, pipes, too much. */
  async look(folder: string): Promise<SkillContent> {
    const entries = await listEntries(folder);
    const stamps = JSON.stringify(entries);
    const known = this.#known.get(folder);
    if (known?.stamps === stamps) return known.content;
    const digests = new Map<string, string>();
    for (const { path, link } of entries)
      if (link === undefined) digests.set(path, await fileDigest(join(folder, path)));
    const whole = entries.map(({ path, link }) => [path, link ?? null, digests.get(path) ?? null]);
    const content = { hash: createHash("sha256").update(JSON.stringify(whole)).digest("hex"), digests };
    // What changed while it was read is read again when it is next asked for.
    if (JSON.stringify(await listEntries(folder)) === stamps) this.#known.set(folder, { stamps, content });
    return content;
  }
}

/** Files and links of a folder, by name. */
async function listEntries(folder: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  let bytes = 0;
  const walk = async (beneath: string, depth: number): Promise<void> => {
    if (depth > MOST_DEPTH) throw refusal(`It has folders more than ${MOST_DEPTH} deep`);
    for (const name of (await readdir(join(folder, beneath))).toSorted()) {
      const path = beneath === "" ? name : `${beneath}/${name}`;
      const stat = await lstat(join(folder, path), { bigint: true });
      if (stat.isDirectory()) await walk(path, depth + 1);
      else {
        if (stat.isSymbolicLink()) entries.push({ path, link: await checkedLink(folder, path), stamp: "" });
        else if (!stat.isFile()) throw refusal(`${quotedLine(path)} is no regular file`);
        else entries.push({ path, stamp: `${stat.size} ${stat.mtimeNs} ${stat.ctimeNs} ${stat.ino} ${stat.dev}` });
        bytes += stat.isFile() ? Number(stat.size) : 0;
      }
      if (entries.length > MOST_FILES) throw refusal(`It has more than ${MOST_FILES} files`);
      if (bytes > MOST_BYTES) throw refusal(`Its files have more than ${MOST_BYTES} bytes`);
    }
  };
  await walk("", 0);
  return entries;
}

/** Where a link leads, which is told apart from what is there: that is in the folder too. */
async function checkedLink(folder: string, path: string): Promise<string> {
  const real = await followPath(join(folder, path)).catch(() => undefined);
  if (real === undefined || !isInside(folder, real))
    throw refusal(`${quotedLine(path)} is a link that leads out of it`);
  return (await readlink(join(folder, path))).split(sep).join("/");
}

function refusal(message: string): AppError {
  return new AppError("bad_request", message);
}
