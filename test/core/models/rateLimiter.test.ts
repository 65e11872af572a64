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
