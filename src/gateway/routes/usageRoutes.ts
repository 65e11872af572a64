import * as z from "zod";
import type { UsageRow } from "../../core/ports/batch.ts";
import { budgetStateShape } from "../../protocol/written/budgetState.ts";
import { defineRoute } from "../calls/route.ts";
import { sessionKey } from "../../protocol/session.ts";
import { toUsage, usageShape } from "../../protocol/usage.ts";

const count = z.int().min(0);

export const usageCost = defineRoute({
  name: "usage.cost",
  verb: "GET",
  scope: "read",
  summary: "Tokens and dollars of the last days, by day (UTC), session and model.",
  input: z.strictObject({ days: z.int().min(1).max(3650).default(30), sessionKey: sessionKey.optional() }),
  output: z.strictObject({
    days: count,
    total: usageShape.extend({ requests: count }),
    budgets: z.array(budgetStateShape).describe("How the ceilings of today (UTC) stand, and those of the session."),
    rows: z.array(
      z.strictObject({
        day: z.string(),
        sessionKey: z.string(),
        model: z.string(),
        requests: count,
        inputTokens: count,
        outputTokens: count,
        cacheReadTokens: count,
        cacheWriteTokens: count,
        costUsd: z.number().nullable().describe("Of the requests with a known price; null when none of them has one."),
        unpriced: count.describe("Requests without a known price."),
      }),
    ),
  }),
  async handle(core, { days, sessionKey }) {
    if (sessionKey !== undefined) await core.sessions.get(sessionKey);
    const { rows, total } = await core.usage.cost(days, sessionKey);
    const budgets = await core.budgets.list(sessionKey);
    return { days, budgets, total: { ...toUsage(total), requests: total.requests }, rows: rows.map(toRow) };
  },
});

function toRow(row: UsageRow) {
  return { ...row, costUsd: row.unpriced === row.requests ? null : row.costUsd };
}
