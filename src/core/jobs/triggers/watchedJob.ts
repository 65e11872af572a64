import { isAppError, toErrorBody } from "../../../base/appError.ts";
import { defined } from "../../../base/defined.ts";
import type { Disposable } from "../../../base/disposable.ts";
import { describeError } from "../../../base/log.ts";
import { visibleLine } from "../../../base/text/visible.ts";
import type { Job } from "../../../protocol/job.ts";
import type { FilesSeen, WatchedFiles, WatchFiles } from "../../ports/watchedFiles.ts";
import type { Happening, JobFirer } from "../fire.ts";
import type { JobParts } from "../jobParts.ts";
import { isAtWork } from "./isAtWork.ts";

const DEBOUNCE_MS = 1000;
// Who writes without a pause does not keep it from firing for ever.
const LONGEST_DEBOUNCES = 10;
const LEAST_LONGEST_MS = 5000;
const SHOWN_FILES = 5;
// Changes are told of; this is for those that are not.
const LOOK_AGAIN_MS = 300_000;

/** One job's files, watched while it is on. */
export interface WatchedJob extends Disposable {
  /** Compares what is there with what the job has seen: at first, after a failure, and every five minutes at most. */
  look(): void;
  /** The job is as this now: it began to run, or has ended. */
  note(job: Job): void;
}

export interface WatchedJobOptions extends JobParts {
  firing: JobFirer;
  watchFiles: WatchFiles;
  /** Nothing ran until now: what is found changed at first was missed. */
  wasAway: boolean;
}

export function watchJob(job: Job, folder: string, options: WatchedJobOptions): WatchedJob {
  return new JobWatch(job, folder, options);
}

/** It was looked at for no reason; nothing has changed for a while; the job's run has ended. */
type Why = "looked" | "quiet" | "ended";

class JobWatch implements WatchedJob {
  readonly #id: string;
  readonly #debounceMs: number;
  readonly #options: WatchedJobOptions;
  readonly #files: WatchedFiles;
  #seen: FilesSeen | undefined;
  #timer: Disposable | undefined;
  #firstChange: number | undefined;
  #isRunning: boolean;
  /** Why the files cannot be looked at, as it stands in the job. */
  #fault: string | undefined;
  #wasAway: boolean;
  #isOver = false;
  #lookedAt = -Infinity;
  /** One look at a time. */
  #looking: Promise<void> = Promise.resolve();

  constructor(job: Job, folder: string, options: WatchedJobOptions) {
    const { schedule } = job;
    if (schedule.kind !== "file") throw new Error(`Job ${job.id} watches no files`);
    this.#id = job.id;
    this.#debounceMs = schedule.debounceMs ?? DEBOUNCE_MS;
    this.#options = options;
    this.#isRunning = isAtWork(job);
    this.#fault = job.state.lookFault;
    this.#wasAway = options.wasAway;
    this.#files = options.watchFiles(folder, schedule.glob, () => this.#changed());
  }

  look(): void {
    const now = this.#options.clock.now();
    if (now >= this.#lookedAt && now - this.#lookedAt < LOOK_AGAIN_MS) return;
    this.#lookedAt = now;
    this.#then("looked");
  }

  note(job: Job): void {
    const wasRunning = this.#isRunning;
    this.#isRunning = isAtWork(job);
    this.#fault = job.state.lookFault;
    // What changed while it ran, by its own hand or another's, is no news to it.
    if (wasRunning && !this.#isRunning) this.#then("ended");
  }

  dispose(): void {
    this.#isOver = true;
    this.#timer?.dispose();
    this.#files.dispose();
  }

  #changed(): void {
    if (this.#isOver) return;
    const { clock } = this.#options;
    const now = clock.now();
    this.#firstChange ??= now;
    const longest = this.#firstChange + Math.max(this.#debounceMs * LONGEST_DEBOUNCES, LEAST_LONGEST_MS);
    this.#timer?.dispose();
    this.#timer = clock.at(Math.min(now + this.#debounceMs, longest), () => {
      this.#timer = undefined;
      this.#firstChange = undefined;
      this.#then("quiet");
    });
  }

  #then(why: Why): void {
    this.#looking = this.#looking.then(() => this.#compare(why));
  }

  /** Fires when the files are not what the job has seen, once it is quiet. */
  async #compare(why: Why): Promise<void> {
    const { firing, log, clock } = this.#options;
    // It ends with a look of its own.
    if (this.#isOver || this.#isRunning) return;
    try {
      const files = await this.#look();
      const before = this.#seen;
      const isLate = this.#wasAway;
      if (!files || this.#isOver) return;
      await firing.happened(this.#id, async (job): Promise<Happening | undefined> => {
        if (job.seen === files.digest) return undefined;
        // It may still be going on.
        if (why === "looked" && job.seen !== undefined) {
          this.#changed();
          return undefined;
        }
        const happening = {
          // Of what was missed nobody saw the moment; its newest file tells, but for what is gone.
          slot: isLate ? Math.min(files.newest || clock.now(), clock.now()) : clock.now(),
          cause: "file" as const,
          started: changeWords(before, files),
          seen: files.digest,
          isLate,
        };
        if (job.seen === undefined) return { ...happening, only: "seen" };
        return why === "ended" ? { ...happening, isLate: false, only: "skipped" } : happening;
      });
      if (this.#timer && why === "looked") return;
      this.#seen = files;
      this.#wasAway = false;
    } catch (error) {
      this.#lookedAt = -Infinity;
      const words = isAppError(error) ? error.message : describeError(error);
      log.warn("A change of a job's files could not be dealt with", { jobId: this.#id, error: words });
    }
  }

  /** Undefined where they cannot be looked at, which the job tells from then on. */
  async #look(): Promise<FilesSeen | undefined> {
    let files: FilesSeen | undefined;
    let fault: string | undefined;
    try {
      files = await this.#files.look();
    } catch (error) {
      if (this.#isOver) return undefined;
      this.#lookedAt = -Infinity;
      fault = toErrorBody(error).message;
      const told = { jobId: this.#id, error: describeError(error) };
      if (fault !== this.#fault) this.#options.log.warn("The files of a job cannot be looked at", told);
    }
    if (fault !== this.#fault) await this.#tell(fault);
    return files;
  }

  async #tell(lookFault: string | undefined): Promise<void> {
    const { jobs } = this.#options;
    await jobs.alone(this.#id, async (job) => {
      const { lookFault: before, ...state } = job.state;
      if (job.enabled && before !== lookFault)
        await jobs.put({ ...job, state: { ...state, ...defined({ lookFault }) } });
    });
  }
}

/** "src/a.ts, src/b.ts and 3 more". */
function changeWords(before: FilesSeen | undefined, now: FilesSeen): string {
  if (!before) return "files changed";
  const names = [...new Set([...before.stamps.keys(), ...now.stamps.keys()])].filter(
    (name) => before.stamps.get(name) !== now.stamps.get(name),
  );
  const shown = names
    .toSorted()
    .slice(0, SHOWN_FILES)
    .map((name) => visibleLine(name, 100));
  const more = names.length - shown.length;
  return `changed: ${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
