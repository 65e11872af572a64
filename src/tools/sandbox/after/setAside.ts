import { readlinkSync } from "node:fs";
import { readdir, symlink } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { isInside } from "../../../base/files/isInside.ts";
import { smallText } from "../../../base/files/smallText.ts";
import { decidesAlthoughSecret, protectedReason } from "../../../rules/protectedPath.ts";
import { isOwnWrite } from "../../files/ownWrites.ts";
import { GIT_RULING, worktreePlaces } from "../git/gitPlaces.ts";
import { isPlainRepository } from "../git/plainRepository.ts";
import type { ProtectedPaths } from "../protectedScan.ts";
import type { SeenPaths } from "../seenPaths.ts";
import { linkAbove, look } from "./linkAbove.ts";
import { moveAside as moveThingAside, moveRepositoryAside } from "./moveAside.ts";

/** What decides what code runs in a workspace: each path with what tells it from another of its name, "" where nothing is. */
export type Ruling = ReadonlyMap<string, string>;

/** How it is before a command that may write; what editors and agents look at lies at the top, what git does in its folders. */
export async function rulingOf(
  workspace: string,
  { fixed, links, repositories, gitFolders }: Pick<ProtectedPaths, "fixed" | "links" | "repositories" | "gitFolders">,
): Promise<Ruling> {
  const top = await topNames(workspace);
  const ruling = new Map(
    [...top.map((name) => join(workspace, name)), ...fixed, ...links].map((path) => [path, wayTo(path, workspace)]),
  );
  for (const one of [...repositories, ...gitFolders.flatMap((at) => GIT_RULING.map((name) => join(at, name)))])
    ruling.set(one, wayTo(one, workspace));
  for (const folder of gitFolders) {
    for (const place of await worktreePlaces(folder)) {
      for (const name of ["commondir", "config.worktree"])
        ruling.set(join(place, name), await textOf(join(place, name)));
      // It has none, but without its commondir it would be a repository of its own.
      for (const name of ["config", "hooks", "remotes", "branches"])
        ruling.set(join(place, name), wayTo(join(place, name), workspace));
    }
  }
  return ruling;
}

/** What became of what a command made that it had no right to make, by names from the workspace. */
export interface SetAside {
  renamed: string[];
  /** Could not be. */
  left: string[];
}

export interface After {
  /** Git's folders of before. */
  known: ReadonlySet<string>;
  /** When the command began: what tools have written since is no command's. */
  began: number;
  /** The folders, and files that say where one is, of the repositories that there are now. */
  places: string[];
  /** Whether a person was shown that this may be changed. */
  isSeen: SeenPaths;
  /** The command goes on: what git itself may be about to change is left to the end. */
  isRunning?: boolean;
}

/**
 * Renames what a sandboxed command made that it had no right to make, for what is not there yet cannot be kept from being
 * made, nor a folder above it from being moved. A link that is gone is there again, and a new repository may stay where git
 * starts nothing because of it.
 */
export async function setAside(workspace: string, before: Ruling, after: After): Promise<SetAside> {
  const { known, began, places, isSeen, isRunning = false } = after;
  const top = (await topNames(workspace)).map((name) => join(workspace, name));
  const done: SetAside = { renamed: [], left: [] };
  const moved = new Set<string>();
  const move = async (path: string) => {
    // What a running command has just moved itself is looked at where it is then.
    if (moved.has(path) || !look(path)) return;
    moved.add(path);
    const moveAside = isGit(path) ? moveRepositoryAside : moveThingAside;
    ((await moveAside(path)) ? done.renamed : done.left).push(relative(workspace, path));
  };
  for (const path of new Set([...before.keys(), ...top])) {
    const was = before.get(path) ?? "";
    if (isSeen(path) || (isRunning && was.startsWith(TEXT))) continue;
    const is = was.startsWith(TEXT) ? await textOf(path) : wayTo(path, workspace);
    if (is === was || (is !== "" && (await isOwnWrite(path, began)))) continue;
    // Never through a link: what lies beyond it may be anybody's.
    if (is !== "") await move(linkAbove(path, workspace) ?? path);
    if (was.startsWith(LINK) && !isRunning) await symlink(was.slice(LINK.length), path).catch(() => {});
  }
  for (const path of places) {
    if (before.has(path) || moved.has(path) || isSeen(path)) continue;
    if (await isPlainRepository(path, known, { isRunning })) continue;
    // Of a repository without files it is enough that git knows it no longer.
    await move(isGit(path) ? path : join(path, "HEAD"));
  }
  return done;
}

/** What decides among the names at the top, and in the folders there whose name begins with a dot; as paths from there. */
async function topNames(workspace: string): Promise<string[]> {
  const names = await namesIn(workspace);
  const inDots = names.filter((name) => name.startsWith(".") && !isGit(name) && !decides(name));
  const below = await Promise.all(
    inDots.map(async (dot) => (await namesIn(join(workspace, dot))).map((name) => `${dot}/${name}`)),
  );
  return [...names.filter((name) => decides(name, workspace)), ...below.flat().filter((name) => decides(name))];
}

/** Whether what has this name, from the workspace, decides what code runs. */
export function decides(name: string, workspace?: string): boolean {
  // A repository is looked at as those further down are.
  if (isGit(name)) return workspace !== undefined && (look(join(workspace, name))?.isSymbolicLink() ?? false);
  return decidesAlthoughSecret(name) || Boolean(protectedReason(name, "write") && !protectedReason(name, "read"));
}

async function namesIn(folder: string): Promise<string[]> {
  return await readdir(folder).catch((): string[] => []);
}

function isGit(path: string): boolean {
  return basename(path).toLowerCase() === ".git";
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

function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return "";
  }
}

/** What is no text, and no short one, is as good as any other such thing. */
async function textOf(path: string): Promise<string> {
  const text = await smallText(path, { noLink: true, none: null });
  return text === null ? "" : TEXT + (text ?? "\0");
}
