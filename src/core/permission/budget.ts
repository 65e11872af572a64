import { AppError } from "../../base/appError.ts";
import { BoundedMap } from "../../base/boundedMap.ts";
import { defined } from "../../base/defined.ts";
import type { ModelInfo } from "../../protocol/model.ts";
import { estimateRequest } from "../models/estimate.ts";
import type { Counted } from "../models/usageMeter.ts";
import type { ModelChoice } from "../models/catalog.ts";
import type { Held, Holds } from "../ports/hold.ts";
import type { ModelRequest } from "../ports/provider.ts";
import type { AgentSettings, Budget } from "../ports/settings.ts";
import { toCost, totalTokens } from "../models/usageSum.ts";
import { type BudgetHolder, type Ceiling, findBudgets, type FindBudgetsOptions, lowest } from "./findBudgets.ts";
import { NOTHING, type Sum } from "./spentSums.ts";

export type { BudgetHolder } from "./findBudgets.ts";

/** Holds every request against the ceilings of its run, the runs that one works for, its session, its job and the day. */
export interface Budgets {
  /**
   * Rejects with `budget_exhausted` when the request might go over a ceiling, or when no ceiling in dollars can be held:
   * the model has no known price. Its estimated cost counts as spent, in every process, until what it has used is stored,
   * or it is released: so requests side by side cannot go over a ceiling together. One at a time of each run.
   */
  reserve(run: BudgetHolder, request: ModelRequest, choice: ModelChoice): Promise<Reservation>;
  /** Why a model can be held to none of the run's ceilings in dollars: it has no known price. */
  problem(run: BudgetHolder, choice: ModelChoice): Promise<string | undefined>;
  /** Counts what a request has used. */
  spend(run: BudgetHolder, counted: Counted): void;
  /** What the run and those that work for it may still use; nothing where there is no ceiling. */
  left(run: BudgetHolder): Promise<Budget>;
}

export interface Reservation {
  /** Nothing was used. */
  release(): Promise<void>;
}

export function createBudgets(options: FindBudgetsOptions & { holds: Holds }): Budgets {
  const { holds } = options;
  // Runs whose newest request counts in `spent` already, while the store does not have its usage yet.
  const counted = new BoundedMap<string, true>(KEEP);
  // What runs and those that work for them have used since this process began.
  const spent = new BoundedMap<string, Sum>(KEEP);
  const parents = new BoundedMap<string, string>(KEEP);

  const spending = {
    of: (id: string) => spent.get(id) ?? NOTHING,
    worksFor: (id: string, parent: string) => void parents.set(id, parent),
  };
  const ceilings = (run: BudgetHolder, model?: string) =>
    findBudgets(run, { ...options, spending, ...defined({ model }) });

  const problemUnder = (held: Ceiling[], { model, info }: ModelChoice): string | undefined => {
    const found = info?.price ? undefined : held.find(({ usd }) => usd !== undefined);
    return found && unheldBudget(`${found.title} has a budget of $${found.usd}`, model);
  };

  /** What requests under way hold of these ceilings; with `before`, a hold's id, only what was held when that hold was made. */
  const heldOf = async (under: Ceiling[], before?: string): Promise<Held[]> => {
    const keys = under.map(({ key }) => key);
    return (await holds.list(keys, before)).filter(({ id, key }) => !(counted.has(id) && key.startsWith("run ")));
  };

  /** Throws when a request would go over a ceiling that came after those that hold room there already. */
  const checkAfter = async (run: BudgetHolder, model: string, given: Ceiling[], about: Sum): Promise<void> => {
    let earlier = await heldOf(given, run.id);
    for (;;) {
      const under = await ceilings(run, model);
      try {
        for (const ceiling of under) checkCeiling(ceiling, sumHeld(earlier, ceiling), about);
        return;
      } catch (error) {
        // What was stored as used meanwhile is counted twice. Those before it only become fewer.
        const now = await heldOf(under, run.id);
        if (now.length === earlier.length) throw error;
        earlier = now;
      }
    }
  };

  return {
    problem: async (run, choice) => problemUnder(await ceilings(run, choice.model), choice),
    async reserve(run, request, choice) {
      const under = await ceilings(run, choice.model);
      if (under.length === 0) return { release: async () => {} };
      const estimate = estimateRequest(request);
      const problem = problemUnder(under, choice);
      if (problem) throw new AppError("budget_exhausted", problem);
      const about = { usd: toCost(estimate, choice.info?.price) ?? 0, tokens: totalTokens(estimate) };
      const { id } = run;
      counted.delete(id);
      await holds.put({ id, keys: under.map(({ key }) => key), value: about });
      try {
        await checkAfter(run, choice.model, under, about);
      } catch (error) {
        await holds.drop(id);
        throw error;
      }
      return { release: () => holds.drop(id) };
    },
    spend(run, { usage, countedUsd = 0 }) {
      const sum = { usd: usage.costUsd ?? countedUsd, tokens: totalTokens(usage) };
      for (let id: string | undefined = run.id; id !== undefined; id = parents.get(id)) add(spent, id, sum);
      counted.set(run.id, true);
    },
    async left(run) {
      const under = await ceilings(run);
      const held = await heldOf(under);
      const left = (unit: "usd" | "tokens") =>
        under.flatMap((ceiling) => {
          const limit = ceiling[unit];
          const now = sumHeld(held, ceiling)[unit] + ceiling.used[unit];
          return limit === undefined ? [] : [Math.max(0, limit - now)];
        });
      return { ...lowest("usd", left("usd")), ...lowest("tokens", left("tokens")) };
    },
  };
}

