import { expect, test } from "vitest";
import { createSlices } from "../../../src/base/turns/slices.ts";

test("all is called in order, few in one turn of the event loop", async () => {
  const slices = createSlices(16);
  const turns: number[][] = [[]];
  const everything = Promise.withResolvers<void>();
  const mark = () => {
    if (turns.flat().length === 100) return everything.resolve();
    turns.push([]);
    setImmediate(mark);
  };
  for (let n = 0; n < 100; n++) slices.later(() => turns.at(-1)!.push(n));
  expect(turns).toEqual([[]]);
  setImmediate(mark);
  await everything.promise;
  expect(turns.flat()).toEqual(Array.from({ length: 100 }, (_, n) => n));
  expect(Math.max(...turns.map(({ length }) => length))).toBe(16);
});

test("what is added while it runs comes in a later turn", async () => {
  const slices = createSlices(16);
  const seen: string[] = [];
  await new Promise<void>((resolve) => {
    slices.later(() => {
      slices.later(() => {
        seen.push("second");
        resolve();
      });
      seen.push("first");
    });
  });
  expect(seen).toEqual(["first", "second"]);
});
