import { expect, test } from "vitest";
import { AppError } from "../../../src/base/appError.ts";
import { NO_CHECKPOINTS } from "../../../src/core/sessions/checkpointing.ts";
import { createFakeClock, settle } from "../../fakes/fakeClock.ts";
import { type Bench, openBench } from "../bench.ts";
import type { Turn } from "../../fakes/scriptedProvider.ts";
import { brought, keyOf, openSubagents, rest, scripts, send, spawn } from "../runs/subagentBench.ts";

const origin = { via: "panel" as const };
const undo = { undoMs: 10_000 };

async function openFamily() {
  const clock = createFakeClock();
  const bench = await openBench({ clock, turns: [["One"], ["Two"]] });
  const { key } = await bench.core.sessions.create({ title: "Harbour" });
  const child = await bench.core.sessions.create({ title: "Cranes", parentKey: key });
  for (const sessionKey of [key, child.key])
    await (
      await bench.core.sessions.send({ text: "Where is the lighthouse?", origin, sessionKey })
    ).outcome;
  return { ...bench, clock, key, child: child.key };
}

const keys = async ({ core }: Pick<Bench, "core">) =>
  (await core.sessions.list({ limit: 50 })).sessions.map(({ key }) => key);

/** Until so many were told to be deleted: whatever goes with one comes after it. */
const untilTold = ({ events }: Pick<Bench, "events">, count: number) =>
  expect.poll(() => events.filter(({ type }) => type === "session.deleted").length).toBe(count);

test("a deleted session is found by nothing, and comes back whole with what is below it", async () => {
  const { core, clock, events, key, child } = await openFamily();
  const at = await core.sessions.delete(key, undo);
  expect(Date.parse(at!) - clock.now()).toBe(10_000);
  expect(await keys({ core })).toEqual(["main"]);
  expect((await core.sessions.search({ text: "lighthouse", limit: 9 })).found).toEqual([]);
  for (const gone of [key, child]) {
    await expect(core.sessions.get(gone)).rejects.toThrow("exists");
    await expect(core.sessions.send({ text: "x", origin, sessionKey: gone })).rejects.toThrow("exists");
  }
  const told = events.flatMap((event) => (event.type === "session.deleted" ? [event.sessionKey] : []));
  expect(told).toEqual([key, child]);
  await expect(core.sessions.restore(child)).rejects.toThrow("can be brought back");

  await clock.advance(9_000);
  expect((await core.sessions.restore(key)).title).toBe("Harbour");
  expect((await keys({ core })).toSorted()).toEqual(["main", key, child].toSorted());
  const { messages } = await core.sessions.history(child, { limit: 9, includeTools: true });
  expect(messages.map(({ text }) => text)).toEqual(["Where is the lighthouse?", "Two"]);
  await clock.advance(60_000);
  expect(await keys({ core })).toContain(key);
});

test("when its time is over it is erased with what is below it, also what was deleted before", async () => {
  const { core, store, clock, key, child } = await openFamily();
  await core.sessions.delete(child, { undoMs: 3_600_000 });
  await core.sessions.delete(key, undo);
  await expect(core.sessions.restore(child)).rejects.toThrow("which is deleted, too");
  await clock.advance(10_000);
  await expect.poll(() => store.getSession(key)).toBeUndefined();
  expect(await store.getSession(child)).toBeUndefined();
  await expect(core.sessions.restore(key)).rejects.toThrow("can be brought back");
});

test("one that is being erased is not brought back", async () => {
  const { core, store, clock, key } = await openFamily();
  await core.sessions.delete(key, undo);
  const begun = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const real = store.deleteSession;
  store.deleteSession = async (...given) => {
    begun.resolve();
    await gate.promise;
    return real(...given);
  };
  await clock.advance(10_000);
  await begun.promise;
  await expect(core.sessions.restore(key)).rejects.toMatchObject({ code: "not_found" });
  gate.resolve();
  await expect.poll(() => store.getSession(key)).toBeUndefined();
});

