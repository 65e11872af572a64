import { expect, test } from "vitest";
import type { ChannelChange } from "../../../src/core/ports/outside/channelRows.ts";
import type { Subject } from "./subject.ts";

export function channelsSuite(subject: Subject): void {
  const change = (...channels: ChannelChange[]) => subject.store.commit({ channels });
  const inbox = (...states: ("new" | "taken" | "done")[]) =>
    subject.store.listInbox({ channel: "telegram", states, limit: 9 });
  const receive = (id: string, body = { text: id }): ChannelChange => ({
    receive: { channel: "telegram", id, place: "7", body },
  });
  const put = (key: string, place = "7", state: "whole" | "waiting" = "waiting"): ChannelChange => ({
    put: { key, channel: "telegram", place, state, body: { text: key } },
  });

  test("what came in is put down once, taken once, and forgotten when it is done", async () => {
    await change(receive("1/9"), receive("1/8"), receive("1/9", { text: "again" }));
    expect((await inbox("new")).map(({ id, body }) => [id, body])).toEqual([
      ["1/9", { text: "1/9" }],
      ["1/8", { text: "1/8" }],
    ]);
    const take: ChannelChange = {
      take: { channel: "telegram", id: "1/9" },
      expect: "new",
      state: "taken",
      runId: "run_1",
    };
    await change(take);
    await expect(change(receive("1/7"), take)).rejects.toMatchObject({ code: "conflict" });
    expect(await inbox("new")).toHaveLength(1);
    expect(await inbox("taken")).toEqual([
      { channel: "telegram", id: "1/9", place: "7", state: "taken", runId: "run_1", body: { text: "1/9" } },
    ]);
    await change({ take: { channel: "telegram", id: "1/9" }, expect: "taken", state: "done" });
    expect(await inbox("done")).toEqual([
      { channel: "telegram", id: "1/9", place: "7", state: "done", runId: "run_1" },
    ]);
    // It is known still, and does not come back.
    await change(receive("1/9"));
    expect(await inbox("new")).toHaveLength(1);
  });

  test("what waits for an address goes to another at once, but for what is on its way or over", async () => {
    await change(put("a"), put("b"), put("c", "8"), put("d", "7", "whole"));
    await change({ send: "b", expect: "waiting", state: "waiting", notBefore: 5 });
    await change({ send: "a", expect: "waiting", state: "sending" }, { move: "telegram", from: "7", to: "9" });
    await change({ move: "discord", from: "8", to: "9" });
    const states = ["whole", "waiting", "sending"] as const;
    const rows = await subject.store.listOutbox({ channel: "telegram", states: [...states], limit: 9 });
    expect(rows.map(({ key, place, notBefore }) => [key, place, notBefore])).toEqual([
      ["a", "7", undefined],
      ["b", "9", undefined],
      ["c", "8", undefined],
      ["d", "9", undefined],
    ]);
  });

  test("what became what it is before a time is found by that", async () => {
    await change(put("a"), put("b"));
    const query = { channel: "telegram", states: ["waiting"], limit: 9 } as const;
    const at = (await subject.store.listOutbox({ ...query, states: ["waiting"] }))[0]!.at;
    const found = async (before: number) =>
      (await subject.store.listOutbox({ ...query, states: ["waiting"], before })).map(({ key }) => key);
    expect([await found(at), await found(at + 60_000)]).toEqual([[], ["a", "b"]]);
  });

  test("of one that goes out its parts are found, and of no other", async () => {
    const keys = [
      "a 1",
      "a 1 #1",
      "a 1 #2",
      "a 1 #2 again",
      "a 10",
      "a 10 #1",
      "a",
      "a 1 rehearsal",
      "a 1 rehearsal #1",
    ];
    await change(...keys.map((key) => put(key)));
    const found = await subject.store.listOutbox({ channel: "telegram", of: "a 1", states: ["waiting"], limit: 9 });
    expect(found.map(({ key }) => key)).toEqual(["a 1", "a 1 #1", "a 1 #2", "a 1 #2 again"]);
  });

  test("what goes out is put once under its key, and each step is taken by one", async () => {
    await change(put("a 1"), put("a 2", "8"), put("a 1", "9"), put("w", "7", "whole"));
    const out = (...states: ("whole" | "waiting" | "sending" | "sent" | "doubtful")[]) =>
      subject.store.listOutbox({ channel: "telegram", states, limit: 9 });
    expect((await out("waiting", "whole")).map(({ key, place, state }) => [key, place, state])).toEqual([
      ["a 1", "7", "waiting"],
      ["a 2", "8", "waiting"],
      ["w", "7", "whole"],
    ]);
    expect(
      await subject.store.listOutbox({ channel: "telegram", states: ["waiting"], place: "8", limit: 9 }),
    ).toHaveLength(1);
    const body = { text: '"kept":', files: [{ kept: "telegram-1" }] };
    await change({ put: { key: "f", channel: "telegram", place: "7", state: "whole", body } });
    await change({ put: { key: "t", channel: "telegram", place: "7", state: "whole", body: { text: body.text } } });
    const withCopies = await subject.store.listOutbox({
      channel: "telegram",
      states: ["whole", "waiting"],
      withCopies: true,
      limit: 9,
    });
    expect(withCopies).toMatchObject([{ key: "f", body }]);
    const begin: ChannelChange = { send: "a 1", expect: "waiting", state: "sending" };
    await change(begin);
    await expect(change(begin)).rejects.toMatchObject({ code: "conflict" });
    await change({ send: "a 1", expect: "sending", state: "waiting", notBefore: 5, body: { text: "plain" } });
    expect(await subject.store.getOutbox("a 1")).toEqual({
      at: expect.any(Number),
      key: "a 1",
      channel: "telegram",
      place: "7",
      state: "waiting",
      notBefore: 5,
      body: { text: "plain" },
    });
    await change(begin, { send: "a 1", expect: "sending", state: "sent", sentAs: "55" });
    expect(await out("sent")).toEqual([
      {
        at: expect.any(Number),
        key: "a 1",
        channel: "telegram",
        place: "7",
        state: "sent",
        notBefore: 5,
        sentAs: "55",
      },
    ]);
    expect(await subject.store.getOutbox("unknown")).toBeUndefined();
  });

  test("what is noted of a channel is changed only from what it was, and what is over is forgotten", async () => {
    const note = { channel: "telegram", key: "chat:7" };
    await change({ note, value: { n: 1 }, expect: null }, { note: { ...note, key: "chbt" }, value: {} });
    await expect(change({ note, value: { n: 2 }, expect: null })).rejects.toMatchObject({ code: "conflict" });
    await change({ note, value: { n: 2 }, expect: { n: 1 } });
    expect(await subject.store.listNotes("telegram", "chat:")).toEqual([{ ...note, value: { n: 2 } }]);
    expect(await subject.store.listNotes("discord", "")).toEqual([]);
    await change({ note, value: null });
    expect(await subject.store.listNotes("telegram", "chat:")).toEqual([]);

    await change(receive("1/1"), receive("1/2"), put("b"));
    await change({ take: { channel: "telegram", id: "1/1" }, expect: "new", state: "done" });
    await change({ forget: "telegram", before: subject.clock.now() + 1 });
    expect((await inbox("new", "done")).map(({ id }) => id)).toEqual(["1/2"]);
    expect(await subject.store.getOutbox("b")).toBeDefined();
  });
}
