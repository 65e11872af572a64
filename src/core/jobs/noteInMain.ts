import { type Clock, isoTime } from "../../base/clock.ts";
import { newId } from "../../base/id.ts";
import type { RunFact } from "../../protocol/event.ts";
import type { Origin } from "../../protocol/message.ts";
import type { Batch } from "../ports/batch.ts";
import type { AllRuns } from "../runs/runs.ts";
import type { EventLog } from "../state/eventLog.ts";
import { toSessionChanges } from "../state/reduce.ts";
import { MAIN } from "../state/sessionRepository.ts";
import { toldSession } from "../state/toldSession.ts";

export interface NotingParts {
  clock: Clock;
  events: EventLog;
  runs: AllRuns;
}

/** Puts a system event into the main session's history, which starts no run, with the rest in one transaction. Resolves with its id. */
export async function noteInMain(
  { clock, events, runs }: NotingParts,
  { text, origin }: { text: string; origin: Origin },
  batch: Pick<Batch, "slots" | "answers" | "channels">,
): Promise<string> {
  const runId = newId("note");
  const fact: RunFact = { type: "message", message: { role: "system", kind: "event", text, origin } };
  // Between a tool's call and its result no message may come.
  await runs.between(MAIN, async (fence) => {
    const { sessions } = await events.commit({
      ...batch,
      fence,
      facts: [{ source: { runId, sessionKey: MAIN }, facts: [fact] }],
      sessions: toSessionChanges(MAIN, [fact], isoTime(clock.now())),
    });
    for (const session of sessions) events.tell({ type: "session.changed", session: toldSession(session) });
  });
  return runId;
}
