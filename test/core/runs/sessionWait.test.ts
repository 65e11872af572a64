import { expect, test } from "vitest";
import { AppError } from "../../../src/base/appError.ts";
import type { Batch } from "../../../src/core/ports/batch.ts";
import type { Store } from "../../../src/core/ports/store.ts";
import { sessionsSend } from "../../../src/tools/index.ts";
import { call } from "../../fakes/scriptedProvider.ts";
import { openBench } from "../bench.ts";

const origin = { via: "api" as const };

/** A store whose disk is full when this is first to be stored. */
function fullFor(isMeant: (batch: Batch) => boolean): (store: Store) => Store {
  let wasFull = false;
  return (store) => ({
    ...store,
    async commit(batch) {
      if (wasFull || !isMeant(batch)) return store.commit(batch);
      wasFull = true;
      throw new AppError("unavailable", "The disk is full; nothing was stored");
    },
  });
}

const marks = (waiting: boolean) => (batch: Batch) =>
  batch.runs?.some(({ patch }) => patch.waiting === waiting) === true;

test.each<[string, (batch: Batch) => boolean]>([
  ["that it waits on that one", ({ holds }) => holds?.some(({ put }) => put?.keys.includes("wait")) === true],
  ["that it waits", marks(true)],
  ["that it waits no longer", marks(false)],
])("a disk that is full for a moment takes no answer of another session away: %s", async (_name, isMeant) => {
  const { core, store, model } = await openBench({ tools: [sessionsSend], seeStore: fullFor(isMeant) });
  const { key: sessionKey } = await core.sessions.create({});
  const asked = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  model.turns.push([call("sessions_send", { sessionKey, message: "and you?" })], ["fine"], () => {
    asked.resolve();
    return [{ wait: gate.promise }, "done"];
  });
  const run = await core.sessions.send({ text: "go", origin, parentKey: "main", reports: {} });
  await asked.promise;
  const { messages } = model.requests.at(-1)!;
  expect(messages.at(-1)).toMatchObject({ role: "tool", text: expect.stringContaining('"reply":"fine"') });
  expect((await store.getRun(run.id))?.waiting).toBe(false);
  gate.resolve();
  expect((await run.outcome).type).toBe("done");
});

test("a wait whose look at the others was refused leaves nothing behind that says it still waits", async () => {
  let refused = false;
  const seeStore = (store: Store): Store => ({
    ...store,
    async listHolds(query) {
      if (refused || query.before === undefined || !query.keys.includes("wait")) return store.listHolds(query);
      refused = true;
      throw new AppError("unavailable", "The store could not be read");
    },
  });
  const { core, store, model } = await openBench({ tools: [sessionsSend], seeStore });
  const { key: sessionKey } = await core.sessions.create({});
  model.turns.push([call("sessions_send", { sessionKey, message: "and you?" })], ["fine"], ["done"]);
  const run = await core.sessions.send({ text: "go", origin });
  expect(await run.outcome).toEqual({ type: "done", reply: "done" });
  expect([refused, await store.listHolds({ keys: ["wait"], owner: "" })]).toEqual([true, []]);
});
