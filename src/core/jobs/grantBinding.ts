import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { isAppError } from "../../base/appError.ts";
import { visibleLine } from "../../base/text/visible.ts";
import type { Job } from "../../protocol/job.ts";
import type { Rule } from "../../protocol/rule.ts";
import { toCommandPattern } from "../../rules/commandPattern.ts";
import { unnamedFiles } from "../../shell/unnamedFiles.ts";
import type { JobsOptions } from "./jobParts.ts";

export type BindingOptions = Pick<JobsOptions, "sessions" | "workspaces" | "fileBytes">;

/** The job with its grants bound to what it is now; one without grants is bound to nothing. */
export async function bound(job: Job, options: BindingOptions): Promise<Job> {
  const { grantedFor: _, ...bare } = job;
  return job.grants === undefined ? bare : { ...bare, grantedFor: await digests(job, options) };
}

/** Why a job's grants do not hold: what they were given for is no longer so. Undefined while they do. */
export async function voidReason(job: Job, options: BindingOptions): Promise<string | undefined> {
  if (job.grants === undefined || job.grants.length === 0) return undefined;
  const before = job.grantedFor ?? {};
  const now = await digests(job, options);
  const changed = [...new Set([...Object.keys(before), ...Object.keys(now)])].filter(
    (name) => before[name] !== now[name],
  );
  if (changed.length === 0) return undefined;
  const names = changed.map((name) => visibleLine(name, 80)).join(", ");
  return `Its grants do not hold: ${names} changed since they were given. Give them again to go on.`;
}

/** Digest of what a job is, whatever it may do: its payload, its folder and its model. */
export async function digestOfJob(job: Job, options: BindingOptions): Promise<string> {
  return digest(JSON.stringify(job.payload) + "\n" + (await folderOf(job, options)) + "\n" + (job.model ?? ""));
}

async function digests(job: Job, options: BindingOptions): Promise<Record<string, string>> {
  const folder = await folderOf(job, options);
  const files = await Promise.all(
    filesOf(job.grants ?? []).map(async (name) => [name, await digestOf(folder, name, options)] as const),
  );
  return {
    payload: digest(JSON.stringify(job.payload)),
    workspace: digest(folder),
    model: digest(job.model ?? ""),
    ...Object.fromEntries(files.filter((file): file is [string, string] => file[1] !== undefined)),
  };
}

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
    if (isAppError(error)) return "";
    throw error;
  }
}

/** The words of the granted commands that may be files. */
function filesOf(grants: Rule[]): string[] {
  const names = new Set<string>();
  for (const { allow, command } of grants) {
    const pattern = allow === "exec" && command !== undefined ? toCommandPattern(command) : "";
    if (typeof pattern === "string") continue;
    const [program = ""] = pattern.words;
    for (const name of unnamedFiles(program)) names.add(name);
    // "--config=x.mjs" names a file, too.
    for (const word of pattern.words) names.add(word.startsWith("-") ? word.slice(word.indexOf("=") + 1) : word);
  }
  return [...names].filter((name) => name !== "" && !name.startsWith("-"));
}

async function digestOf(folder: string, name: string, { fileBytes }: BindingOptions): Promise<string | undefined> {
  if (folder === "") return undefined;
  const bytes = await fileBytes?.(resolve(folder, name));
  if (!bytes) return undefined;
  return digest(name === "package.json" ? scriptsOf(bytes) : bytes);
}

/** What of a package.json decides what runs: all of it where that cannot be told. */
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
