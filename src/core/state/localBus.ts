import type { Clock } from "../../base/clock.ts";
import { isoTime } from "../../base/clock.ts";
import { Emitter } from "../../base/emitter.ts";
import { describeError, type Log } from "../../base/log.ts";
import { BoundedMap } from "../../base/boundedMap.ts";
import type { GatewayEvent, RunEvent } from "../../protocol/event.ts";
import type { EventBus } from "../ports/eventBus.ts";
import type { Store } from "../ports/store.ts";
import { createSlices } from "../../base/turns/slices.ts";
import { createDeltaJoiner, type Delta } from "./deltaJoiner.ts";
import { readEvents } from "./eventReader.ts";
import { createFanOut } from "./fanOut.ts";
import { createLiveDeltas, endsAnswer } from "./liveDeltas.ts";

const PAGE = 500;
// Sessions whose newest seq is remembered, for deltas to carry; those longest silent go first.
const MOST_SEQS = 10_000;
// Of the readers that something has come for, so many go on in one turn of the event loop.
const READERS_A_TURN = 32;

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
  // Of runs, the newest event that ended an answer: a piece of it that another process tells later is none any more.
  const answered = new BoundedMap<string, number>(MOST_SEQS);
  const deltas = createLiveDeltas();
  const fanOut = createFanOut();
  const slices = createSlices(READERS_A_TURN);
  let waiting: Delta[] = [];
  let told = await store.newestEventId();
  let part = 0;
  let catchingUp = false;
  let lookAgain = false;
  const closing = new AbortController();

  const emit = (event: GatewayEvent): void => {
    emitter.emit(event);
    fanOut.tell(event);
  };

  const emitRun = (event: RunEvent): void => {
    deltas.follow(event);
    emit(event);
  };

  const emitDelta = ({ source, fact, baseId }: Delta): void => {
    if (baseId < (answered.get(source.runId) ?? 0)) return;
    part += 1;
    emitRun({ ...fact, id: told, part, seq: seqs.get(source.sessionKey) ?? 0, ...source, at: isoTime(clock.now()) });
  };

  const joiner = createDeltaJoiner({
    clock,
    readers: () => fanOut.size(),
    tell(delta) {
      if (delta.baseId > told) waiting.push(delta);
      else emitDelta(delta);
    },
  });

  const emitStored = (event: RunEvent): void => {
    if (event.id <= told) return;
    joiner.flush(event.runId);
    told = event.id;
    seqs.set(event.sessionKey, event.seq);
    if (endsAnswer(event)) answered.set(event.runId, event.id);
    emitRun(event);
    if (waiting.length === 0) return;
    const ready = waiting.filter(({ baseId }) => baseId <= told);
    waiting = waiting.filter(({ baseId }) => baseId > told);
    ready.forEach(emitDelta);
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
    delta: (source, fact, baseId) => joiner.add({ source, fact, baseId }),
    tell: (fact) => emit({ ...fact, id: told, ...(part > 0 ? { part } : {}), at: isoTime(clock.now()) }),
    on: (listener) => emitter.on(listener),
    lastId: () => told,
    subscribe: (filter, signal) =>
      readEvents({
        filter,
        signal,
        slices,
        on: (listener) => fanOut.add(filter, listener),
        place: () => ({ id: told, part }),
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
      joiner.close();
    },
  };
}
