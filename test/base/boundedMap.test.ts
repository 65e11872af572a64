import { expect, test } from "vitest";
import { BoundedMap } from "../../src/base/boundedMap.ts";

test("what was set longest ago goes first, and what is set again is new", () => {
  const map = new BoundedMap<string, number>(2);
  map.set("a", 1).set("b", 2).set("a", 3).set("c", 4);
  expect([...map]).toEqual([
    ["a", 3],
    ["c", 4],
  ]);
});
