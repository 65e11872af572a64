import { defined } from "../base/defined.ts";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { deadLink } from "../base/files/deadLink.ts";

export interface ConfigPlaces {
  /** Given with --config: used whether it is there or not. */
  file?: string;
  stateDir: string;
  /** Folders that the user trusts; the first that has a file counts. */
  workspaces?: string[];
}

export interface ConfigFiles {
  /** The user's own file. It need not exist; a new one belongs here. */
  user: string;
  /** The workspace's, which may only narrow what the user's allows. */
  workspace?: string;
}

/** Which openclaw.yml counts: --config FILE, else the state folder's; and beneath it that of the workspace. */
export function findConfig({ file, stateDir, workspaces = [] }: ConfigPlaces): ConfigFiles {
  const user = file === undefined ? (existing(stateDir) ?? join(stateDir, NAMES[0])) : resolve(file);
  const workspace = workspaces.map(existing).find((found) => found !== undefined && found !== user);
  return { user, ...defined({ workspace }) };
}

const NAMES = ["openclaw.yml", "openclaw.yaml"] as const;

function existing(folder: string): string | undefined {
  return NAMES.map((name) => join(folder, name)).find((path) => existsSync(path) || deadLink(path));
}
