import { AppError, isAppError, toErrorBody } from "../../base/appError.ts";
import { defined } from "../../base/defined.ts";
import { isoTime } from "../../base/clock.ts";
import { lastSlot } from "../../schedule/nextSlot.ts";
import type { Job, SlotRecord } from "../../protocol/job.ts";
import type { SendRequest } from "../../protocol/run.ts";
import type { Keep } from "../ports/batch.ts";
import { askCondition } from "./conditions/askCondition.ts";
import type { JobDelivery } from "./delivery/deliver.ts";
import { deliveryOf, isDelivered } from "./delivery/isDelivered.ts";
import type { SlotSettler } from "./settleSlots.ts";
import { changedSince, digestOfJob, voidWords, withVoid } from "./grantBinding.ts";
import type { JobParts } from "./jobParts.ts";
import { advanced, dueTime, goesOn } from "./jobTimes.ts";
import { isReminded, toReminder } from "./reminder.ts";
import { toRequest } from "./toRequest.ts";
import { afterFiring, toRetry } from "./retryPolicy.ts";

/** Fires slots. The claim of a slot, the job's next one and the run with its message are one transaction. */
export interface JobFirer {
  /** Fires what of a job is due. Rejects when the store fails; then nothing has changed. */
  due(id: string): Promise<void>;
  /** `sentBy`: the run whose tool fires it. */
  byHand(id: string, more?: Pick<Firable, "sentBy" | "keep">): Promise<SlotRecord>;
  /** Fires for what `look` finds of a job that is on. Rejects when the store fails; then nothing has changed. */
  happened(id: string, look: (job: Job) => Promise<Happening | undefined>): Promise<void>;
  /** Fires because of something that came in now. Skipped, and recorded as such, while the job runs or is off. */
  triggered(id: string, cause: SlotRecord["cause"], keep?: Keep<SlotRecord>): Promise<SlotRecord>;
}

/** Something that a job waits for. */
export interface Happening {
  /** When, in milliseconds since 1970. */
  slot: number;
  cause: "file" | "exit" | "after";
  /** In words, for people. */
  started: string;
  /** How many there were before it that nothing fired for. */
  missed?: number;
  /** Up to where the job has seen what happens, once this is dealt with. */
  seen?: string;
  /** It happened while nothing ran. */
  isLate: boolean;
  /** Nobody knows whether it has happened. */
  inDoubt?: true;
  /** Fires nothing: it is only noted as seen, or as skipped because the job ran. */
  only?: "seen" | "skipped";
}

export interface JobFirerOptions extends JobParts {
  settler: SlotSettler;
  delivery: JobDelivery;
}

// A slot this late was missed: the machine slept, or nothing ran.
const LATE_MS = 60_000;
// As many slots next to each other are not taken by chance.
const MOST_TAKEN = 200;
// What came while a job was at work, and was skipped, stands before that work in its list.
const MOST_SKIPPED = 200;

type Busy = Pick<Awaited<ReturnType<SlotSettler["settled"]>>, "isBusy" | "isRehearsed">;

function whileBusy(isRehearsed: boolean): string {
  return `It came while the job was ${isRehearsed ? "being rehearsed" : "running"}`;
}

interface Firable {
  slot: number;
  cause: SlotRecord["cause"];
  missed?: number;
  started?: string;
  inDoubt?: true;
  sentBy?: SendRequest["sentBy"];
  keep?: Keep<SlotRecord> | undefined;
  /** The job once this slot is dealt with. */
  advance(job: Job): Job;
}

export function createJobFirer(parts: JobFirerOptions): JobFirer {
  return {
    due: (id) => fireDue(parts, id),
    byHand: (id, more) => fireByHand(parts, id, more),
    happened: (id, look) => fireHappened(parts, id, look),
    triggered: (id, cause, keep) => fireTriggered(parts, id, { cause, keep, advance: (job) => job }),
  };
}

