import { existsSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import * as vscode from "vscode";
import { AppError } from "../../base/appError.ts";
import { pathWithin } from "../../base/files/diskPath.ts";
import { isInside } from "../../base/files/isInside.ts";
import { realPath } from "../../base/files/realPath.ts";
import { workspaceFolders } from "../host/editorHost.ts";
import type { Window } from "../host/window.ts";

/**
 * The file that an answer of the shown session names: of the folder that the session works in, or where it has none, the first
 * that is there. What the model wrote as a link must not lead out of the window's folders, and the worktree that a sub-agent
 * was given of one: `not_found` for that.
 */
export async function namedFile(window: Window, path: string): Promise<vscode.Uri> {
  const folders = workspaceFolders();
  const workspace = isAbsolute(path) ? undefined : await workspaceOf(window);
  const places = isAbsolute(path) ? [path] : (workspace ? [workspace] : folders).map((folder) => join(folder, path));
  const own = places.filter((place) => folders.some((folder) => holds(folder, place)));
  if (workspace !== undefined && own.length === 0 && (await isWorktree(window, workspace)))
    own.push(...places.filter((place) => holds(workspace, place)));
  const found = own.find((place) => existsSync(place)) ?? own[0];
  if (found !== undefined) return vscode.Uri.file(found);
  throw new AppError("not_found", vscode.l10n.t("{0} is not a file of this workspace.", places[0] ?? path));
}

async function workspaceOf({ gateway, chat }: Window): Promise<string | undefined> {
  if (gateway.status.state !== "running") return undefined;
  const { workspace } = await gateway.client().call("session.status", { sessionKey: chat.sessionKey });
  return workspace ?? undefined;
}

/** Whether it was made of a repository that is open here. */
async function isWorktree({ gateway }: Window, folder: string): Promise<boolean> {
  const { worktrees } = await gateway.client().call("worktrees.list", {});
  const found = worktrees.find(({ path }) => path === folder);
  if (found === undefined) return false;
  return workspaceFolders().some((open) => isInside(open, found.repository) || isInside(found.repository, open));
}

/** Whether a file lies beneath a folder, by whatever link or mount. */
function holds(folder: string, file: string): boolean {
  const real = realPath(folder);
  const inside = pathWithin(real, realPath(file));
  return inside !== undefined && !isInside(inside, real);
}
