import { defined } from "../../base/defined.ts";
import { nearest } from "../../base/input/nearest.ts";
import { visibleLine } from "../../base/text/visible.ts";
import type { ModelCatalog } from "../models/catalog.ts";
import type { BudgetReport } from "../services/spending.ts";
import { percentOf } from "./budgetWarnings.ts";
import { type Ceiling, findBudgets, type FindBudgetsOptions, listDayBudgets } from "./findBudgets.ts";
import type { BudgetState } from "../../protocol/written/budgetState.ts";

/** How the configured ceilings stand now: those of the day, and a session's. */
export function createBudgetReport(
  options: FindBudgetsOptions & { models: Pick<ModelCatalog, "list" | "info"> },
): BudgetReport {
  return {
    async list(sessionKey) {
      const ofDay = await listDayBudgets(options);
      const own = sessionKey === undefined ? [] : await ofSession(sessionKey, options);
      const notes = await modelNotes(ofDay, options.models);
      return [...own, ...ofDay].map((ceiling) => toState(ceiling, notes.get(ceiling.key)));
    },
  };
}

async function ofSession(sessionKey: string, options: FindBudgetsOptions): Promise<Ceiling[]> {
  const { usage } = await options.sessionRepository.get(sessionKey);
  const holder = { id: "", sessionKey, origin: { via: "api" as const }, usage };
  return (await findBudgets(holder, options)).filter(({ key }) => key.startsWith("session "));
}

/** Of budgets for models that their providers, which list others, do not: under a misspelt name they hold nothing. */
async function modelNotes(ofDay: Ceiling[], models: Pick<ModelCatalog, "list" | "info">): Promise<Map<string, string>> {
  const named: string[] = [];
  for (const { key } of ofDay) {
    const id = key.startsWith("model ") ? key.slice("model ".length) : undefined;
    // Asks that one's provider alone.
    if (id !== undefined && (await models.info(id)) === undefined) named.push(id);
  }
  if (named.length === 0) return new Map();
  const known = (await models.list()).map(({ id }) => id);
  const notes = named.flatMap((id): [string, string][] => {
    const provider = id.slice(0, id.indexOf("/") + 1);
    const listed = known.filter((other) => other.startsWith(provider));
    if (listed.length === 0 || listed.includes(id)) return [];
    const meant = nearest(id, listed);
    const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
    return [
      [
        `model ${id}`,
        `No model ${visibleLine(id, 100)} is listed by its provider: where there is none, this holds nothing${hint}`,
      ],
    ];
  });
  return new Map(notes);
}

function toState(ceiling: Ceiling, note: string | undefined): BudgetState {
  const { record, title, usd, tokens, base, used, warned } = ceiling;
  return {
    budget: record,
    title,
    usd: usd === undefined ? null : { limit: base.usd!, raised: usd - base.usd!, used: used.usd },
    tokens: tokens === undefined ? null : { limit: base.tokens!, raised: tokens - base.tokens!, used: used.tokens },
    percent: percentOf(ceiling),
    warned,
    ...defined({ note }),
  };
}
