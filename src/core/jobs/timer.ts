import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import { describeError, type Log } from "../../base/log.ts";
import type { Job } from "../../protocol/job.ts";
import { nextDue } from "./jobTimes.ts";

/** Wakes for each job when it is due, and now and then to see what another gateway put into the store. */
export interface JobTimer {
  /** Looks at all jobs. Resolves when what was due is fired. */
  tick(): Promise<void>;
  /** A job changed; without it, it was removed. */
  note(id: string, job?: Job): void;
  close(): void;
}

export interface JobTimerOptions {
  clock: Clock;
  log: Log;
  list(): Promise<Job[]>;
  due(id: string): Promise<void>;
  /** The clock was set back; `backOf`: by how much since a job got its next slot. */
  onClockBack(jobs: Job[], backOf: (job: Job) => number): Promise<void>;
}

const LOOK_AGAIN_MS = 60_000;
const AFTER_FAILURE_MS = 5000;
// Less than this is what keeps a clock right, not somebody who sets it.
const LEAST_BACK_MS = 1000;

export function createJobTimer(options: JobTimerOptions): JobTimer {
  const { clock, log } = options;
  const known = new Map<string, Job>();
  const busy = new Set<string>();
  /** Until when a job is left alone whose firing could not be stored. */
  const held = new Map<string, number>();
  let timer: Disposable | undefined;
  /** When it last looked, by the clock and by steady time, and what each job's next slot was then. */
  let last: { at: number; steady: number; slots: Map<string, string | null> } | undefined;
  let heldUntil = -Infinity;
  let started = false;
  let closed = false;

  const arm = (): void => {
    timer?.dispose();
    if (closed || !started) return;
    const now = clock.now();
    let next = now + LOOK_AGAIN_MS;
    for (const job of known.values()) if (!busy.has(job.id)) next = Math.min(next, dueAt(job));
    timer = clock.at(Math.max(next, heldUntil), () => void tick());
  };

  const dueAt = (job: Job): number => Math.max(nextDue(job), held.get(job.id) ?? -Infinity);

  const look = async (): Promise<void> => {
    const jobs = await options.list();
    known.clear();
    for (const job of jobs) known.set(job.id, job);
    const before = last;
    last = {
      at: clock.now(),
      steady: clock.steady(),
      slots: new Map(jobs.map(({ id, nextRunAt }) => [id, nextRunAt])),
    };
    const back = before ? last.steady - before.steady - (last.at - before.at) : 0;
    if (!before || back < LEAST_BACK_MS) return;
    held.clear();
    await options.onClockBack(jobs, ({ id, nextRunAt }) => (before.slots.get(id) === nextRunAt ? back : 0));
  };

  const fire = async (id: string): Promise<void> => {
    busy.add(id);
    try {
      await options.due(id);
      held.delete(id);
    } catch (error) {
      held.set(id, clock.now() + AFTER_FAILURE_MS);
      log.error("A job could not be fired", { jobId: id, error: describeError(error) });
    } finally {
      busy.delete(id);
      arm();
    }
  };

  const tick = async (): Promise<void> => {
    if (closed) return;
    started = true;
    try {
      heldUntil = -Infinity;
      await look();
    } catch (error) {
      heldUntil = clock.now() + AFTER_FAILURE_MS;
      log.error("The jobs could not be read", { error: describeError(error) });
    }
    const now = clock.now();
    const due = [...known.values()].filter((job) => !busy.has(job.id) && dueAt(job) <= now);
    const fired = Promise.all(due.map((job) => fire(job.id)));
    arm();
    await fired;
  };

  return {
    tick,
    note(id, job) {
      if (job) known.set(id, job);
      else known.delete(id);
      arm();
    },
    close() {
      closed = true;
      timer?.dispose();
    },
  };
}
