import type { Job, NewJob, NextFirings, SlotRecord, ToldFiring } from "../../protocol/job.ts";
import type { Origin } from "../../protocol/message.ts";
import type { RehearsalReport } from "../../protocol/written/rehearsal.ts";
import type { SendRequest } from "../../protocol/run.ts";
import type { JobPatch } from "../../schedule/jobSchema.ts";
import type { IdempotencyRecord, Keep } from "../ports/batch.ts";
import type { Run, StoredWith } from "./submittedRun.ts";

export interface Jobs {
  /** Checked here as at every door. bad_request for what cannot work, forbidden for more than a session that asks may do itself. */
  add(job: NewJob, origin: Origin, keep?: Keep<Job>): Promise<Job>;
  list(): Promise<Job[]>;
  /** By its id or, as everywhere here, by a name that only one job has: `conflict` where several have it. */
  get(id: string): Promise<Job>;
  /** `conflict` for a job of openclaw.yml, here and in `remove`. `origin` matters where a session asks, as in `add`. null takes a field away. */
  update(id: string, patch: JobPatch, origin?: Origin, keep?: Keep<Job>): Promise<Job>;
  /** Resolves with its id. */
  remove(id: string, keep?: Keep<string>): Promise<string>;
  /** Fires now, without moving the next slot; `conflict` while it runs. */
  run(id: string, more?: { sentBy?: SendRequest["sentBy"]; keep?: Keep<SlotRecord> }): Promise<SlotRecord>;
  /**
   * Fires because something happened, as a slot of its time does: while the job runs, or is off, the slot is recorded as
   * skipped. What `kept` makes of the slot is stored with it.
   */
  trigger(ref: string, kept?: Keep<SlotRecord>): Promise<SlotRecord>;
  /** When they fire next: `count` firings of one, or of all together. */
  next(query: { id?: string; count: number }): Promise<NextFirings>;
  /** Past firings, newest first, with what their runs took. */
  firings(query: { jobId?: string; limit: number }): Promise<ToldFiring[]>;
  /** Runs it now with a person to ask, which is no firing; `conflict` while it runs or is rehearsed. */
  rehearse(id: string, options: { deliver?: boolean }, keep?: Keep<Rehearsed>): Promise<Rehearsed>;
  /** What a rehearsal asked, and was answered: a job's newest, or that of a run. */
  rehearsal(of: { id?: string; runId?: string }): Promise<RehearsalReport>;
  /** Gives a job exactly these of what its rehearsal asked, by their numbers. `conflict` when the job is another by now. */
  takeGrants(given: { id: string; runId: string; take: number[] }, keep?: Keep<Job>): Promise<Job>;
  /** Puts a system event into the main session and runs it. */
  wake(text: string, origin: Origin, kept?: StoredWith): Promise<Run>;
  /** Puts a system event into the main session's history, for its next run to read. */
  note(text: string, origin: Origin, answers?: IdempotencyRecord[]): Promise<void>;
}

export interface Rehearsed {
  id: string;
  runId: string;
  sessionKey: string;
}
