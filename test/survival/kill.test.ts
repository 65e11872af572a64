import { expect, test } from "vitest";
import { killAtRandom } from "./killPoints.ts";

test("killed with -9 at twelve points of its work, it loses and repeats nothing", { timeout: 300_000 }, async () => {
  const seed = Date.now() % 100_000;
  const { findings, acknowledged, resumed } = await killAtRandom({ points: 12, seed });
  expect(findings, `seed ${seed}`).toEqual([]);
  expect(acknowledged).toBeGreaterThan(8);
  expect(resumed).toBeGreaterThan(0);
});
