import * as z from "zod";

const sideShape = z.strictObject({
  limit: z.number().describe("As it is configured."),
  raised: z.number().describe("What a person allowed beyond it, in this period."),
  used: z.number(),
});

/** How a budget stands in its period. */
export const budgetStateShape = z.strictObject({
  budget: z.string().describe('In its period, as in "day 2026-11-26".'),
  title: z.string(),
  usd: sideShape.nullable().describe("In US dollars; null: no ceiling."),
  tokens: sideShape.nullable().describe("In tokens; null: no ceiling."),
  percent: z.int().describe("Of what is nearer to its end."),
  note: z.string().optional().describe("Why it may hold nothing: the provider lists no such model."),
  warned: z.int().describe("Percent that was warned of: 0, 50 or 80."),
});

export type BudgetState = z.output<typeof budgetStateShape>;
