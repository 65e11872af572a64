import type { BudgetReport } from "../core.ts";
import { percentOf } from "./budgetWarnings.ts";
import { type Ceiling, findBudgets, type FindBudgetsOptions, listDayBudgets } from "./findBudgets.ts";
import type { BudgetState } from "../../protocol/written/budgetState.ts";

/** How the configured ceilings stand now: those of the day, and a session's. */
export function createBudgetReport(options: FindBudgetsOptions): BudgetReport {
  return {
    async list(sessionKey) {
      const ofDay = await listDayBudgets(options);
      const own = sessionKey === undefined ? [] : await ofSession(sessionKey, options);
      return [...own, ...ofDay].map(toState);
    },
  };
}

async function ofSession(sessionKey: string, options: FindBudgetsOptions): Promise<Ceiling[]> {
  const { usage } = await options.sessionRepository.get(sessionKey);
  const holder = { id: "", sessionKey, origin: { via: "api" as const }, usage };
  return (await findBudgets(holder, options)).filter(({ key }) => key.startsWith("session "));
}

function toState(ceiling: Ceiling): BudgetState {
  const { record, title, usd, tokens, base, used, warned } = ceiling;
  return {
    budget: record,
    title,
    usd: usd === undefined ? null : { limit: base.usd!, raised: usd - base.usd!, used: used.usd },
    tokens: tokens === undefined ? null : { limit: base.tokens!, raised: tokens - base.tokens!, used: used.tokens },
    percent: percentOf(ceiling),
    warned,
  };
}
