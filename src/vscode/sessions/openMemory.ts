import { readdir, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { makeFolders } from "../../base/files/makeFolders.ts";
import * as vscode from "vscode";
import type { Command } from "../host/command.ts";
import { workspaceFolders } from "../host/editorHost.ts";

/** Notes that agents keep, as the files they are: yours, and those of the open folders. */
export const openMemory: Command = async ({ host }) => {
  const folders = workspaceFolders();
  const places = [
    { path: join(host.stateDir, "memory", "memory.md"), whose: vscode.l10n.t("yours, for every folder") },
    ...folders.map((folder) => ({ path: join(folder, ".pincer", "memory.md"), whose: basename(folder) })),
  ];
  const found = await Promise.all([
    notesIn(join(host.stateDir, "memory"), places[0]!.whose),
    ...folders.map((folder) => notesIn(join(folder, ".pincer", "memory"), basename(folder))),
  ]);
  const items = [...places, ...found.flat().filter(({ path }) => !places.some((place) => place.path === path))].map(
    ({ path, whose }) => ({ label: `$(note) ${basename(path, ".md")}`, description: whose, detail: path, path }),
  );
  const chosen =
    items.length === 1
      ? items[0]
      : await vscode.window.showQuickPick(items, { title: vscode.l10n.t("Memory of agents") });
  if (!chosen) return;
  await makeFolders(dirname(chosen.path));
  // Made where it is not there yet, so that it can be written in.
  await writeFile(chosen.path, "", { flag: "a" });
  await vscode.window.showTextDocument(vscode.Uri.file(chosen.path));
};

async function notesIn(folder: string, whose: string): Promise<{ path: string; whose: string }[]> {
  const names: string[] = await readdir(folder).catch(() => []);
  return names.filter((name) => name.endsWith(".md")).map((name) => ({ path: join(folder, name), whose }));
}
