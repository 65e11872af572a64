import { isAppError, toErrorBody } from "../../../base/appError.ts";
import { describeError } from "../../../base/log.ts";
import { visibleLine } from "../../../base/text/visible.ts";
import type { Job } from "../../../protocol/job.ts";
import { folderOf } from "../grantBinding.ts";
import type { JobParts } from "../jobParts.ts";

const TIMEOUT_S = 60;

/** Why a job's condition keeps it from firing now; undefined where it does not. */
export async function unmetCondition(job: Job, isVoid: boolean, parts: JobParts): Promise<string | undefined> {
  if (!job.condition) return undefined;
  const { command, timeoutSeconds = TIMEOUT_S } = job.condition;
  const folder = await folderOf(job, parts);
  if (folder === "") return "Its condition has no folder to run in";
  try {
    const { text, isError, notRun, lacked } = await parts.tryCondition({
      job,
      isVoid,
      folder,
      command,
      timeoutSeconds,
    });
    if (notRun) return `Its condition was not allowed: ${visibleLine(lacked ?? text, 300)}`;
    return isError ? `Its condition did not hold: ${visibleLine(lastLines(text), 300)}` : undefined;
  } catch (error) {
    // Of all that goes wrong only this is known to come before the command begins: it may be asked again.
    if (isAppError(error) && error.code === "unavailable") throw error;
    if (isAppError(error) && error.code !== "conflict")
      return `Its condition could not be tried: ${visibleLine(error.message, 300)}`;
    parts.log.error("A job's condition could not be asked", { jobId: job.id, error: describeError(error) });
    return `Whether its condition holds is not known: ${visibleLine(toWords(error, timeoutSeconds), 300)}`;
  }
}

function toWords(error: unknown, timeoutSeconds: number): string {
  if (error instanceof Error && error.name === "TimeoutError") return `there was no answer within ${timeoutSeconds} s`;
  return toErrorBody(error).message;
}

/** Whether a job's condition, or where it is asked, is another than before: what was answered says nothing of it. */
export function isConditionChanged(before: Job, now: Job): boolean {
  const asked = ({ condition, workspace, sessionTarget }: Job) =>
    condition && JSON.stringify([condition, workspace, sessionTarget]);
  return asked(before) !== asked(now);
}

/** How it ended stands at the end. */
function lastLines(text: string): string {
  return text.trimEnd().split("\n").slice(-3).join("\n");
}
