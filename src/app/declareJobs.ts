import { readdirSync } from "node:fs";
import { dirname } from "node:path";
import { readConfigText } from "../config/configText.ts";
import type { RunningCore } from "../core/createCore.ts";
import type { Configuration } from "./settings/configuration.ts";

/**
 * Makes the declared jobs those of the files that were read here. A file that was deleted declares nothing any more; one that
 * is away, as with its drive, keeps its jobs, and one that another gateway of this store reads is left to it.
 */
export async function declareJobs({ jobs }: RunningCore, configuration: Configuration): Promise<void> {
  const declared = configuration.declared();
  const files = new Set((await jobs.list()).flatMap(({ file }) => file ?? []));
  const gone = [...files].filter((file) => isDeleted(file) && declared.every((one) => one.file !== file));
  await jobs.declare([...declared, ...gone.map((file) => ({ file, jobs: [] }))]);
}

/** Whether a file is known not to be there: its folder is, with something in it, unlike a place where nothing is mounted. */
function isDeleted(file: string): boolean {
  if (!("missing" in readConfigText(file))) return false;
  try {
    return readdirSync(dirname(file)).length > 0;
  } catch {
    return false;
  }
}
