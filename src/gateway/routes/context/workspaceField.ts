import * as z from "zod";
import type { Core } from "../../../core/core.ts";
import { listedWorkspace } from "../../../core/sessions/workspaces.ts";

/** The folder whose files are meant, as a field of an input. */
export function workspaceField(files: string) {
  return z
    .string()
    .min(1)
    .max(4096)
    .optional()
    .describe(`The folder whose ${files} are meant; by default the gateway's first.`);
}

/** bad_request for one that the gateway does not work in. */
export function folderOf({ workspaces }: Core, given: string | undefined): string | undefined {
  return given === undefined ? workspaces.list()[0] : (listedWorkspace(given, workspaces) ?? undefined);
}
