import { AppError } from "../../base/appError.ts";
import { type Clock, isoTime } from "../../base/clock.ts";
import { BoundedMap } from "../../base/boundedMap.ts";
import { type RunRecord, worksFor } from "../../protocol/run.ts";
import type { ModelInfo } from "../../protocol/model.ts";
import { estimateRequest } from "../models/estimate.ts";
import type { Counted } from "../models/meter.ts";
import type { ModelChoice } from "../models/catalog.ts";
import type { Held, Holds } from "../ports/hold.ts";
import type { ModelRequest } from "../ports/provider.ts";
import type { AgentSettings, Budget } from "../ports/settings.ts";
import type { Store } from "../ports/store.ts";
import type { SessionRepository } from "../state/sessionRepository.ts";
import { toCost, totalTokens } from "../models/usageSum.ts";
import { NOTHING, sessionUse, type Sum, sumOf, usedBy } from "./spentSums.ts";

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

/** A run, or work in a session that no run asked for. */
export type BudgetHolder = Pick<
  RunRecord,
  "id" | "sessionKey" | "origin" | "usage" | "budgetUsd" | "budgetTokens" | "continues"
>;

interface Ceiling extends Budget {
  /** Names what is held to it. */
  key: string;
  /** For people, as in "The run". */
  title: string;
  used: Sum;
}

