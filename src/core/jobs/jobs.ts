import { defined } from "../../base/defined.ts";
import { AppError } from "../../base/appError.ts";
import { isoTime } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import { newId } from "../../base/id.ts";
import { parseInput } from "../../base/input/parseInput.ts";
import { checkSchedule, type JobPatch, jobPatchSchema, newJobSchema } from "../../schedule/jobSchema.ts";
import type { Job, NewJob } from "../../protocol/job.ts";
import type { Origin } from "../../protocol/message.ts";
import type { RunRecord } from "../../protocol/run.ts";
import type { Jobs } from "../services/jobService.ts";
import type { IdempotencyRecord, Keep } from "../ports/batch.ts";
import type { Store } from "../ports/store.ts";
import { type DeclaringFile, syncDeclared } from "./declaredJobs.ts";
import type { RehearsedGrants } from "../permission/approvals.ts";
import { bound, boundToMore, changedSince, voidReason, withVoid } from "./grantBinding.ts";
import { createJobFirer, type JobFirer } from "./fire.ts";
import { createJobRepository } from "./jobRepository.ts";
import { jobNamed } from "./jobNamed.ts";
import { nextFirings } from "./nextFirings.ts";
import { noteInMain } from "./noteInMain.ts";
import { createDeliveryFollower, type DeliveryFollower } from "./delivery/followDelivery.ts";
import { createJobDelivery } from "./delivery/deliver.ts";
import { lapsedGrants } from "./lapsedGrants.ts";
import { checkFiles, checkUnchanged, withRules } from "./rehearsal/grantRehearsed.ts";
import { createRehearsals, type Rehearsals } from "./rehearsal/rehearsals.ts";
import { createSlotSettler, type SlotSettler } from "./settleSlots.ts";
import type { JobParts, JobsOptions } from "./jobParts.ts";
import { anchored, asListed, checkJob, delivererOf, followingById, newJob, withinRights } from "./jobRules.ts";
import { type TakeParts } from "./takeJob.ts";
import { toldFirings } from "./toldFirings.ts";
import { createJobTimer, type JobTimer } from "./timer.ts";
import { beginsAnew, withFirstSeen } from "./triggers/firstSeen.ts";
import { createTriggers, type Triggers } from "./triggers/triggers.ts";
import { oneShotTime, realigned, withNext } from "./jobTimes.ts";
import { MAIN } from "../state/sessionRepository.ts";

export interface Scheduler extends Jobs {
  /** Makes the jobs of these files those that they declare now. Those of other files stay as they are. */
  declare(files: DeclaringFile[]): Promise<void>;
  /** Goes on with what an earlier gateway began, deals with what was missed, then waits for the next slot. */
  start(): Promise<void>;
  /**
   * Adds rules to the grants of the job that a run works for: those it has are dropped when they are void. `mayWrite` is asked
   * when all is ready, and rejects where nothing is to be granted.
   */
  grant(run: RunRecord, given: RehearsedGrants, mayWrite: () => Promise<void>): Promise<void>;
  /** Why the grants of the job that a run works for do not hold any more: taken away, or of a command, with files that changed. */
  lapsed(run: RunRecord, of: { isCommand: boolean }): Promise<string | undefined>;
  /** The file that declares the job that a run works for; undefined where none does. */
  declaredIn(run: RunRecord): Promise<string | undefined>;
  /** How jobs of a file are put down. */
  taking(): Omit<TakeParts, "now" | "foretold">;
  close(): void;
}

const MOST_JOBS = 1000;
const KEPT_SLOTS = 1000;
// No run lasts as long.
const BUDGETS_MS = 90 * 86_400_000;
const PRUNE_MS = 3_600_000;
// It reads all that is kept, and what was missed is looked at before it is forgotten: the start is over by then.
const FIRST_PRUNE_MS = 60_000;
const CLAIMS_MS = 24 * 3_600_000;

interface Parts extends JobParts {
  firing: JobFirer;
  settler: SlotSettler;
  rehearsals: Rehearsals;
  following: DeliveryFollower;
  timer: JobTimer;
  triggers: Triggers;
  /** Whose jobs are changed there alone. */
  files: string[];
  pruning?: Disposable;
}

