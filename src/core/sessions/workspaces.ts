import { AppError } from "../../base/appError.ts";
import { isWholePath } from "../../base/files/isWholePath.ts";
import { quotedLine } from "../../base/text/visible.ts";
import { type Disposable, toDisposable } from "../../base/disposable.ts";
import type { Workspaces } from "../services/workspaceService.ts";
import type { Folders } from "../ports/folders.ts";

/**
 * The folders of the process that leads first: its first one is the default. They are told as their users named them,
 * and are the same when they are one folder on the disk: by a link, a bind mount, a mapped drive or another spelling.
 */
export function createWorkspaces(
  own: () => string[],
  { real, identity }: Folders,
  /** Whether sessions may work in the folder though it is not listed. */
  isUnlisted: (folder: string) => boolean = () => false,
): Workspaces {
  const offers = new Set<string[]>();

  const list = (): string[] => {
    const byIdentity = new Map<string, string>();
    for (const folder of [...own(), ...[...offers].flat()]) {
      const id = identity(folder);
      if (!byIdentity.has(id)) byIdentity.set(id, folder);
    }
    return [...byIdentity.values()];
  };

  return {
    list,
    offered: () => [...offers].flat(),
    find(folder) {
      // Of the folder that this process works in, which nobody means.
      if (!isWholePath(folder)) return undefined;
      const folders = list();
      if (folders.includes(folder)) return folder;
      const id = identity(folder);
      return folders.find((listed) => identity(listed) === id) ?? (isUnlisted(folder) ? folder : undefined);
    },
    real,
    offer(folders): Disposable {
      const offered = [...folders];
      offers.add(offered);
      return toDisposable(() => offers.delete(offered));
    },
  };
}

/** The folder as it is listed; bad_request when it is none of those. */
export function listedWorkspace(folder: string | null | undefined, workspaces: Workspaces): string | null | undefined {
  if (folder === undefined || folder === null) return folder;
  const found = workspaces.find(folder);
  if (found !== undefined) return found;
  throw new AppError("bad_request", strangeFolder(folder, workspaces));
}

/** Why the gateway works in no such folder. */
export function strangeFolder(folder: string, workspaces: Workspaces): string {
  // A blank at its end is what makes it another one, so that it is in quotes.
  const shown = quotedLine(folder, 200);
  if (!isWholePath(folder))
    return `The folder ${shown} is no whole path, and the gateway does not know from which one it is meant`;
  return `The folder ${shown} is not one this gateway works in. It may be: ${workspaces.list().join(", ") || "none is open"}.`;
}
