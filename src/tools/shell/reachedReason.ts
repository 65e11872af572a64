import { lstat, readdir } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { setImmediate } from "node:timers/promises";
import { isInside } from "../../base/files/isInside.ts";
import { followPath, realPath } from "../../base/files/realPath.ts";
import { visibleLine } from "../../base/text/visible.ts";
import { linkedSecrets } from "../../rules/linkedSecrets.ts";
import { type PathUse, protectedReason } from "../../rules/protectedPath.ts";
import { stateReason } from "../../rules/protectedState.ts";
import { foldName } from "./namedFiles.ts";
import type { NamedPlaces } from "./namedPlaces.ts";

/** Why a word of a command leads to what is protected although it may say nothing of it: to Pincer's state, or by another name. */
export async function reachedReason({ named }: NamedPlaces, cwd: string): Promise<string | undefined> {
  const places = new Map<string, string>();
  for (const { word, places: those } of named)
    // What is named by itself, too, is not meant by the star alone.
    for (const place of those) if (isLoneStar(places.get(place) ?? "*")) places.set(place, word);
  const reasonOf = createReasons(cwd);
  const whole = [...places];
  for (let at = 0; at < whole.length; at += AT_ONCE) {
    // Others have their turn: what a text of many words names may be looked up already.
    if (at > 0) await setImmediate();
    const reasons = await Promise.all(
      whole.slice(at, at + AT_ONCE).map(async ([place, word]) => {
        // A lone star is meant for what is there, not for what decides.
        const use = isLoneStar(word) ? "read" : "write";
        const reason = stateReason(place) ?? (await reasonOf(place, use));
        return reason && visibleLine(`${word}: ${reason}`);
      }),
    );
    const first = reasons.find((reason) => reason !== undefined);
    if (first !== undefined) return first;
  }
  return undefined;
}

const AT_ONCE = 500;

const isLoneStar = (word: string): boolean => /(^|\/)[*?]+\/*$/.test(word);

interface Folder {
  real: string;
  /** Of each of its names, whether it is a link; undefined where it cannot be listed. */
  links: Map<string, boolean> | undefined;
}

/** Tells of a place whether it is, by a link in it or a hard link, what is protected. Looks at each folder once. */
function createReasons(cwd: string): (place: string, use: PathUse) => Promise<string | undefined> {
  const workspace = realPath(cwd);
  const folders = new Map<string, Promise<Folder | undefined>>();
  const secrets = linkedSecrets(workspace);
  const folderOf = async (place: string): Promise<Folder | undefined> => {
    const parent = dirname(place);
    const known = folders.get(parent) ?? lookAt(parent);
    folders.set(parent, known);
    return await known;
  };
  const made = new Map<string, Promise<string | undefined>>();
  /** Where a place is on the disk, or would be made. */
  const realOf = async (place: string): Promise<string | undefined> => {
    const folder = await folderOf(place);
    if (!folder) {
      const parent = dirname(place);
      if (parent === place) return undefined;
      const known = made.get(parent) ?? realOf(parent);
      made.set(parent, known);
      const above = await known;
      return above && join(above, basename(place));
    }
    // A short name of Windows stands for another.
    const isListed = folder.links && !(process.platform === "win32" && /~\d/.test(place));
    const isLink = isListed ? folder.links?.get(foldName(basename(place))) : true;
    const real = isLink ? await followPath(place).catch(() => undefined) : undefined;
    return real ?? join(folder.real, basename(place));
  };
  return async (place, use) => {
    // Nobody on the network is told who asks.
    if (process.platform === "win32" && !isInside(workspace, place)) return undefined;
    const real = await realOf(place);
    if (real === undefined) return undefined;
    if (real !== place) {
      const reason = protectedReason(shortPath(workspace, real), use) ?? stateReason(real);
      // "credentials" is a word as well: what its own name says of what is not there was judged by that name.
      const isWord = reason !== undefined && reason === protectedReason(shortPath(cwd, place), use);
      return isWord && !(await isThere(real)) ? undefined : (reason ?? (await sameReason(real, secrets)));
    }
    const folder = await folderOf(place);
    const isListed = folder?.links?.has(foldName(basename(place))) ?? folder !== undefined;
    return isListed ? await sameReason(real, secrets) : undefined;
  };
}

function shortPath(folder: string, path: string): string {
  return isInside(folder, path) ? relative(folder, path) : path;
}

async function isThere(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    () => false,
  );
}

/** Why a file is a secret although it is called otherwise. */
async function sameReason(real: string, secrets: ReturnType<typeof linkedSecrets>): Promise<string | undefined> {
  const file = await lstat(real, { bigint: true }).catch(() => undefined);
  return file?.isFile() ? await secrets(file) : undefined;
}

async function lookAt(folder: string): Promise<Folder | undefined> {
  const real = await followPath(folder).catch(() => undefined);
  if (real === undefined) return undefined;
  const entries = await readdir(real, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => error.code);
  if (entries === "ENOTDIR") return undefined;
  if (!Array.isArray(entries)) return { real, links: undefined };
  const links = new Map<string, boolean>();
  for (const entry of entries) {
    const name = foldName(entry.name);
    links.set(name, entry.isSymbolicLink() || links.get(name) === true);
  }
  return { real, links };
}
