import { describeError } from "../../../base/log.ts";
import type { GatewayEvent } from "../../../protocol/event.ts";
import { isTimed, type Job } from "../../../protocol/job.ts";
import type { WatchFiles } from "../../ports/watchedFiles.ts";
import type { JobFirer } from "../fire.ts";
import { folderOf } from "../grantBinding.ts";
import type { JobParts } from "../jobParts.ts";
import { unfired } from "./endedCommand.ts";
import { awaitedBy } from "./firstSeen.ts";
import { unfollowed } from "./followJob.ts";
import { type WatchedJob, watchJob } from "./watchedJob.ts";

/** Fires the jobs that wait for something to happen: files that change, commands that end, other jobs. */
export interface Triggers {
  /** From here on; before, everything that is told is left to who leads. */
  start(jobs: Job[]): Promise<void>;
  /** The jobs as they are now, whoever changed them. */
  sync(jobs: Job[]): void;
  take(event: GatewayEvent): void;
  close(): void;
}

export interface TriggersOptions extends JobParts {
  firing: JobFirer;
  watchFiles?: WatchFiles;
}

interface Parts extends TriggersOptions {
  /** Those that wait for something, by id. */
  waiting: Map<string, Job>;
  watched: Map<string, { key: string; watch: WatchedJob }>;
  /** What is being done, so that a start can wait for it. */
  under: Set<Promise<void>>;
}

export function createTriggers(options: TriggersOptions): Triggers {
  const parts: Parts = { ...options, waiting: new Map(), watched: new Map(), under: new Set() };
  let isOn = false;
  return {
    async start(jobs) {
      isOn = true;
      for (const job of jobs) put(parts, job, true);
      followAll(parts, jobs);
      fireEnded(parts);
      await Promise.all(parts.under);
    },
    sync(jobs) {
      if (!isOn) return;
      const ids = new Set(jobs.map(({ id }) => id));
      for (const id of [...parts.waiting.keys()]) if (!ids.has(id)) drop(parts, id);
      for (const job of jobs) put(parts, job);
      // What no event told of, and what could not be stored when it was told.
      followAll(parts, jobs);
      fireEnded(parts);
      for (const { watch } of parts.watched.values()) watch.look();
    },
    take(event) {
      if (!isOn) return;
      if (event.type === "job.deleted") drop(parts, event.jobId);
      else if (event.type === "command.ended") fireEnded(parts);
      else if (event.type === "job.changed") {
        put(parts, event.job);
        const { lastStatus } = event.job;
        if (lastStatus === "ok" || lastStatus === "failed") followOne(parts, event.job);
      }
    },
    close() {
      isOn = false;
      for (const id of [...parts.watched.keys()]) unwatch(parts, id);
    },
  };
}

/** `wasAway`: nothing ran until now. */
function put(parts: Parts, job: Job, wasAway = false): void {
  if (isTimed(job.schedule) || !job.enabled) return drop(parts, job.id);
  parts.waiting.set(job.id, job);
  if (job.schedule.kind !== "file") return unwatch(parts, job.id);
  parts.watched.get(job.id)?.watch.note(job);
  const key = awaitedBy(job);
  if (parts.watched.get(job.id)?.key === key || !parts.watchFiles) return;
  unwatch(parts, job.id);
  doing(parts, job, async () => {
    const folder = await folderOf(job, parts);
    if (folder === "" || parts.watched.has(job.id) || !parts.waiting.has(job.id) || parts.isClosed()) return;
    const watch = watchJob(job, folder, { ...parts, watchFiles: parts.watchFiles!, wasAway });
    parts.watched.set(job.id, { key, watch });
    watch.look();
  });
}

function drop(parts: Parts, id: string): void {
  parts.waiting.delete(id);
  unwatch(parts, id);
}

function unwatch(parts: Parts, id: string): void {
  parts.watched.get(id)?.watch.dispose();
  parts.watched.delete(id);
}

/** Fires the jobs that follow one, which has just ended. */
function followOne(parts: Parts, { id, name }: Job): void {
  for (const job of parts.waiting.values()) {
    const { schedule } = job;
    if (schedule.kind !== "after" || (schedule.jobId !== id && schedule.jobId !== name)) continue;
    doing(parts, job, async () => {
      const all = await parts.store.listJobs();
      await parts.firing.happened(job.id, (now) => unfollowed(now, all, parts));
    });
  }
}

/** Fires every job that follows another for what that has done since. */
function followAll(parts: Parts, all: Job[]): void {
  for (const job of parts.waiting.values()) {
    if (job.schedule.kind !== "after") continue;
    doing(parts, job, async () => {
      // Most have seen everything, and need no turn.
      if (await unfollowed(job, all, parts)) await parts.firing.happened(job.id, (now) => unfollowed(now, all, parts));
    });
  }
}

/** Fires every job that waits for the end of a command for what has ended since, and for what was lost with a process. */
function fireEnded(parts: Parts): void {
  const jobs = [...parts.waiting.values()].filter(({ schedule }) => schedule.kind === "exit");
  // Their ends are wanted by a job alone, and without one are numbered when they come.
  if (jobs.length === 0) return;
  const lost = parts.store.loseCommands(parts.worker);
  for (const job of jobs) {
    doing(parts, job, async () => {
      await lost;
      if (await unfired(job, parts)) await parts.firing.happened(job.id, (now) => unfired(now, parts));
    });
  }
}

function doing(parts: Parts, { id }: Job, work: () => Promise<void>): void {
  const done = work()
    .catch((error: unknown) => {
      if (!parts.isClosed()) parts.log.error("A job could not be fired", { jobId: id, error: describeError(error) });
    })
    .finally(() => parts.under.delete(done));
  parts.under.add(done);
}
