import { basename, join } from "node:path";
import { diskPlaces, pathWithin } from "../base/files/diskPath.ts";
import { isInside } from "../base/files/isInside.ts";

const folders = new Map<string, () => string[]>();

/**
 * Protects all that lies in a state folder, whatever its name: it holds the token, keys and every conversation. Takes real
 * paths, and counts as long as this process lives. A workspace that somebody keeps in there is a workspace all the same.
 */
export function protectState(folder: string, workspaces: () => string[]): void {
  folders.set(folder, workspaces);
}

/** The real paths by which the state folders of this process can be reached. */
export function stateFolders(): string[] {
  return [...folders.keys()].flatMap((folder) => diskPlaces(folder));
}

/** Why a real path must be asked for that is a state folder, or lies in one. The agent's own notes are like any other file. */
export function stateReason(real: string): string | undefined {
  for (const [folder, workspaces] of folders) {
    if (!diskPlaces(folder).some((place) => isInside(place, real))) continue;
    const path = pathWithin(folder, real) ?? real;
    if (isInside(join(folder, "memory.md"), path)) continue;
    const kept = workspaces().map((one) => pathWithin(folder, one));
    if (kept.some((one) => one !== undefined && one !== folder && isInside(one, path))) continue;
    return `${basename(real)} belongs to Pincer's own state`;
  }
  return undefined;
}
