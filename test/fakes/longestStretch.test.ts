import { setImmediate, setTimeout } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { longestStretch, ownStretch } from "./longestStretch.ts";
import { threadMs } from "./threadMs.ts";

function workFor(ms: number): void {
  for (const end = threadMs() + ms; threadMs() < end;);
}

describe("the longest stretch", () => {
  test("is what was done without a turn of the loop, at the start, in between or at the end", async () => {
    const slices = async () => {
      for (let slice = 0; slice < 4; slice++) {
        workFor(20);
        await setImmediate();
      }
    };
    const last = async () => workFor(60);
    expect(await longestStretch(async () => workFor(60))).toBeGreaterThanOrEqual(60);
    expect(await longestStretch(() => slices().then(last).then(slices))).toBeGreaterThanOrEqual(60);
    expect(await longestStretch(() => setTimeout(5).then(last))).toBeGreaterThanOrEqual(60);
    expect(await ownStretch(60, slices)).toBeLessThan(60);
  });

  test("is measured again, three times at most, where it is not below the bound", async () => {
    let rounds = 0;
    const at = (work: (round: number) => number) => async () => workFor(work((rounds += 1)));
    expect(
      await ownStretch(
        30,
        at(() => 40),
      ),
    ).toBeGreaterThanOrEqual(40);
    expect(rounds).toBe(3);
    rounds = 0;
    expect(
      await ownStretch(
        30,
        at((round) => (round === 1 ? 40 : 0)),
      ),
    ).toBeLessThan(30);
    expect(rounds).toBe(2);
  });
});
