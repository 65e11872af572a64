import type { Disposable } from "../../base/disposable.ts";
import type { Slices } from "../../base/turns/slices.ts";
import { onAbort } from "../../base/wait.ts";
import type { GatewayEvent, RunEvent } from "../../protocol/event.ts";
import { isRunEvent } from "../../protocol/eventKind.ts";
import type { EventFilter } from "../ports/eventBus.ts";
import type { EventQuery } from "../ports/store.ts";
import { createEventQueue } from "./eventQueue.ts";
import { matches } from "./fanOut.ts";

// A reader that takes no more holds what is left of its page alone.
const PAGE = 100;
/** Of what is read from the store, so many are given at once. */
const MOST_AT_ONCE = 50;

interface Sources {
  filter: EventFilter;
  signal: AbortSignal;
  /** Readers are woken by turns, however many there are. */
  slices: Slices;
  /** Only what the filter wants. */
  on(listener: (event: GatewayEvent) => void): Disposable;
  stored(query: EventQuery): Promise<RunEvent[]>;
  /** Where the stream stands now, as far as it was told here. */
  place(): Place;
  /** Of what is stored, by whichever process. */
  newestId(): Promise<number>;
  /** Tells this reader that it asked for what comes after an event that is not there. */
  resync(asked: number, newest: number): GatewayEvent;
  /** Deltas whose message is not stored yet. */
  deltas(): RunEvent[];
}

export interface Place {
  id: number;
  part?: number;
}

/**
 * What came after `filter.afterId`, then what comes, each event once and in order, as many at once as wait. Ends when the signal
 * aborts. From an id beyond the newest, which another store gave, it says so and goes on from the newest.
 */
export async function* readEvents(sources: Sources): AsyncGenerator<GatewayEvent[]> {
  const { filter, signal, slices } = sources;
  if (signal.aborted) return;
  const queue = createEventQueue();
  let wake = () => {};
  let isToBeWoken = false;
  let last: Place = filter.afterId === undefined ? sources.place() : { id: filter.afterId, part: filter.afterPart };
  // Listens before it reads the store, so that nothing falls between the two.
  const subscription = sources.on((event) => {
    queue.push(event);
    if (!isToBeWoken) return;
    isToBeWoken = false;
    slices.later(() => wake());
  });
  const gone = onAbort(signal, () => wake());

  async function* anew(): AsyncGenerator<GatewayEvent[]> {
    for await (const events of past(sources, last)) {
      if (signal.aborted) return;
      last = events.at(-1)!;
      yield events;
    }
  }

  try {
    const newest = filter.afterId === undefined ? Infinity : await sources.newestId();
    if (last.id > newest) {
      yield [sources.resync(last.id, newest)];
      last = { id: newest };
    } else if (filter.afterId !== undefined && !filter.stateOnly) {
      yield* anew();
    }
    while (!signal.aborted) {
      if (queue.isEmpty()) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          isToBeWoken = true;
          if (signal.aborted) resolve();
        });
        continue;
      }
      const { events, isBehind } = queue.take();
      // First: what is not stored carries the id of the newest, and who resumes after that must have had what came before.
      if (isBehind) yield* anew();
      const fresh: GatewayEvent[] = [];
      for (const event of events) {
        if (isRunEvent(event)) {
          if (!isAfter(event, last)) continue;
          last = event;
        }
        fresh.push(event);
      }
      if (fresh.length > 0 && !signal.aborted) yield fresh;
    }
  } finally {
    subscription.dispose();
    gone.dispose();
  }
}

function isAfter(place: Place, other: Place): boolean {
  return compare(place, other) > 0;
}

function compare(a: Place, b: Place): number {
  return a.id - b.id || (a.part ?? 0) - (b.part ?? 0);
}

async function* past(sources: Sources, after: Place): AsyncGenerator<RunEvent[]> {
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
    const page = [...stored, ...between].sort(compare);
    for (let at = 0; at < page.length; at += MOST_AT_ONCE) yield page.slice(at, at + MOST_AT_ONCE);
    from = newest;
    if (isLastPage) return;
  }
}
