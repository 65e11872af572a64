import { AppError, isAppError } from "../../base/appError.ts";
import { readMovedLine } from "../../base/input/readMovedLine.ts";
import { Lanes } from "../../base/turns/lanes.ts";
import type { Origin } from "../../protocol/message.ts";
import type {
  MovedJob,
  MovedMessage,
  MovedSession,
  TakenJob,
  TakenSession,
  TakeRequest,
} from "../../protocol/written/movedLine.ts";
import type { Moving } from "../doors/movable.ts";
import { type TakeParts, takeJob } from "../jobs/takeJob.ts";
import type { Store } from "../ports/store.ts";
import { exportSessions, toMovedJob } from "./exporting.ts";
import { type ImportParts, importSession } from "./importSession.ts";

export interface MovingParts extends Omit<ImportParts, "folder"> {
  store: Store;
  jobs: () => Omit<TakeParts, "now">;
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
      const moved = (await parts.store.listJobs()).map(toMovedJob);
      const lines = moved.flatMap((job) => (job ? [JSON.stringify(job)] : []));
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
    folder: (named) => parts.listed(named) ?? (keepFolders ? named : undefined),
  };
  const sessions: TakenSession[] = [];
  const jobs: TakenJob[] = [];
  for (const group of groups) {
    await atLine(group.line, async () => {
      if ("job" in group) {
        jobs.push(await takeJob({ ...parts.jobs(), now: parts.now() }, group.job, by, request));
        return;
      }
      const { session, messages } = group;
      const foreseen = await importSession(importing, session, messages, { dryRun: true });
      const isWritten = !dryRun && (foreseen.state === "made" || foreseen.state === "grown");
      sessions.push(
        isWritten
          ? await parts.between(foreseen.to, () => importSession(importing, session, messages, { dryRun: false }))
          : foreseen,
      );
    });
  }
  return { sessions, jobs };
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
  return groups;
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
