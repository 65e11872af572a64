import { type Dirent, lstatSync } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { protectedReason } from "../../rules/protectedPath.ts";
import { stateReason } from "../../rules/protectedState.ts";
import { isInside } from "../../base/files/isInside.ts";
import { isOddName } from "./after/oddNames.ts";
import { gitFolders, gitRuling, gitSecrets, isBareRepository } from "./git/gitPlaces.ts";
import { commonRepository, isPartOf, namedRepository } from "./git/namedRepository.ts";
import { packageRepositories } from "./git/packageRepositories.ts";
import { gitLinks } from "./git/gitLinks.ts";
import { gitPrograms } from "./git/gitPrograms.ts";
import type { HiddenPath } from "./sandbox.ts";

/** What of a workspace is protected, as real paths. */
export interface ProtectedPaths {
  /** May hold secrets: not to be read. */
  secrets: (HiddenPath & { isGit?: boolean })[];
  /** Decides what code runs: not to be changed. */
  fixed: string[];
  /** Links that decide what code runs; what they lead to is fixed. */
  links: string[];
  /** The folders that git keeps repositories in. */
  repositories: string[];
  /** These, and those of their submodules. */
  gitFolders: string[];
  /** What reaches a process that may run outside: sockets, and pipes. */
  ends: { path: string; as: "socket" | "pipe" }[];
  /** Each package.json. */
  packages: string[];
  /** Folders with names in them that are no text. */
  odd: string[];
}

interface Listing {
  /** By a time that only the kernel sets: whoever changes a folder can put its other times back. */
  changed: number;
  readAt: number;
  folders: string[];
  /** What packages are put in, and is not looked through for secrets. */
  packageFolders: string[];
  found: ProtectedPaths;
}

const nothing = (): ProtectedPaths => ({
  ...{ secrets: [], fixed: [], links: [], repositories: [], gitFolders: [], ends: [], packages: [], odd: [] },
});

const MAX_FOLDERS = 50_000;
/** How long the clock of a file system may stand still. */
const CLOCK_STEP_MS = 50;

/**
 * Finds what is protected below a workspace's folder. Folders that have not changed since are not read again, so that the
 * second look costs one system call for each. What packages bring along is nobody's secret and is left out.
 */
class ProtectedScan {
  readonly #listings = new Map<string, Listing>();

  /** Undefined when there are too many folders to look through; `since`: with repositories that were made among packages since then. */
  async find(
    workspace: string,
    { mostFolders = MAX_FOLDERS, since }: { mostFolders?: number; since?: number } = {},
  ): Promise<ProtectedPaths | undefined> {
    const found = nothing();
    const packageFolders: string[] = [];
    const seen = new Set<string>();
    const waiting = [workspace];
    for (let count = 1; waiting.length > 0; count += 1) {
      const folder = waiting.pop()!;
      if (count > mostFolders) return undefined;
      if (count % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
      seen.add(folder);
      const listing = this.#fresh(folder) ?? (await this.#read(folder, workspace));
      found.secrets.push(...listing.found.secrets);
      found.fixed.push(...listing.found.fixed);
      found.links.push(...listing.found.links);
      found.packages.push(...listing.found.packages);
      found.repositories.push(...listing.found.repositories);
      found.ends.push(...listing.found.ends);
      found.odd.push(...listing.found.odd);
      waiting.push(...listing.folders);
      packageFolders.push(...listing.packageFolders);
    }
    if (since !== undefined) await addNew(found, await packageRepositories.find(packageFolders, since));
    for (const folder of found.repositories) await addLinked(found, folder, workspace);
    for (const path of found.fixed) await addNamed(found, path, workspace);
    for (const folder of found.repositories) {
      const folders = await gitFolders(folder);
      if (!folders) return undefined;
      found.gitFolders.push(...folders);
      found.secrets.push(...gitSecrets(folder).map((one) => ({ ...one, isGit: true })));
      found.fixed.push(...gitRuling(folders));
      for (const one of folders) found.fixed.push(...(await gitPrograms(one, workspace)));
    }
    for (const folder of this.#listings.keys()) {
      if (!seen.has(folder) && isInside(workspace, folder)) this.#listings.delete(folder);
    }
    return found;
  }

  /** What is known of a folder, when it has surely not changed since. */
  #fresh(folder: string): Listing | undefined {
    const known = this.#listings.get(folder);
    if (!known || known.readAt - known.changed < CLOCK_STEP_MS) return undefined;
    // In this thread: a thousand of these cost less than one trip to another.
    const now = lstatSync(folder, { throwIfNoEntry: false });
    return now?.isDirectory() && now.ctimeMs === known.changed ? known : undefined;
  }

