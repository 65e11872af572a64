import { expect, test } from "vitest";
import { AppError } from "../../../src/base/appError.ts";
import { createFakeClock } from "../../fakes/fakeClock.ts";
import { openBench } from "../bench.ts";

const origin = { via: "api" as const };

/** Runs `meanwhile` once, when the store is about to do `what`. */
function before<K extends "clearSession" | "deleteSession">(
  store: Record<K, (key: string) => Promise<unknown>>,
  what: K,
  meanwhile: () => Promise<void>,
): void {
  const real = store[what];
  store[what] = (async (key: string) => {
    store[what] = real;
    await meanwhile();
    return real.call(store, key);
  }) as (typeof store)[K];
}

test("a message sent while its session is deleted ends with it", async () => {
  const { core, store } = await openBench({ turns: [["one"]] });
  const { key } = await core.sessions.create({ title: "short" });
  const sent = Promise.withResolvers<Awaited<ReturnType<typeof core.sessions.send>>>();
  before(store, "deleteSession", async () =>
    sent.resolve(await core.sessions.send({ text: "hi", origin, sessionKey: key })),
  );
  const waited = sent.promise.then(({ id }) => core.runs.wait(id, 60_000).catch((error: unknown) => error));
  await core.sessions.delete(key);
  const run = await sent.promise;
  expect(await run.outcome).toEqual({ type: "cancelled", reply: "" });
  expect(await waited).toMatchObject({ code: "not_found" });
  await expect(core.sessions.send({ text: "hi", origin, sessionKey: key })).rejects.toMatchObject({
    code: "not_found",
  });
});

test("a message sent while its session is reset is the first of the empty one", async () => {
  const { core, store, model } = await openBench({ turns: [["before"], ["after"]] });
  await (
    await core.sessions.send({ text: "old", origin, sessionKey: "main" })
  ).outcome;
  const sent = Promise.withResolvers<Awaited<ReturnType<typeof core.sessions.send>>>();
  before(store, "clearSession", async () =>
    sent.resolve(await core.sessions.send({ text: "new", origin, sessionKey: "main" })),
  );
  await core.sessions.reset("main");
  expect(await (await sent.promise).outcome).toEqual({ type: "done", reply: "after" });
  expect(model.requests[1]!.messages).toMatchObject([{ role: "user", text: "new" }]);
  const { messages } = await core.sessions.history("main", { limit: 10, includeTools: true });
  expect(messages.map(({ text }) => text)).toEqual(["new", "after"]);
});

test("where the end of a run cannot be stored, whoever stops or resets the session is told, and nobody waits", async () => {
  const clock = createFakeClock();
  const never = new Promise(() => {});
  const { core, store, model } = await openBench({ clock, turns: [[{ wait: never }]] });
  const run = await core.sessions.send({ text: "go", origin, sessionKey: "main" });
  while (model.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const { commit } = store;
  store.commit = () => Promise.reject(new AppError("unavailable", "The disk is full; nothing was stored"));
  await expect(core.sessions.abort("main")).rejects.toMatchObject({ code: "unavailable" });
  await expect(core.sessions.reset("main")).rejects.toMatchObject({ code: "unavailable" });
  expect((await run.outcome).type).toBe("failed");
  store.commit = commit;
  await clock.advance(60_000);
  expect(await core.runs.wait(run.id, 60_000)).toMatchObject({ state: "finished", outcome: { type: "cancelled" } });
  await core.sessions.reset("main");
});
