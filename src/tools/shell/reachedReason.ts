import { lstat, readdir } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { isInside } from "../../base/files/isInside.ts";
import { followPath, realPath } from "../../base/files/realPath.ts";
import { visibleLine } from "../../base/text/visible.ts";
import { linkedSecrets } from "../../rules/linkedSecrets.ts";
import { protectedReason } from "../../rules/protectedPath.ts";
import { stateReason } from "../../rules/protectedState.ts";
import { foldName } from "./namedFiles.ts";
import type { NamedPlaces } from "./namedPlaces.ts";

/** Why a word of a command leads to what is protected although it may say nothing of it: to Pincer's state, or by another name. */
export async function reachedReason({ named }: NamedPlaces, cwd: string): Promise<string | undefined> {
  const places = new Map(named.flatMap(({ word, places: those }) => those.map((place) => [place, word])));
  const reasonOf = createReasons(realPath(cwd));
  const reasons = await Promise.all(
    [...places].map(async ([place, word]) => {
      const reason = stateReason(place) ?? (await reasonOf(place));
      return reason && visibleLine(`${word}: ${reason}`);
    }),
  );
  return reasons.find((reason) => reason !== undefined);
}

interface Folder {
  real: string;
  /** Of each of its names, whether it is a link; undefined where it cannot be listed. */
  links: Map<string, boolean> | undefined;
}

/** Tells of a place whether it is, by a link in it or a hard link, what is protected. Looks at each folder once. */
function createReasons(workspace: string): (place: string) => Promise<string | undefined> {
  const folders = new Map<string, Promise<Folder | undefined>>();
  const secrets = linkedSecrets(workspace);
  return async (place) => {
    // Nobody on the network is told who asks.
    if (process.platform === "win32" && !isInside(workspace, place)) return undefined;
    const parent = dirname(place);
    const lookedAt = folders.get(parent) ?? lookAt(parent);
    folders.set(parent, lookedAt);
    const folder = await lookedAt;
    // A short name of Windows stands for another.
    const isListed = folder?.links && !(process.platform === "win32" && /~\d/.test(place));
    const isLink = isListed ? folder.links?.get(foldName(basename(place))) : true;
    if (!folder || isLink === undefined) return undefined;
    const real = isLink ? await followPath(place).catch(() => undefined) : join(folder.real, basename(place));
    const file = real && (await lstat(real, { bigint: true }).catch(() => undefined));
    if (real === undefined || !file) return undefined;
    const other = file.isFile() ? await secrets(file) : undefined;
    if (other !== undefined || real === place) return other;
    return protectedReason(isInside(workspace, real) ? relative(workspace, real) : real, "write") ?? stateReason(real);
  };
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
