import { lstatSync, type Stats } from "node:fs";
import { dirname } from "node:path";
import { isInside } from "../../../base/files/isInside.ts";

/** The first link among the folders above a path: what lies beyond it may be anybody's. */
export function linkAbove(path: string, workspace: string): string | undefined {
  const above: string[] = [];
  for (let at = dirname(path); at !== workspace && isInside(workspace, at); at = dirname(at)) above.unshift(at);
  return above.find((at) => look(at)?.isSymbolicLink());
}

/** Undefined for what cannot be told: a command may leave loops of links behind, and folders without rights. */
export function look(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}