async function fireDue(parts: JobFirerOptions, id: string): Promise<void> {
  const { clock, jobs, settler } = parts;
  await jobs.alone(id, async (stored) => {
    if (!stored.enabled) return;
    const { job, isBusy, isRehearsed } = await settler.settled(stored);
    const now = clock.now();
    const slot = job.nextRunAt === null ? Infinity : Date.parse(job.nextRunAt);
    const retryAt = job.state.retryAt === undefined ? Infinity : Date.parse(job.state.retryAt);
    if (slot <= now && dueTime(job, slot) <= now) await fireSlot(parts, job, slot, { isBusy, isRehearsed });
    // It waits for the end of a firing by hand or a webhook, or of a rehearsal.
    else if (retryAt <= now && !isBusy) await fireRetry(parts, job, retryAt);
  });
}

async function fireByHand(
  parts: JobFirerOptions,
  id: string,
  more: Pick<Firable, "sentBy" | "keep"> = {},
): Promise<SlotRecord> {
  const { clock, jobs, settler } = parts;
  await jobs.get(id);
  const record = await jobs.alone(id, async (stored) => {
    const { job, isBusy, isRehearsed } = await settler.settled(stored);
    if (isBusy)
      throw new AppError("conflict", `The job "${job.name}" is ${isRehearsed ? "being rehearsed" : "running already"}`);
    return ownSlot(job, clock.now(), (slot) =>
      fire(parts, job, { slot, cause: "manual", advance: (current) => current, ...more }),
    );
  });
  return record ?? Promise.reject(new AppError("not_found", "The job was removed"));
}

/** A slot of its own for each time it is asked for, and never one of the schedule's. */
async function ownSlot(
  job: Job,
  first: number,
  take: (slot: number) => Promise<SlotRecord | undefined>,
): Promise<SlotRecord> {
  for (let slot = first; slot < first + MOST_TAKEN; slot++) {
    if (isoTime(slot) === job.nextRunAt) continue;
    const taken = await take(slot);
    if (taken) return taken;
  }
  throw new AppError("conflict", `The job "${job.name}" is fired elsewhere all the time`);
}

async function fireTriggered(parts: JobFirerOptions, id: string, begun: Omit<Firable, "slot">): Promise<SlotRecord> {
  const { clock, jobs, settler } = parts;
  const record = await jobs.alone(id, async (stored) => {
    const { job, isBusy, isRehearsed } = await settler.settled(stored);
    const reason = isBusy ? whileBusy(isRehearsed) : job.enabled ? undefined : "The job is off";
    return ownSlot(job, clock.now(), (slot) => {
      const firable: Firable = { ...begun, slot };
      if (reason === undefined) return fire(parts, job, firable);
      const skipped = { ...toRecord(job, firable, "skipped", clock.now()), error: reason };
      return claimed(parts, job, firable, firable.advance(job), skipped);
    });
  });
  return record ?? Promise.reject(new AppError("not_found", "The job was removed"));
}

async function fireHappened(
  parts: JobFirerOptions,
  id: string,
  look: (job: Job) => Promise<Happening | undefined>,
): Promise<void> {
  const { clock, jobs, settler } = parts;
  await jobs.alone(id, async (stored) => {
    if (!stored.enabled) return;
    const { job, isBusy, isRehearsed } = await settler.settled(stored);
    const found = await look(job);
    if (!found) return;
    const { slot: happenedAt, cause, started, missed, seen, isLate, only, inDoubt } = found;
    const doubt = inDoubt ? { inDoubt: started } : {};
    const advance = (current: Job): Job => {
      const next = withoutRetry({ ...current, ...defined({ seen }) });
      return { ...next, state: { ...next.state, ...doubt } };
    };
    if (only === "seen") return void (await jobs.put({ ...job, ...defined({ seen }) }));
    await ownSlot(job, happenedAt, (slot) => {
      const more = defined({ missed, inDoubt });
      const firable: Firable = { slot, cause: isLate ? "misfire" : cause, started, advance, ...more };
      const now = clock.now();
      if (isLate && !isCaughtUp(job, now - slot)) {
        const next: Job = { ...advance(job), lastStatus: isBusy ? job.lastStatus : "missed" };
        return claimed(parts, job, firable, next, toRecord(job, firable, "missed", now));
      }
      if (!isBusy && only === undefined) return fire(parts, job, firable);
      const skipped = { ...toRecord(job, firable, "skipped", now), error: whileBusy(isRehearsed) };
      return claimed(parts, job, firable, isBusy ? advance(job) : { ...job, ...defined({ seen }) }, skipped);
    });
  });
}

