import { describe, expect, test } from "vitest";
import { createUsageMeter } from "../../../src/core/models/usageMeter.ts";
import { estimateRequest } from "../../../src/core/models/estimate.ts";
import type { ModelChoice } from "../../../src/core/models/catalog.ts";
import type { ModelEvent, ModelRequest } from "../../../src/core/ports/provider.ts";
import type { Usage } from "../../../src/protocol/usage.ts";
import { createScriptedProvider } from "../../fakes/scriptedProvider.ts";

const request: ModelRequest = {
  model: "m",
  system: "s".repeat(400),
  messages: [{ role: "user", text: "hello", origin: { via: "api" } }],
  tools: [],
};
const prompt = estimateRequest(request).inputTokens;
const price = { inputPerMTok: 10, outputPerMTok: 100, cacheReadPerMTok: 1 };
const { provider } = createScriptedProvider();
const choice: ModelChoice = {
  model: "p/m",
  provider,
  info: { id: "p/m", provider: "p", name: "m", ready: true, price },
};
const told = (inputTokens: number, outputTokens: number, cacheReadTokens = 0): Usage => ({
  ...{ inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens: 0, costUsd: null },
});
const answer: ModelEvent = { type: "text", text: "word ".repeat(800) };
const cost = (usage: { inputTokens: number; outputTokens: number }) =>
  (usage.inputTokens * price.inputPerMTok + usage.outputTokens * price.outputPerMTok) / 1e6;

function measure(events: ModelEvent[]) {
  const meter = createUsageMeter(request, choice);
  for (const event of [{ type: "sent" } as ModelEvent, ...events]) meter.see(event);
  return meter;
}

const end = (usage: Usage | null): ModelEvent => ({ type: "end", usage, stop: "done" });

describe("counts that a provider left open are estimated", () => {
  test.each<[what: string, events: ModelEvent[], expected: { inputTokens: number; outputTokens: number }]>([
    ["an answer told as of no tokens", [answer, end(told(900, 0))], { inputTokens: 900, outputTokens: 1000 }],
    [
      "an answer told when it began, and never again",
      [{ type: "spent", usage: told(900, 1) }, answer, end(null)],
      { inputTokens: 900, outputTokens: 1000 },
    ],
    ["a prompt told as of no tokens", [answer, end(told(0, 950))], { inputTokens: prompt, outputTokens: 950 }],
    ["zeros", [answer, end(told(0, 0))], { inputTokens: prompt, outputTokens: 1000 }],
  ])("%s", (_what, events, expected) => {
    const { usage } = measure(events).whole();
    expect(usage).toMatchObject({ ...expected, estimated: true });
    expect(usage.costUsd).toBeCloseTo(cost(expected), 10);
  });

  test("what is told whole is taken as it is", () => {
    expect(measure([answer, end(told(900, 700))]).whole().usage).toEqual({ ...told(900, 700), costUsd: 0.079 });
    // Spaces: more of them are in a token than letters.
    const spaces: ModelEvent = { type: "text", text: " ".repeat(8000) };
    expect(measure([spaces, end(told(900, 63))]).whole().usage).not.toHaveProperty("estimated");
    expect(measure([answer, end(told(0, 950, 900))]).whole().usage).not.toHaveProperty("estimated");
  });

  test("of a broken request, the prompt as well", () => {
    const counted = measure([{ type: "spent", usage: told(0, 1) }, answer]).broken(false)!;
    expect(counted.usage).toMatchObject({ inputTokens: prompt, outputTokens: 1000, estimated: true });
  });

  test("one that was taken in and broke off before a word was said is its prompt; one that was not, is nothing", () => {
    const { usage, countedUsd } = measure([{ type: "taken" }]).broken(false)!;
    expect(usage).toMatchObject({ inputTokens: prompt, outputTokens: 0, costUsd: null, estimated: true });
    expect(countedUsd).toBeCloseTo(cost({ inputTokens: prompt, outputTokens: 0 }), 10);
    expect(measure([]).broken(false)).toBeUndefined();
    const thrice = measure([{ type: "taken" }, { type: "taken" }, { type: "taken" }]).broken(false)!;
    expect(thrice.usage).toMatchObject({ inputTokens: 3 * prompt, outputTokens: 0 });
  });
});
