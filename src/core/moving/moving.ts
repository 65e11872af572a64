import { AppError, isAppError } from "../../base/appError.ts";
import { defined } from "../../base/defined.ts";
import { readMovedLine } from "../../base/input/readMovedLine.ts";
import { writeMovedLine } from "../../base/input/writeMovedLine.ts";
import { Lanes } from "../../base/turns/lanes.ts";
import type { Job } from "../../protocol/job.ts";
import type { Origin } from "../../protocol/message.ts";
import type {
  MovedJob,
  MovedMessage,
  MovedSession,
  TakenJob,
  TakenSession,
  TakeRequest,
} from "../../protocol/written/movedLine.ts";
import type { Moving } from "../services/movingService.ts";
import { type TakeParts, takeJob } from "../jobs/takeJob.ts";
import type { Store } from "../ports/store.ts";
import { exportSessions, isOwnPlace, toMovedJob } from "./exporting.ts";
import { type ImportParts, importSession, placeOf } from "./importSession.ts";

export interface MovingParts extends Omit<ImportParts, "folder" | "by"> {
  store: Store;
  jobs: () => Omit<TakeParts, "now" | "foretold">;
  now(): number;
  /** Does something to a session while none of its runs is under way. */
  between<T>(sessionKey: string, work: () => Promise<T>): Promise<T>;
  /** A folder as it is listed here. */
  listed(folder: string): string | undefined;
}

/** Takes what one gateway knows to another: lines of JSON out, and in again, each once. */
export function createMoving(parts: MovingParts): Moving {
  const lanes = new Lanes();
  return {
    sessions: (cursor) => exportSessions(parts.store, cursor),
    async jobs() {
      const moved = await Promise.all((await parts.store.listJobs()).map((job) => toMovedJob(parts.store, job)));
      const lines = moved.flatMap((job) => (job ? [writeMovedLine(job)] : []));
      return { lines, leftOut: moved.length - lines.length };
    },
    // One after another: where two bring the same, the second finds what the first has taken.
    take: (request, by) => lanes.run("take", () => take(parts, request, by)),
  };
}

async function take(parts: MovingParts, request: TakeRequest, by: Origin) {
  const { lines, dryRun, keepFolders } = request;
  const groups = toGroups(lines);
  const importing: ImportParts = {
    store: parts.store,
    commit: (batch) => parts.commit(batch),
    now: parts.now,
    by,
    folder: (named) => parts.listed(named) ?? (keepFolders ? named : undefined),
  };
  const sessions: TakenSession[] = [];
  const jobs: TakenJob[] = [];
  const foretold: Job[] = [];
  // Of lines that do not say which session they mean, where the session is among them.
  const begun = new Map(groups.flatMap((one) => ("session" in one ? [[one.session.key, one.session] as const] : [])));
  for (const group of groups) {
    await atLine(group.line, async () => {
      if ("job" in group) {
        const target = begun.get(group.job.sessionTarget);
        const { targetCreatedAt = target?.createdAt, targetBegunBy = target?.begunBy } = group.job;
        const job = await placed(parts.store, { ...group.job, ...defined({ targetCreatedAt, targetBegunBy }) });
        jobs.push(await takeJob({ ...parts.jobs(), now: parts.now(), foretold }, job, by, request));
        return;
      }
      const { messages } = group;
      const parent = begun.get(group.session.parentKey ?? "");
      const { parentCreatedAt = parent?.createdAt, parentBegunBy = parent?.begunBy } = group.session;
      const session = { ...group.session, ...defined({ parentCreatedAt, parentBegunBy }) };
      const imported = (isWritten: boolean) => importSession(importing, session, messages, { dryRun, isWritten });
      const foreseen = await imported(false);
      const isToDo = !dryRun && (foreseen.state === "made" || foreseen.state === "grown");
      sessions.push(isToDo ? await parts.between(foreseen.to, () => imported(true)) : foreseen);
    });
  }
  return { sessions, jobs };
}

/** With the key that the session it fires into has here. */
async function placed(store: Store, job: MovedJob): Promise<MovedJob> {
  const { targetCreatedAt: createdAt, targetBegunBy: begunBy, ...given } = job;
  if (createdAt === undefined || isOwnPlace(given.sessionTarget)) return given;
  return {
    ...given,
    sessionTarget: await placeOf(store, { key: given.sessionTarget, createdAt, ...defined({ begunBy }) }),
  };
}

type Group = { line: number } & ({ session: MovedSession; messages: MovedMessage[] } | { job: MovedJob });

/** Sessions with the messages that follow them, and jobs. A head and an end may be among them: whoever reads a file checks those. */
function toGroups(lines: string[]): Group[] {
  const groups: Group[] = [];
  for (const [line, text] of lines.entries()) {
    const moved = readAt(line, text);
    const last = groups.at(-1);
    if (moved.type === "session") groups.push({ line, session: moved, messages: [] });
    else if (moved.type === "job") groups.push({ line, job: moved });
    else if (moved.type === "message") {
      if (!last || !("session" in last) || last.session.key !== moved.sessionKey)
        throw lineFault(line, "A message stands behind its session");
      last.messages.push(moved);
    }
  }
  return inOrder(groups);
}

/** A job that follows another of the file comes behind it, so that it finds it when it is turned on. */
function inOrder(groups: Group[]): Group[] {
  const ordered: Group[] = groups.filter((group) => "session" in group);
  let waiting = groups.filter((group) => "job" in group);
  for (;;) {
    const left = waiting.filter(({ job }) => waiting.some((other) => other.job !== job && follows(job, other.job)));
    // What is left follows itself in a ring, which is found where it is turned on.
    const next = left.length === waiting.length ? waiting : waiting.filter((one) => !left.includes(one));
    ordered.push(...next);
    if (next === waiting) return ordered;
    waiting = left;
  }
}

function follows({ schedule }: MovedJob, { id, name }: MovedJob): boolean {
  return schedule.kind === "after" && (schedule.jobId === id || schedule.jobId === name);
}

function readAt(line: number, text: string) {
  try {
    return readMovedLine(text);
  } catch (error) {
    throw isAppError(error) ? lineFault(line, error.message) : error;
  }
}

async function atLine(line: number, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw isAppError(error) && error.code === "bad_request" ? lineFault(line, error.message) : error;
  }
}

function lineFault(line: number, message: string): AppError {
  return new AppError("bad_request", `lines.${line}: ${message}`, { details: [{ path: `lines.${line}`, message }] });
}