  async #read(folder: string, workspace: string): Promise<Listing> {
    const changed = await stat(folder).then(
      (found) => found.ctimeMs,
      () => 0,
    );
    const listing: Listing = { changed, readAt: Date.now(), folders: [], packageFolders: [], found: nothing() };
    const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException): Dirent[] => {
      // Who may not look into it may give themselves the right.
      const isShut = ["EACCES", "EPERM"].includes(error.code ?? "") && folder !== workspace;
      if (isShut) listing.found.secrets.push({ path: folder, as: "folder" });
      return [];
    });
    for (const entry of entries) await addEntry(listing, entry, folder, workspace);
    if (entries.some(({ name }) => isOddName(name))) listing.found.odd.push(folder);
    if (isBareRepository(entries.map(({ name }) => name))) listing.found.repositories.push(folder);
    this.#listings.set(folder, listing);
    return listing;
  }
}

/** What is known of workspaces lives as long as this process. */
export const protectedScan = new ProtectedScan();

async function addEntry(listing: Listing, entry: Dirent, folder: string, workspace: string): Promise<void> {
  const path = join(folder, entry.name);
  const shown = path.slice(workspace.length + 1);
  const isFolder = entry.isDirectory();
  if (protectedReason(isFolder ? join(shown, "x") : shown, "read") ?? stateReason(path)) {
    const real = entry.isSymbolicLink() ? await realpath(path).catch(() => undefined) : path;
    if (real === undefined || !isInside(workspace, real)) return;
    const holdsMore = isFolder || (entry.isSymbolicLink() && (await isDirectory(real)));
    listing.found.secrets.push({ path: real, as: holdsMore ? "folder" : "file" });
    return;
  }
  const decides = protectedReason(shown, "write") !== undefined;
  // Where a link leads, its name counts.
  if (decides && entry.isSymbolicLink()) listing.found.links.push(path);
  const real = decides && entry.isSymbolicLink() ? await realpath(path).catch(() => path) : path;
  if (entry.name === ".git" && (await isDirectory(real))) {
    if (isInside(workspace, real)) listing.found.repositories.push(real);
    return;
  }
  if (decides && (!entry.isSymbolicLink() || (real !== path && isInside(workspace, real)))) {
    listing.found.fixed.push(real);
  }
  if (entry.isSocket()) listing.found.ends.push({ path, as: "socket" });
  if (entry.isFIFO()) listing.found.ends.push({ path, as: "pipe" });
  if (entry.isFile() && entry.name === "package.json") listing.found.packages.push(path);
  if (isFolder) (entry.name === "node_modules" ? listing.packageFolders : listing.folders).push(path);
}

async function addNew(found: ProtectedPaths, { places, odd }: { places: string[]; odd: string[] }): Promise<void> {
  found.odd.push(...odd);
  for (const place of places) ((await isDirectory(place)) ? found.repositories : found.fixed).push(place);
}

/** What a file in the place of a repository says where it is, when nothing else leads there. */
async function addNamed(found: ProtectedPaths, path: string, workspace: string): Promise<void> {
  if (basename(path).toLowerCase() !== ".git") return;
  const place = await namedRepository(path);
  for (const one of place === undefined ? [] : [place, await commonRepository(place)]) {
    const isKnown = found.repositories.some((known) => one === known || isPartOf(known, one ?? ""));
    if (one !== undefined && one !== workspace && !isKnown && isInside(workspace, one)) found.repositories.push(one);
  }
}

/** Other repositories that git would look into for this one, where packages lie, which nobody looks through. */
async function addLinked(found: ProtectedPaths, folder: string, workspace: string): Promise<void> {
  if (basename(folder) !== ".git") return;
  for (const path of await gitLinks(folder)) {
    const place = join(dirname(folder), path, ".git");
    if (!path.split("/").includes("node_modules") || !isInside(workspace, place)) continue;
    const real = await realpath(place).catch(() => undefined);
    if (real !== place || found.repositories.includes(place)) continue;
    if (await isDirectory(place)) found.repositories.push(place);
    else found.fixed.push(place);
  }
}

async function isDirectory(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
