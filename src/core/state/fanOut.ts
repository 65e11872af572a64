import { type Disposable, toDisposable } from "../../base/disposable.ts";
import type { GatewayEvent } from "../../protocol/event.ts";
import { isRunEvent } from "../../protocol/eventKind.ts";
import type { EventFilter } from "../ports/eventBus.ts";

type Reader = (event: GatewayEvent) => void;

/** Brings an event to those who want it, without asking those who want another run's or session's. */
export interface FanOut {
  add(filter: EventFilter, reader: Reader): Disposable;
  tell(event: GatewayEvent): void;
  /** How many readers there are. */
  size(): number;
}

const EVERYTHING = "everything";

export function createFanOut(): FanOut {
  let size = 0;
  const byPlace = new Map<string, Map<Reader, EventFilter>>();
  return {
    add(filter, reader) {
      const place = filter.runId
        ? runPlace(filter.runId)
        : filter.sessionKey
          ? sessionPlace(filter.sessionKey)
          : EVERYTHING;
      const readers = byPlace.get(place) ?? new Map<Reader, EventFilter>();
      byPlace.set(place, readers);
      readers.set(reader, filter);
      size += 1;
      return toDisposable(() => {
        if (readers.delete(reader)) size -= 1;
        if (readers.size === 0 && byPlace.get(place) === readers) byPlace.delete(place);
      });
    },
    size: () => size,
    tell(event) {
      for (const place of placesOf(event)) {
        for (const [reader, filter] of byPlace.get(place) ?? []) if (matches(filter, event)) reader(event);
      }
    },
  };
}

function runPlace(runId: string): string {
  return `run ${runId}`;
}

function sessionPlace(sessionKey: string): string {
  return `session ${sessionKey}`;
}

function placesOf(event: GatewayEvent): string[] {
  if (isRunEvent(event)) return [runPlace(event.runId), sessionPlace(event.sessionKey), EVERYTHING];
  const own = ownSession(event);
  return own === undefined ? [EVERYTHING] : [sessionPlace(own), EVERYTHING];
}

export function matches(filter: EventFilter, event: GatewayEvent): boolean {
  if (isRunEvent(event)) {
    return (
      !filter.stateOnly &&
      (!filter.sessionKey || event.sessionKey === filter.sessionKey) &&
      (!filter.runId || event.runId === filter.runId)
    );
  }
  return !filter.runId && (!filter.sessionKey || ownSession(event) === filter.sessionKey);
}

function ownSession(event: GatewayEvent): string | undefined {
  if (event.type === "session.changed") return event.session.key;
  return event.type === "session.deleted" ? event.sessionKey : undefined;
}
