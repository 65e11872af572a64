import { AppError, isAppError } from "../../base/appError.ts";
import { Lanes } from "../../base/turns/lanes.ts";
import { quotedLine } from "../../base/text/visible.ts";
import type { Job } from "../../protocol/job.ts";
import { toldJob } from "../../rules/coverWords.ts";
import type { EventLog } from "../state/eventLog.ts";
import type { Batch, IdempotencyRecord, JobChange } from "../ports/batch.ts";
import type { Store } from "../ports/store.ts";
import { followed } from "./triggers/afterLoops.ts";

/** Jobs as they are stored: read anew for every change, because another process may have changed them meanwhile. */
export interface JobRepository {
  list(): Promise<Job[]>;
  /** not_found when there is none of that id. */
  get(id: string): Promise<Job>;
  /**
   * Does one thing to a job at a time. Resolves with undefined when the job is gone. What is put inside of it follows the
   * job that it was given: where another process has changed that one meanwhile, the work is done again with the new one.
   */
  alone<T>(id: string, work: (job: Job) => Promise<T>): Promise<T | undefined>;
  /** Stores it, with the rest of the batch in one transaction, and tells. Outside of `alone` it is a new one. */
  put(job: Job, batch?: Omit<Batch, "facts" | "jobs">): Promise<Job>;
  /** To be stored with something else: refused with `conflict` as a `put` is. */
  change(job: Job): JobChange;
  /** It was stored with something else: tells of it. */
  tell(job: Job): void;
  /** Whether another process has changed the job since `alone` read it. */
  isStale(id: string): Promise<boolean>;
  /** Removes it, tells, and turns off what follows it, which would wait for ever. Not inside of `alone`. */
  remove(id: string, answers?: IdempotencyRecord[]): Promise<void>;
}

// Whoever changes the same job all the time is not outrun.
const MOST_TRIES = 5;

export function createJobRepository(options: { store: Store; events: EventLog }): JobRepository {
  const { store, events } = options;
  const lanes = new Lanes();
  // Of the jobs that `alone` is at: the version that what is put comes after.
  const versions = new Map<string, number>();

  const change = (job: Job): JobChange => ({ put: job, expect: versions.get(job.id) ?? 0 });

  const tell = (job: Job): void => {
    const version = versions.get(job.id);
    if (version !== undefined) versions.set(job.id, version + 1);
    events.tell({ type: "job.changed", job: toldJob(job) });
  };

  const isStale = async (id: string): Promise<boolean> => (await store.getJob(id))?.version !== versions.get(id);

  const once = async <T>(id: string, work: (job: Job) => Promise<T>): Promise<{ result?: T; isStale?: boolean }> => {
    const stored = await store.getJob(id);
    if (!stored) return {};
    versions.set(id, stored.version);
    try {
      return { result: await work(stored.job) };
    } catch (error) {
      if (isAppError(error) && error.code === "conflict" && (await isStale(id))) return { isStale: true };
      throw error;
    } finally {
      versions.delete(id);
    }
  };

  const alone: JobRepository["alone"] = (id, work) =>
    lanes.run(id, async () => {
      for (let tries = 1; tries <= MOST_TRIES; tries++) {
        const done = await once(id, work);
        if (!done.isStale) return done.result;
      }
      throw new AppError("conflict", `Job ${id} is being changed elsewhere all the time; try again`);
    });

  const put: JobRepository["put"] = async (job, batch = {}) => {
    await store.commit({ ...batch, jobs: [change(job)] });
    tell(job);
    return job;
  };

  const orphan = async (removed: Job): Promise<void> => {
    const left = await store.listJobs();
    const isOrphan = (job: Job) => !followed(job, left) && followed(job, [...left, removed])?.id === removed.id;
    const lastError = `The job ${quotedLine(removed.name)} that it follows was removed`;
    for (const { id } of left.filter(isOrphan))
      await alone(id, async (job) => {
        if (isOrphan(job)) await put({ ...job, enabled: false, state: { ...job.state, lastError } });
      });
  };

  return {
    list: async () => (await store.listJobs()).toSorted((a, b) => a.createdAt.localeCompare(b.createdAt)),
    async get(id) {
      const stored = await store.getJob(id);
      if (!stored) throw new AppError("not_found", `No job ${quotedLine(id)} exists`);
      return stored.job;
    },
    alone,
    put,
    change,
    tell,
    isStale,
    async remove(id, answers) {
      const removed = await alone(id, async (job) => {
        await store.deleteJob(id, answers);
        events.tell({ type: "job.deleted", jobId: id });
        return job;
      });
      if (removed) await orphan(removed);
    },
  };
}
