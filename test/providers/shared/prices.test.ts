import { describe, expect, test } from "vitest";
import { toCost } from "../../../src/core/models/usageSum.ts";
import * as kinds from "../../../src/providers/index.ts";
import { priceOf, PRICES } from "../../../src/providers/shared/prices.ts";

const day = (text: string) => Date.parse(`${text}T12:00:00Z`);

describe("prices", () => {
  test("every entry names a model on offer, its source and the day it was read", () => {
    const offered = Object.values(kinds).flatMap((kind) => kind.models.map((model) => `${kind.api}/${model.name}`));
    for (const entry of PRICES) {
      expect(offered).toContain(entry.model);
      expect(entry.source).toMatch(/https:\/\//);
      expect(entry.read).toMatch(/^\d{4}-\d\d-\d\d$/);
    }
  });

  test("follow the calendar", () => {
    expect(priceOf("google", "gemini-3.8-flash", day("2026-12-31"))?.inputPerMTok).toBe(0.75);
    expect(priceOf("google", "gemini-3.8-flash", day("2027-01-01"))?.inputPerMTok).toBe(1.5);
  });

  test("an unknown model has none", () => {
    expect(priceOf("openai", "gpt-99")).toBeUndefined();
  });

  test("a long prompt costs more, its cached part included in the length", () => {
    const price = priceOf("anthropic", "claude-haiku-5-5");
    const usage = {
      inputTokens: 10_000,
      outputTokens: 1_000,
      cacheReadTokens: 90_000,
      cacheWriteTokens: 0,
      costUsd: null,
    };
    expect(toCost(usage, price)).toBeCloseTo(0.001 + 0.0005 + 0.0009, 10);
    expect(toCost({ ...usage, inputTokens: 10_001 }, price)).toBeCloseTo(0.0050005 + 0.0025 + 0.0045, 10);
  });
});
