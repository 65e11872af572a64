import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { readConfigText } from "../config/configText.ts";
import type { RunningCore } from "../core/createCore.ts";
import type { Configuration } from "./settings/configuration.ts";

/**
 * Makes the declared jobs those of the files that are read here. A file that was deleted declares nothing any more; one that
 * is away, as with its drive, keeps its jobs, and one that another gateway of this store reads is left to it.
 */
export async function declareJobs({ jobs }: RunningCore, configuration: Configuration): Promise<void> {
  const declared = configuration.declared();
  const files = new Set((await jobs.list()).flatMap(({ file }) => file ?? []));
  const gone = [...files].filter((file) => isDeleted(file) && declared.every((one) => one.file !== file));
  const told = declared.filter((one) => one.jobs.length > 0 || !isAway(one.file));
  await jobs.declare([...told, ...gone.map((file) => ({ file, jobs: [] }))]);
}

/** Whether a file is known not to be there: its folder is, and can be looked into. */
function isDeleted(file: string): boolean {
  return "missing" in readConfigText(file) && existsSync(dirname(file));
}

function isAway(file: string): boolean {
  return !("text" in readConfigText(file)) && !isDeleted(file);
}