test("a gateway that was killed meanwhile brings back, or erases when the time is over", async () => {
  const family = await openFamily();
  const { clock, key, child } = family;
  const other = await family.core.sessions.create({ title: "Other" });
  await family.core.sessions.delete(other.key, undo);
  await family.core.sessions.delete(key, { undoMs: 60_000 });
  const { core, store } = await family.kill();
  expect(await keys({ core })).toEqual(["main"]);
  expect((await core.sessions.restore(key)).key).toBe(key);
  expect(await keys({ core })).toContain(child);
  await clock.advance(10_000);
  await expect.poll(() => store.getSession(other.key)).toBeUndefined();
});

test("a run under way is cancelled, and stays so; a key that is wanted again is a new session's", async () => {
  const clock = createFakeClock();
  const { core } = await openBench({ clock, turns: [[{ wait: new Promise(() => {}) }]] });
  const { key } = await core.sessions.create({ key: "openai-harbour", title: "Old" });
  const run = await core.sessions.send({ text: "Go", origin, sessionKey: key });
  await core.sessions.delete(key, undo);
  expect((await run.outcome).type).toBe("cancelled");
  expect((await core.sessions.create({ key, title: "New" })).title).toBe("New");
  await expect(core.sessions.restore(key)).rejects.toThrow("can be brought back");
  await clock.advance(20_000);
  expect((await core.sessions.get(key)).title).toBe("New");
});

test("one that goes with its run answers what waits in it first, takes along what is below it, and is erased a little later", async () => {
  const clock = createFakeClock();
  const gate = Promise.withResolvers<void>();
  const bench = await openBench({ clock, turns: [[{ wait: gate.promise }, "done"], ["then that"]] });
  const { core, store } = bench;
  const run = await core.sessions.send({ text: "Go", origin, cleanup: true });
  const child = await core.sessions.create({ parentKey: run.sessionKey });
  const next = await core.sessions.send({ text: "And then?", origin, sessionKey: run.sessionKey });
  gate.resolve();
  expect(await run.outcome).toEqual({ type: "done", reply: "done" });
  await next.end;
  await untilTold(bench, 2);
  expect(await keys(bench)).toEqual(["main"]);
  expect((await core.runs.get(next.id)).outcome).toEqual({ type: "done", reply: "then that" });
  expect((await core.runs.get(run.id)).outcome).toEqual({ type: "done", reply: "done" });
  await clock.advance(60_000);
  for (const key of [run.sessionKey, child.key]) expect(await store.getSession(key)).toBeUndefined();
});

/** A sub-agent of main that is deleted when it is done, and has begun one of its own, which waits. */
async function openLead(more: object, lead: Turn[]) {
  const leaf = Promise.withResolvers<void>();
  const clock = createFakeClock();
  const byName = {
    go: [["hi"]],
    lead: [[spawn("leaf", more)], ...lead],
    leaf: [[{ wait: leaf.promise }, "7"]],
  };
  const bench = await openSubagents(byName, { clock });
  await (
    await send(bench)
  ).end;
  const request = { text: "lead", label: "lead", parentKey: "main", reports: {}, cleanup: true as const };
  const run = await bench.core.sessions.send({ ...request, origin });
  await run.end;
  return { ...bench, clock, run, leaf, bench };
}

test.each([[{}], [{ detached: true }]])(
  "one that goes with its run stays until its own sub-agents (%j) have reported and it has answered, which is brought where it is owed",
  async (more) => {
    const { bench, core, store, clock, run, leaf } = await openLead(more, [["not yet"], ["leaf says 7"]]);
    expect((await run.outcome).type).toBe("done");
    const at = await keyOf(bench, "leaf");
    expect(await keys(bench)).toContain(run.sessionKey);
    leaf.resolve();
    await rest(bench);
    expect(await keys(bench)).toEqual(["main"]);
    await untilTold(bench, 2);
    const early = "detached" in more ? ["lead is done. not yet"] : [];
    expect(await brought(bench)).toEqual([...early, "lead is done. leaf says 7"]);
    const [last] = await core.runs.list({ sessionKey: run.sessionKey, limit: 1 });
    expect(last!.outcome).toEqual({ type: "done", reply: "leaf says 7" });
    expect((await core.runs.list({ sessionKey: at, limit: 1 }))[0]!.outcome).toEqual({ type: "done", reply: "7" });
    await clock.advance(60_000);
    for (const key of [run.sessionKey, at]) await expect.poll(() => store.getSession(key)).toBeUndefined();
  },
);

