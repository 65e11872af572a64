import { AppError } from "../base/appError.ts";
import { type Clock, isoTime } from "../base/clock.ts";
import type { Disposable } from "../base/disposable.ts";
import { newId } from "../base/id.ts";
import { describeError, type Log } from "../base/log.ts";
import { checkSchedule, nextSlot } from "../base/schedule.ts";
import { visibleLine } from "../base/visible.ts";
import type { Job } from "../protocol/job.ts";
import type { Origin } from "../protocol/message.ts";
import type { Jobs, NewJob, Sessions } from "./core.ts";
import type { EventLog } from "./eventLog.ts";
import { createFiring } from "./firing.ts";
import type { ModelCatalog } from "./models.ts";
import type { Store } from "./ports/store.ts";
import type { RunQueue } from "./runs.ts";
import { MAIN } from "./sessionBook.ts";

export interface Scheduler extends Jobs {
  /** Deals with what was missed, then waits for the next slot. */
  start(): Promise<void>;
  close(): void;
}

export interface JobsOptions {
  store: Store;
  clock: Clock;
  log: Log;
  events: EventLog;
  sessions: Sessions;
  runs: RunQueue;
  models: ModelCatalog;
}

/** Keeps the jobs, and fires each of their slots once. */
export function createJobs(options: JobsOptions): Scheduler {
  const { store, clock, log, events, sessions, models } = options;
  const known = new Map<string, Job>();
  let timer: Disposable | undefined;
  let started = false;
  let closed = false;

  const put = async (job: Job): Promise<Job> => {
    await store.commit({ jobs: [job] });
    known.set(job.id, job);
    events.tell({ type: "job.changed", job });
    return job;
  };

  const find = (id: string): Job => {
    const job = known.get(id);
    if (!job) throw new AppError("not_found", `No job ${JSON.stringify(visibleLine(id, 80))} exists`);
    return job;
  };

  const edit = async (id: string, change: (job: Job) => Job): Promise<Job | undefined> => {
    const job = known.get(id);
    return job && put(change(job));
  };

  const firing = createFiring({ ...options, edit });

  /** One timer for whatever is due first. */
  const arm = (): void => {
    timer?.dispose();
    if (closed || !started) return;
    const due = [...known.values()].flatMap(dueTimes);
    if (due.length > 0) timer = clock.at(Math.min(...due), () => void tick());
  };

  const tick = async (): Promise<void> => {
    const now = clock.now();
    for (const job of [...known.values()]) {
      try {
        await firing.due(job, now);
      } catch (error) {
        log.error("A job could not be fired", { jobId: job.id, error: describeError(error) });
      }
    }
    arm();
  };

  const check = async (job: NewJob): Promise<void> => {
    if (job.sessionTarget !== MAIN && job.sessionTarget !== "isolated") {
      await sessions.get(job.sessionTarget).catch(() => {
        throw new AppError(
          "bad_request",
          `sessionTarget ${JSON.stringify(visibleLine(job.sessionTarget, 80))} is neither "main", "isolated" nor an existing session`,
        );
      });
    }
    if (job.model !== undefined) await models.resolve(job.model);
  };

  return {
    async add(given, origin: Origin) {
      const now = clock.now();
      checkSchedule(given.schedule, now);
      await check(given);
      const at = isoTime(now);
      const enabled = given.enabled ?? true;
      const job: Job = {
        ...given,
        id: newId("job"),
        enabled,
        createdBy: origin,
        createdAt: at,
        updatedAt: at,
        nextRunAt: enabled ? toTime(nextSlot(given.schedule, now, now)) : null,
        lastRunAt: null,
        lastStatus: null,
        state: { consecutiveErrors: 0 },
      };
      await put(job);
      arm();
      return job;
    },
    list: async () => [...known.values()].toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1)),
    get: async (id) => find(id),
    async update(id, patch) {
      const before = find(id);
      const next = { ...before, ...patch, updatedAt: isoTime(clock.now()) };
      const moved = patch.schedule !== undefined || (patch.enabled === true && !before.enabled);
      if (moved) checkSchedule(next.schedule, clock.now());
      await check(next);
      if (!next.enabled) next.nextRunAt = null;
      else if (moved || next.nextRunAt === null)
        next.nextRunAt = toTime(nextSlot(next.schedule, clock.now(), Date.parse(before.createdAt)));
      await put(next);
      arm();
      return next;
    },
    async remove(id) {
      find(id);
      await store.deleteJob(id);
      known.delete(id);
      events.tell({ type: "job.deleted", jobId: id });
      arm();
    },
    run: (id) => firing.byHand(find(id)),
    async slots(query) {
      if (query.jobId !== undefined) find(query.jobId);
      return store.listSlots(query);
    },
    wake: (text, origin) => sessions.send({ text, origin, sessionKey: MAIN, asEvent: true }),
    async start() {
      for (const job of await store.listJobs()) known.set(job.id, job);
      await firing.takeUp();
      started = true;
      await tick();
    },
    close() {
      closed = true;
      timer?.dispose();
    },
  };
}

function dueTimes(job: Job): number[] {
  if (!job.enabled) return [];
  return [job.nextRunAt, job.state.retryAt].flatMap((time) => (time ? [Date.parse(time)] : []));
}

export function toTime(ms: number | null): string | null {
  return ms === null ? null : isoTime(ms);
}
