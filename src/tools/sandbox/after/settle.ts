import { basename, join, relative } from "node:path";
import { visibleLine } from "../../../base/text/visible.ts";
import { worktreePlaces } from "../git/gitPlaces.ts";
import { type ProtectedPaths, protectedScan } from "../protectedScan.ts";
import { diskNow } from "../../../base/files/diskNow.ts";
import { ownTexts } from "../../files/ownWrites.ts";
import { seenPaths } from "../seenPaths.ts";
import { setOddAside } from "./oddNames.ts";
import { packageTexts, putScriptsBack } from "./keptScripts.ts";
import { dropPrograms, pendingPrograms } from "./pendingTodo.ts";
import { putSecretsBack, secretIds } from "./keptSecrets.ts";
import { rulingOf, type SetAside, setAside } from "./setAside.ts";

/** How the scripts of each package.json were before a command. Plain JSON: it may outlive this process. */
export interface ScriptsBefore {
  workspace: string;
  /** When that was, in milliseconds of the machine's clock. */
  began: number;
  packages: [path: string, text: string][];
}

/** How all that decides what code runs was before a command that may write, in a sandbox. */
export interface Before extends ScriptsBefore {
  /** When it began, by the clock of the workspace's disk. */
  since?: number;
  /** The line that a person was shown; "" for none. */
  seen: string;
  ruling: [path: string, what: string][];
  /** Git's folders. */
  known: string[];
  pending: [path: string, lines: readonly string[]][];
  /** What each secret is. */
  secrets: [path: string, id: string][];
}

/** `isUnseen`: nobody looked at the command, so that what a package.json runs stays, too. */
export async function lookBefore(
  workspace: string,
  found: ProtectedPaths,
  { seen, isUnseen }: { seen: string; isUnseen: boolean },
): Promise<Before> {
  return {
    workspace,
    began: Date.now(),
    since: diskNow(workspace),
    seen,
    ruling: [...(await rulingOf(workspace, found))],
    known: found.gitFolders,
    packages: [...(await packageTexts(workspace, isUnseen ? found.packages : []))],
    pending: [...(await pendingPrograms(await todoFolders(found.gitFolders)))],
    secrets: [...(await secretIds(found))],
  };
}

/** Before a command without a sandbox that nobody looked at. Of a folder with too many others only its own package.json counts. */
export async function lookAtScripts(workspace: string): Promise<ScriptsBefore> {
  const found = await protectedScan.find(workspace, { mostFolders: MOST_FOLDERS });
  const packages = await packageTexts(workspace, found?.packages ?? [join(workspace, "package.json")]);
  return { workspace, began: Date.now(), packages: [...packages] };
}

/** Undoes what a command did to it, once it has ended; `earlier` is what was set aside while it ran. Resolves with what that was, for the model; "" for nothing. */
export async function settle(
  before: Before | ScriptsBefore,
  earlier: SetAside = { renamed: [], left: [] },
): Promise<string> {
  if (!("ruling" in before)) return lines([scriptsLine(await scriptsBack(before))]);
  const { workspace, began, since = began, seen, ruling, known, pending, secrets } = before;
  const isSeen = seenPaths(seen, workspace);
  const after = await protectedScan.find(workspace, { mostFolders: MOST_FOLDERS, since });
  const places = after ? placesIn(after) : [];
  const lost = new Map(secrets.filter(([path]) => !isSeen(path)));
  const back = after ? await putSecretsBack(workspace, lost, await secretIds(after)) : [];
  const { renamed, left } = await setAside(workspace, new Map(ruling), {
    known: new Set(known),
    began,
    places,
    isSeen,
  });
  renamed.push(...(await setOddAside(after?.odd ?? [], since)).map((path) => relative(workspace, path)));
  const todos = await todoFolders(after?.gitFolders ?? known);
  const dropped = await dropPrograms(workspace, todos, { before: new Map(pending), seen, isSeen });
  const changed = await scriptsBack(before);
  renamed.unshift(...earlier.renamed);
  return lines([
    renamed.length > 0 &&
      `It made ${list(renamed)}, which decides what code runs; each was renamed to NAME.set-aside-... until somebody wants it`,
    left.length > 0 &&
      `It made ${list(left)}, which decides what code runs, and it could not be renamed: tell the user to look at it first`,
    dropped.length > 0 &&
      `It left ${list(dropped.map((path) => relative(workspace, path)))} with programs that git would start; they are comments now`,
    scriptsLine(changed),
    back.length > 0 && `It moved ${list(back)} to where nobody takes it for a secret; it is back in its place`,
    !after && "It left so many folders that nobody can tell what repositories are among them: tell the user",
  ]);
}

/** Resolves with the names of those whose scripts were put back. What a tool or an editor wrote meanwhile counts as it left it. */
async function scriptsBack({ workspace, began, packages }: ScriptsBefore): Promise<string[]> {
  const kept = packages.map(([path, was]) => {
    const { done, begun } = ownTexts(path, began);
    return [path, { was: done[0] ?? was, begun }] as const;
  });
  return await putScriptsBack(workspace, new Map(kept));
}

function scriptsLine(changed: string[]): string | false {
  return (
    changed.length > 0 &&
    `It changed the scripts of ${list(changed)}, which decide what code runs; they were put back, and what it made of them is in NAME.set-aside-.... Change them with edit, which asks for approval.`
  );
}

function lines(told: (string | false)[]): string {
  return told
    .filter((text) => text !== false)
    .map((text) => `\n[${text}]`)
    .join("");
}

/** A command chooses them: no more than can be read, and none that hides. */
function list(names: string[]): string {
  const all = [...new Set(names)];
  const shown = all.slice(0, MOST_TOLD).map((name) => visibleLine(name, 500));
  return shown.join(", ") + (all.length > MOST_TOLD ? ` and ${all.length - MOST_TOLD} more` : "");
}

const MOST_TOLD = 20;

// A command may make many, so that what it hides among them is not found.
const MOST_FOLDERS = 200_000;

/** Folders, and files that say where one is. */
export function placesIn({ repositories, fixed }: ProtectedPaths): string[] {
  return [...repositories, ...fixed.filter((path) => basename(path).toLowerCase() === ".git")];
}

/** Where git keeps what it was stopped in: beside each configuration, and for each worktree. */
async function todoFolders(gitFolders: string[]): Promise<string[]> {
  const worktrees = await Promise.all(gitFolders.map((folder) => worktreePlaces(folder)));
  return [...new Set([...gitFolders, ...worktrees.flat()])];
}
