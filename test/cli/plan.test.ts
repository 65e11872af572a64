import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bench, useClientBench } from "./clientBench.ts";
import { pincer } from "./pincer.ts";

useClientBench();

const reply = {
  status: "ok",
  runId: "run_2",
  sessionKey: "main",
  reply: "done",
  model: "test/m",
  usage: { inputTokens: 1, outputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: null },
  durationMs: 1,
};

test("a plan is asked for, shown, and accepted as it is or as a file has it", async () => {
  bench.gateway.answers["POST /api/sessions/send"] = { json: { ...reply, reply: "# Plan" } };
  expect(await pincer(["send", "--plan", "go"], bench.env)).toMatchObject({ code: 0, stdout: "# Plan\n" });
  expect(bench.gateway.seen.at(-1)!.body).toMatchObject({ message: "go", mode: "plan" });
  const plan = { runId: "run_1", sessionKey: "main", text: "# Plan", holds: false };
  bench.gateway.answers["GET /api/plans/get"] = { json: plan };
  expect(await pincer(["plan"], bench.env)).toMatchObject({ code: 0, stdout: "# Plan\n" });
  bench.gateway.answers["POST /api/plans/accept"] = { json: reply };
  expect(await pincer(["plan", "accept"], bench.env)).toMatchObject({ code: 0, stdout: "done\n" });
  expect(bench.gateway.seen.at(-1)!.body).toEqual({ sessionKey: "main", timeoutSeconds: 120 });
  const file = join(bench.env["PINCER_HOME"]!, "plan.md");
  writeFileSync(file, "# Mine\n");
  expect(await pincer(["plan", "accept", "--file", file], bench.env)).toMatchObject({ code: 0 });
  expect(bench.gateway.seen.at(-1)!.body).toMatchObject({ text: "# Mine\n" });
  bench.gateway.answers["POST /api/plans/end"] = { json: { sessionKey: "side", ended: true } };
  expect(await pincer(["plan", "end", "side"], bench.env)).toMatchObject({
    ...{ code: 0, stdout: "Ended the plan of session side\n" },
  });
  expect(bench.gateway.seen.at(-1)!.body).toEqual({ sessionKey: "side" });
  const { code, stderr } = await pincer(["plan", "accept", "--file", `${file}.not`], bench.env);
  expect([code, stderr]).toEqual([1, expect.stringContaining("could not be read (ENOENT)")]);
});
