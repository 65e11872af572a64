import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { silentLog } from "../../../src/base/log.ts";
import { anthropic } from "../../../src/providers/anthropic.ts";
import { google } from "../../../src/providers/google.ts";
import { openai } from "../../../src/providers/openai.ts";
import { openaiChat } from "../../../src/providers/openaiChat.ts";
import type { ProviderKind } from "../../../src/providers/shared/providerKind.ts";
import { createFakeClock } from "../../fakes/fakeClock.ts";
import { call, createScriptedProvider, SOME_USAGE } from "../../fakes/scriptedProvider.ts";
import { openBench } from "../bench.ts";

const origin = { via: "api" as const };
// In dollars for a million tokens, each bucket with a digit of its own, so that a sum shows what it is made of.
const price = { inputPerMTok: 1e6, outputPerMTok: 1e2, cacheReadPerMTok: 1e-2, cacheWritePerMTok: 1e-6 };

interface Golden {
  usage: { inputTokens: number; outputTokens: number; cacheReadTokens: number; cacheWriteTokens: number };
}

/** A recorded stream of a provider, and the disjoint buckets it stands for. */
function recorded(file: string): { golden: Golden; body: Buffer } {
  const bytes = readFileSync(new URL(`../../golden/providers/${file}`, import.meta.url));
  const cut = bytes.indexOf(10) + 1;
  return { golden: JSON.parse(bytes.subarray(0, cut).toString("utf8")) as Golden, body: bytes.subarray(cut) };
}

const subjects: [ProviderKind, string][] = [
  [anthropic, "anthropic-cached-tool.sse"],
  [openai, "openai-reasoning-calls.sse"],
  [google, "google-cached-calls.sse"],
  [openaiChat, "openai-chat-reasoning.sse"],
];

test.each(subjects)(
  "$api: what a recorded stream reports is counted once in message, run, session and day",
  async (kind, file) => {
    const { golden, body } = recorded(file);
    const provider = kind.create({
      id: "p",
      apiKey: async () => "key",
      models: ["m"],
      log: silentLog,
      fetch: async (input) =>
        String(input instanceof Request ? input.url : input).endsWith("/models")
          ? Response.json({ data: [{ id: "m" }] })
          : new Response(new Uint8Array(body), { headers: { "content-type": "text/event-stream" } }),
    });
    const { core } = await openBench({
      others: [{ provider, matches: () => false }],
      settings: { prices: { "p/m": price }, maxSteps: 1 },
      tools: [],
    });
    const run = await core.sessions.send({ text: "go", origin, model: "p/m" });
    await run.outcome;
    const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = golden.usage;
    const costUsd = inputTokens + outputTokens * 1e-4 + cacheReadTokens * 1e-8 + cacheWriteTokens * 1e-12;
    const expected = {
      inputTokens,
      outputTokens,
      cacheReadTokens,
      cacheWriteTokens,
      costUsd: expect.closeTo(costUsd, 12),
    };
    const { messages } = await core.sessions.history(run.sessionKey, { limit: 10, includeTools: true });
    const answer = messages.find((message) => message.role === "assistant");
    expect(answer).toMatchObject({ model: "p/m", usage: expected });
    expect((await core.runs.get(run.id)).usage).toEqual(expected);
    const session = await core.sessions.get(run.sessionKey);
    expect(session.usage).toEqual(expected);
    expect(session.contextTokens).toBe(inputTokens + outputTokens + cacheReadTokens + cacheWriteTokens);
    const { rows, total } = await core.usage.cost(1, run.sessionKey);
    expect(rows).toMatchObject([{ model: "p/m", requests: 1, unpriced: 0, ...expected }]);
    expect(total).toEqual({ requests: 1, ...expected });
  },
);

test("the report has a row for each day, session and model, and sums that are null where a price is unknown", async () => {
  const clock = createFakeClock(Date.parse("2026-11-21T23:59:00Z"));
  const free = createScriptedProvider([], { id: "local", price: null });
  const { core } = await openBench({ clock, others: [free], turns: [[call("add", { a: 1, b: 1 })], ["two"]] });
  const send = async (model?: string) =>
    (await core.sessions.send({ text: "go", origin, sessionKey: "main", model })).outcome;
  await send();
  await clock.advance(120_000);
  await send("local/m");
  await send();
  const { rows, total } = await core.usage.cost(2);
  expect(
    rows.map(({ day, sessionKey, model, requests, unpriced }) => [day, sessionKey, model, requests, unpriced]),
  ).toEqual([
    ["2026-11-21", "main", "test/m", 2, 0],
    ["2026-11-22", "main", "local/m", 1, 1],
    ["2026-11-22", "main", "test/m", 1, 0],
  ]);
  // Of the three that have a price.
  const knownUsd = expect.closeTo(rows[0]!.costUsd * 1.5, 12);
  const { usage } = await core.sessions.get("main");
  expect(usage).toEqual({ ...SOME_USAGE, inputTokens: 40, outputTokens: 20, costUsd: null, knownUsd });
  expect(total).toEqual({ ...SOME_USAGE, requests: 4, inputTokens: 40, outputTokens: 20, costUsd: null, knownUsd });
  expect((await core.usage.cost(1)).rows).toHaveLength(2);
});
