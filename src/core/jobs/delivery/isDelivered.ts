import type { Delivery, Job, SlotRecord } from "../../../protocol/job.ts";
import type { RunOutcome } from "../../../protocol/run.ts";
import type { Store } from "../../ports/store.ts";
import { heartbeatNews } from "../heartbeat.ts";
import { hasChannel, isReminded, toReminder } from "../reminder.ts";

/**
 * Whether what a slot came to goes somewhere now. A reminder goes to its chat when its first try has ended, whatever that
 * came to, unless its condition was never answered; a failure is told once it is final, as the next try may mend it.
 */
export async function isDelivered(
  job: Job,
  record: SlotRecord,
  { outcome, retryAt }: { outcome: RunOutcome; retryAt: string | undefined },
  store: Store,
): Promise<boolean> {
  const isUnasked = record.status === "running" && record.runId === undefined;
  if (toReminder(job)) return hasChannel(job) && !isUnasked && isReminded(job, record, store);
  if (deliveryOf(job).mode === "none" || outcome.type === "cancelled" || isQuiet(job, outcome)) return false;
  return retryAt === undefined;
}

/** Whether a heartbeat has nothing to say. */
export function isQuiet({ payload }: Job, outcome: RunOutcome): boolean {
  return payload.kind === "heartbeat" && outcome.type === "done" && heartbeatNews(outcome.reply) === "";
}

/** A heartbeat that has something to say says it, where nothing else is wished. */
export function deliveryOf({ delivery, payload }: Job): Delivery {
  return delivery ?? { mode: payload.kind === "heartbeat" ? "announce" : "none" };
}
