import type { Checkpoints, RunRef } from "../../ports/checkpoints.ts";
import type { Files } from "../../ports/files.ts";

/** Files whose former content is kept before a run changes them. */
export function checkpointedFiles(files: Files, checkpoints: Checkpoints, run: RunRef): Files {
  const kept = async (path: string, change: () => Promise<void>): Promise<void> => {
    await checkpoints.keep(run, path);
    await change();
    await checkpoints.left(run, path);
  };
  return {
    ...files,
    writeText: (path, ...how) => kept(path, () => files.writeText(path, ...how)),
    remove: (path, ...how) => kept(path, () => files.remove(path, ...how)),
  };
}
