import * as z from "zod";

const lower = "of this run with its sub-agents, where it is lower than the configured one.";

/** Ceilings that a request may set for its run. */
export const budgetFields = {
  budgetUsd: z.number().min(0).optional().describe(`Ceiling in US dollars ${lower}`),
  budgetTokens: z.int().min(0).optional().describe(`Ceiling in tokens ${lower}`),
};