/** Fires the newest slot that is due, or notes that it was missed or came while the job was busy. */
async function fireSlot(parts: JobFirerOptions, job: Job, first: number, { isBusy, isRehearsed }: Busy): Promise<void> {
  const now = parts.clock.now();
  const { slot, before } = lastSlot(job.schedule, first, now, Date.parse(job.createdAt));
  const isLate = now - dueTime(job, slot) > LATE_MS;
  const firable: Firable = {
    slot,
    cause: isLate ? "misfire" : "schedule",
    missed: before,
    advance: (current) => advanced(current, Math.max(slot, now)),
  };
  if (isLate && !isCaughtUp(job, now - slot)) {
    const next: Job = { ...firable.advance(job), lastStatus: isBusy ? job.lastStatus : "missed" };
    await claimed(parts, job, firable, next, toRecord(job, firable, "missed", now));
  } else if (isBusy) {
    const skipped = { ...toRecord(job, firable, "skipped", now), error: whileBusy(isRehearsed) };
    await claimed(parts, job, firable, firable.advance(job), skipped);
  } else {
    await fire(parts, job, firable);
  }
}

/** Tries again what failed, or notes that this was missed: nothing ran when its time came, and the job was not at work since. */
async function fireRetry(parts: JobFirerOptions, job: Job, slot: number): Promise<void> {
  const now = parts.clock.now();
  const firable: Firable = { slot, cause: "retry", advance: withoutRetry };
  if (now - slot <= LATE_MS || isCaughtUp(job, now - slot) || (await wasAtWork(parts, job, now - LATE_MS)))
    return void (await fire(parts, job, firable));
  const next: Job = { ...withoutRetry(job), lastStatus: "missed" };
  await claimed(parts, job, firable, next, toRecord(job, firable, "missed", now));
}

/** Whether a firing of the job, or a rehearsal, has ended since then. */
async function wasAtWork({ store }: JobFirerOptions, { id, rehearsal }: Job, since: number): Promise<boolean> {
  const fired = await store.listSlots({ jobId: id, limit: MOST_SKIPPED });
  const ends = [rehearsal?.finishedAt, ...fired.map(({ finishedAt }) => finishedAt)];
  return ends.some((end) => end !== undefined && Date.parse(end) >= since);
}

/** Undefined when another gateway has the slot. A job with a condition takes it, and is asked then: whoever waits is answered at once. */
async function fire(parts: JobFirerOptions, job: Job, firable: Firable): Promise<SlotRecord | undefined> {
  const record = toRecord(job, firable, "running", parts.clock.now());
  const begun = toBegun(firable.advance(job), record);
  if (!job.condition || firable.cause === "manual") return begin(parts, job, firable, { begun, record });
  const taken = await claimed(parts, job, firable, begun, record);
  if (!taken) return undefined;
  const beginHeld = (now: Job) =>
    begin(parts, now, firable, { begun: toBegun(now, taken), record: taken, held: taken });
  void askCondition({ held: taken, asked: begun, begin: beginHeld }, parts);
  return taken;
}

function toBegun(job: Job, { startedAt, inDoubt }: SlotRecord): Job {
  const { inDoubt: doubt, ...state } = job.state;
  return {
    ...job,
    lastRunAt: startedAt,
    lastStatus: "running",
    state: inDoubt ? { ...state, ...defined({ inDoubt: doubt }) } : state,
  };
}

interface Taken {
  begun: Job;
  record: SlotRecord;
  /** The slot is taken already. */
  held?: SlotRecord;
}

