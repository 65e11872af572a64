import { basename, delimiter, join, relative } from "node:path";
import * as vscode from "vscode";
import { valueOf } from "../../base/findProgram.ts";
import type { FoundPath } from "../host/contextSources.ts";
import { workspaceFolders } from "../host/editorHost.ts";
import { type KnownPath, rankPaths, toKnownPath } from "./rankPaths.ts";

// Of larger workspaces the rest is not offered; its names can still be typed.
const MOST_FILES = 200_000;

/** Known by what is shown of it. */
interface Place extends KnownPath {
  /** Of the window's folders, that which it is in. */
  folder: string;
  /** From there, with "/". */
  inside: string;
}

interface Listed {
  folder: string;
  files: Place[];
  folders: Place[];
}

/** The names in the window's folders, those that are ignored or may hold secrets left out. Read at the first question, and again after a change. */
export class WorkspaceFiles implements vscode.Disposable {
  #listed: Promise<Listed[]> | undefined;
  /** What changed since the newest list was begun. */
  #isStale = false;
  #isListing = false;
  #watcher: vscode.Disposable | undefined;

  async find(query: string, most: number): Promise<FoundPath[]> {
    const listed = await this.#list();
    // Of all folders together, or the first one's worst would come before the second one's best.
    const files = listed.flatMap((one) => one.files);
    const folders = listed.flatMap((one) => one.folders);
    const [names, places] = await Promise.all([
      rankPaths(files, query, most),
      rankPaths(folders, query, Math.ceil(most / 4)),
    ]);
    return [...names.map((place) => toFound(place, false)), ...places.map((place) => toFound(place, true))];
  }

  /** The files of a folder of the workspace, from its workspace folder and with "/". */
  async within(place: string): Promise<string[]> {
    const listed = await this.#list();
    return listed.flatMap(({ folder, files }) => {
      const inside = relative(folder, place).replaceAll("\\", "/");
      if (inside === "") return files.map((file) => file.inside);
      return files.filter((file) => file.inside.startsWith(`${inside}/`)).map((file) => file.inside);
    });
  }

  dispose(): void {
    this.#watcher?.dispose();
    this.#listed = undefined;
  }

  #list(): Promise<Listed[]> {
    this.#watcher ??= this.#watch();
    // One at a time, however many files are made meanwhile.
    if (this.#listed && (!this.#isStale || this.#isListing)) return this.#listed;
    this.#isStale = false;
    this.#isListing = true;
    this.#listed = listFolders().finally(() => (this.#isListing = false));
    // One that failed is not kept.
    this.#listed.catch(() => (this.#isStale = true));
    return this.#listed;
  }

  #watch(): vscode.Disposable {
    const forget = () => void (this.#isStale = true);
    const watcher = vscode.workspace.createFileSystemWatcher("**/*", false, true, false);
    return vscode.Disposable.from(
      watcher,
      watcher.onDidCreate(forget),
      watcher.onDidDelete(forget),
      vscode.workspace.onDidChangeWorkspaceFolders(forget),
      vscode.workspace.onDidGrantWorkspaceTrust(forget),
      vscode.workspace.onDidSaveTextDocument(({ fileName }) => fileName.endsWith(".gitignore") && forget()),
    );
  }
}

async function listFolders(): Promise<Listed[]> {
  const folders = workspaceFolders();
  const isOne = folders.length === 1;
  return Promise.all(folders.map((folder) => listFolder(folder, isOne ? "" : `${nameOf(folder)}/`)));
}

/** As the editor names it in its explorer. */
function nameOf(folder: string): string {
  return vscode.workspace.getWorkspaceFolder(vscode.Uri.file(folder))?.name ?? basename(folder);
}

function toFound({ folder, inside, path }: Place, isFolder: boolean): FoundPath {
  return { path: join(folder, inside), shown: path, isFolder };
}

async function listFolder(folder: string, before: string): Promise<Listed> {
  const toPlace = (inside: string): Place => ({ ...toKnownPath(before + inside), folder, inside });
  const files: Place[] = [];
  const folders = new Set<string>();
  const { listReadable } = await import("../../app.ts");
  for await (const path of listReadable(folder, withEditorsRipgrep())) {
    files.push(toPlace(path));
    for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) {
      if (folders.has(path.slice(0, at))) break;
      folders.add(path.slice(0, at));
    }
    if (files.length >= MOST_FILES) break;
  }
  return { folder, files, folders: [...folders].map(toPlace) };
}

/** The editor brings a ripgrep of its own, which the user's path need not have. */
function withEditorsRipgrep(): NodeJS.ProcessEnv {
  const places = ["ripgrep/bin", `ripgrep-universal/bin/${process.platform}-${process.arch}`];
  const own = ["node_modules", "node_modules.asar.unpacked"].flatMap((modules) =>
    places.map((place) => join(vscode.env.appRoot, modules, "@vscode", place)),
  );
  return { ...process.env, PATH: [valueOf(process.env, "PATH") ?? "", ...own].join(delimiter) };
}
