import { expect, test } from "vitest";
import { AppError } from "../../../src/base/appError.ts";
import { DAY, HOUR, jobOf, openJobsBench, user } from "./jobsBench.ts";

const end = (costUsd: number | null) =>
  ({
    type: "end",
    stop: "end",
    usage: { inputTokens: 1_000_000, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd },
  }) as never;

test("firings tell what their runs took, cost and said last; those that never ran tell nothing of it", async () => {
  const reply = ["one", "two", "three", "four", "five", "six 🦀"].join("\n");
  const { core, clock } = await openJobsBench({
    turns: [[reply, end(null)], [{ fail: new AppError("bad_request", "It is bad") }]],
  });
  const job = await core.jobs.add(jobOf({ schedule: { kind: "every", everyMs: DAY } }), user);
  await clock.advance(DAY + HOUR);
  await clock.advance(DAY);
  const [failed, ok] = (await core.jobs.firings({ jobId: job.id, limit: 10 })).slice(-2);
  expect(ok).toMatchObject({
    status: "ok",
    durationMs: expect.any(Number),
    model: "test/m",
    lastLines: "two\nthree\nfour\nfive\nsix 🦀",
    usage: { inputTokens: 1_000_000, costUsd: expect.closeTo(1, 3) },
  });
  expect(failed).toMatchObject({ status: "failed", error: "It is bad", model: "test/m" });
  expect(failed!.lastLines).toBeUndefined();
  await core.sessions.delete(ok!.sessionKey!);
  const rest = await core.jobs.firings({ jobId: job.id, limit: 10 });
  expect(rest.map(({ runId }) => runId)).not.toContain(ok!.runId);
});