/** Keeps the jobs, and fires each of their slots once. */
export function createJobs(options: JobsOptions): Scheduler {
  const { store, clock, log, events, sessions } = options;
  let closed = false;
  const jobs = createJobRepository({ store, events });
  const shared: JobParts = { ...options, jobs, isClosed: () => closed };
  const following = createDeliveryFollower(shared);
  const delivery = createJobDelivery({ ...options, following });
  const settler = createSlotSettler({ ...shared, delivery });
  const firing = createJobFirer({ ...shared, settler, delivery });
  const triggers = createTriggers({ ...shared, firing });
  const rehearsals = createRehearsals({ ...shared, settler, delivery, following });
  const timer = createJobTimer({
    clock,
    log,
    async list() {
      const all = await store.listJobs();
      triggers.sync(all);
      return all;
    },
    due: (id) => firing.due(id),
    onClockBack: (all, backOf) => realignAll(parts, all, backOf),
  });
  // Whichever process changes one.
  events.on((event) => {
    if (event.type === "job.changed") timer.note(event.job.id, event.job);
    else if (event.type === "job.deleted") timer.note(event.jobId);
    triggers.take(event);
  });
  const parts: Parts = { ...shared, firing, settler, rehearsals, following, timer, triggers, files: [] };
  const idOf = async (ref: string): Promise<string> => jobNamed(await jobs.list(), ref).id;
  return {
    add: (job, origin, keep) => addJob(parts, job, origin, keep),
    list: async () => Promise.all((await jobs.list()).map((job) => seen(job, parts))),
    get: async (ref) => seen(await jobs.get(await idOf(ref)), parts),
    update: async (ref, patch, origin, keep) => updateJob(parts, await idOf(ref), { patch, origin }, keep),
    async remove(ref, keep) {
      const id = await idOf(ref);
      await removeJob(parts, id, keep?.(id));
      return id;
    },
    run: async (ref, more) => firing.byHand(await idOf(ref), more),
    trigger: async (ref, kept) => firing.triggered(await idOf(ref), "webhook", kept),
    async next({ id: ref, count }) {
      return nextFirings(ref === undefined ? await jobs.list() : [await jobs.get(await idOf(ref))], count);
    },
    async firings({ jobId: ref, limit }) {
      const jobId = ref === undefined ? undefined : await idOf(ref);
      return toldFirings(shared, await store.listSlots({ limit, ...defined({ jobId }) }));
    },
    wake: (text, origin, kept) => sessions.send({ text, origin, sessionKey: MAIN, asEvent: true }, kept),
    async note(text, origin, answers = []) {
      const id = await noteInMain(options, { text, origin }, { answers });
      options.received?.({ id, sessionKey: MAIN, origin }, { role: "system", text });
    },
    async declare(files) {
      parts.files = files.map(({ file }) => file);
      await syncDeclared(files, parts);
    },
    grant: (run, given, mayWrite) => grantRules(parts, run, given, mayWrite),
    taking: () => taking(parts),
    lapsed: (run, of) => lapsedGrants(run, of, parts),
    declaredIn: async (run) => declaredIn((await store.getJob(jobIdOf(run)))?.job),
    async rehearse(ref, more, keep) {
      const id = await idOf(ref);
      return { id, ...(await rehearsals.begin(id, more, keep && ((begun) => keep({ id, ...begun })))) };
    },
    rehearsal: async ({ id: ref, ...of }) =>
      rehearsals.tell({ ...of, ...(ref === undefined ? {} : { id: await idOf(ref) }) }),
    takeGrants: async ({ id: ref, ...given }, keep) => rehearsals.grant({ ...given, id: await idOf(ref) }, keep),
    start: () => start(parts),
    close() {
      closed = true;
      timer.close();
      triggers.close();
      delivery.close();
      following.close();
      parts.pruning?.dispose();
    },
  };
}

async function start(parts: Parts): Promise<void> {
  await parts.settler.takeUp();
  const all = await parts.store.listJobs();
  parts.rehearsals.takeUp(all);
  await parts.following.takeUp(all);
  await bindToMore(parts, all);
  await realignAll(parts, all, () => 0);
  await parts.triggers.start(await parts.store.listJobs());
  pruneIn(parts, FIRST_PRUNE_MS);
  await parts.timer.tick();
}

/** With whether its grants hold now. */
async function seen(job: Job, parts: Parts): Promise<Job> {
  return withVoid(job, await changedSince(job, parts));
}

async function bindToMore({ jobs, ...parts }: Parts, all: Job[]): Promise<void> {
  for (const { id, grantedFor } of all)
    if (grantedFor)
      await jobs.alone(id, async (job) => {
        const more = await boundToMore(job, parts);
        if (more) await jobs.put(more);
      });
}

