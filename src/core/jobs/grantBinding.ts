import { createHash } from "node:crypto";
import { isAbsolute, posix, resolve } from "node:path";
import { isAppError } from "../../base/appError.ts";
import { visibleLine } from "../../base/text/visible.ts";
import type { Job } from "../../protocol/job.ts";
import type { Rule } from "../../protocol/rule.ts";
import { toCommandPattern } from "../../rules/commandPattern.ts";
import { folderNames, runnableNames } from "../../shell/runnableNames.ts";
import { takesWordsAsData } from "../../shell/wordPrograms.ts";
import type { JobsOptions } from "./jobParts.ts";

export type BindingOptions = Pick<JobsOptions, "sessions" | "workspaces" | "fileBytes">;

/** The job with its grants bound to what it is now; one without grants is bound to nothing. */
export async function bound(job: Job, options: BindingOptions): Promise<Job> {
  const { grantedFor: _, grantsVoid: __, ...bare } = job;
  return job.grants === undefined ? bare : { ...bare, grantedFor: await digests(job, options) };
}

/**
 * The job with grants that an earlier version bound to less, bound as well to the rest of what it is now: they hold for that
 * as they did, and no longer when it changes. Undefined where nothing is to be added.
 */
export async function boundToMore(job: Job, options: BindingOptions): Promise<Job | undefined> {
  const { grantedFor } = job;
  if (grantedFor === undefined || [...OTHERS].every((name) => Object.hasOwn(grantedFor, name))) return undefined;
  const now = Object.entries(await digests(job, options)).filter(([name]) => OTHERS.has(name));
  const named = new Set([...OTHERS, ...filesOf(job.grants ?? []).map(keyOf)]);
  const kept = Object.entries(grantedFor).filter(([name]) => named.has(name));
  return { ...job, grantedFor: Object.fromEntries([...now, ...kept]) };
}

/** The job with its grants bound to what else it is now; to the files that they run, as these were when it was given them. */
export async function boundBesideFiles(job: Job, options: BindingOptions): Promise<Job> {
  const now = Object.entries(await digests(job, options)).filter(([name]) => OTHERS.has(name));
  const files = Object.entries(job.grantedFor ?? {}).filter(([name]) => !OTHERS.has(name));
  return { ...job, grantedFor: Object.fromEntries([...files, ...now]) };
}

/** What changed since a job's grants were given, so that they do not hold; nothing while they do. */
export async function changedSince(job: Job, options: BindingOptions): Promise<string[]> {
  if (job.grants === undefined || job.grants.length === 0) return [];
  return differing(job.grantedFor ?? {}, await digests(job, options));
}

/** Why a job's grants do not hold: what they were given for is no longer so. Undefined while they do. */
export async function voidReason(job: Job, options: BindingOptions): Promise<string | undefined> {
  return voidWords(await changedSince(job, options));
}

/** The job with whether its grants hold, as was just seen. */
export function withVoid(job: Job, changed: string[]): Job {
  const { grantsVoid: _, ...bare } = job;
  return changed.length === 0 ? bare : { ...bare, grantsVoid: changed };
}

/** A sentence that says so of what changed, before a run or while it was under way; undefined where nothing did. */
export function voidWords(changed: string[], isUnderWay = false): string | undefined {
  if (changed.length === 0) return undefined;
  if (isUnderWay)
    return `Its grants do not hold any more: ${shownNames(changed)} changed while it ran, by its own hand or another's, and whoever changes what a grant runs could run anything by it. Give them again to go on, and keep such a file out of what the job changes.`;
  return `Its grants do not hold: ${shownNames(changed)} changed since they were given. Give them again to go on.`;
}

export function shownNames(names: string[]): string {
  return names.map((name) => visibleLine(name, 80)).join(", ");
}

/** Digest of what a job is, whatever it may do. */
export async function digestOfJob(job: Job, options: BindingOptions): Promise<string> {
  return digest(JSON.stringify(Object.values(partsOf(job, await folderOf(job, options)))));
}

