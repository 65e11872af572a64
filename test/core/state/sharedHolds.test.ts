import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { AppError } from "../../../src/base/appError.ts";
import { silentLog } from "../../../src/base/log.ts";
import { createSharedHolds } from "../../../src/core/state/sharedHolds.ts";
import { createFakeClock } from "../../fakes/fakeClock.ts";
import { openNewStore } from "../../store/newStore.ts";
import { tempFolder } from "../../tools/toolContext.ts";

test("a hold that cannot be given back while another is put goes with the next", async () => {
  const store = await openNewStore({ path: join(tempFolder(), "pincer.db"), clock: createFakeClock(), log: silentLog });
  onTestFinished(() => store.close());
  const gate = Promise.withResolvers<void>();
  const way = { gate: undefined as Promise<void> | undefined, isFull: false };
  const holds = createSharedHolds({
    owner: "worker",
    log: silentLog,
    store: {
      listHolds: (query) => store.listHolds(query),
      async commit(batch) {
        if (way.isFull) throw new AppError("unavailable", "The disk is full");
        const committed = await store.commit(batch);
        await way.gate;
        return committed;
      },
    },
  });
  const put = (id: string) => holds.put({ id, keys: ["budget"], forMs: 60_000, value: {} });
  await put("first");
  way.gate = gate.promise;
  const second = put("second");
  way.isFull = true;
  await holds.drop("first");
  way.isFull = false;
  gate.resolve();
  await second;
  await put("third");
  expect((await holds.list(["budget"])).map(({ id }) => id)).toEqual(["second", "third"]);
});

test("what another worker holds by now under the same name is not given back by the one before", async () => {
  const store = await openNewStore({ path: join(tempFolder(), "pincer.db"), clock: createFakeClock(), log: silentLog });
  onTestFinished(() => store.close());
  const [before, now] = ["before", "now"].map((owner) => createSharedHolds({ owner, log: silentLog, store }));
  const hold = { id: "run", keys: ["budget"], forMs: 60_000, value: {} };
  await before!.put(hold);
  await now!.put(hold);
  await before!.drop("run");
  expect(await now!.list(["budget"])).toMatchObject([{ id: "run", owner: "now" }]);
  await now!.drop("run");
  expect(await now!.list(["budget"])).toEqual([]);
});
