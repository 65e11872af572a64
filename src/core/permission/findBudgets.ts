import { type Clock, isoTime } from "../../base/clock.ts";
import { visibleLine } from "../../base/text/visible.ts";
import { type RunRecord, worksFor } from "../../protocol/run.ts";
import { importedDay, tokenDay } from "../models/tokenDay.ts";
import type { AgentSettings, Budget, SettingsNow } from "../ports/settings.ts";
import type { Store } from "../ports/store.ts";
import type { SessionRepository } from "../state/sessionRepository.ts";
import { NOTHING, sessionUse, type Sum, sumOf, usedBy } from "./spentSums.ts";
import { defined } from "../../base/defined.ts";

/** A run, or work in a session that no run asked for. */
export type BudgetHolder = Pick<
  RunRecord,
  "id" | "sessionKey" | "origin" | "usage" | "budgetUsd" | "budgetTokens" | "continues" | "chargedTo"
>;

/** A ceiling as it is now: raised by what a person allowed beyond it. */
export interface Ceiling extends Budget {
  /** Names what is held to it. */
  key: string;
  /** Names it in its period: where it is raised, and warned of. */
  record: string;
  /** For people, as in "The run"; and in a question, as in "this run". */
  title: string;
  what: string;
  /** As it was given. */
  base: Budget;
  used: Sum;
  /** Percent that was warned of. */
  warned: number;
}

export interface FindBudgetsOptions {
  store: Store;
  sessionRepository: SessionRepository;
  settings: SettingsNow;
  clock: Clock;
}

/** What a process knows of the runs that it works on before it is stored. */
export interface Spending {
  of(runId: string): Sum;
  worksFor(runId: string, parent: string): void;
}

type Found = Omit<Ceiling, "base" | "warned">;

/** The ceilings that hold for a run: its own and those of the runs it works for, its session's, its token's, the day's, the model's. */
export async function findBudgets(
  run: BudgetHolder,
  { spending, model, ...options }: FindBudgetsOptions & { spending?: Spending; model?: string },
): Promise<Ceiling[]> {
  const { store, sessionRepository } = options;
  const own = await store.getSession(run.sessionKey);
  const now = options.settings(own?.workspace);
  const { budgets = {} } = now;
  const found: Found[] = [];
  const lines = await lineage(run, store);
  for (const holder of lines) {
    const { id } = holder.run;
    if (holder.parent !== undefined) spending?.worksFor(id, holder.parent);
    const budget = runBudget(holder.run, now);
    if (!isSet(budget)) continue;
    const stored = await usedBy(holder.run, store);
    // What was used here a moment ago may not be stored yet.
    const seen = spending?.of(id) ?? NOTHING;
    found.push({
      ...{ key: `run ${id}`, record: `run ${id}` },
      title: id === run.id ? "The run" : `Run ${id}, which this one works for,`,
      what: holder.run.origin.via === "cron" ? "this job" : "this run",
      ...budget,
      used: { usd: Math.max(stored.usd, seen.usd), tokens: Math.max(stored.tokens, seen.tokens) },
    });
  }
  if (isSet(budgets.session)) {
    const session = await sessionRepository.get(run.sessionKey);
    const name = `session ${session.key}`;
    const used = await sessionUse(session, store);
    found.push({
      key: name,
      record: name,
      title: `Session ${session.key}`,
      what: "this session",
      ...budgets.session,
      used,
    });
  }
  const token = lines.map((holder) => holder.run.chargedTo).find((name) => name !== undefined);
  found.push(...(await dayBudgets({ model, token }, { ...options, settings: () => now })));
  return withRaises(found.filter(isSet), store);
}

/** The ceilings of this day (UTC): of all, of a model, of a token. */
async function dayBudgets(
  { model, token }: { model?: string | undefined; token?: string | undefined },
  { store, settings, clock }: FindBudgetsOptions,
): Promise<Found[]> {
  const { budgets = {}, tokens = {} } = settings();
  const day = isoTime(clock.now()).slice(0, 10);
  const ofModel =
    model !== undefined && Object.hasOwn(budgets.models ?? {}, model) ? budgets.models![model] : undefined;
  const ofToken = token !== undefined && Object.hasOwn(tokens, token) ? tokens[token]!.day : undefined;
  const found: Found[] = [];
  if (isSet(budgets.day) || isSet(ofModel)) {
    const rows = await store.listUsage({ sinceDay: day });
    if (isSet(budgets.day))
      found.push({
        key: "day",
        record: `day ${day}`,
        title: "The day (UTC)",
        what: "today",
        ...budgets.day,
        used: await withoutImported(sumOf(rows), importedDay(day), store),
      });
    if (isSet(ofModel)) {
      const key = `model ${model}`;
      const used = await withoutImported(
        sumOf(rows.filter((row) => row.model === model)),
        importedDay(day, model),
        store,
      );
      found.push({
        key,
        record: `${key} ${day}`,
        title: `The day (UTC) of ${model}`,
        what: `${model} today`,
        ...ofModel,
        used,
      });
    }
  }
  if (isSet(ofToken)) {
    const record = tokenDay(token!, day);
    const [known] = await store.listBudgets([record]);
    const used = { usd: known?.usedUsd ?? 0, tokens: known?.usedTokens ?? 0 };
    const name = visibleLine(token!, 80);
    found.push({
      key: `token ${token}`,
      record,
      title: `The day (UTC) of the token ${name}`,
      what: `the token ${name} today`,
      ...ofToken,
      used,
    });
  }
  return found;
}

async function withoutImported({ usd, tokens }: Sum, record: string, store: Store): Promise<Sum> {
  const [imported] = await store.listBudgets([record]);
  if (!imported) return { usd, tokens };
  return { usd: Math.max(0, usd - imported.usedUsd), tokens: Math.max(0, tokens - imported.usedTokens) };
}

/** All that are configured by day, whatever asks: as they stand. */
export async function listDayBudgets(options: FindBudgetsOptions): Promise<Ceiling[]> {
  const { budgets = {}, tokens = {} } = options.settings();
  const found = await dayBudgets({}, options);
  for (const model of Object.keys(budgets.models ?? {}))
    found.push(...(await dayBudgets({ model }, options)).filter(({ key }) => key !== "day"));
  for (const token of Object.keys(tokens))
    found.push(...(await dayBudgets({ token }, options)).filter(({ key }) => key !== "day"));
  return withRaises(found, options.store);
}

async function withRaises(found: Found[], store: Store): Promise<Ceiling[]> {
  if (found.length === 0) return [];
  const known = new Map((await store.listBudgets(found.map(({ record }) => record))).map((one) => [one.key, one]));
  return found.map(({ usd, tokens, ...rest }) => {
    const { raisedUsd = 0, raisedTokens = 0, warned = 0 } = known.get(rest.record) ?? {};
    return {
      ...rest,
      base: { ...defined({ usd }), ...defined({ tokens }) },
      ...(usd === undefined ? {} : { usd: usd + raisedUsd }),
      ...(tokens === undefined ? {} : { tokens: tokens + raisedTokens }),
      warned,
    };
  });
}

/** The run, the run whose sub-agent it is or that it goes on for, and so on up. */
export async function lineage(run: BudgetHolder, store: Store): Promise<{ run: BudgetHolder; parent?: string }[]> {
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

export function lowest(key: keyof Budget, values: (number | undefined)[]): Budget {
  const given = values.filter((value) => value !== undefined);
  return given.length > 0 ? { [key]: Math.min(...given) } : {};
}

function isSet<T extends Budget>(budget: T | undefined): budget is T {
  return budget?.usd !== undefined || budget?.tokens !== undefined;
}