/** The run of a slot. Undefined when another gateway has it. */
async function begin(
  parts: JobFirerOptions,
  job: Job,
  firable: Firable,
  { held, ...taken }: Taken,
): Promise<SlotRecord | undefined> {
  const { sessions, jobs, settler } = parts;
  const changed = await changedSince(job, parts);
  const reason = voidWords(changed);
  const begun = withVoid(taken.begun, changed);
  const reminded = toReminder(job) ? (true as const) : undefined;
  const record = { ...taken.record, ...defined({ grantsVoid: reason, reminded }) };
  const isTelling = await isReminded(job, record, parts.store);
  let submitted = record;
  try {
    const work = { id: job.id, of: await digestOfJob(job, parts) };
    const request = { ...toRequest(job, reason), job: work, sentBy: firable.sentBy };
    const run = await sessions.send(request, ({ id, sessionKey }) => {
      submitted = { ...record, runId: id, sessionKey };
      const slot = held ? { slots: [{ put: submitted, expect: held }] } : { claims: [submitted] };
      return { ...slot, jobs: [jobs.change(begun)], answers: held ? [] : (firable.keep?.(submitted) ?? []) };
    });
    jobs.tell(begun);
    if (isTelling) remind(parts, job, submitted.sessionKey);
    settler.follow(submitted, run.end);
    return submitted;
  } catch (error) {
    // A fault of ours is not the job's failure, and may be another gateway's write: the slot stays due.
    if (parts.isClosed() || !isAppError(error)) throw error;
    return refused(parts, job, firable, { begun, record, ...defined({ held }) }, error);
  }
}

/** Puts down that a slot's run could not begin, and has that delivered. Undefined when another gateway has the slot. */
async function refused(
  parts: JobFirerOptions,
  job: Job,
  firable: Firable,
  { begun, record, held }: Taken,
  error: AppError,
): Promise<SlotRecord | undefined> {
  const { clock, jobs, store } = parts;
  const outcome = { type: "failed" as const, error: toErrorBody(error) };
  const next = afterFiring(begun, record, toRetry(outcome), clock.now());
  const { retryAt } = next.state;
  const failed: SlotRecord = {
    ...record,
    status: "failed",
    finishedAt: record.startedAt,
    error: error.message,
    ...defined({ retryAt }),
  };
  const isTelling = await isReminded(job, failed, store);
  const isTold = await isDelivered(job, failed, { outcome, retryAt }, store);
  const put: SlotRecord = isTold ? { ...failed, delivery: { status: "pending" } } : failed;
  if (held) await jobs.put(next, { slots: [{ put, expect: held }] });
  // When the slot was taken this is refused as well; when the store fails it rejects, and the slot stays due.
  else if (!(await claimed(parts, job, firable, next, put))) return undefined;
  if (isTelling) remind(parts, job);
  if (isTold) void parts.delivery.deliver({ ...next, delivery: deliveryOf(next) }, put);
  return put;
}

/** Takes the slot without a run. Undefined when another gateway has it. */
async function claimed(
  { jobs }: JobFirerOptions,
  job: Job,
  firable: Firable,
  next: Job,
  slot: SlotRecord,
): Promise<SlotRecord | undefined> {
  try {
    await jobs.put(next, { claims: [slot], answers: firable.keep?.(slot) ?? [] });
    return slot;
  } catch (error) {
    if (!isConflict(error)) throw error;
    // What was changed in the job meanwhile counts: it is looked at anew.
    if (await jobs.isStale(job.id)) throw error;
    await jobs.put(firable.advance(job));
    return undefined;
  }
}

function remind({ events }: JobFirerOptions, job: Job, sessionKey?: string): void {
  const reminder = toReminder(job, sessionKey);
  if (reminder) events.tell(reminder);
}

function toRecord(
  job: Job,
  { slot, cause, missed, started, inDoubt }: Firable,
  status: SlotRecord["status"],
  now: number,
): SlotRecord {
  const startedAt = isoTime(now);
  return {
    jobId: job.id,
    slot: isoTime(slot),
    status,
    cause,
    startedAt,
    ...(status === "running" ? {} : { finishedAt: startedAt }),
    ...defined({ missed: missed || undefined, started, inDoubt }),
  };
}

function isCaughtUp({ misfire }: Job, age: number): boolean {
  if (misfire?.policy === "skip") return false;
  return misfire?.maxAgeSeconds === undefined || age <= misfire.maxAgeSeconds * 1000;
}

function withoutRetry(job: Job): Job {
  const { retryAt: _, ...state } = job.state;
  // A one-shot whose time has come has only its retries left.
  return { ...job, enabled: job.enabled && goesOn(job, job.nextRunAt), state };
}

function isConflict(error: unknown): boolean {
  return isAppError(error) && error.code === "conflict";
}
