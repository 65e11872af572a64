import { defined } from "../../base/defined.ts";
import type { StateFact } from "../../protocol/event.ts";
import type { Job } from "../../protocol/job.ts";

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
