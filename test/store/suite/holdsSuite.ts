import { expect, test } from "vitest";
import type { Hold } from "../../../src/core/ports/hold.ts";
import type { Subject } from "./subject.ts";

export function holdsSuite(subject: Subject): void {
  const put = (hold: Partial<Hold> & { id: string }) =>
    subject.store.commit({ holds: [{ put: { keys: ["day"], owner: "me", value: {}, ...hold } }] });
  const ids = async (before?: string, keys = ["day"]) =>
    (await subject.store.listHolds({ keys, owner: "me", ...(before ? { before } : {}) })).map(({ id }) => id);

  test("holds are told in the order they were put, each key for itself, until they are dropped", async () => {
    await put({ id: "a", keys: ["day", "run r"], value: { tokens: 3 } });
    await put({ id: "b" });
    await subject.clock.advance(500);
    expect(await subject.store.listHolds({ keys: ["run r", "day"], owner: "me" })).toEqual([
      { id: "a", key: "day", owner: "me", ageMs: 500, value: { tokens: 3 } },
      { id: "a", key: "run r", owner: "me", ageMs: 500, value: { tokens: 3 } },
      { id: "b", key: "day", owner: "me", ageMs: 500, value: {} },
    ]);
    expect(await ids("b")).toEqual(["a"]);
    expect(await ids("a")).toEqual([]);
    // Put again it is the newest, with what it holds now.
    await put({ id: "a" });
    expect(await ids()).toEqual(["b", "a"]);
    expect(await ids(undefined, ["run r"])).toEqual([]);
    await subject.store.commit({ holds: [{ drop: "a", of: "another" }] });
    expect(await ids()).toEqual(["b", "a"]);
    await subject.store.commit({ holds: [{ drop: "b", of: "me" }, { drop: "unknown" }] });
    expect(await ids()).toEqual(["a"]);
  });

  test("what has a time lasts for it, and no longer; else a worker that shows no life holds nothing", async () => {
    await put({ id: "timed", owner: "gone", forMs: 60_000 });
    await put({ id: "untimed", owner: "gone" });
    await put({ id: "own" });
    expect(await ids()).toEqual(["timed", "own"]);
    await subject.clock.advance(60_000);
    expect(await ids()).toEqual(["own"]);
  });
}
