import * as z from "zod";
import type { Usage } from "../usage.ts";

const count = z.int().min(0);

export const usageShape = z.strictObject({
  inputTokens: count,
  outputTokens: count,
  cacheReadTokens: count,
  cacheWriteTokens: count,
  costUsd: z.number().min(0).nullable().describe("US dollars; null when a part has no known price."),
});

export function toUsage(usage: Usage): z.output<typeof usageShape> {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, costUsd } = usage;
  return { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, costUsd };
}
