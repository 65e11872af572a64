import { expect, test } from "vitest";
import { textHunks, withoutHunks } from "../../../src/store/checkpoints/textHunks.ts";

const before = "one\ntwo\nthree\nfour\nfive\nsix";
const now = "zero\none\nTWO\nthree\nfive\nsix\nseven\n";

test("what is different is named by its place before, and each part can be put back alone or with others", () => {
  const hunks = textHunks(before, now)!;
  expect(
    hunks.map(({ beforeStart, before: old, nowStart, now: there }) => [beforeStart, old, nowStart, there]),
  ).toEqual([
    [0, [], 0, ["zero\n"]],
    [1, ["two\n"], 2, ["TWO\n"]],
    [3, ["four\n"], 4, []],
    [5, ["six"], 5, ["six\n", "seven\n"]],
  ]);
  expect(withoutHunks(now, hunks)).toBe(before);
  expect(withoutHunks(now, [hunks[1]!])).toBe("zero\none\ntwo\nthree\nfive\nsix\nseven\n");
  // What is left keeps its names.
  const left = textHunks(before, withoutHunks(now, [hunks[0]!, hunks[2]!]))!;
  expect(left.map(({ id }) => id)).toEqual([hunks[1]!.id, hunks[3]!.id]);
  expect([textHunks("", "a\n")![0], textHunks("a", "a")]).toMatchObject([{ now: ["a\n"] }, []]);
});
