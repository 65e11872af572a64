import type { Clock } from "../../base/clock.ts";
import { isoTime } from "../../base/clock.ts";
import { Emitter } from "../../base/emitter.ts";
import { describeError, type Log } from "../../base/log.ts";
import { BoundedMap } from "../../base/boundedMap.ts";
import type { GatewayEvent, RunEvent, RunFact } from "../../protocol/event.ts";
import type { EventSource } from "../ports/batch.ts";
import type { EventBus } from "../ports/eventBus.ts";
import type { Store } from "../ports/store.ts";
import { readEvents } from "./eventReader.ts";
import { createLiveDeltas } from "./liveDeltas.ts";

const PAGE = 500;
// Sessions whose newest seq is remembered, for deltas to carry; those longest silent go first.
const MOST_SEQS = 10_000;

/** The bus of one process over a store that others may write to as well. Nothing that is in the store already is told. */
export async function openLocalBus(options: {
  store: Pick<Store, "listEvents" | "newestEventId">;
  clock: Clock;
  log: Log;
}): Promise<EventBus> {
  const { store, clock, log } = options;
  const emitter = new Emitter<GatewayEvent>((error) =>
    log.error("An event listener failed", { error: describeError(error) }),
  );
  const seqs = new BoundedMap<string, number>(MOST_SEQS);
  const deltas = createLiveDeltas();
  let waiting: { source: EventSource; fact: RunFact; baseId: number }[] = [];
  let told = await store.newestEventId();
  let part = 0;
  let catchingUp = false;
  let lookAgain = false;
  const closing = new AbortController();

  const emit = (event: RunEvent): void => {
    deltas.follow(event);
    emitter.emit(event);
  };

  const emitDelta = (source: EventSource, fact: RunFact): void => {
    part += 1;
    emit({ ...fact, id: told, part, seq: seqs.get(source.sessionKey) ?? 0, ...source, at: isoTime(clock.now()) });
  };

  const emitStored = (event: RunEvent): void => {
    if (event.id <= told) return;
    told = event.id;
    seqs.set(event.sessionKey, event.seq);
    emit(event);
    if (waiting.length === 0) return;
    const ready = waiting.filter(({ baseId }) => baseId <= told);
    waiting = waiting.filter(({ baseId }) => baseId > told);
    for (const { source, fact } of ready) emitDelta(source, fact);
  };

  /** Reads by id what was stored since, whoever stored it. */
  const catchUp = async (): Promise<void> => {
    lookAgain = true;
    if (catchingUp) return;
    catchingUp = true;
    try {
      while (lookAgain && !closing.signal.aborted) {
        lookAgain = false;
        const page = await store.listEvents({ afterId: told, limit: PAGE });
        for (const event of page) emitStored(event);
        lookAgain ||= page.length === PAGE;
      }
    } catch (error) {
      if (!closing.signal.aborted) log.warn("New events could not be read", { error: describeError(error) });
    } finally {
      catchingUp = false;
    }
  };

  return {
    committed(events) {
      const [first] = events;
      // Ids follow each other without a gap, but where another process or another commit came in between.
      if (first && first.id <= told + 1) for (const event of events) emitStored(event);
      else void catchUp();
    },
    delta(source, fact, baseId) {
      if (baseId > told) waiting.push({ source, fact, baseId });
      else emitDelta(source, fact);
    },
    tell: (fact) => emitter.emit({ ...fact, id: told, ...(part > 0 ? { part } : {}), at: isoTime(clock.now()) }),
    on: (listener) => emitter.on(listener),
    lastId: () => told,
    subscribe: (filter, signal) =>
      readEvents({
        filter,
        signal,
        on: (listener) => emitter.on(listener),
        stored: (query) => store.listEvents(query),
        newestId: async () => Math.max(told, await store.newestEventId()),
        resync: (asked, newest) => ({
          type: "gateway.changed",
          reason: `There is no event ${asked}: the newest is ${newest}. What came before is not repeated; read lists and histories anew.`,
          id: newest,
          at: isoTime(clock.now()),
        }),
        deltas: () => deltas.of(filter.sessionKey),
      }),
    close() {
      closing.abort();
    },
  };
}