async function digests(job: Job, options: BindingOptions): Promise<Record<string, string>> {
  const folder = await folderOf(job, options);
  return {
    ...(await digestsOfFiles(job.grants ?? [], folder, options)),
    ...Object.fromEntries(Object.entries(partsOf(job, folder)).map(([name, text]) => [name, digest(text)])),
  };
}

/** What a job is besides the files that it runs. A session's history is as much of what it is asked to do as its message. */
function partsOf({ payload, model = "", sessionTarget, condition }: Job, folder: string) {
  return {
    payload: JSON.stringify(payload),
    workspace: folder,
    model,
    session: sessionTarget,
    condition: condition?.command ?? "",
  };
}

/** Digests of the files that the commands of these rules may run, by their names in the folder. */
export async function digestsOfFiles(
  rules: Rule[],
  folder: string,
  options: Pick<BindingOptions, "fileBytes">,
): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of folder === "" ? [] : filesOf(rules)) {
    const now = await digestOf(folder, name, options);
    if (now !== undefined) found[keyOf(name)] = now;
  }
  return found;
}

/** A file's name beside those of what else a job is bound to. */
function keyOf(name: string): string {
  return OTHERS.has(name) ? `./${name}` : name;
}

/** Which files that a job's grants name are not what they were when it was given them. */
export async function changedFiles(job: Job, options: BindingOptions): Promise<string[]> {
  const now = await digestsOfFiles(job.grants ?? [], await folderOf(job, options), options);
  return differing(job.grantedFor ?? {}, now).filter((name) => !OTHERS.has(name));
}

/** The names under which two sets of digests differ. */
export function differing(before: Record<string, string>, now: Record<string, string>): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(now)])].filter((name) => before[name] !== now[name]);
}

const OTHERS = new Set(["payload", "workspace", "model", "session", "condition"]);

/** Where its runs work; "" for nowhere. */
export async function folderOf(
  { sessionTarget, workspace }: Pick<Job, "sessionTarget" | "workspace">,
  options: BindingOptions,
): Promise<string> {
  const { sessions, workspaces } = options;
  if (sessionTarget === "isolated") return workspace ?? workspaces.list()[0] ?? "";
  try {
    return (await sessions.get(sessionTarget)).workspace ?? "";
  } catch (error) {
    if (isAppError(error) && error.code === "not_found") return "";
    throw error;
  }
}

const MOST_NAMES = 5000;

/** The files that granted commands may run: in the job's folder, and in each that a command names or that is gone to. */
function filesOf(grants: Rule[]): string[] {
  const commands = grants.flatMap(({ allow, command }) => {
    const pattern = allow === "exec" && command !== undefined ? toCommandPattern(command) : "";
    return typeof pattern === "string" ? [] : [pattern.words];
  });
  const entered = commands.filter(([program]) => program === "cd" || program === "pushd").flatMap(folderNames);
  const names = new Set<string>();
  for (const words of commands.filter((words) => !isData(words)))
    for (const folder of ["", ...entered, ...folderNames(words)])
      for (const name of runnableNames(words)) {
        if (names.size < MOST_NAMES) names.add(isAbsolute(name) ? name : posix.join(folder, name));
      }
  return [...names];
}

/** Whether a command only works on what it names: of `touch out.txt` and `cp a b` no name is run, and they change those. */
function isData(words: string[]): boolean {
  const [program = ""] = words;
  if (program.includes("/") || program === "git" || program === "find") return false;
  return takesWordsAsData({ words: words.map((text) => ({ text })), assignments: [] });
}

async function digestOf(
  folder: string,
  name: string,
  { fileBytes }: Pick<BindingOptions, "fileBytes">,
): Promise<string | undefined> {
  const bytes = await fileBytes?.(resolve(folder, name));
  if (!bytes) return undefined;
  return digest(/(^|\/)(package|composer)\.json$/.test(name) ? scriptsOf(bytes) : bytes);
}

/** What of a package.json or composer.json decides what runs: all of it where that cannot be told. */
function scriptsOf(bytes: Uint8Array): string | Uint8Array {
  try {
    const { scripts = {} } = JSON.parse(Buffer.from(bytes).toString()) as { scripts?: unknown };
    return JSON.stringify(scripts);
  } catch {
    return bytes;
  }
}

function digest(bytes: string | Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
