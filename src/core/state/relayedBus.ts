import type { EventBus, Told } from "../ports/eventBus.ts";

/** Undefined while this process leads: then who listens listens here. */
export type Relay = (told: Told) => void;

/** The bus of a worker: what it tells is told here, and where the gateway is. What is told in one turn goes together. */
export function createRelayedBus(local: EventBus, relay: () => Relay | undefined): EventBus {
  let waiting: Told | undefined;
  const send = (): void => {
    const told = waiting!;
    waiting = undefined;
    relay()?.(told);
  };
  const gather = (): Told => {
    if (!waiting) queueMicrotask(send);
    return (waiting ??= { deltas: [], facts: [] });
  };
  return {
    ...local,
    committed(events) {
      local.committed(events);
      if (events.length > 0 && relay()) gather();
    },
    delta(source, fact, baseId) {
      local.delta(source, fact, baseId);
      if (relay()) gather().deltas.push({ source, fact, baseId });
    },
    tell(fact) {
      local.tell(fact);
      if (relay()) gather().facts.push(fact);
    },
  };
}
