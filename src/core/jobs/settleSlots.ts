import { isAppError } from "../../base/appError.ts";
import { isoTime } from "../../base/clock.ts";
import { type Disposable, toDisposable } from "../../base/disposable.ts";
import { defined } from "../../base/defined.ts";
import type { Job, SlotRecord } from "../../protocol/job.ts";
import type { RunOutcome } from "../../protocol/run.ts";
import { changedFiles, voidWords } from "./grantBinding.ts";
import type { JobDelivery } from "./delivery/deliver.ts";
import { deliveryOf, isDelivered, isQuiet } from "./delivery/isDelivered.ts";
import type { JobParts } from "./jobParts.ts";
import type { Store } from "../ports/store.ts";
import { isRehearsing } from "./rehearsal/isRehearsing.ts";
import { afterFiring, toRetry } from "./retryPolicy.ts";
import { storedEnd } from "../runs/storedEnd.ts";
import { writeSlot } from "./writeSlot.ts";

/** Follows fired runs to their end, and notes what became of them. */
export interface SlotSettler {
  /** Notes the end of a slot's run when that is stored. */
  follow(record: SlotRecord, ends: Promise<RunOutcome>): void;
  /** Until disposed, the slot counts as at work: it is claimed, its run is not stored yet, and without this it would be taken for lost. */
  hold(record: SlotRecord): Disposable;
  /** The job with every ended slot noted, and whether one still runs, or it is rehearsed. Only inside of `jobs.alone`. */
  settled(job: Job): Promise<{ job: Job; isBusy: boolean; isRehearsed: boolean }>;
  /** Goes on with what an earlier gateway began: runs under way, results not delivered. */
  takeUp(): Promise<void>;
}

export interface SlotSettlerOptions extends JobParts {
  delivery: JobDelivery;
}

const LOST: RunOutcome = { type: "interrupted", reply: "" };
const SLACK_MS = 3_600_000;
const LOOKED_AT = 1000;
const MOST_LACKED = 50;
const LONGEST_CONDITION_MS = 700_000;

interface Parts extends SlotSettlerOptions {
  /** Slots whose runs are followed here. */
  followed: Set<string>;
  /** Slots that are taken, and have no run yet. */
  held: Set<string>;
}

export function createSlotSettler(options: SlotSettlerOptions): SlotSettler {
  const parts: Parts = { ...options, followed: new Set(), held: new Set() };
  return {
    follow: (record, ends) => void follow(parts, record, ends),
    hold(record) {
      parts.held.add(keyOf(record));
      return toDisposable(() => parts.held.delete(keyOf(record)));
    },
    settled: (job) => settled(parts, job),
    takeUp: () => takeUp(parts),
  };
}

async function follow(parts: Parts, record: SlotRecord, ends: Promise<RunOutcome>): Promise<void> {
  const key = keyOf(record);
  parts.followed.add(key);
  const how = await ends;
  const write = () => parts.jobs.alone(record.jobId, (job) => end(parts, job, record, how));
  if (!parts.isClosed()) await writeSlot(record, "The end of a job's run could not be stored", parts, write);
  parts.followed.delete(key);
}

/** Puts down how a slot ended and what that makes of its job, and has it delivered. */
async function end(parts: Parts, job: Job, record: SlotRecord, outcome: RunOutcome): Promise<Job> {
  const { store, clock, jobs } = parts;
  const retry = toRetry(outcome);
  const next = afterFiring(job, record, retry, clock.now());
  const { runId, sessionKey, ...bare } = record;
  const isSilent = isQuiet(job, outcome);
  const isTold = await isDelivered(job, record, { outcome, retryAt: next.state.retryAt }, store);
  const lacked = runId === undefined ? undefined : await lackedOf(store, runId);
  // Told where it happened, and not only by the next slot.
  const changed = job.grants && record.grantsVoid === undefined ? await changedFiles(job, parts) : [];
  const ended: SlotRecord = {
    ...bare,
    ...defined({ grantsVoid: record.grantsVoid ?? voidWords(changed, true) }),
    ...(isSilent ? {} : { runId, sessionKey }),
    status: retry.ok ? "ok" : "failed",
    finishedAt: isoTime(clock.now()),
    ...(retry.ok ? {} : { error: retry.error, ...defined({ retryAt: next.state.retryAt }) }),
    ...defined({ lacked, result: outcome.type === "done" ? outcome.result : undefined }),
    ...(isTold ? { delivery: { status: "pending" } } : {}),
  };
  // Before its slot is put down: a session takes the records of its slots along.
  if (isSilent && sessionKey !== undefined) await forget(parts, sessionKey);
  await jobs.put(next, { slots: [{ put: ended, expect: record }] });
  if (isTold) void parts.delivery.deliver({ ...next, delivery: deliveryOf(next) }, ended);
  return next;
}

async function forget({ sessions }: Parts, sessionKey: string): Promise<void> {
  await sessions.delete(sessionKey, { whenDone: true }).catch((error: unknown) => {
    if (!isAppError(error) || error.code !== "not_found") throw error;
  });
}

async function settled(parts: Parts, job: Job): ReturnType<SlotSettler["settled"]> {
  const { store, followed } = parts;
  let current = job;
  let isBusy = false;
  for (const record of await store.listSlots({ jobId: job.id, status: "running", limit: LOOKED_AT })) {
    const outcome = followed.has(keyOf(record)) ? undefined : await foundEnd(parts, record);
    if (outcome) current = await end(parts, current, record, outcome);
    else isBusy = true;
  }
  const isRehearsed = !isBusy && (await isRehearsing(current, store));
  return { job: current, isBusy: isBusy || isRehearsed, isRehearsed };
}

/** How the run of a slot ended that this gateway does not follow; undefined while another one may be at it. */
async function foundEnd({ store, clock, held }: Parts, record: SlotRecord): Promise<RunOutcome | undefined> {
  const age = clock.now() - Date.parse(record.startedAt);
  // Its condition is being asked, here or elsewhere; what a killed gateway left is found at the start of the next.
  if (record.runId === undefined) return held.has(keyOf(record)) || age < LONGEST_CONDITION_MS ? undefined : LOST;
  const run = await store.getRun(record.runId);
  if (!run) return LOST;
  const longest = (run.timeoutMs ?? 0) + SLACK_MS;
  return run.outcome ?? (age > longest ? LOST : undefined);
}

async function takeUp(parts: Parts): Promise<void> {
  const { store, delivery } = parts;
  for (const record of await store.listSlots({ status: "running", limit: 100 * LOOKED_AT })) {
    const ends = record.runId === undefined ? Promise.resolve(LOST) : storedEnd(parts, record.runId);
    void follow(
      parts,
      record,
      ends.then((outcome) => outcome ?? LOST),
    );
  }
  for (const record of await store.listSlots({ deliveries: ["pending"], limit: 100 * LOOKED_AT })) {
    const stored = await store.getJob(record.jobId);
    if (stored) void delivery.deliver({ ...stored.job, delivery: deliveryOf(stored.job) }, record);
  }
}

/** What a run lacked, and those that work for it: each once. */
async function lackedOf(store: Store, runId: string): Promise<string[] | undefined> {
  const found = new Set<string>();
  for (const { id } of await store.listSpent(runId))
    for (const line of (await store.getRun(id))?.lacked ?? []) if (found.size < MOST_LACKED) found.add(line);
  return found.size === 0 ? undefined : [...found];
}

function keyOf({ jobId, slot }: SlotRecord): string {
  return `${jobId} ${slot}`;
}
