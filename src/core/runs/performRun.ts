import { AppError, isAppError, toErrorBody } from "../../base/appError.ts";
import { defined } from "../../base/defined.ts";
import { describeError, type Log } from "../../base/log.ts";
import { onAbort } from "../../base/wait.ts";
import type { RunFact } from "../../protocol/event.ts";
import type { RunOutcome } from "../../protocol/run.ts";
import type { Claim } from "../ports/runQueue.ts";
import { createJournal, type Journal } from "../state/journal.ts";
import { cancelRuns } from "./cancelRun.ts";
import { closeCalls } from "./calls/closeCalls.ts";
import { endingOf } from "./ending.ts";
import { opening } from "./submitRun.ts";
import type { Live, RunParts } from "./runParts.ts";
import { RunStop } from "./runStop.ts";
import { untilStored } from "./untilStored.ts";

// A run that was begun this often without an end took its worker down, and is not tried again.
const MAX_STARTS = 3;

/** Works on a claimed run until it has ended, the claim is lost, or the gateway shuts down. */
export async function performRun(parts: RunParts, claim: Claim): Promise<void> {
  const { live, clock, log } = parts;
  const { run } = claim;
  const journal = createJournal(run, { ...parts, claim });
  const item: Live = { journal, controller: new AbortController(), ending: false, unstored: Promise.withResolvers() };
  live.set(run.id, item);
  const stopping = onAbort(claim.signal, () =>
    item.controller.abort(new RunStop(claim.signal.reason === "cancelled" ? "cancelled" : "shutdown")),
  );
  let limit: { dispose(): void } | undefined;
  try {
    const unopened = run.state === "queued" ? opening(run) : [];
    // It was to be stopped, and its worker did not live to hear it. Where it had not begun, its message goes with it.
    if (run.stopped || (claim.signal.aborted && run.state !== "queued"))
      return await finish(parts, item, { type: "cancelled", reply: "" }, unopened.slice(0, 1));
    if (claim.starts > MAX_STARTS) return await finish(parts, item, { type: "interrupted", reply: "" }, unopened);
    if (claim.opened) journal.opened(claim.opened);
    else if (!(await begin(parts, item))) return;
    const { timeoutMs, startedAt } = journal.run;
    if (timeoutMs !== undefined)
      limit = clock.at(Date.parse(startedAt!) + timeoutMs, () => item.controller.abort(new RunStop("timed_out")));
    const { facts, reply, result, calls } = await parts.work(journal, item.controller.signal);
    await finish(parts, item, { type: "done", reply, ...defined({ result, calls }) }, facts);
  } catch (error) {
    // Its session has another worker, or is gone, or it was cancelled before it began.
    if (isAppError(error) && error.code === "conflict" && (!claim.isHeld() || journal.run.state === "queued")) return;
    const outcome = toOutcome(error, item.controller.signal, journal, log);
    // What was acknowledged stands in the history, whatever came in between; but not what was cancelled before.
    const unopened = journal.run.state === "queued" ? opening(run) : [];
    if (outcome) await finish(parts, item, outcome, outcome.type === "cancelled" ? unopened.slice(0, 1) : unopened);
  } finally {
    limit?.dispose();
    live.delete(run.id);
    stopping.dispose();
  }
}

/**
 * Stores that a run begins, or goes on, as soon as the store takes it: until then it waits as it did. False where its session has another
 * worker, or is gone, or it was cancelled by another one; rejects where it is to stop, or its start can never be stored.
 */
async function begin(parts: RunParts, { journal, controller: { signal } }: Live): Promise<boolean> {
  const { live, clock, log, outcomes } = parts;
  const { id, sessionKey, state } = journal.run;
  const refused = (error: unknown) => {
    if (!isAppError(error) || error.code !== "unavailable") throw error;
    log.warn("The start of a run could not be stored yet", { runId: id, error: describeError(error) });
    outcomes.stick(error, (other) => other.id === id || (other.sessionKey === sessionKey && !live.has(other.id)));
  };
  const written = await untilStored(
    () =>
      state === "queued"
        ? journal.write(opening(journal.run), { expect: state })
        : journal.write([{ type: "run.resumed" }]),
    { clock, signal, refused },
  );
  if (!written) signal.throwIfAborted();
  return written !== undefined;
}

async function finish(parts: RunParts, item: Live, outcome: RunOutcome, first: RunFact[] = []): Promise<void> {
  const { log, clock, closing, outcomes } = parts;
  if (item.ending) return;
  item.ending = true;
  const { id, sessionKey } = item.journal.run;
  let opened = first;
  let ended = outcome;
  let faults = 0;
  const store = async () => {
    const closed = ended.type === "done" ? [] : await closeCalls(parts.store, item.journal.run, ended.type);
    const { batch, stopped } = await endingOf(parts, item.journal.run, ended);
    await item.journal.write([...opened, ...closed, { type: "run.finished", outcome: ended }], { also: batch });
    parts.beside.tell("runFinished", item.journal.run, { outcome: ended });
    await cancelRuns(parts, stopped).catch((error: unknown) =>
      log.warn("What a run had led to could not be stopped at once", { runId: id, error: describeError(error) }),
    );
  };
  const refused = (error: unknown) => {
    log.error("The end of a run could not be stored", { runId: id, error: describeError(error) });
    const body = toErrorBody(error, id);
    // What a fault keeps out of the history it will again: the run would have no end, and its session no other run.
    if (!isAppError(error)) faults += 1;
    if (faults > (item.journal.run.state === "queued" ? 0 : 1)) {
      opened = opened.filter(({ type }) => type !== "message");
      if (ended.type === "done") ended = { type: "failed", error: body };
    }
    // Whoever waits learns it now. The row is written when the store works again, or the run is taken up at the next start.
    const unstored = new AppError("unavailable", `The end of run ${id} could not be stored: ${body.message}`);
    outcomes.tell(id, { type: "failed", error: body }, unstored);
    outcomes.stick(error, (other) => other.sessionKey === sessionKey && !parts.live.has(other.id));
    item.unstored.resolve(unstored);
  };
  await untilStored(store, { clock, signal: closing, refused });
}

function toOutcome(error: unknown, signal: AbortSignal, { run, reply }: Journal, log: Log): RunOutcome | undefined {
  if (signal.aborted && signal.reason instanceof RunStop) {
    const { kind } = signal.reason;
    return kind === "shutdown" ? undefined : { type: kind, reply };
  }
  if (!isAppError(error)) log.error("A run failed because of a fault", { runId: run.id, error: describeError(error) });
  return { type: "failed", error: toErrorBody(error, run.id) };
}
