import { basename } from "node:path";
import * as vscode from "vscode";
import { workspaceFolders } from "./editorHost.ts";

export interface Listed<T> {
  one: T;
  /** What it was asked for with. */
  place: { workspace?: string };
  /** The folder's name, where it is of one and the window has several. */
  folder?: string;
}

/**
 * What is there for each of the window's folders, or without one. What all of them have, as the user's own, is there once; a folder
 * that cannot be listed leaves the others. Rejects where none can.
 */
export async function listInFolders<T extends { path: string; from: "user" | "workspace" }>(
  list: (place: { workspace?: string }) => Promise<T[]>,
): Promise<Listed<T>[]> {
  const folders = [...new Set(workspaceFolders())];
  const places = folders.length === 0 ? [{}] : folders.map((workspace) => ({ workspace }));
  const listed = await Promise.allSettled(
    places.map(async (place: { workspace?: string }) =>
      (await list(place)).map((one): Listed<T> => {
        const isNamed = folders.length > 1 && one.from === "workspace" && place.workspace !== undefined;
        return { one, place, ...(isNamed ? { folder: basename(place.workspace!) } : {}) };
      }),
    ),
  );
  const [failed] = listed.filter((one) => one.status === "rejected");
  if (failed && listed.every((one) => one.status === "rejected")) throw failed.reason;
  const all = listed.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
  return [...new Map(all.map((each) => [each.one.path, each])).values()];
}

/** One of the window's folders, asked for where there are several; undefined when cancelled, or when there is none. */
export async function pickFolder(title: string): Promise<string | undefined> {
  const folders = [...new Set(workspaceFolders())];
  if (folders.length <= 1) return folders[0];
  const items = folders.map((path) => ({ label: basename(path), description: path }));
  return (await vscode.window.showQuickPick(items, { title }))?.description;
}
