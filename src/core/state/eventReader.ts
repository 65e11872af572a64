import type { Disposable } from "../../base/disposable.ts";
import { onAbort } from "../../base/wait.ts";
import type { GatewayEvent, RunEvent } from "../../protocol/event.ts";
import { isDelta, isRunEvent } from "../../protocol/eventKind.ts";
import type { EventFilter } from "../ports/eventBus.ts";
import type { EventQuery } from "../ports/store.ts";

// Beyond this many waiting events a reader gets no more deltas until it has caught up.
const LAG = 1000;
const PAGE = 500;

interface Sources {
  filter: EventFilter;
  signal: AbortSignal;
  on(listener: (event: GatewayEvent) => void): Disposable;
  stored(query: EventQuery): Promise<RunEvent[]>;
  /** Of what is stored, by whichever process. */
  newestId(): Promise<number>;
  /** Tells this reader that it asked for what comes after an event that is not there. */
  resync(asked: number, newest: number): GatewayEvent;
  /** Deltas whose message is not stored yet. */
  deltas(): RunEvent[];
}

/**
 * What came after `filter.afterId`, then what comes, each event once and in order. Ends when the signal aborts. From an id beyond the newest, which
 * another store gave, it says so and goes on from the newest.
 */
export async function* readEvents(sources: Sources): AsyncGenerator<GatewayEvent> {
  const { filter, signal } = sources;
  if (signal.aborted) return;
  const waiting: GatewayEvent[] = [];
  let wake = () => {};
  // Listens before it reads the store, so that nothing falls between the two.
  const subscription = sources.on((event) => {
    if (!matches(filter, event)) return;
    if (waiting.length >= LAG && isDelta(event)) return;
    waiting.push(event);
    wake();
  });
  const gone = onAbort(signal, () => wake());
  try {
    let last: Place = { id: filter.afterId ?? -1, part: filter.afterPart };
    const newest = filter.afterId === undefined ? Infinity : await sources.newestId();
    if (last.id > newest) {
      yield sources.resync(last.id, newest);
      last = { id: newest };
    } else if (filter.afterId !== undefined && !filter.stateOnly) {
      for await (const event of past(sources, last)) {
        if (signal.aborted) return;
        last = event;
        yield event;
      }
    }
    while (!signal.aborted) {
      const event = waiting.shift();
      if (!event) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          if (signal.aborted) resolve();
        });
        continue;
      }
      if (isRunEvent(event)) {
        if (!isAfter(event, last)) continue;
        last = event;
      }
      yield event;
    }
  } finally {
    subscription.dispose();
    gone.dispose();
  }
}

interface Place {
  id: number;
  part?: number;
}

function isAfter(place: Place, other: Place): boolean {
  return compare(place, other) > 0;
}

function compare(a: Place, b: Place): number {
  return a.id - b.id || (a.part ?? 0) - (b.part ?? 0);
}

async function* past(sources: Sources, after: Place): AsyncGenerator<RunEvent> {
  const { sessionKey, runId } = sources.filter;
  let from = after;
  for (;;) {
    const stored = await sources.stored({ afterId: from.id, sessionKey, runId, limit: PAGE });
    const isLastPage = stored.length < PAGE;
    const newest = stored.at(-1) ?? from;
    // Deltas belong behind the stored event they name; on the last page also behind all of them.
    const between = sources
      .deltas()
      .filter(
        (delta) => isAfter(delta, from) && (isLastPage || delta.id < newest.id) && matches(sources.filter, delta),
      );
    yield* [...stored, ...between].sort(compare);
    from = newest;
    if (isLastPage) return;
  }
}

function matches(filter: EventFilter, event: GatewayEvent): boolean {
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
