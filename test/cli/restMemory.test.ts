import { expect, test } from "vitest";
import { collectAtRest } from "../../src/cli/terminal/restMemory.ts";
import { createFakeClock } from "../fakes/fakeClock.ts";

const FIRST_MS = 5_000;
const LOOK_MS = 20_000;

test("what work left behind is given back once, when there has been no work for a while", async () => {
  const clock = createFakeClock();
  let spent = 0;
  let collected = 0;
  const resting = collectAtRest({
    clock,
    spentMs: () => spent,
    collect: () => {
      collected += 1;
      spent += 500;
    },
  });
  const after = async (...work: number[]) => {
    const seen: number[] = [];
    for (const ms of work) {
      spent += ms;
      await clock.advance(LOOK_MS);
      seen.push(collected);
    }
    return seen;
  };
  // The start is work as well; what wakes up by itself is none.
  spent += 5;
  await clock.advance(FIRST_MS);
  expect(collected).toBe(1);
  expect(await after(20, 20)).toEqual([1, 1]);
  expect(await after(5000, 300, 20, 20)).toEqual([1, 1, 2, 2]);
  resting.dispose();
  expect(await after(5000, 0)).toEqual([2, 2]);
});

test("a start that goes on working is not stopped for it", async () => {
  const clock = createFakeClock();
  let spent = 0;
  let collected = 0;
  const resting = collectAtRest({ clock, spentMs: () => spent, collect: () => (collected += 1) });
  spent += 500;
  await clock.advance(FIRST_MS);
  expect(collected).toBe(0);
  await clock.advance(LOOK_MS);
  expect(collected).toBe(1);
  resting.dispose();
});
