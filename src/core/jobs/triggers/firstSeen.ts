import { isoTime } from "../../../base/clock.ts";
import { isTimed, type Job } from "../../../protocol/job.ts";
import { folderOf } from "../grantBinding.ts";
import type { JobsOptions } from "../jobParts.ts";
import { checkWatched } from "../jobRules.ts";

/** The job with what it has seen when it begins to wait: what follows counts, and what was before does not. */
export async function withFirstSeen(job: Job, options: JobsOptions): Promise<Job> {
  const { schedule } = job;
  const { seen: _, ...fresh } = job;
  if (schedule.kind === "after") return { ...fresh, seen: seenUntil(options.clock.now()) };
  if (schedule.kind === "exit") {
    // What a process left is over before it begins to wait.
    await options.store.loseCommands(options.worker);
    const { newest } = await options.store.listCommandEnds({ above: Number.MAX_SAFE_INTEGER, limit: 1 });
    return { ...fresh, seen: String(newest) };
  }
  if (schedule.kind !== "file") return fresh;
  const folder = await folderOf(job, options);
  checkWatched(job, folder);
  if (!options.watchFiles) return fresh;
  const files = options.watchFiles(folder, schedule.glob, () => {});
  try {
    return { ...fresh, seen: (await files.look()).digest };
  } finally {
    files.dispose();
  }
}

/** Whether what it waits for is another thing than before, or it waits again: what was before does not count. */
export function beginsAnew(before: Job, now: Job): boolean {
  if (isTimed(now.schedule)) return now.seen !== undefined;
  return awaitedBy(before) !== awaitedBy(now) || (now.enabled && !before.enabled);
}

/** What a job waits for, and where, to be compared. */
export function awaitedBy({ schedule, workspace, sessionTarget }: Job): string {
  return JSON.stringify([schedule, workspace, sessionTarget]);
}

/** All that ended until now, in the order of what ends. */
export function seenUntil(now: number): string {
  return `${isoTime(now)} ~`;
}
