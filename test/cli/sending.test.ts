import { describe, expect, test } from "vitest";
import { bench, useClientBench } from "./clientBench.ts";
import { pincer } from "./pincer.ts";

useClientBench();

describe("send --stream", () => {
  const event = (fact: object) => ({ id: 1, seq: 1, runId: "run_1", sessionKey: "main", at: "", ...fact });
  const stream = (...facts: object[]) =>
    (bench.gateway.answers["POST /api/sessions/send"] = { events: facts.map(event) });

  test("prints the text as it comes", async () => {
    stream(
      { type: "run.started", model: "a/b" },
      { type: "text.delta", text: "fi" },
      { type: "approval.asked", approval: { id: "apr_1", summary: "rm -r x", reason: "runs a command" } },
      { type: "text.delta", text: "ve" },
      { type: "run.finished", outcome: { type: "done", reply: "five" } },
    );
    expect(await pincer(["send", "2+3?", "--stream"], bench.env)).toEqual({
      code: 0,
      stdout: "five\n",
      stderr: "Waits for approval (runs a command): rm -r x\n  pincer approvals allow apr_1\n",
    });
    expect(bench.gateway.seen[0]?.accept).toBe("text/event-stream");
  });

  test("prints the reply when its deltas were lost, and one event per line with --json", async () => {
    stream({ type: "run.finished", outcome: { type: "done", reply: "five" } });
    expect((await pincer(["send", "x", "--stream"], bench.env)).stdout).toBe("five\n");
    const { stdout } = await pincer(["send", "x", "--stream", "--json"], bench.env);
    expect(JSON.parse(stdout)).toMatchObject({ type: "run.finished", runId: "run_1" });
  });

  test.each([
    [
      { type: "failed", error: { code: "provider_error", message: "anthropic refused the key" } },
      "pincer: anthropic refused the key\n",
    ],
    [{ type: "cancelled", reply: "" }, "pincer: Run run_1 was cancelled\n"],
    [{ type: "timed_out", reply: "" }, "pincer: Run run_1 passed its time limit\n"],
  ])("fails as the run did: %j", async (outcome, stderr) => {
    stream({ type: "text.delta", text: "so far" }, { type: "run.finished", outcome });
    expect(await pincer(["send", "x", "--stream"], bench.env)).toEqual({ code: 1, stdout: "so far\n", stderr });
  });

  test("says so when the stream breaks off, and when the wait ends first", async () => {
    stream({ type: "text.delta", text: "so far" });
    expect(await pincer(["send", "x", "--stream"], bench.env)).toMatchObject({
      code: 1,
      stderr: "pincer: The stream ended before run run_1 did\n",
    });
    bench.gateway.answers["POST /api/sessions/send"] = {
      events: [event({ type: "run.started", model: "a/b" })],
      hangs: true,
    };
    expect(await pincer(["send", "x", "--stream", "-t", "0.3"], bench.env)).toEqual({
      code: 1,
      stdout: "",
      stderr: "pincer: No reply within 0.3 s; run run_1 goes on\n",
    });
  });
});

describe("what is sent", () => {
  const ok = { status: "ok", runId: "run_1", sessionKey: "main", reply: "five" };

  test("reads the message from stdin", async () => {
    bench.gateway.answers["POST /api/sessions/send"] = { json: ok };
    await pincer(["send", "-"], bench.env, { input: "from a\npipe" });
    expect(bench.gateway.seen[0]?.body).toMatchObject({ message: "from a\npipe" });
  });

  test("runs tasks one after another, or side by side, and names each", async () => {
    bench.gateway.answers["POST /api/sessions/spawn"] = { json: ok };
    const { stdout } = await pincer(["spawn", "one", "two", "--parallel"], bench.env);
    expect(stdout).toBe("== one (main)\nfive\n== two (main)\nfive\n");
    expect(bench.gateway.seen.map(({ body }) => (body as { task: string }).task).sort()).toEqual(["one", "two"]);
  });
});