test("one whose gateway was killed while its sub-agent was at work goes with the last word under the next", async () => {
  const { bench, clock, run } = await openLead({}, [["not yet"]]);
  const next = await bench.kill(scripts({ lead: [["leaf says 7"]], leaf: [["7"]] }));
  await rest(next);
  await untilTold(next, 2);
  expect(await keys(next)).toEqual(["main"]);
  expect(await brought(next)).toEqual(["lead is done. leaf says 7"]);
  await clock.advance(60_000);
  await expect.poll(() => next.store.getSession(run.sessionKey)).toBeUndefined();
});

test("one whose last sub-agent is stopped, so that no result of it comes, goes with that; brought back, it stays", async () => {
  const { bench, core, store, clock, run } = await openLead({}, [["not yet"]]);
  await core.subagents.cancel(await keyOf(bench, "leaf"), { tree: true, quiet: true });
  await rest(bench);
  await untilTold(bench, 2);
  expect(await keys(bench)).toEqual(["main"]);
  await core.sessions.restore(run.sessionKey);
  await (
    await core.sessions.send({ text: "Again", origin, sessionKey: run.sessionKey })
  ).end;
  await clock.advance(60_000);
  expect(await keys(bench)).toContain(run.sessionKey);
  expect((await store.getSession(run.sessionKey))!.cleanup).toBeUndefined();
});

test("one that is deleted when done goes at once where nothing is left to do, else with the last end below it", async () => {
  const gate = Promise.withResolvers<void>();
  const bench = await openSubagents({ look: [[{ wait: gate.promise }, "7"]] });
  const { core, store } = bench;
  const [idle, busy] = [await core.sessions.create({}), await core.sessions.create({})];
  const work = await core.sessions.send({ text: "look", origin, parentKey: busy.key });
  for (const { key } of [idle, busy]) await core.sessions.delete(key, { whenDone: true });
  expect(await store.getSession(idle.key)).toBeUndefined();
  expect(await keys(bench)).toContain(busy.key);
  gate.resolve();
  expect((await work.end).type).toBe("done");
  await expect.poll(() => keys(bench)).toEqual(["main"]);
});

test("one that went with its run is erased by the next gateway, where its own was killed before that", async () => {
  const clock = createFakeClock();
  const bench = await openBench({ clock, turns: [["done"]] });
  const run = await bench.core.sessions.send({ text: "Go", origin, cleanup: true });
  await run.end;
  const { store } = await bench.kill();
  expect(await store.getSession(run.sessionKey)).toMatchObject({ deleting: { by: run.sessionKey } });
  await clock.advance(60_000);
  expect(await store.getSession(run.sessionKey)).toBeUndefined();
});

test("one whose row cannot be read as its run ends is erased all the same", async () => {
  const clock = createFakeClock();
  const gate = Promise.withResolvers<void>();
  const { core, store } = await openBench({ clock, turns: [[{ wait: gate.promise }, "done"]] });
  const run = await core.sessions.send({ text: "Go", origin, cleanup: true });
  const { commit, getSession } = store;
  let isAway = false;
  store.commit = async (batch) => {
    const done = await commit(batch);
    isAway ||= batch.sessions?.some((change) => "patch" in change && change.patch.deleting) === true;
    return done;
  };
  store.getSession = async (key) => {
    if (isAway) throw new AppError("unavailable", "The store could not be read");
    return getSession(key);
  };
  gate.resolve();
  await run.end;
  await settle();
  isAway = false;
  store.commit = commit;
  await clock.advance(60_000);
  expect(await store.getSession(run.sessionKey)).toBeUndefined();
});

test("one whose gateway was killed before its run began goes with it under the next", async () => {
  const clock = createFakeClock();
  const never = new Promise<void>(() => {});
  const bench = await openBench({ clock, turns: [[{ wait: never }]] });
  const run = await bench.core.sessions.send({ text: "Go", origin, cleanup: true });
  await settle();
  const { store } = await bench.kill([["done"]]);
  await expect.poll(async () => (await store.getRun(run.id))?.state).toBe("finished");
  await settle();
  await clock.advance(60_000);
  await expect.poll(() => store.getSession(run.sessionKey)).toBeUndefined();
});

