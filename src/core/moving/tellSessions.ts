import type { Batch } from "../ports/batch.ts";
import type { Committed } from "../ports/store.ts";
import type { EventLog } from "../state/eventLog.ts";
import { toldSession } from "../state/toldSession.ts";

/** Stores the batch, and tells which sessions are not as they were. */
export async function tellSessions(events: EventLog, batch: Batch): Promise<Committed> {
  const committed = await events.commit(batch);
  for (const session of committed.sessions) events.tell({ type: "session.changed", session: toldSession(session) });
  return committed;
}
