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
      } else if (kept && endsAnswer(event)) {
        bySession.delete(event.sessionKey);
      } else if (kept && event.type === "tool.finished") {
        const { callId } = event;
        const left = kept.filter((delta) => delta.type !== "tool.progress" || delta.callId !== callId);
        if (left.length > 0) bySession.set(event.sessionKey, left);
        else bySession.delete(event.sessionKey);
      }
    },
    of: (sessionKey) => (sessionKey === undefined ? [...bySession.values()].flat() : (bySession.get(sessionKey) ?? [])),
  };
}

/** A run that is gone on with answers anew: what its worker before had told of an answer is void. */
export function endsAnswer(event: RunEvent): boolean {
  return (
    event.type === "run.finished" ||
    event.type === "run.resumed" ||
    (event.type === "message" && event.message.role === "assistant")
  );
}
