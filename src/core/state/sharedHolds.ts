import { defined } from "../../base/defined.ts";
import { describeError, type Log } from "../../base/log.ts";
import type { Holds } from "../ports/hold.ts";
import type { Store } from "../ports/store.ts";

/** Holds of one worker in the store that it shares with the others. */
export function createSharedHolds({
  store,
  owner,
  log,
}: {
  store: Pick<Store, "commit" | "listHolds">;
  owner: string;
  log: Log;
}): Holds {
  // The store took nothing when they were to be dropped.
  const left = new Set<string>();
  const drops = () => [...left].map((drop) => ({ drop }));
  return {
    owner,
    async put(hold) {
      left.delete(hold.id);
      await store.commit({ holds: [...drops(), { put: { ...hold, owner } }] });
      left.clear();
    },
    async drop(id) {
      left.add(id);
      try {
        const holds = drops();
        await store.commit({ holds });
        for (const { drop } of holds) left.delete(drop);
      } catch (error) {
        log.warn("What a run held could not be given back yet", { id, error: describeError(error) });
      }
    },
    list: (keys, before) => store.listHolds({ keys, owner, ...defined({ before }) }),
  };
}
