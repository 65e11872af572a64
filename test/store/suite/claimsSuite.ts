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

  describe("lease", () => {
    test("goes to the first, and to another when it expired or was dropped", async () => {
      const now = subject.clock.now();
      const first = make.leaseOf("a", now);
      expect(await subject.store.holdLease(first, now)).toEqual(first);
      expect(await subject.store.holdLease(make.leaseOf("b", now), now)).toEqual(first);
      const renewed = make.leaseOf("a", now + 1000);
      expect(await subject.store.holdLease(renewed, now + 1000)).toEqual(renewed);
      expect(await subject.store.holdLease(make.leaseOf("b", now + 5999), now + 5999)).toEqual(renewed);
      const second = make.leaseOf("b", now + 6000);
      expect(await subject.store.holdLease(second, now + 6000)).toEqual(second);
      await subject.store.dropLease("a");
      expect(await subject.store.holdLease(make.leaseOf("c", now + 6001), now + 6001)).toEqual(second);
      await subject.store.dropLease("b");
      const third = make.leaseOf("c", now + 6002);
      expect(await subject.store.holdLease(third, now + 6002)).toEqual(third);
    });
  });
}
