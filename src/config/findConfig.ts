import { defined } from "../base/defined.ts";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { deadLink } from "../base/files/deadLink.ts";

export interface ConfigPlaces {
  /** Given with --config: used whether it is there or not. */
  file?: string;
  stateDir: string;
  /** Folders that the user trusts; the first that has a file counts in full. */
  workspaces?: string[];
}

export interface ConfigFiles {
  /** The user's own file. It need not exist; a new one belongs here. */
  user: string;
  /** The workspace's, which may only narrow what the user's allows. */
  workspace?: string;
  /** Those of further folders: only what narrows holds of them. */
  others?: string[];
}

export function pathsOf({ user, workspace, others = [] }: ConfigFiles): string[] {
  return [user, ...(workspace === undefined ? [] : [workspace]), ...others];
}

/** Which openclaw.yml counts: --config FILE, else the state folder's; and beneath it that of the workspace. */
export function findConfig({ file, stateDir, workspaces = [] }: ConfigPlaces): ConfigFiles {
  const user = file === undefined ? (existing(stateDir) ?? join(stateDir, NAMES[0])) : resolve(file);
  const found = workspaces.map(existing).filter((path) => path !== undefined && path !== user) as string[];
  const [workspace, ...others] = new Set(found);
  return { user, ...defined({ workspace }), ...(others.length > 0 ? { others } : {}) };
}

const NAMES = ["openclaw.yml", "openclaw.yaml"] as const;

function existing(folder: string): string | undefined {
  return NAMES.map((name) => join(folder, name)).find((path) => existsSync(path) || deadLink(path));
}