/**
 * Why requests to a model will be refused under the configured ceilings, whatever was used so far: it has no known price.
 * Undefined when they will not.
 */
export function budgetProblem(
  model: string,
  info: ModelInfo | undefined,
  { budgetUsd, budgets = {} }: AgentSettings,
): string | undefined {
  if (info?.price) return undefined;
  const ceilings: [string, number | undefined][] = [
    ["A run", budgetUsd],
    ["A session", budgets.session?.usd],
    ["The day (UTC)", budgets.day?.usd],
    ["Each firing of a job", budgets.job?.usd],
    [`What ${model} is used for in a day (UTC)`, budgets.models?.[model]?.usd],
  ];
  const found = ceilings.find(([, usd]) => usd !== undefined);
  return found && unheldBudget(`${found[0]} has a budget of $${found[1]}`, model);
}

/** A request was not made, since it would go over a ceiling that a person may raise. */
export class BudgetExceeded extends AppError {
  readonly over: OverBudget;

  constructor(message: string, over: OverBudget) {
    super("budget_exhausted", message);
    this.over = over;
  }
}

export interface OverBudget {
  /** Where it is raised. */
  record: string;
  title: string;
  what: string;
  unit: "usd" | "tokens";
  /** As it is now, raised or not; and as it was given. */
  limit: number;
  base: number;
  /** What there would have to be for the request. */
  needed: number;
}

function unheldBudget(budget: string, model: string): string {
  return `${budget}, to which ${model} cannot be held: its price is not known. Set it under prices in openclaw.yml (0 where nothing is billed), or a budget in tokens in place of the one in dollars`;
}

const KEEP = 10_000;

function checkCeiling(ceiling: Ceiling, held: Sum, about: Sum): void {
  const { title, usd, tokens, used, record, what, base } = ceiling;
  const over = { record, title, what };
  if (tokens !== undefined && (used.tokens >= tokens || used.tokens + held.tokens + about.tokens > tokens)) {
    const now = used.tokens + held.tokens;
    const limits = { unit: "tokens" as const, limit: tokens, base: base.tokens ?? 0, needed: now + about.tokens };
    throw new BudgetExceeded(
      `${title} has a budget of ${tokens} tokens: ${now} is used, and the next request would take about ${about.tokens}`,
      { ...over, ...limits },
    );
  }
  if (usd !== undefined && (used.usd >= usd || used.usd + held.usd + about.usd > usd)) {
    const now = used.usd + held.usd;
    const limits = { unit: "usd" as const, limit: usd, base: base.usd ?? 0, needed: now + about.usd };
    throw new BudgetExceeded(
      `${title} has a budget of $${usd}: ${toDollars(now)} is used, and the next request would take about ${toDollars(about.usd)}`,
      { ...over, ...limits },
    );
  }
}

function toDollars(amount: number): string {
  return `$${amount.toFixed(amount < 0.01 ? 6 : 2)}`;
}

function sumHeld(held: Held[], { key }: Ceiling): Sum {
  const own = held.filter((hold) => hold.key === key).map(({ value }) => value as unknown as Sum);
  return own.reduce((sum, { usd, tokens }) => ({ usd: sum.usd + usd, tokens: sum.tokens + tokens }), NOTHING);
}

function add(sums: Map<string, Sum>, key: string, { usd, tokens }: Sum): void {
  const now = sums.get(key) ?? NOTHING;
  sums.set(key, { usd: now.usd + usd, tokens: now.tokens + tokens });
}
