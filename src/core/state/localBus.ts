import type { Clock } from "../../base/clock.ts";
import { isoTime } from "../../base/clock.ts";
import { Emitter } from "../../base/emitter.ts";
import { describeError, type Log } from "../../base/log.ts";
import { BoundedMap } from "../../base/boundedMap.ts";
import type { GatewayEvent, RunEvent, StateFact } from "../../protocol/event.ts";
import type { EventBus, EventFilter } from "../ports/eventBus.ts";
import type { Store } from "../ports/store.ts";
import { createSlices, type Slices } from "../../base/turns/slices.ts";
import { createDeltaJoiner, type Delta, type DeltaJoiner } from "./deltaJoiner.ts";
import { readEvents } from "./eventReader.ts";
import { createFanOut, type FanOut } from "./fanOut.ts";
import { createLiveDeltas, endsAnswer, type LiveDeltas } from "./liveDeltas.ts";

const PAGE = 500;
// Sessions whose newest seq is remembered, for deltas to carry; those longest silent go first.
const MOST_SEQS = 10_000;
// Of the readers that something has come for, so many go on in one turn of the event loop.
const READERS_A_TURN = 32;

export interface LocalBusOptions {
  store: Pick<Store, "listEvents" | "newestEventId">;
  clock: Clock;
  log: Log;
}

/** What of the events was told already, and who is told of the next. */
interface Telling extends LocalBusOptions {
  emitter: Emitter<GatewayEvent>;
  fanOut: FanOut;
  slices: Slices;
  deltas: LiveDeltas;
  joiner: DeltaJoiner;
  seqs: BoundedMap<string, number>;
  /** Of runs, the newest event that ended an answer: a piece of it that another process tells later is none any more. */
  answered: BoundedMap<string, number>;
  /** Pieces that come after events which are not told yet. */
  waiting: Delta[];
  /** The newest event that was told, and the newest piece. */
  told: number;
  part: number;
  catchingUp: boolean;
  lookAgain: boolean;
  closing: AbortController;
}

/** The bus of one process over a store that others may write to as well. Nothing that is in the store already is told. */
export async function openLocalBus(options: LocalBusOptions): Promise<EventBus> {
  const { store, clock, log } = options;
  const fanOut = createFanOut();
  const telling: Telling = {
    ...options,
    emitter: new Emitter<GatewayEvent>((error) =>
      log.error("An event listener failed", { error: describeError(error) }),
    ),
    fanOut,
    slices: createSlices(READERS_A_TURN),
    deltas: createLiveDeltas(),
    joiner: createDeltaJoiner({ clock, readers: () => fanOut.size(), tell: (delta) => takeDelta(telling, delta) }),
    seqs: new BoundedMap(MOST_SEQS),
    answered: new BoundedMap(MOST_SEQS),
    waiting: [],
    told: await store.newestEventId(),
    part: 0,
    catchingUp: false,
    lookAgain: false,
    closing: new AbortController(),
  };
  return {
    committed: (events) => takeCommitted(telling, events),
    delta: (source, fact, baseId) => telling.joiner.add({ source, fact, baseId }),
    tell: (fact) => tell(telling, fact),
    on: (listener) => telling.emitter.on(listener),
    lastId: () => telling.told,
    subscribe: (filter, signal) => subscribe(telling, filter, signal),
    close() {
      telling.closing.abort();
      telling.joiner.close();
    },
  };
}

function takeCommitted(telling: Telling, events: RunEvent[]): void {
  const [first] = events;
  // Ids follow each other without a gap, but where another process or another commit came in between.
  if (first && first.id <= telling.told + 1) for (const event of events) emitStored(telling, event);
  else void catchUp(telling);
}

/** Reads by id what was stored since, whoever stored it. */
async function catchUp(telling: Telling): Promise<void> {
  const { store, log, closing } = telling;
  telling.lookAgain = true;
  if (telling.catchingUp) return;
  telling.catchingUp = true;
  try {
    while (telling.lookAgain && !closing.signal.aborted) {
      telling.lookAgain = false;
      const page = await store.listEvents({ afterId: telling.told, limit: PAGE });
      for (const event of page) emitStored(telling, event);
      telling.lookAgain ||= page.length === PAGE;
    }
  } catch (error) {
    if (!closing.signal.aborted) log.warn("New events could not be read", { error: describeError(error) });
  } finally {
    telling.catchingUp = false;
  }
}

function emitStored(telling: Telling, event: RunEvent): void {
  if (event.id <= telling.told) return;
  telling.joiner.flush(event.runId);
  telling.told = event.id;
  telling.seqs.set(event.sessionKey, event.seq);
  if (endsAnswer(event)) telling.answered.set(event.runId, event.id);
  emitRun(telling, event);
  if (telling.waiting.length === 0) return;
  const ready = telling.waiting.filter(({ baseId }) => baseId <= telling.told);
  telling.waiting = telling.waiting.filter(({ baseId }) => baseId > telling.told);
  for (const delta of ready) emitDelta(telling, delta);
}

function takeDelta(telling: Telling, delta: Delta): void {
  if (delta.baseId > telling.told) telling.waiting.push(delta);
  else emitDelta(telling, delta);
}

function emitDelta(telling: Telling, { source, fact, baseId }: Delta): void {
  if (baseId < (telling.answered.get(source.runId) ?? 0)) return;
  telling.part += 1;
  const { told: id, part, seqs, clock } = telling;
  emitRun(telling, { ...fact, id, part, seq: seqs.get(source.sessionKey) ?? 0, ...source, at: isoTime(clock.now()) });
}

function emitRun(telling: Telling, event: RunEvent): void {
  telling.deltas.follow(event);
  emit(telling, event);
}

function tell(telling: Telling, fact: StateFact): void {
  const { told: id, part, clock } = telling;
  emit(telling, { ...fact, id, ...(part > 0 ? { part } : {}), at: isoTime(clock.now()) });
}

function emit({ emitter, fanOut }: Telling, event: GatewayEvent): void {
  emitter.emit(event);
  fanOut.tell(event);
}

function subscribe(telling: Telling, filter: EventFilter, signal: AbortSignal): AsyncIterable<GatewayEvent[]> {
  const { store, clock, slices, fanOut, deltas } = telling;
  return readEvents({
    filter,
    signal,
    slices,
    on: (listener) => fanOut.add(filter, listener),
    place: () => ({ id: telling.told, part: telling.part }),
    stored: (query) => store.listEvents(query),
    newestId: async () => Math.max(telling.told, await store.newestEventId()),
    resync: (asked, newest) => ({
      type: "gateway.changed",
      reason: `There is no event ${asked}: the newest is ${newest}. What came before is not repeated; read lists and histories anew.`,
      id: newest,
      at: isoTime(clock.now()),
    }),
    deltas: () => deltas.of(filter.sessionKey),
  });
}
