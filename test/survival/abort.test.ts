import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { abortCommand, abortStreams, AT_ONCE } from "./aborts.ts";

const isTold = existsSync("/proc/self/fd");

test("aborted runs close the provider's sockets, and leave nothing behind", async (context) => {
  const { aborts, rssMb, files } = await abortStreams(300);
  expect(aborts).toBe(300);
  context.skip(!isTold, "what is left of files is told nowhere here");
  expect(rssMb[1] - rssMb[0]).toBeLessThan(30);
  // After an abort fetch opens a spare connection, at most one for each run of the last round; a leak would be hundreds.
  expect(files[1] - files[0]).toBeLessThanOrEqual(AT_ONCE);
});

test.skipIf(!isTold)("an aborted command goes with all that it started", async () => {
  // It resolves when the last of them is gone.
  await abortCommand();
});
