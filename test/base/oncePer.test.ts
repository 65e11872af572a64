import { expect, test } from "vitest";
import { onceEach, sharedLength } from "../../src/base/oncePer.ts";

test("two lists begin alike as far as their items are the very same", () => {
  const [a, b, c] = [{}, {}, {}];
  expect([sharedLength([], [a]), sharedLength([a, b], [a, b, c]), sharedLength([a, b, c], [a, { ...b }, c])]).toEqual([
    0, 2, 1,
  ]);
});

test("what is gathered from a list goes on with what is new in it, and begins anew where anything before is another", () => {
  const looked: string[] = [];
  const texts = onceEach<{ text: string }, string[]>(
    () => [],
    (gathered, { text }) => {
      looked.push(text);
      gathered.push(text);
    },
  );
  const [a, b, c] = ["a", "b", "c"].map((text) => ({ text })) as [{ text: string }, { text: string }, { text: string }];
  expect(texts([])).toEqual([]);
  expect(texts([a, b])).toEqual(["a", "b"]);
  expect(texts([a, b])).toEqual(["a", "b"]);
  expect(texts([a, b, c])).toEqual(["a", "b", "c"]);
  expect(looked).toEqual(["a", "b", "c"]);
  // Shorter, in the middle another, and of another begin.
  expect(texts([a])).toEqual(["a"]);
  expect(texts([a, c, b])).toEqual(["a", "c", "b"]);
  expect(texts([b])).toEqual(["b"]);
  expect(texts([a, c])).toEqual(["a", "c"]);
});
