import { isAppError } from "../../base/appError.ts";
import type { Clock } from "../../base/clock.ts";
import { describeError, type Log } from "../../base/log.ts";
import { sleep } from "../../base/wait.ts";
import type { RunOutcome } from "../../protocol/run.ts";
import type { Runs } from "../services/runService.ts";

const END_WAIT_MS = 2 ** 40;
const STORE_AGAIN_MS = 15_000;

/** How a run that an earlier gateway began ends; undefined where it is gone. A store that cannot be read is waited for. */
export async function storedEnd(
  { runs, clock, log, isClosed }: { runs: Pick<Runs, "wait">; clock: Clock; log: Log; isClosed(): boolean },
  runId: string,
): Promise<RunOutcome | undefined> {
  while (!isClosed()) {
    try {
      return (await runs.wait(runId, END_WAIT_MS)).outcome;
    } catch (error) {
      if (isAppError(error) && error.code === "not_found") return undefined;
      log.error("A run could not be read", { runId, error: describeError(error) });
      await sleep(clock, STORE_AGAIN_MS);
    }
  }
  return undefined;
}
