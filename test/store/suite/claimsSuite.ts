import { describe, expect, test } from "vitest";
import * as make from "../samples.ts";
import type { Subject } from "./subject.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

export function claimsSuite(subject: Subject): void {
  describe("answers", () => {
    test("the first caller owns the key", async () => {
      expect(await subject.store.claimAnswer(make.answerOf("k"))).toBe(true);
      expect(await subject.store.claimAnswer(make.answerOf("k", { digest: "d2" }))).toBe(false);
      expect(await subject.store.getAnswer("k")).toEqual(make.answerOf("k"));
      const answered = make.answerOf("k", { answer: { status: 202, body: null } });
      await subject.store.putAnswer(answered);
      expect(await subject.store.getAnswer("k")).toEqual(answered);
      await subject.store.deleteAnswer("k");
      expect(await subject.store.getAnswer("k")).toBeUndefined();
      expect(await subject.store.claimAnswer(make.answerOf("k", { digest: "d2" }))).toBe(true);
    });

    test("is forgotten after 24 h", async () => {
      await subject.store.claimAnswer(make.answerOf("k"));
      await subject.clock.advance(DAY_MS - 1);
      expect(await subject.store.getAnswer("k")).toBeDefined();
      expect(await subject.store.claimAnswer(make.answerOf("k"))).toBe(false);
      await subject.clock.advance(1);
      expect(await subject.store.getAnswer("k")).toBeUndefined();
      const fresh = make.answerOf("k", { createdAt: new Date(subject.clock.now()).toISOString() });
      expect(await subject.store.claimAnswer(fresh)).toBe(true);
      expect(await subject.store.getAnswer("k")).toEqual(fresh);
    });
  });

  describe("leases", () => {
    const a = make.holderOf("a");
    const b = make.holderOf("b");

    test("of several that ask for one, one has it, until it has expired or was dropped; the fence tells them apart", async () => {
      const { store, clock } = subject;
      const first = { held: true, holder: a, fence: 1, expiresInMs: 5000 };
      expect(await store.getLease("gateway")).toBeUndefined();
      expect(await store.holdLease("gateway", a, 5000)).toEqual(first);
      expect(await store.holdLease("gateway", b, 5000)).toEqual({ ...first, held: false });
      await clock.advance(1000);
      expect(await store.getLease("gateway")).toEqual({ ...first, held: false, expiresInMs: 4000 });
      expect(await store.holdLease("gateway", { ...a, url: "http://a" }, 5000)).toMatchObject({ held: true, fence: 1 });
      await clock.advance(4999);
      expect(await store.holdLease("gateway", b, 5000)).toMatchObject({
        held: false,
        expiresInMs: 1,
        holder: { url: "http://a" },
      });
      await clock.advance(1);
      expect(await store.holdLease("gateway", b, 5000)).toMatchObject({ held: true, fence: 2 });
      expect(await store.holdLease("gateway", a, 5000)).toMatchObject({ held: false, holder: b, fence: 2 });
      await store.dropLease("gateway", "a");
      expect(await store.getLease("gateway")).toMatchObject({ holder: b });
      await store.dropLease("gateway", "b");
      expect(await store.getLease("gateway")).toBeUndefined();
      expect(await store.holdLease("gateway", a, 5000)).toMatchObject({ held: true, fence: 3 });
    });

    test("those of other names are others", async () => {
      const { store } = subject;
      expect(await store.holdLease("gateway", a, 5000)).toMatchObject({ held: true, fence: 1 });
      expect(await store.holdLease("channel:telegram", b, 5000)).toMatchObject({ held: true, fence: 1 });
      await store.dropLease("channel:telegram", "b");
      expect(await store.getLease("gateway")).toMatchObject({ holder: a });
    });

    test("whether anything can be written is tried again and again, and changes no lease", async () => {
      const { store } = subject;
      await store.holdLease("gateway", a, 5000);
      for (let turn = 0; turn < 2; turn++) await store.tryWriting();
      expect(await store.getLease("gateway")).toMatchObject({ holder: a, fence: 1, expiresInMs: 5000 });
    });
  });
}
