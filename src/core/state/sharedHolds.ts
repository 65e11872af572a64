import { defined } from "../../base/defined.ts";
import { describeError, type Log } from "../../base/log.ts";
import type { HoldChange, Holds } from "../ports/hold.ts";
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
  /** With what is put. One that is left meanwhile stays so. */
  const dropping = async (puts: HoldChange[] = []): Promise<void> => {
    const drops = [...left].map((drop) => ({ drop, of: owner }));
    await store.commit({ holds: [...drops, ...puts] });
    for (const { drop } of drops) left.delete(drop);
  };
  return {
    owner,
    async put(hold) {
      left.delete(hold.id);
      await dropping([{ put: { ...hold, owner } }]);
    },
    async drop(id) {
      left.add(id);
      try {
        await dropping();
      } catch (error) {
        log.warn("What a run held could not be given back yet", { id, error: describeError(error) });
      }
    },
    list: (keys, before) => store.listHolds({ keys, owner, ...defined({ before }) }),
  };
}