test("a session that was there before goes with no run", async () => {
  const bench = await openBench({ turns: [["done"]] });
  const { key } = await bench.core.sessions.create({});
  await (
    await bench.core.sessions.send({ text: "Go", origin, sessionKey: key, cleanup: true })
  ).end;
  expect(await keys(bench)).toContain(key);
});

test("pinned and archived are where it stands, no use of it; the next run takes it out of the archive", async () => {
  const { core, clock, key } = await openFamily();
  const before = (await core.sessions.get(key)).updatedAt;
  await clock.advance(5_000);
  await core.sessions.update(key, { pinned: true, archived: true });
  const changed = await core.sessions.get(key);
  expect([changed.updatedAt, changed.pinned, changed.archived]).toEqual([before, true, true]);
  const listed = async (query: { pinned?: boolean; archived?: boolean }) =>
    (await core.sessions.list({ limit: 9, ...query })).sessions.map((session) => session.key);
  expect(await listed({ pinned: true })).toEqual([key]);
  expect(await listed({ archived: true })).toEqual([key]);
  expect(await listed({ archived: false })).not.toContain(key);
  await (
    await core.sessions.send({ text: "Again", origin, sessionKey: key })
  ).outcome;
  expect((await core.sessions.get(key)).archived).toBeUndefined();
  await core.sessions.update(key, { pinned: false });
  expect(await listed({ pinned: true })).toEqual([]);
  await expect(core.sessions.update("main", { archived: true })).rejects.toThrow("not archived");
});

test("one whose checkpoints cannot be removed is deleted and told all the same, and reset with the rest of it", async () => {
  const forget = async () => {
    throw Object.assign(new Error("resource busy"), { code: "EBUSY" });
  };
  const { core, events } = await openBench({ checkpoints: { ...NO_CHECKPOINTS, forget }, turns: [["One"]] });
  const { key } = await core.sessions.create({ title: "Harbour" });
  await core.sessions.delete(key);
  expect(events.at(-1)).toMatchObject({ type: "session.deleted", sessionKey: key });
  await (
    await core.sessions.send({ text: "Go", origin, sessionKey: "main" })
  ).outcome;
  expect(await core.sessions.reset("main")).toMatchObject({ messageCount: 0, state: "idle" });
});

test("what the store refuses to erase is erased a little later, and what it refuses to bring back still goes", async () => {
  const { core, store, clock, key, child } = await openFamily();
  await core.sessions.delete(key, undo);
  const { commit, deleteSession } = store;
  const refuse = async () => {
    throw new AppError("unavailable", "The disk is full");
  };
  store.commit = refuse;
  await expect(core.sessions.restore(key)).rejects.toThrow("The disk is full");
  Object.assign(store, { commit, deleteSession: refuse });
  await clock.advance(10_000);
  expect(await store.getSession(key)).toBeDefined();
  store.deleteSession = deleteSession;
  await clock.advance(10_000);
  for (const gone of [key, child]) expect(await store.getSession(gone)).toBeUndefined();
});

test("one that is brought back while what is below it is still being marked comes back whole", async () => {
  const { core, store, key, child } = await openFamily();
  const marking = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const { commit } = store;
  store.commit = async (batch) => {
    const isMark = batch.sessions?.some((one) => "patch" in one && one.key === child && one.patch.deleting);
    if (isMark) marking.resolve();
    if (isMark) await gate.promise;
    return commit(batch);
  };
  const deleting = core.sessions.delete(key, undo);
  await marking.promise;
  const restoring = core.sessions.restore(key);
  await settle();
  gate.resolve();
  await Promise.all([deleting, restoring]);
  expect((await keys({ core })).toSorted()).toEqual(["main", key, child].toSorted());
});

test("one whose time is over before it is marked is erased all the same", async () => {
  const { core, store, clock, key, child } = await openFamily();
  const marking = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const { commit } = store;
  store.commit = async (batch) => {
    const isMark = batch.sessions?.some((one) => "patch" in one && one.patch.deleting);
    if (isMark) marking.resolve();
    if (isMark) await gate.promise;
    return commit(batch);
  };
  const deleting = core.sessions.delete(key, { undoMs: 1000 });
  await marking.promise;
  await clock.advance(2000);
  gate.resolve();
  await deleting;
  await clock.advance(10_000);
  for (const gone of [key, child]) expect(await store.getSession(gone)).toBeUndefined();
});
