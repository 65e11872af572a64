import { AppError } from "../../base/appError.ts";
import { Lanes } from "../../base/turns/lanes.ts";
import { visibleLine } from "../../base/visible.ts";
import type { Job } from "../../protocol/job.ts";
import type { EventLog } from "../state/eventLog.ts";
import type { Batch } from "../ports/batch.ts";
import type { Store } from "../ports/store.ts";

/** Jobs as they are stored: read anew for every change, because another gateway may have had the store meanwhile. */
export interface JobRepository {
  list(): Promise<Job[]>;
  /** not_found when there is none of that id. */
  get(id: string): Promise<Job>;
  /** Does one thing to a job at a time. Resolves with undefined when the job is gone. */
  alone<T>(id: string, work: (job: Job) => Promise<T>): Promise<T | undefined>;
  /** Stores it, with the rest of the batch in one transaction, and tells. */
  put(job: Job, batch?: Omit<Batch, "facts" | "jobs">): Promise<Job>;
  /** Tells of a job that was stored elsewhere. */
  tell(job: Job): void;
  remove(id: string): Promise<void>;
}

export function createJobRepository(options: {
  store: Store;
  events: EventLog;
  /** Called after each change of a job, without it when it was removed. */
  onChange: (id: string, job?: Job) => void;
}): JobRepository {
  const { store, events, onChange } = options;
  const lanes = new Lanes();

  const tell = (job: Job): void => {
    onChange(job.id, job);
    events.tell({ type: "job.changed", job });
  };

  return {
    list: async () => (await store.listJobs()).toSorted((a, b) => a.createdAt.localeCompare(b.createdAt)),
    async get(id) {
      const job = await store.getJob(id);
      if (!job) throw new AppError("not_found", `No job ${JSON.stringify(visibleLine(id, 80))} exists`);
      return job;
    },
    alone: (id, work) =>
      lanes.run(id, async () => {
        const job = await store.getJob(id);
        return job && work(job);
      }),
    async put(job, batch = {}) {
      await store.commit({ ...batch, jobs: [job] });
      tell(job);
      return job;
    },
    tell,
    async remove(id) {
      await store.deleteJob(id);
      onChange(id);
      events.tell({ type: "job.deleted", jobId: id });
    },
  };
}
