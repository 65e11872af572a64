import type { Clock } from "../../base/clock.ts";
import { isoTime } from "../../base/clock.ts";
import { Emitter } from "../../base/emitter.ts";
import { describeError, type Log } from "../../base/log.ts";
import type { RunEvent, RunFact, StateFact, GatewayEvent } from "../../protocol/event.ts";
import { isDelta } from "../../protocol/eventKind.ts";
import type { EventFilter, Events } from "../core.ts";
import { readEvents } from "./eventReader.ts";
import type { Batch, Store } from "../ports/store.ts";

export interface EventSource {
  runId: string;
  sessionKey: string;
}

/** The one ordered stream of what happens. Everything but deltas is stored before it is told. */
export interface EventLog extends Events {
  /** Stores the facts in one transaction with the rest of the batch, then tells them. */
  commit(source: EventSource, facts: RunFact[], batch?: Omit<Batch, "events">): Promise<RunEvent[]>;
  /** Tells a delta, after everything that was committed before it. */
  delta(source: EventSource, fact: RunFact): void;
  /** Tells of a change outside of any run. */
  tell(fact: StateFact): void;
}

// How many ids are reserved at once for deltas, which are told without being stored.
const RESERVE = 4096;

interface Entry {
  source: EventSource;
  facts: RunFact[];
  batch: Omit<Batch, "events">;
  done?: PromiseWithResolvers<RunEvent[]>;
}

export async function openEventLog(options: { store: Store; clock: Clock; log: Log }): Promise<EventLog> {
  const { store, clock, log } = options;
  const emitter = new Emitter<GatewayEvent>((error) =>
    log.error("An event listener failed", { error: describeError(error) }),
  );
  const seqs = new Map<string, { last: number; reserved: number }>();
  const deltas = new Map<string, RunEvent[]>();
  const queue: Entry[] = [];
  let lastId = (await store.counters()).eventId;
  let reservedId = lastId;
  let flushing = false;

  const stamp = (source: EventSource, fact: RunFact): RunEvent => {
    const seq = seqs.get(source.sessionKey)!;
    seq.last += 1;
    lastId += 1;
    return { ...fact, id: lastId, seq: seq.last, ...source, at: isoTime(clock.now()) };
  };

  const tellAll = (events: RunEvent[]) => {
    for (const event of events) {
      keepDelta(deltas, event);
      emitter.emit(event);
    }
  };

  /** Ids may only be told unstored when they can't be handed out again after a crash. */
  const prepare = async (entry: Entry): Promise<void> => {
    const key = entry.source.sessionKey;
    let seq = seqs.get(key);
    if (!seq) {
      const last = await store.lastSeq(key);
      seq = { last, reserved: last };
      seqs.set(key, seq);
    }
    if (entry.done) return;
    if (seq.last + entry.facts.length <= seq.reserved && lastId + entry.facts.length <= reservedId) return;
    seq.reserved = seq.last + RESERVE;
    reservedId = lastId + RESERVE;
    await store.reserve({ eventId: reservedId, sessionKey: key, seq: seq.reserved });
  };

  const write = async (entries: Entry[]): Promise<void> => {
    const stamped = entries.map((entry) => entry.facts.map((fact) => stamp(entry.source, fact)));
    const events = stamped.flat().filter((event) => !isDelta(event));
    const batch = entries.reduce<Batch>((all, entry) => merge(all, entry.batch), { events });
    if (events.length > 0 || entries.some((entry) => Object.keys(entry.batch).length > 0)) await store.commit(batch);
    stamped.forEach((own, index) => {
      tellAll(own);
      entries[index]!.done?.resolve(own);
    });
  };

  const flush = async (): Promise<void> => {
    if (flushing) return;
    flushing = true;
    while (queue.length > 0) {
      // Whatever came while the last write was under way goes into one transaction.
      const entries = queue.splice(0);
      try {
        for (const entry of entries) await prepare(entry);
        await write(entries);
      } catch (error) {
        await writeOneByOne(entries, error);
      }
    }
    flushing = false;
  };

  const writeOneByOne = async (entries: Entry[], first: unknown): Promise<void> => {
    if (entries.length === 1) {
      entries[0]!.done?.reject(first);
      return;
    }
    for (const entry of entries) {
      await Promise.resolve()
        .then(() => prepare(entry))
        .then(() => write([entry]))
        .catch((error: unknown) => entry.done?.reject(error));
    }
  };

  return {
    commit(source, facts, batch = {}) {
      const done = Promise.withResolvers<RunEvent[]>();
      queue.push({ source, facts, batch, done });
      void flush();
      return done.promise;
    },
    delta(source, fact) {
      const seq = seqs.get(source.sessionKey);
      if (!flushing && seq && seq.last < seq.reserved && lastId < reservedId) {
        tellAll([stamp(source, fact)]);
        return;
      }
      queue.push({ source, facts: [fact], batch: {} });
      void flush();
    },
    tell(fact) {
      emitter.emit({ ...fact, id: lastId, at: isoTime(clock.now()) });
    },
    on: (listener) => emitter.on(listener),
    lastId: () => lastId,
    subscribe: (filter, signal) =>
      readEvents({
        filter,
        signal,
        on: (listener) => emitter.on(listener),
        stored: (query) => store.listEvents(query),
        deltas: () => liveDeltas(deltas, filter),
      }),
  };
}

function merge(all: Batch, more: Omit<Batch, "events">): Batch {
  const merged: Record<string, unknown[]> = { ...all };
  for (const [key, items] of Object.entries(more)) {
    if (items) merged[key] = [...(merged[key] ?? []), ...items];
  }
  return merged;
}

/** Deltas are kept until the message they became is stored, for readers that come late. */
function keepDelta(deltas: Map<string, RunEvent[]>, event: RunEvent): void {
  const kept = deltas.get(event.sessionKey);
  if (isDelta(event)) {
    if (kept) kept.push(event);
    else deltas.set(event.sessionKey, [event]);
  } else if (
    kept &&
    (event.type === "run.finished" || (event.type === "message" && event.message.role === "assistant"))
  ) {
    deltas.delete(event.sessionKey);
  } else if (kept && event.type === "tool.finished") {
    deltas.set(
      event.sessionKey,
      kept.filter((delta) => delta.type !== "tool.progress" || delta.callId !== event.callId),
    );
  }
}

function liveDeltas(deltas: Map<string, RunEvent[]>, filter: EventFilter): RunEvent[] {
  if (filter.sessionKey) return deltas.get(filter.sessionKey) ?? [];
  return [...deltas.values()].flat();
}
