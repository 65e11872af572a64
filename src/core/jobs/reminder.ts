import { defined } from "../../base/defined.ts";
import type { StateFact } from "../../protocol/event.ts";
import type { Job, SlotRecord } from "../../protocol/job.ts";
import type { Store } from "../ports/store.ts";

/** An announced system event is a reminder: its own text is shown at its time, whatever becomes of the run that it wakes. */
export function toReminder({ id, name, payload, delivery }: Job, sessionKey?: string): StateFact | undefined {
  if (payload.kind !== "systemEvent" || delivery?.mode !== "announce") return undefined;
  const { text } = payload;
  return {
    type: "job.announced",
    jobId: id,
    name,
    status: "ok",
    text,
    ...defined({ sessionKey }),
  };
}

/** Whether results go to a chat network, too. */
export function hasChannel({ delivery }: Pick<Job, "delivery">): boolean {
  return delivery?.mode === "announce" && delivery.channel !== undefined && delivery.channel !== "editor";
}

/**
 * Whether a firing is the one that tells the job's reminder: the first of its tries, or the first whose condition was
 * answered. Where the gateway went while that was asked, the try before has told nothing.
 */
export async function isReminded(
  job: Job,
  { cause }: Pick<SlotRecord, "cause">,
  store: Pick<Store, "listSlots">,
): Promise<boolean> {
  if (!toReminder(job)) return false;
  if (cause !== "retry") return true;
  const [before] = await store.listSlots({ jobId: job.id, status: "failed", limit: 1 });
  return before?.reminded === undefined && before?.delivery === undefined;
}
