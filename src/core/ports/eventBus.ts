import type { Disposable } from "../../base/disposable.ts";
import type { GatewayEvent, RunEvent, RunFact, StateFact } from "../../protocol/event.ts";
import type { EventSource } from "./batch.ts";

/**
 * Brings what happens to whoever watches, in one order: by `id`, and between two stored events by `part`. Stored events
 * are read from the store by their ids, so none is missed; being told of them is only a hint to look.
 * One test suite (test/core/ports/eventBusSuite.ts) holds for every implementation.
 */
export interface EventBus {
  /** These were stored just now; none: another process may have stored some. */
  committed(events: RunEvent[]): void;
  /**
   * Tells what is not stored, after the stored event `baseId`: the newest one that its writer knows of. Pieces of one run that
   * come within 20 ms may be told as one.
   */
  delta(source: EventSource, fact: RunFact, baseId: number): void;
  /** Tells of a change outside of any run. Not stored. */
  tell(fact: StateFact): void;
  /**
   * Gives what came since it was last asked, in one. Ends when the signal aborts. What waits for a reader is bounded: one that lags
   * loses deltas, and of the states of a session or job all but the newest, never anything else.
   */
  subscribe(filter: EventFilter, signal: AbortSignal): AsyncIterable<GatewayEvent[]>;
  on(listener: (event: GatewayEvent) => void): Disposable;
  /** The newest stored event that was told. */
  lastId(): number;
  close(): void;
}

/** What a worker tells the process that leads, where everybody listens: what is not stored, and that something was. */
export interface Told {
  deltas: { source: EventSource; fact: RunFact; baseId: number }[];
  facts: StateFact[];
}

export interface EventFilter {
  sessionKey?: string;
  runId?: string;
  /** Only what changes outside of any run's stream. */
  stateOnly?: boolean;
  /** Replays what came after this id first, deltas whose message is not stored yet included. Absent: only what comes from now on. */
  afterId?: number;
  /** And of the deltas that followed `afterId`, only those after this part. */
  afterPart?: number;
}
