import type { GatewayEvent } from "../../protocol/event.ts";
import { isRunEvent } from "../../protocol/eventKind.ts";

/**
 * What waits for one reader. It is bounded: when there is too much of it, the events of runs are let go of, and are to be
 * read again from where they are stored; of what is not stored, when that alone is much, the newest of each session and job stays.
 */
export interface EventQueue {
  push(event: GatewayEvent): void;
  /** All that waits, once. `isBehind`: what runs told came before it and is to be read anew. */
  take(): { events: GatewayEvent[]; isBehind: boolean };
  isEmpty(): boolean;
}

const MOST_EVENTS = 1000;
// All readers hold the same events; what one reads anew it holds alone. So this is no small number.
const MOST_CHARS = 4_000_000;

export function createEventQueue(): EventQueue {
  let waiting: GatewayEvent[] = [];
  let chars = 0;
  let isBehind = false;
  let most = MOST_EVENTS;

  const letGo = () => {
    isBehind ||= waiting.some(isRunEvent);
    waiting = waiting.filter((event) => !isRunEvent(event));
    if (waiting.length > MOST_EVENTS / 2) waiting = newest(waiting);
    chars = waiting.reduce((sum, event) => sum + charsOf(event), 0);
    most = Math.max(MOST_EVENTS, 2 * waiting.length);
  };

  return {
    push(event) {
      if (isBehind && isRunEvent(event)) return;
      waiting.push(event);
      chars += charsOf(event);
      // One alone is never too much: it would be read anew for ever.
      if (waiting.length > most || (chars > MOST_CHARS && waiting.length > 1)) letGo();
    },
    take() {
      const taken = { events: waiting, isBehind };
      waiting = [];
      chars = 0;
      isBehind = false;
      most = MOST_EVENTS;
      return taken;
    },
    isEmpty: () => waiting.length === 0 && !isBehind,
  };
}

/** Of several that tell of one noun, the last. */
function newest(events: GatewayEvent[]): GatewayEvent[] {
  const last = new Map<unknown, GatewayEvent>();
  for (const event of events) {
    const subject = subjectOf(event) ?? event;
    last.delete(subject);
    last.set(subject, event);
  }
  return [...last.values()];
}

function subjectOf(event: GatewayEvent): string | undefined {
  if (event.type === "session.changed") return `session ${event.session.key}`;
  if (event.type === "session.deleted") return `session ${event.sessionKey}`;
  if (event.type === "job.changed") return `job ${event.job.id}`;
  return event.type === "job.deleted" ? `job ${event.jobId}` : undefined;
}

/** Roughly what it holds, without making JSON of it. */
function charsOf(event: GatewayEvent): number {
  const text = "text" in event ? event.text : event.type === "message" ? event.message.text : "";
  return text.length + 200;
}
