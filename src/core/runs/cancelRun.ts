import { AppError } from "../../base/appError.ts";
import { isoTime } from "../../base/clock.ts";
import { defined } from "../../base/defined.ts";
import { quotedLine } from "../../base/text/visible.ts";
import type { RunOutcome, RunRecord } from "../../protocol/run.ts";
import { endingOf } from "./ending.ts";
import type { RunParts } from "./runParts.ts";
import { RunStop } from "./runStop.ts";

/** not_found when there is none. */
export async function storedRun({ store, live }: RunParts, id: string): Promise<RunRecord> {
  const record = live.get(id)?.journal.run ?? (await store.getRun(id));
  if (!record) throw new AppError("not_found", `No run ${quotedLine(id)} exists`);
  return record;
}

/** One at work is told to stop; one that waits is ended here, unless its worker is faster. False when it had ended already. */
export async function cancelRun(parts: RunParts, id: string): Promise<boolean> {
  const item = parts.live.get(id);
  if (item && item.journal.run.state === "running") {
    if (item.ending || item.controller.signal.aborted) return false;
    item.controller.abort(new RunStop("cancelled"));
    return true;
  }
  const run = await storedRun(parts, id);
  if (run.state === "finished") return false;
  if (run.state === "running") return parts.queue.cancel(id);
  const ended = await endUnstarted(parts, run);
  return ended || cancelRun(parts, id);
}

/** False when it has begun meanwhile. */
async function endUnstarted(parts: RunParts, run: RunRecord): Promise<boolean> {
  const { id, sessionKey, model, origin, plan } = run;
  const at = isoTime(parts.clock.now());
  const outcome: RunOutcome = { type: "cancelled", reply: "" };
  const others = await parts.store.listRuns({ sessionKey, states: ["queued", "running"], limit: 2 });
  const isAlone = others.every((other) => other.id === id);
  const { batch, stopped } = await endingOf(parts, run, outcome);
  try {
    await parts.events.commit({
      ...batch,
      facts: [
        {
          source: { runId: id, sessionKey },
          facts: [
            { type: "run.started", model, origin, ...defined({ plan }) },
            { type: "run.finished", outcome },
          ],
        },
      ],
      runs: [
        { id, patch: { state: "finished", startedAt: at, finishedAt: at, outcome }, expect: "queued" },
        ...(batch.runs ?? []),
      ],
      sessions: [{ key: sessionKey, patch: { updatedAt: at, ...(isAlone ? { state: "idle" } : {}) } }],
    });
  } catch (error) {
    if (error instanceof AppError && error.code === "conflict") return false;
    throw error;
  }
  parts.beside.tell("runFinished", run, { outcome });
  await cancelRuns(parts, stopped);
  return true;
}

/** One that cannot be ended keeps no other going; the first failure is thrown after. Resolves with how many were still to be ended. */
export async function cancelRuns(parts: RunParts, runs: RunRecord[]): Promise<number> {
  let count = 0;
  let failure: unknown;
  // Those that wait first, so that none starts in between.
  for (const { id } of runs.toReversed()) {
    try {
      if (await cancelRun(parts, id)) count += 1;
    } catch (error) {
      failure ??= error;
    }
  }
  if (failure) throw failure;
  return count;
}