async function addJob(parts: Parts, job: NewJob, origin: Origin, keep?: Keep<Job>): Promise<Job> {
  const { store, clock, sessions, workspaces, jobs } = parts;
  const asked = parseInput(newJobSchema, job);
  const now = clock.now();
  await refuseTooMany(parts);
  checkSchedule(asked.schedule, now);
  const allowed = await withinRights(asListed(asked, workspaces), origin, sessions);
  await checkJob(allowed, origin, parts);
  const made = followingById(newJob(allowed, { id: newId("job"), createdBy: origin }, now), await store.listJobs());
  const given = await bound(await withFirstSeen(made, parts), parts);
  const added = given.enabled ? withNext(given, now) : given;
  return jobs.put(added, { answers: keep?.(added) ?? [] });
}

function taking(parts: Parts): ReturnType<Scheduler["taking"]> {
  const { store, jobs, clock, workspaces } = parts;
  return {
    has: async (id) => (await store.getJob(id)) !== undefined,
    async put(job) {
      await refuseTooMany(parts);
      await jobs.put(job);
    },
    bind: (job) => bound(job, parts),
    async ready(job, foretold) {
      const listed = asListed(job, workspaces);
      await checkJob(listed, delivererOf(job), parts);
      const following = followingById({ ...listed, enabled: true }, [...(await store.listJobs()), ...foretold]);
      return withNext(await withFirstSeen(following, parts), clock.now());
    },
  };
}

async function refuseTooMany({ store }: Parts): Promise<void> {
  if ((await store.listJobs()).length >= MOST_JOBS)
    throw new AppError("conflict", `There are ${MOST_JOBS} jobs already, which is the most there can be`);
}

async function updateJob(
  parts: Parts,
  id: string,
  { patch: wanted, origin }: { patch: JobPatch; origin: Origin | undefined },
  keep?: Keep<Job>,
): Promise<Job> {
  const { store, clock, sessions, workspaces, jobs } = parts;
  const patch = parseInput(jobPatchSchema, wanted);
  const known = await jobs.get(id);
  if (!isGrantedAgain(known, patch)) refuseOwned(known);
  const updated = await jobs.alone(id, async (before) => {
    const asked = (await isAskedAgain(before, patch, store)) ? { ...patch, enabled: true } : patch;
    const changes = asListed(changed(before, asked, clock.now()), workspaces);
    const next = patch.delivery === undefined ? changes : withDeliverer(changes, origin);
    const { enabled, ...more } = patch;
    const isMore = Object.keys(more).length > 0;
    const allowed = origin && isMore ? await withinRights(next, origin, sessions) : next;
    // One that can no longer work may still be turned off.
    if (isMore || enabled) await checkJob(allowed, delivererOf(allowed), parts);
    const known = patch.schedule || patch.enabled ? followingById(allowed, await store.listJobs()) : allowed;
    const begun = beginsAnew(before, known) ? await withFirstSeen(known, parts) : known;
    // What is granted anew is granted for what the job is now; any other change leaves the grants void.
    const put = patch.grants || begun.grants === undefined ? await bound(begun, parts) : await seen(begun, parts);
    return jobs.put(put, { answers: keep?.(put) ?? [] });
  });
  return updated ?? jobs.get(id);
}

async function removeJob(parts: Parts, id: string, answers?: IdempotencyRecord[]): Promise<void> {
  const { jobs, files } = parts;
  const job = await jobs.get(id);
  // One whose file is read nowhere any more could not be got rid of otherwise.
  if (job.file === undefined || files.includes(job.file)) refuseOwned(job);
  await jobs.remove(id, answers);
}

async function grantRules(
  parts: Parts,
  run: RunRecord,
  { rules, files }: RehearsedGrants,
  mayWrite: () => Promise<void>,
): Promise<void> {
  const { jobs, clock } = parts;
  const given = await jobs.alone(jobIdOf(run), async (job) => {
    refuseOwned(job);
    await checkUnchanged(job, run, parts);
    if (files) await checkFiles(job, { grants: rules, files }, parts);
    const kept = (await voidReason(job, parts)) === undefined ? (job.grants ?? []) : [];
    const grants = withRules(kept, rules);
    const granted = await bound({ ...job, grants, updatedAt: isoTime(clock.now()) }, parts);
    await mayWrite();
    await jobs.put(granted);
    return true;
  });
  if (!given)
    throw new AppError("conflict", "The job was removed, so nothing can be granted to it; allow this call alone");
}

