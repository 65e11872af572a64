import { createHash } from "node:crypto";
import { isAppError } from "../../base/appError.ts";
import { defined } from "../../base/defined.ts";
import { isoTime } from "../../base/clock.ts";
import { isTimed, type Job, jobFields, type NewJob } from "../../protocol/job.ts";
import { jobNotes } from "../../rules/coverWords.ts";
import { bound, boundBesideFiles, changedSince, withVoid } from "./grantBinding.ts";
import type { JobParts } from "./jobParts.ts";
import { anchored, checkDeclared, loopFault, newJob, unknownFault } from "./jobRules.ts";
import { afterLoop, followed } from "./triggers/afterLoops.ts";
import { beginsAnew, withFirstSeen } from "./triggers/firstSeen.ts";
import { goesOn, oneShotTime, withNext } from "./jobTimes.ts";

export interface DeclaringFile {
  file: string;
  jobs: NewJob[];
  /** Nobody has said yet that it may have these: none of them is made or changed. */
  isWaiting?: boolean;
}

/**
 * Makes the jobs that these files own those that they declare: new ones are added, changed ones changed, the rest removed.
 * A job is known by its file and name, so it keeps its history over every reload. One that cannot work is there, but off; so
 * is one whose change waits for somebody's word.
 */
export async function syncDeclared(files: DeclaringFile[], options: JobParts): Promise<void> {
  const { store, jobs } = options;
  const ids = new Set<string>();
  for (const { file, jobs: declared, isWaiting } of files)
    for (const given of declared)
      ids.add(await (isWaiting ? holdJob(file, given, options) : declareJob(file, given, options)));
  for (const job of await store.listJobs()) {
    // One of an earlier version says nothing of its file.
    const isOurs = job.ownedByFile && (job.file === undefined || files.some(({ file }) => file === job.file));
    if (!isOurs || ids.has(job.id)) continue;
    options.log.info("A job is no longer declared, and was removed", { jobId: job.id, name: job.name });
    await jobs.remove(job.id);
  }
  await checkFollowers(options);
}

/** `isGranted`: its grants are what they were, which gives nobody leave for files that were changed since they were given. */
async function putDeclared(job: Job, options: JobParts, isGranted = false): Promise<void> {
  const { jobs, log } = options;
  const next = await begun(job, options);
  const given = await (isGranted ? boundBesideFiles : bound)(next, options);
  for (const note of jobNotes(await jobs.put(withVoid(given, await changedSince(given, options)))))
    log.warn(`The job "${job.name}" of ${job.file ?? "openclaw.yml"}: ${note}`);
}

/** A job whose file asks for something that waits: off where what the file says of it has changed. */
async function holdJob(file: string, given: NewJob, options: JobParts): Promise<string> {
  const id = await idOf(file, given.name, options);
  await options.jobs.alone(id, async (job) => {
    // One that is off has a reason of its own.
    if (!job.enabled || !changed(job, file, given, options)) return;
    options.log.warn("A declared job was changed, and stays off until that is confirmed", { name: job.name, file });
    await options.jobs.put({
      ...job,
      enabled: false,
      nextRunAt: null,
      updatedAt: isoTime(options.clock.now()),
      state: {
        consecutiveErrors: 0,
        lastError: `${file} says something else of it now, which waits for your word; it is off until then`,
      },
    });
  });
  return id;
}

async function declareJob(file: string, given: NewJob, options: JobParts): Promise<string> {
  const { jobs } = options;
  const id = await idOf(file, given.name, options);
  for (;;) {
    const known = await jobs.alone(id, async (job) => {
      const next = changed(job, file, given, options) ?? (job.grants && !job.grantedFor ? job : undefined);
      const isGranted = job.grantedFor !== undefined && JSON.stringify(next?.grants) === JSON.stringify(job.grants);
      if (next) await putDeclared(next, options, isGranted);
      return true;
    });
    if (known) return id;
    try {
      await putDeclared(created(id, file, given, options), options);
      return id;
    } catch (error) {
      // Another gateway has just made it.
      if (!isAppError(error) || error.code !== "conflict") throw error;
    }
  }
}

/** By its name alone, unless another file has a job of that name. */
async function idOf(file: string, name: string, { store }: JobParts): Promise<string> {
  const [plain, own] = [toId(name), toId(`${file}\n${name}`)];
  if (await store.getJob(own)) return own;
  const there = (await store.getJob(plain))?.job.file;
  return there === undefined || there === file ? plain : own;
}

