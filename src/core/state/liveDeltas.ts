import { tailOf } from "../../base/cutText.ts";
import type { RunEvent } from "../../protocol/event.ts";
import { isDelta } from "../../protocol/eventKind.ts";

/** Deltas are kept until the message they became is stored, for readers that come late. */
export interface LiveDeltas {
  follow(event: RunEvent): void;
  /** Of all sessions without a key. */
  of(sessionKey: string | undefined): RunEvent[];
}

/** Of what one call puts out, the newest: it may put out for hours, and who comes late sees where it stands. */
const MOST_CHARS = 64 * 1024;
/** Roughly what an event holds beside its text. */
const EVENT_CHARS = 200;

export function createLiveDeltas(): LiveDeltas {
  const bySession = new Map<string, RunEvent[]>();
  return {
    follow(event) {
      const kept = bySession.get(event.sessionKey);
      if (isDelta(event)) {
        if (event.type === "tool.progress") bySession.set(event.sessionKey, withProgress(kept ?? [], event));
        else if (kept) kept.push(event);
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

/** Behind what it follows, of which the oldest goes: pieces stay apart, for who resumes between them. */
function withProgress(kept: RunEvent[], event: Extract<RunEvent, { type: "tool.progress" }>): RunEvent[] {
  const text = tailOf(event.text, MOST_CHARS - EVENT_CHARS);
  let room = MOST_CHARS - EVENT_CHARS - text.length;
  const left = kept.toReversed().filter((delta) => {
    if (delta.type !== "tool.progress" || delta.runId !== event.runId || delta.callId !== event.callId) return true;
    room -= EVENT_CHARS + delta.text.length;
    return room >= 0;
  });
  return [...left.toReversed(), { ...event, text }];
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
