import { basename } from "node:path";
import { otherNames } from "../../base/files/linkedFiles.ts";
import { defined } from "../../base/defined.ts";
import { AppError } from "../../base/appError.ts";
import type { NetworkGuardOptions } from "../../net/networkGuard.ts";
import type { Reach } from "../../rules/reach.ts";
import { gitFolders } from "./gitPlaces.ts";
import { packageTexts, putScriptsBack } from "./keptScripts.ts";
import { type NetworkGate, openNetworkGate } from "./networkGate.ts";
import { type ProtectedPaths, protectedScan } from "./protectedScan.ts";
import type { Confinement, Program, Sandbox } from "./sandbox.ts";
import { type Ruling, rulingOf, setAside } from "./setAside.ts";

/** How far a command may go. "unbound" is outside of any sandbox. */
export type Bounds =
  | { strength: "reading" }
  | {
      strength: "working";
      network: Reach;
      /** A person was shown the protected paths that the command names, and said yes. */
      protectedShown: boolean;
      /** Nobody looked at the command: what a package.json runs stays, too. */
      isUnseen?: boolean;
    }
  | { strength: "unbound" };

/** A program that runs within bounds. */
export interface Confined {
  program: Program;
  env: Record<string, string>;
  /** What lets it through to some hosts; to be closed when it has ended. */
  gate?: NetworkGate;
  /** Once it has ended: undoes what it did to what decides what code runs, and says what, for the model; "" for nothing. */
  settle(): Promise<string>;
}

export interface ConfineOptions {
  sandbox: Sandbox;
  workspace: string;
  env: Record<string, string>;
  guard?: NetworkGuardOptions;
}

/** Puts `program` within bounds. Rejects with `forbidden` when the workspace is too large to be searched for secrets. */
export async function confine(
  program: Program,
  bounds: Exclude<Bounds, { strength: "unbound" }>,
  { sandbox, workspace, env, guard = {} }: ConfineOptions,
): Promise<Confined> {
  const found = await protectedScan.find(workspace);
  if (!found) throw new AppError("forbidden", `${workspace} has too many folders to hide what is protected in it`);
  const files = found.secrets.filter(({ as, isGit }) => as === "file" && !isGit).map(({ path }) => path);
  for (const path of await otherNames(workspace, files)) found.secrets.push({ path, as: "file" });
  found.fixed.push(...(await otherNames(workspace, found.fixed)));
  const isShown = bounds.strength === "working" && bounds.protectedShown;
  const network = bounds.strength === "working" ? networkOf(bounds.network) : "none";
  const gate = typeof network === "string" ? undefined : await openNetworkGate(network, sandbox.gate, guard);
  const isWorking = bounds.strength === "working" && !isShown;
  const ruling: Ruling = isWorking ? await rulingOf(workspace, found) : new Map();
  const known = new Set(found.repositories.flatMap(gitFolders));
  const packages = await packageTexts(isWorking && bounds.isUnseen ? found.packages : []);
  const confinement: Confinement = {
    workspace,
    strength: bounds.strength,
    network: typeof network === "string" ? network : gate!.place,
    // What git keeps is only hidden from what nobody looked at: a commit needs it.
    hidden: isShown ? [] : found.secrets.filter(({ isGit }) => bounds.strength === "reading" || !isGit),
    fixed: isShown ? [] : found.fixed,
    pinned: isShown ? [] : found.repositories,
  };
  return {
    program: await sandbox.confine(program, confinement, env),
    env: gate ? gate.env(env) : env,
    settle: async () => {
      if (!isWorking) return "";
      const after = await protectedScan.find(workspace);
      const made = await setAside(workspace, ruling, { known, places: after ? repositoriesIn(after) : [] });
      return setAsideLine(made) + putBackLine(await putScriptsBack(workspace, packages));
    },
    ...defined({ gate }),
  };
}

/** Folders, and files that say where one is. */
function repositoriesIn({ repositories, fixed }: ProtectedPaths): string[] {
  return [...repositories, ...fixed.filter((path) => basename(path) === ".git")];
}

function setAsideLine(made: string[]): string {
  return made.length === 0
    ? ""
    : `\n[It made ${made.join(", ")}, which decides what code runs; each was renamed to NAME.set-aside-... until somebody wants it]`;
}

function putBackLine(changed: string[]): string {
  return changed.length === 0
    ? ""
    : `\n[It changed the scripts of ${changed.join(", ")}, which decide what code runs; they were put back. Change them with edit, which asks for approval.]`;
}

/** All of the network is there only where no host of it is denied. */
function networkOf({ allowed, denied }: Reach): "none" | "all" | Reach {
  if (allowed.length === 0 || denied.includes("*")) return "none";
  return allowed.includes("*") && denied.length === 0 ? "all" : { allowed, denied };
}
