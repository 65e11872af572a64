import { lstatSync, readFileSync, readlinkSync, type Stats } from "node:fs";
import { readdir, rename, symlink } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { isInside } from "../../base/files/isInside.ts";
import { protectedReason } from "../../rules/protectedPath.ts";
import { GIT_RULING, gitFolders, worktreeRuling } from "./gitPlaces.ts";
import { isPlainRepository } from "./plainRepository.ts";
import type { ProtectedPaths } from "./protectedScan.ts";

/** What decides what code runs in a workspace: each path with what tells it from another of its name, "" where nothing is. */
export type Ruling = ReadonlyMap<string, string>;

/** How it is before a command that may write; what editors and agents look at lies at the top, what git does in its folders. */
export async function rulingOf(
  workspace: string,
  { fixed, links, repositories }: Pick<ProtectedPaths, "fixed" | "links" | "repositories">,
): Promise<Ruling> {
  const top = [...(await topNames(workspace)), ".github/workflows", ".github/actions"];
  const ruling = new Map(
    [...top.map((name) => join(workspace, name)), ...fixed, ...links].map((path) => [path, wayTo(path, workspace)]),
  );
  for (const folder of repositories) {
    for (const one of [folder, ...gitFolders(folder).flatMap((at) => GIT_RULING.map((name) => join(at, name)))])
      ruling.set(one, wayTo(one, workspace));
    for (const file of worktreeRuling(folder)) ruling.set(file, textOf(file));
  }
  return ruling;
}

/**
 * Renames what a sandboxed command made that it had no right to make, for what is not there yet cannot be kept from being
 * made, nor a folder above it from being moved. A link that is gone is there again, and a new repository may stay where git
 * starts nothing because of it: `places` are those of now, `known` git's folders of before. Resolves with the names.
 */
export async function setAside(
  workspace: string,
  before: Ruling,
  { known, places }: { known: ReadonlySet<string>; places: string[] },
): Promise<string[]> {
  const top = (await topNames(workspace)).map((name) => join(workspace, name));
  const made: string[] = [];
  for (const path of new Set([...before.keys(), ...top])) {
    const was = before.get(path) ?? "";
    const is = was.startsWith(TEXT) ? textOf(path) : wayTo(path, workspace);
    if (is === was) continue;
    if (is !== "") {
      // Never through a link: what lies beyond it may be anybody's.
      const wrong = linkAbove(path, workspace) ?? path;
      await rename(wrong, `${wrong}.set-aside-${Date.now().toString(36)}`).catch(() => {});
      made.push(relative(workspace, wrong));
    }
    if (was.startsWith(LINK)) await symlink(was.slice(LINK.length), path).catch(() => {});
  }
  for (const path of places) {
    if (before.has(path) || made.includes(relative(workspace, path)) || isPlainRepository(path, known)) continue;
    await rename(path, `${path}.set-aside-${Date.now().toString(36)}`).catch(() => {});
    made.push(relative(workspace, path));
  }
  return made;
}

async function topNames(workspace: string): Promise<string[]> {
  const names = await readdir(workspace).catch((): string[] => []);
  return names.filter((name) => protectedReason(name, "write") && !protectedReason(name, "read"));
}

const LINK = "link to ";
const TEXT = "text ";

/** Where a link leads; of all else the folders on the way, which nothing keeps in their place as it does the path itself. */
function wayTo(path: string, workspace: string): string {
  const found = look(path);
  if (!found) return "";
  if (found.isSymbolicLink()) return LINK + targetOf(path);
  const way: string[] = [];
  for (let at = dirname(path); at !== workspace && isInside(workspace, at); at = dirname(at)) {
    const folder = look(at);
    way.push(folder ? `${folder.dev}:${folder.ino}` : "");
  }
  return `there ${way.join(" ")}`;
}

/** Undefined for what cannot be told: a command may leave loops of links behind, and folders without rights. */
function look(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return "";
  }
}

/** The first link among the folders above a path. */
function linkAbove(path: string, workspace: string): string | undefined {
  const above: string[] = [];
  for (let at = dirname(path); at !== workspace && isInside(workspace, at); at = dirname(at)) above.unshift(at);
  return above.find((at) => look(at)?.isSymbolicLink());
}

function textOf(path: string): string {
  try {
    return TEXT + readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
