import { relative, sep } from "node:path";
import { isInside } from "../../base/files/isInside.ts";

/** A real path as it is shown, from the workspace and with "/"; undefined for one that is elsewhere. */
export function leadsWithin(workspace: string, real: string): string | undefined {
  if (!isInside(workspace, real)) return undefined;
  return relative(workspace, real).split(sep).join("/") || ".";
}
