import { randomUUID } from "node:crypto";
import { openNewStore } from "../../store/newStore.ts";
import { createScratch } from "../../store/sqlite/scratch.ts";
import { quiet } from "./eventBusSuite.ts";
import { runQueueSuite } from "./runQueueSuite.ts";

const scratch = createScratch();
let path = scratch();

runQueueSuite("the queue over SQLite's rows", {
  reset() {
    path = scratch();
  },
  async open() {
    const store = await openNewStore({ path, ...quiet });
    const worker = randomUUID();
    const queue = store.queue(worker);
    return {
      store,
      worker,
      queue,
      die: () => queue.close(),
      close: () => store.close(),
    };
  },
});
