import { BoundedMap } from "../../base/boundedMap.ts";
import { placeOf } from "../../base/files/diskPath.ts";
import { toAgentSettings } from "../../config/agentSettings.ts";
import type { Config } from "../../config/configSchema.ts";
import { readConfigText } from "../../config/configText.ts";
import { findConfig } from "../../config/findConfig.ts";
import { narrowedBy } from "../../config/readConfig.ts";
import type { Host } from "../../core/ports/host.ts";
import type { AgentSettings } from "../../core/ports/settings.ts";
import { originOf } from "../../worktrees/worktreeOrigin.ts";
import type { Configuration } from "./configuration.ts";

/** What a folder's file made of the user's configuration. */
interface Known {
  user: Config;
  /** As it was read last; undefined: it was not there, or could not be. */
  read: string | undefined;
  /** The last that was in order. */
  text: string | undefined;
  settings: AgentSettings;
}

const MOST_FOLDERS = 100;

/**
 * What holds in a folder that is none of this process's, as one whose window is gone or away: the user's own configuration, and
 * what that folder's openclaw.yml makes stricter, as it is at the moment; while that one is faulty, as it was. Undefined for
 * this process's own folders and their worktrees.
 */
export function createFolderSettings(
  { stateDir, workspaces }: Pick<Host, "stateDir" | "workspaces">,
  configuration: Pick<Configuration, "path" | "user">,
): (folder: string) => AgentSettings | undefined {
  const known = new BoundedMap<string, Known>(MOST_FOLDERS);
  return (folder) => {
    const own = workspaces();
    if (own.includes(folder)) return undefined;
    const home = originOf(stateDir, folder) ?? folder;
    const place = placeOf(home);
    if (own.some((one) => placeOf(one) === place)) return undefined;
    const user = configuration.user();
    const { workspace: file } = findConfig({ file: configuration.path, stateDir, workspaces: [home] });
    if (file === undefined) return toAgentSettings(user);
    const found = readConfigText(file, { isWorkspace: true });
    const read = "text" in found ? found.text : undefined;
    const before = known.get(file);
    if (before && before.user === user && (read === undefined || read === before.read)) return before.settings;
    const fresh = read === undefined ? undefined : narrowedBy(user, file, { text: read });
    const text = fresh ? read : before?.text;
    const narrowed = fresh ?? (text === undefined ? undefined : narrowedBy(user, file, { text }));
    const settings = toAgentSettings(narrowed ?? user);
    known.set(file, { user, read, text, settings });
    return settings;
  };
}
