import { basename, join } from "node:path";
import { isInside } from "../base/files/isInside.ts";

const folders = new Map<string, () => string[]>();

/**
 * Protects all that lies in a state folder, whatever its name: it holds the token, keys and every conversation. Takes real
 * paths, and counts as long as this process lives. A workspace that somebody keeps in there is a workspace all the same.
 */
export function protectState(folder: string, workspaces: () => string[]): void {
  folders.set(folder, workspaces);
}

/** The real paths of the state folders of this process. */
export function stateFolders(): string[] {
  return [...folders.keys()];
}

/** Why a real path must be asked for that is a state folder, or lies in one. The agent's own notes are like any other file. */
export function stateReason(real: string): string | undefined {
  for (const [folder, workspaces] of folders) {
    if (!isInside(folder, real) || isInside(join(folder, "memory.md"), real)) continue;
    if (workspaces().some((one) => one !== folder && isInside(folder, one) && isInside(one, real))) continue;
    return `${basename(real)} belongs to Pincer's own state`;
  }
  return undefined;
}
