import type { BudgetState } from "../../protocol/written/budgetState.ts";
import type { Usage } from "../../protocol/usage.ts";
import type { UsageRow } from "../ports/batch.ts";

export interface BudgetReport {
  /** The ceilings of the day, and those of a session; nothing where there is none. */
  list(sessionKey?: string): Promise<BudgetState[]>;
}

export interface UsageReport {
  /** Rows of the last `days` days and their sums. */
  cost(days: number, sessionKey?: string): Promise<{ rows: UsageRow[]; total: Usage & { requests: number } }>;
}
