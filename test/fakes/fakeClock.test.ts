import { expect, test } from "vitest";
import { createFakeClock } from "./fakeClock.ts";

test("runs what falls due in order, each at its own time, with what it started", async () => {
  const clock = createFakeClock(0);
  const seen: string[] = [];
  clock.at(30, () => seen.push(`c ${clock.now()}`));
  clock.at(10, () => {
    seen.push(`a ${clock.now()}`);
    clock.at(20, () => seen.push(`b ${clock.now()}`));
    void Promise.resolve().then(() => seen.push(`after a ${clock.now()}`));
  });
  clock.at(10, () => seen.push("cancelled")).dispose();
  clock.at(31, () => seen.push("too late"));
  await clock.advance(30);
  expect(seen).toEqual(["a 10", "after a 10", "b 20", "c 30"]);
  expect(clock.now()).toBe(30);
  expect(clock.waiting()).toBe(1);
});

test("a jump runs what is due late, at the new time, and can go back", async () => {
  const clock = createFakeClock(1000);
  const seen: number[] = [];
  clock.at(2000, () => seen.push(clock.now()));
  await clock.set(500);
  expect(clock.now()).toBe(500);
  expect(seen).toEqual([]);
  await clock.set(9000);
  expect(seen).toEqual([9000]);
});
