import type { Batch } from "../ports/batch.ts";
import type { EventBus } from "../ports/eventBus.ts";
import type { Committed, Store } from "../ports/store.ts";

/** The one ordered stream of what happens. Everything but deltas is stored before it is told. */
export interface EventLog extends EventBus {
  /** Stores all of the batch, then tells its facts. */
  commit(batch: Batch): Promise<Committed>;
}

export function createEventLog(store: Pick<Store, "commit">, bus: EventBus): EventLog {
  return {
    ...bus,
    async commit(batch) {
      const committed = await store.commit(batch);
      bus.committed(committed.events);
      return committed;
    },
  };
}
