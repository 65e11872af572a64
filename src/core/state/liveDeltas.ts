import type { RunEvent } from "../../protocol/event.ts";
import { isDelta } from "../../protocol/eventKind.ts";

/** Deltas are kept until the message they became is stored, for readers that come late. */
export interface LiveDeltas {
  follow(event: RunEvent): void;
  /** Of all sessions without a key. */
  of(sessionKey: string | undefined): RunEvent[];
}

export function createLiveDeltas(): LiveDeltas {
  const bySession = new Map<string, RunEvent[]>();
  return {
    follow(event) {
      const kept = bySession.get(event.sessionKey);
      if (isDelta(event)) {
        if (kept) kept.push(event);
        else bySession.set(event.sessionKey, [event]);
      } else if (kept && (endsAnswer(event) || event.type === "tool.finished")) {
        const left = kept.filter((delta) => !isEndedBy(event, delta));
        if (left.length > 0) bySession.set(event.sessionKey, left);
        else bySession.delete(event.sessionKey);
      }
    },
    of: (sessionKey) => (sessionKey === undefined ? [...bySession.values()].flat() : (bySession.get(sessionKey) ?? [])),
  };
}

/** In a session one run answers, and others end: those that waited for it. */
function isEndedBy(event: RunEvent, delta: RunEvent): boolean {
  if (event.runId !== delta.runId) return false;
  return event.type !== "tool.finished" || (delta.type === "tool.progress" && delta.callId === event.callId);
}

/** A run that is gone on with answers anew: what its worker before had told of an answer is void. */
export function endsAnswer(event: RunEvent): boolean {
  return (
    event.type === "run.finished" ||
    event.type === "run.resumed" ||
    (event.type === "message" && event.message.role === "assistant")
  );
}
