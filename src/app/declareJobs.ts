import { existsSync } from "node:fs";
import type { RunningCore } from "../core/createCore.ts";
import type { Configuration } from "./settings/configuration.ts";

/**
 * Makes the declared jobs those of the files that are read here. A file that is gone declares nothing any more; one that
 * another gateway of this store reads is left to it.
 */
export async function declareJobs({ jobs }: RunningCore, configuration: Configuration): Promise<void> {
  const declared = configuration.declared();
  const files = new Set((await jobs.list()).flatMap(({ file }) => file ?? []));
  const gone = [...files].filter((file) => !existsSync(file) && declared.every((one) => one.file !== file));
  await jobs.declare([...declared, ...gone.map((file) => ({ file, jobs: [] }))]);
}