function toId(text: string): string {
  return `job_file_${createHash("sha256").update(text).digest("hex").slice(0, 16)}`;
}

function created(id: string, file: string, given: NewJob, options: JobParts): Job {
  const now = options.clock.now();
  const made = { id, ownedByFile: true, file, createdBy: { via: "cron", id: "openclaw.yml" } } as const;
  return scheduled(newJob(given, made, now), given, options);
}

/** Undefined when the file says of it what it said before. */
function changed(job: Job, file: string, given: NewJob, options: JobParts): Job | undefined {
  const now = options.clock.now();
  const {
    id,
    ownedByFile,
    grantedFor,
    grantsVoid,
    seen,
    rehearsal,
    createdBy,
    createdAt,
    lastRunAt,
    lastStatus,
    state,
    nextRunAt,
    nextRunZone,
  } = job;
  const kept = {
    id,
    ownedByFile,
    file,
    ...defined({ grantedFor, grantsVoid, seen, rehearsal, nextRunZone }),
    createdBy,
    createdAt,
    lastRunAt,
    lastStatus,
    state,
    nextRunAt,
  };
  const schedule = anchored(given.schedule, job.schedule, now);
  const isSame = JSON.stringify(schedule) === JSON.stringify(job.schedule);
  // A one-shot that has fired is off, whatever the file still says.
  const hasFired = isSame && schedule.kind === "at" && nextRunAt === null && oneShotTime(schedule.at, job) <= now;
  const enabled = given.enabled !== false && (hasFired ? job.enabled : true);
  const next: Job = { ...given, schedule, enabled, updatedAt: isoTime(now), ...kept };
  if (declaration(next) === declaration(job) && job.file === file) return undefined;
  const { seen: _, ...fresh } = next;
  if (isSame && enabled === job.enabled) {
    const { workspace, ...rest } = given;
    // A folder whose window is closed turns nothing off.
    const asked = workspace === job.workspace ? rest : given;
    return unworkable(next, asked, options) ?? (beginsAnew(job, next) ? fresh : next);
  }
  return scheduled({ ...fresh, state: { consecutiveErrors: 0 } }, given, options);
}

function scheduled(job: Job, given: NewJob, options: JobParts): Job {
  const off = unworkable(job, given, options);
  if (off) return off;
  if (!job.enabled) return { ...job, nextRunAt: null };
  const next = withNext(job, options.clock.now());
  const enabled = goesOn(next, next.nextRunAt);
  if (enabled || next.schedule.kind !== "at") return { ...next, enabled };
  return { ...next, enabled, state: { ...next.state, lastError: `${next.schedule.at} has passed already` } };
}

/** The job, off, with why it cannot work; undefined where it can. */
function unworkable(job: Job, given: NewJob, { workspaces, log }: JobParts): Job | undefined {
  try {
    checkDeclared(given, workspaces);
    return undefined;
  } catch (error) {
    if (!isAppError(error)) throw error;
    log.warn("A declared job cannot work, and stays off", { name: job.name, error: error.message });
    return { ...job, enabled: false, nextRunAt: null, state: { consecutiveErrors: 0, lastError: error.message } };
  }
}

/** With what it has seen, where it has only now begun to wait. */
async function begun(job: Job, options: JobParts): Promise<Job> {
  if (isTimed(job.schedule) || !job.enabled || job.seen !== undefined) return job;
  try {
    return await withFirstSeen(job, options);
  } catch (error) {
    if (!isAppError(error)) throw error;
    return { ...job, enabled: false, state: { consecutiveErrors: 0, lastError: error.message } };
  }
}

/** Turns off what follows a job that is not there, or in the end itself: known when all are there. */
async function checkFollowers({ store, jobs, log }: JobParts): Promise<void> {
  const all = await store.listJobs();
  for (const job of all) {
    if (!job.ownedByFile || !job.enabled || job.schedule.kind !== "after") continue;
    const ring = afterLoop(job, all);
    const fault = ring ? loopFault(ring) : followed(job, all) ? undefined : unknownFault(job.schedule.jobId);
    if (fault === undefined) continue;
    log.warn("A declared job cannot work, and stays off", { name: job.name, error: fault });
    await jobs.alone(job.id, (now) =>
      jobs.put({ ...now, enabled: false, state: { consecutiveErrors: 0, lastError: fault } }),
    );
  }
}

/** What of a job the file says, for comparing. */
function declaration(job: Job): string {
  return JSON.stringify(SAID.map((key) => job[key]));
}

const SAID = Object.keys(jobFields.shape) as (keyof typeof jobFields.shape)[];
