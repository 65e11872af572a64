import { expect, test } from "vitest";
import { newId } from "../../src/base/id.ts";

test("however many ids are made, none comes again, and each has its own chance", () => {
  const ids = Array.from({ length: 20_000 }, () => newId("run"));
  const chances = ids.map((id) => /^run_[0-9a-z]{8,9}([0-9a-z]{13})$/.exec(id)?.[1]);
  expect(chances).not.toContain(undefined);
  expect(new Set(chances).size).toBe(ids.length);
});
