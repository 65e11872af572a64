import { AppError } from "../../base/appError.ts";
import { isoTime } from "../../base/clock.ts";
import { newId } from "../../base/id.ts";
import type { RunFact } from "../../protocol/event.ts";
import type { Origin } from "../../protocol/message.ts";
import { acceptedPlan } from "../../protocol/context/acceptedPlan.ts";
import type { IdempotencyRecord } from "../ports/batch.ts";
import { readContext } from "../context/modelContext.ts";
import { toSessionChanges } from "../state/reduce.ts";
import { toldSession } from "../state/toldSession.ts";
import type { SessionParts } from "./sessionParts.ts";

const ENDED =
  "The user has ended the plan that they accepted. It holds no longer: do nothing more of it unless they ask for it.";

/** Says in the session's history that the plan which was accepted is over. */
export async function endPlan(
  { sessionRepository, store, runs, events, clock }: SessionParts,
  { sessionKey, origin, answers = [] }: { sessionKey: string; origin: Origin; answers?: IdempotencyRecord[] },
): Promise<void> {
  await sessionRepository.get(sessionKey);
  // Between a tool's call and its result no message may come, and who waits for the end of a long run means to end it.
  if ((await runs.unfinished(sessionKey)).length > 0)
    throw new AppError("conflict", "This session is at work; stop that first, then end its plan");
  await runs.between(sessionKey, async (fence) => {
    if (!acceptedPlan(await readContext(store, await sessionRepository.get(sessionKey))))
      throw new AppError("not_found", `No plan that was accepted holds in session ${sessionKey}`);
    const fact: RunFact = {
      type: "message",
      message: { role: "system", kind: "plan", place: "ended", text: ENDED, origin },
    };
    const { sessions } = await events.commit({
      fence,
      answers,
      facts: [{ source: { runId: newId("note"), sessionKey }, facts: [fact] }],
      sessions: toSessionChanges(sessionKey, [fact], isoTime(clock.now())),
    });
    for (const session of sessions) events.tell({ type: "session.changed", session: toldSession(session) });
  });
}
