import type { Disposable } from "../../base/disposable.ts";
import type { GatewayEvent, RunEvent } from "../../protocol/event.ts";
import { isDelta, isRunEvent } from "../../protocol/eventKind.ts";
import type { EventFilter } from "../core.ts";
import type { EventQuery } from "../ports/store.ts";

// Beyond this many waiting events a reader gets no more deltas until it has caught up.
const LAG = 1000;
const PAGE = 500;

interface Sources {
  filter: EventFilter;
  signal: AbortSignal;
  on(listener: (event: GatewayEvent) => void): Disposable;
  stored(query: EventQuery): Promise<RunEvent[]>;
  /** Deltas whose message is not stored yet. */
  deltas(): RunEvent[];
}

/** What came after `filter.afterId`, then what comes, each event once and in order. Ends when the signal aborts. */
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
  const onAbort = () => wake();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    let last = filter.afterId ?? -1;
    if (filter.afterId !== undefined && !filter.stateOnly) {
      for await (const event of past(sources, filter.afterId)) {
        if (signal.aborted) return;
        last = event.id;
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
        if (event.id <= last) continue;
        last = event.id;
      }
      yield event;
    }
  } finally {
    subscription.dispose();
    signal.removeEventListener("abort", onAbort);
  }
}

async function* past(sources: Sources, afterId: number): AsyncGenerator<RunEvent> {
  const { sessionKey, runId } = sources.filter;
  let cursor = afterId;
  for (;;) {
    const stored = await sources.stored({ afterId: cursor, sessionKey, runId, limit: PAGE });
    const isLastPage = stored.length < PAGE;
    const newest = stored.at(-1)?.id ?? cursor;
    // Deltas belong between the stored events by their ids; on the last page also behind them.
    const between = sources
      .deltas()
      .filter((delta) => delta.id > cursor && (isLastPage || delta.id < newest) && matches(sources.filter, delta));
    yield* [...stored, ...between].sort((a, b) => a.id - b.id);
    cursor = newest;
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
