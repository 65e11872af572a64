import { dirname } from "node:path";
import { isInside } from "../../base/files/isInside.ts";
import { otherNames } from "../../base/files/linkedFiles.ts";
import { defined } from "../../base/defined.ts";
import { AppError } from "../../base/appError.ts";
import type { NetworkGuardOptions } from "../../net/networkGuard.ts";
import type { Reach } from "../../rules/reach.ts";
import { lookAtScripts, lookBefore, settle } from "./after/settle.ts";
import { watchSettings } from "./after/settingsWatch.ts";
import { worktreeRepository } from "./git/worktreeRepository.ts";
import { noteUnsettled, settleLeft } from "./after/unsettled.ts";
import { type NetworkGate, openNetworkGate } from "./networkGate.ts";
import { type ProtectedPaths, protectedScan } from "./protectedScan.ts";
import type { Confinement, HiddenPath, Program, Sandbox } from "./sandbox.ts";
import { type SeenPaths, seenPaths } from "./seenPaths.ts";

/** How far a command may go. "unbound" is outside of any sandbox. */
export type Bounds =
  | { strength: "reading" }
  | {
      strength: "working";
      network: Reach;
      /** The line, where a person was shown it and said yes: the protected paths that it names are open to it. "" else. */
      seen: string;
      /** Nobody looked at the command: what a package.json runs stays, too. */
      isUnseen?: boolean;
    }
  | { strength: "unbound"; isUnseen?: boolean };

/** A program that runs within bounds, or without. */
export interface Confined {
  program: Program;
  env: Record<string, string>;
  /** What lets it through to some hosts; to be closed when it has ended. */
  gate?: NetworkGate;
  /** What something else is seen in the place of, or cannot be changed: files that may be replaced from outside meanwhile. */
  masked: string[];
  /** How many mounts there are in its workspace, where the sandbox is made of such. */
  mounts: number;
  /** Calls back with the name of what it makes again and again although that decides what code runs: it is to be ended then. */
  onInsisting(end: (name: string) => void): void;
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
  const left = await settleLeft(workspace);
  const found = await protectedScan.find(workspace);
  if (!found) throw new AppError("forbidden", `${workspace} has too many folders to hide what is protected in it`);
  const files = found.secrets.filter(({ as, isGit }) => as === "file" && !isGit).map(({ path }) => path);
  for (const path of await otherNames(workspace, files)) found.secrets.push({ path, as: "file" });
  found.fixed.push(...(await otherNames(workspace, found.fixed)));
  const isWorking = bounds.strength === "working";
  const isSeen = seenPaths(isWorking ? bounds.seen : "", workspace);
  const network = isWorking ? networkOf(bounds.network) : "none";
  const before = isWorking
    ? await lookBefore(workspace, found, { seen: bounds.seen, isUnseen: bounds.isUnseen ?? false })
    : undefined;
  const gate = typeof network === "string" ? undefined : await openNetworkGate(network, sandbox.gate, guard);
  const repository = isWorking ? await worktreeRepository(workspace) : undefined;
  const confinement: Confinement = {
    workspace,
    readable: repository === undefined ? [] : [repository],
    strength: bounds.strength,
    network: typeof network === "string" ? network : gate!.place,
    hidden: hiddenOf(found, { strength: bounds.strength, network, isSeen }),
    fixed: outermost(found.fixed.filter((path) => !isSeen(path))),
    pinned: pinnedOf(found, workspace).filter((path) => !isSeen(path, { whole: true })),
  };
  const closeGate = async (error: unknown): Promise<never> => {
    await gate?.close();
    throw error;
  };
  const confined = await sandbox.confine(program, confinement, env).catch(closeGate);
  const putBack = before && (await noteUnsettled(before).catch(closeGate));
  const watch = before && watchSettings(before);
  return {
    program: confined,
    env: gate ? gate.env(env) : env,
    mounts: 1 + confinement.hidden.length + (isWorking ? confinement.fixed.length + confinement.pinned.length : 0),
    masked: [...confinement.hidden.map(({ path }) => path), ...(isWorking ? confinement.fixed : [])],
    onInsisting: (end) => watch?.onInsisting(end),
    settle: async () => (putBack && watch ? left + (await putBack(await watch.stop())) : left),
    ...defined({ gate }),
  };
}

/** Leaves `program` as it is, but for what a package.json runs: that stays where nobody looked at the command. */
export async function leaveUnbound(
  program: Program,
  { isUnseen = false }: Extract<Bounds, { strength: "unbound" }>,
  { workspace, env }: Pick<ConfineOptions, "workspace" | "env">,
): Promise<Confined> {
  const plain = { program, env, mounts: 0, masked: [], onInsisting: () => {} };
  if (!isUnseen) return { ...plain, settle: async () => "" };
  const left = await settleLeft(workspace);
  const before = await lookAtScripts(workspace);
  // A command may be what makes room on a full disk.
  const putBack = await noteUnsettled(before).catch(() => () => settle(before));
  return { ...plain, settle: async () => left + (await putBack()) };
}

/** Without those in another of them: what is in a folder that cannot be changed cannot be changed either. */
function outermost(paths: string[]): string[] {
  const all = new Set(paths);
  const isBelow = (path: string): boolean => {
    for (let at = dirname(path); at !== dirname(at); at = dirname(at)) if (all.has(at)) return true;
    return false;
  };
  return [...all].filter((path) => !isBelow(path));
}

/** The repositories, and each folder above what is protected: none of them can be moved, and nothing can take its place. */
function pinnedOf({ secrets, fixed, repositories }: ProtectedPaths, workspace: string): string[] {
  const above = new Set<string>();
  for (const path of [...secrets.flatMap(({ path, isGit }) => (isGit ? [] : [path])), ...fixed, ...repositories]) {
    for (let at = dirname(path); at !== workspace && isInside(workspace, at) && !above.has(at); at = dirname(at))
      above.add(at);
  }
  const inGit = (path: string) => repositories.some((one) => one !== path && isInside(one, path));
  const folders = [...above].filter((path) => !inGit(path));
  const isDear = folders.length + secrets.length + fixed.length > MOST_MOUNTS;
  const all = new Set([...(isDear ? [] : folders), ...repositories]);
  all.delete(workspace);
  // What is above comes first: it would cover what is mounted in it.
  return [...all].sort((one, other) => one.length - other.length);
}

// bwrap reads all of them again for each: 100 are a tenth of a second, 400 two.
const MOST_MOUNTS = 400;

function hiddenOf(
  { secrets, ends }: ProtectedPaths,
  { strength, network, isSeen }: { strength: "reading" | "working"; network: unknown; isSeen: SeenPaths },
): HiddenPath[] {
  // What git keeps is only hidden from what nobody looked at: a commit needs it.
  const shut = secrets.filter(({ path, isGit }) => (strength === "reading" || !isGit) && !isSeen(path));
  // Who listens there may be anybody, as with the network; a pipe is written to, as a file is.
  const far = ends.filter(({ as }) => strength === "reading" || (as === "socket" && network !== "all"));
  return [...shut, ...far.map(({ path }) => ({ path, as: "file" as const }))];
}

/** All of the network is there only where no host of it is denied. */
function networkOf({ allowed, denied }: Reach): "none" | "all" | Reach {
  if (allowed.length === 0 || denied.includes("*")) return "none";
  return allowed.includes("*") && denied.length === 0 ? "all" : { allowed, denied };
}
