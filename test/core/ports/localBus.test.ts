import { openLocalBus } from "../../../src/core/state/localBus.ts";
import { openNewStore } from "../../store/newStore.ts";
import { createScratch } from "../../store/sqlite/scratch.ts";
import { eventBusSuite, quiet } from "./eventBusSuite.ts";

const scratch = createScratch();

eventBusSuite("the bus of one process", async () => {
  const path = scratch();
  const stores = [await openNewStore({ path, ...quiet }), await openNewStore({ path, ...quiet })] as const;
  const buses = [
    await openLocalBus({ store: stores[0], ...quiet }),
    await openLocalBus({ store: stores[1], ...quiet }),
  ] as const;
  return {
    stores: [...stores],
    buses: [...buses],
    async close() {
      for (const bus of buses) bus.close();
      for (const store of stores) await store.close();
    },
  };
});
