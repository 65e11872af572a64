import { expect, test } from "vitest";
import { heartbeatNews } from "../../../src/core/jobs/heartbeat.ts";
import { threadMs } from "../../fakes/threadMs.ts";

test.each([
  ["HEARTBEAT_OK", ""],
  [" **HEARTBEAT_OK**. ", ""],
  ["", ""],
  ["`HEARTBEAT_OK`\n\n_The disk is full._ ", "The disk is full."],
  ["...Two tests fail: **a**, **b**", "Two tests fail: **a**, **b"],
])("of %j there is to tell %j", (reply, news) => {
  expect(heartbeatNews(reply)).toBe(news);
});

test("blanks within an answer cost their length, not its square", () => {
  const news = `a${" ".repeat(100_000)}b`;
  const before = threadMs();
  expect(heartbeatNews(news)).toBe(news);
  expect(threadMs() - before).toBeLessThan(1000);
});
