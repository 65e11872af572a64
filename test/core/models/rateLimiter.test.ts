import { expect, test } from "vitest";
import { createRateLimiter } from "../../../src/core/models/rateLimiter.ts";
import { createFakeClock } from "../../fakes/fakeClock.ts";

test("one that went after all counts for the minute in which it was let through", async () => {
  const clock = createFakeClock();
  const began = clock.now();
  const limiter = createRateLimiter(clock);
  limiter.setLimits({ requestsPerMinute: 2 });
  const first = limiter.start(10);
  await clock.advance(20_000);
  const second = limiter.start(10);
  limiter.cancel(first);
  expect(limiter.readyAt(10)).toBeLessThanOrEqual(clock.now());
  limiter.again(first);
  expect(limiter.readyAt(10) - began).toBe(60_000);
  await clock.advance(40_000);
  expect(limiter.readyAt(10) - began).toBeLessThanOrEqual(60_000);
  limiter.start(10);
  expect(limiter.readyAt(10) - began).toBe(80_000);
  limiter.cancel(second);
  limiter.cancel(second);
  expect(limiter.readyAt(10)).toBeLessThanOrEqual(clock.now());
});

test("a clock that is set back or on makes no wait longer or shorter", async () => {
  for (const jump of [-3_600_000, 3_600_000]) {
    const clock = createFakeClock();
    const limiter = createRateLimiter(clock);
    limiter.setLimits({ requestsPerMinute: 1 });
    limiter.start(10);
    limiter.report({ tokens: { limit: 100, left: 0, resetMs: 30_000 } });
    await clock.set(clock.now() + jump);
    expect(limiter.isNearlyUsed()).toBe(true);
    expect(limiter.readyAt(100) - clock.now()).toBe(60_000);
    await clock.advance(60_000);
    expect(limiter.isNearlyUsed()).toBe(false);
    expect(limiter.readyAt(100)).toBeLessThanOrEqual(clock.now());
  }
});