export function createBudgets(options: {
  store: Store;
  holds: Holds;
  sessionRepository: SessionRepository;
  settings: () => AgentSettings;
  clock: Clock;
}): Budgets {
  const { store, holds, sessionRepository, settings, clock } = options;
  // Those whose newest request is in `spent` before it is stored what it has used.
  const counted = new BoundedMap<string, true>(KEEP);
  // What runs and those that work for them have used since this process began.
  const spent = new BoundedMap<string, Sum>(KEEP);
  const parents = new BoundedMap<string, string>(KEEP);

  const ceilings = async (run: BudgetHolder): Promise<Ceiling[]> => {
    const { budgets = {} } = settings();
    const found: Ceiling[] = [];
    for (const holder of await lineage(run, store)) {
      const { id } = holder.run;
      if (holder.parent !== undefined) parents.set(id, holder.parent);
      const budget = runBudget(holder.run, settings());
      if (!isSet(budget)) continue;
      const stored = await usedBy(holder.run, store);
      // What was used here a moment ago may not be stored yet.
      const seen = spent.get(id) ?? NOTHING;
      found.push({
        key: `run ${id}`,
        title: id === run.id ? "The run" : `Run ${id}, which this one works for,`,
        ...budget,
        used: { usd: Math.max(stored.usd, seen.usd), tokens: Math.max(stored.tokens, seen.tokens) },
      });
    }
    if (isSet(budgets.session)) {
      const session = await sessionRepository.get(run.sessionKey);
      const title = `Session ${session.key}`;
      found.push({ key: `session ${session.key}`, title, ...budgets.session, used: await sessionUse(session, store) });
    }
    if (isSet(budgets.day)) {
      const rows = await store.listUsage({ sinceDay: isoTime(clock.now()).slice(0, 10) });
      found.push({ key: "day", title: "The day (UTC)", ...budgets.day, used: sumOf(rows) });
    }
    return found.filter(isSet);
  };

  const problemUnder = (held: Ceiling[], { model, info }: ModelChoice): string | undefined => {
    const found = info?.price ? undefined : held.find(({ usd }) => usd !== undefined);
    return found && unheldBudget(`${found.title} has a budget of $${found.usd}`, model);
  };

  /** What requests under way hold of these ceilings; with `before`, those that were there when that one came. */
  const heldOf = async (under: Ceiling[], before?: string): Promise<Held[]> => {
    const keys = under.map(({ key }) => key);
    return (await holds.list(keys, before)).filter(({ id, key }) => !(counted.has(id) && key.startsWith("run ")));
  };

  /** Throws when a request would go over a ceiling that came after those that hold room there already. */
  const checkAfter = async (run: BudgetHolder, given: Ceiling[], about: Sum): Promise<void> => {
    let earlier = await heldOf(given, run.id);
    for (;;) {
      const under = await ceilings(run);
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
    problem: async (run, choice) => problemUnder(await ceilings(run), choice),
    async reserve(run, request, choice) {
      const under = await ceilings(run);
      if (under.length === 0) return { release: async () => {} };
      const estimate = estimateRequest(request);
      const problem = problemUnder(under, choice);
      if (problem) throw new AppError("budget_exhausted", problem);
      const about = { usd: toCost(estimate, choice.info?.price) ?? 0, tokens: totalTokens(estimate) };
      const { id } = run;
      counted.delete(id);
      await holds.put({ id, keys: under.map(({ key }) => key), value: about });
      try {
        await checkAfter(run, under, about);
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
  ];
  const found = ceilings.find(([, usd]) => usd !== undefined);
  return found && unheldBudget(`${found[0]} has a budget of $${found[1]}`, model);
}

function unheldBudget(budget: string, model: string): string {
  return `${budget}, to which ${model} cannot be held: its price is not known. Set it under prices in openclaw.yml (0 where nothing is billed), or a budget in tokens in place of the one in dollars`;
}

const KEEP = 10_000;

function checkCeiling({ title, usd, tokens, used }: Ceiling, held: Sum, about: Sum): void {
  const refuse = (limit: string, now: string, more: string) => {
    throw new AppError(
      "budget_exhausted",
      `${title} has a budget of ${limit}: ${now} is used, and the next request would take about ${more}`,
    );
  };
  if (tokens !== undefined && (used.tokens >= tokens || used.tokens + held.tokens + about.tokens > tokens))
    refuse(`${tokens} tokens`, String(used.tokens + held.tokens), String(about.tokens));
  if (usd !== undefined && (used.usd >= usd || used.usd + held.usd + about.usd > usd))
    refuse(`$${usd}`, toDollars(used.usd + held.usd), toDollars(about.usd));
}

function toDollars(amount: number): string {
  return `$${amount.toFixed(amount < 0.01 ? 6 : 2)}`;
}

/** The run, the run whose sub-agent it is or that it goes on for, and so on up. */
async function lineage(run: BudgetHolder, store: Store): Promise<{ run: BudgetHolder; parent?: string }[]> {
  const found: { run: BudgetHolder; parent?: string }[] = [];
  let at: BudgetHolder | undefined = run;
  while (at) {
    const parent: string | undefined = worksFor(at);
    found.push(parent === undefined ? { run: at } : { run: at, parent });
    at = parent === undefined ? undefined : await store.getRun(parent);
  }
  return found;
}

/** The lowest of what the request, the job and the configuration say. */
function runBudget(run: BudgetHolder, { budgetUsd, budgetTokens, budgets = {} }: AgentSettings): Budget {
  const job = run.origin.via === "cron" ? budgets.job : undefined;
  return {
    ...lowest("usd", [run.budgetUsd, budgetUsd, job?.usd]),
    ...lowest("tokens", [run.budgetTokens, budgetTokens, job?.tokens]),
  };
}

function lowest(key: keyof Budget, values: (number | undefined)[]): Budget {
  const given = values.filter((value) => value !== undefined);
  return given.length > 0 ? { [key]: Math.min(...given) } : {};
}

function isSet<T extends Budget>(budget: T | undefined): budget is T {
  return budget?.usd !== undefined || budget?.tokens !== undefined;
}

function sumHeld(held: Held[], { key }: Ceiling): Sum {
  const own = held.filter((hold) => hold.key === key).map(({ value }) => value as unknown as Sum);
  return own.reduce((sum, { usd, tokens }) => ({ usd: sum.usd + usd, tokens: sum.tokens + tokens }), NOTHING);
}

function add(sums: Map<string, Sum>, key: string, { usd, tokens }: Sum): void {
  const now = sums.get(key) ?? NOTHING;
  sums.set(key, { usd: now.usd + usd, tokens: now.tokens + tokens });
}
