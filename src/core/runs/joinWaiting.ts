import type { Message } from "../../protocol/message.ts";
import type { RunRecord } from "../../protocol/run.ts";
import { asRead } from "../context/prompts.ts";
import type { Store } from "../ports/store.ts";
import type { Journal } from "../state/journal.ts";

/** Takes the messages in that wait in the run's session and may join it, in their order; each stands in the history then. */
export async function joinWaiting(store: Store, journal: Journal): Promise<Message[]> {
  const taken: Message[] = [];
  for (const other of await waitingToJoin(store, journal.run)) {
    if (await journal.join(other)) taken.push(asRead(other.input));
  }
  return taken;
}

/** What waits in a run's session and may join it, oldest first. */
export async function waitingToJoin(store: Store, run: RunRecord): Promise<RunRecord[]> {
  return (await store.listJoining(run.sessionKey)).filter((other) => mayJoin(other, run));
}

/** A run of a spawn joins only runs of the same spawn: the spawn's result waits until all of its own runs have ended. */
function mayJoin({ joins, spawn, stopped }: RunRecord, run: RunRecord): boolean {
  if (!joins || stopped || (joins.runId !== undefined && joins.runId !== run.id)) return false;
  return joins.runId !== undefined || spawn?.id === run.spawn?.id;
}