function jobIdOf({ job, origin }: RunRecord): string {
  return job?.id ?? origin.id ?? "";
}

function declaredIn(job: Job | undefined): string | undefined {
  return job?.ownedByFile ? (job.file ?? "openclaw.yml") : undefined;
}

function refuseOwned({ ownedByFile, name, file = "openclaw.yml" }: Job): void {
  if (ownedByFile) throw new AppError("conflict", `The job "${name}" is declared in ${file}; change it there`);
}

/** `backOf`: by how much the clock was set back since a job got its next slot. */
async function realignAll({ clock, jobs }: JobParts, all: Job[], backOf: (job: Job) => number): Promise<void> {
  for (const one of all) {
    // Most are in order, and are not read once more.
    if (!realigned(one, clock.now(), backOf(one))) continue;
    await jobs.alone(one.id, async (job) => {
      const next = realigned(job, clock.now(), job.nextRunAt === one.nextRunAt ? backOf(job) : 0);
      if (next) await jobs.put(next);
    });
  }
}

function pruneIn(parts: Parts, ms: number): void {
  parts.pruning = parts.clock.at(parts.clock.now() + ms, () => void prune(parts));
}

async function prune(parts: Parts): Promise<void> {
  const { store, clock, log } = parts;
  if (parts.isClosed()) return;
  pruneIn(parts, PRUNE_MS);
  const claimsSince = isoTime(clock.now() - CLAIMS_MS);
  await store.pruneSlots({ keep: KEPT_SLOTS, claimsSince }).catch((error: unknown) => {
    log.warn("Old slots could not be dropped", { error: String(error) });
  });
  // What was lost while no job waited is over, too.
  const forgotten = store.loseCommands(parts.worker).then(() => store.pruneCommandEnds(clock.now() - CLAIMS_MS));
  await forgotten.catch((error: unknown) => {
    log.warn("Old ends of commands could not be dropped", { error: String(error) });
  });
  await parts.channels?.giveUp().catch((error: unknown) => {
    log.warn("What waits for a channel that is gone could not be given up", { error: String(error) });
  });
  await store.pruneBudgets(isoTime(clock.now() - BUDGETS_MS)).catch((error: unknown) => {
    log.warn("Old budgets could not be dropped", { error: String(error) });
  });
}

/** A file's job is changed there; but what it grants may be given again for what its scripts are now. */
function isGrantedAgain({ grants }: Job, { grants: given, ...more }: JobPatch): boolean {
  return (
    given !== undefined &&
    given !== null &&
    Object.keys(more).length === 0 &&
    JSON.stringify(given) === JSON.stringify(grants)
  );
}

/** The job with who said where its result goes. */
function withDeliverer(job: Job, by: Origin | undefined): Job {
  const { deliveryBy: _, ...plain } = job;
  return job.delivery && by ? { ...plain, deliveryBy: by } : plain;
}

/** Whether a one-shot that is over gets another schedule, and nobody says that it is to be off. */
async function isAskedAgain(job: Job, { schedule, enabled }: JobPatch, store: Store): Promise<boolean> {
  if (job.schedule.kind !== "at" || job.enabled || enabled !== undefined) return false;
  if (!schedule || JSON.stringify(schedule) === JSON.stringify(job.schedule)) return false;
  const slot = isoTime(oneShotTime(job.schedule.at, job));
  const [came] = await store.listSlots({ jobId: job.id, slot, limit: 1 });
  return came?.cause === "schedule" || came?.cause === "misfire";
}

/** The job as patched, with its next slot. A changed schedule, or turning it on or off, gives it another chance. */
function changed(before: Job, patch: JobPatch, now: number): Job {
  const patched = Object.entries({ ...before, ...patch, updatedAt: isoTime(now) }).filter(
    ([, value]) => value !== null,
  );
  // Fields of the job itself that are null mean something.
  const { nextRunAt, lastRunAt, lastStatus } = before;
  const next = { ...Object.fromEntries(patched), nextRunAt, lastRunAt, lastStatus } as Job;
  if (patch.schedule) next.schedule = anchored(patch.schedule, before.schedule, now);
  const isMoved = patch.schedule !== undefined || next.enabled !== before.enabled;
  if (!isMoved) return next;
  const { retryAt: _, lookFault: __, ...state } = next.state;
  next.state = { ...state, consecutiveErrors: 0 };
  if (!next.enabled) return { ...next, nextRunAt: null };
  checkSchedule(next.schedule, now);
  return withNext(next, now);
}
