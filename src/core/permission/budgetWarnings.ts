import { isAppError } from "../../base/appError.ts";
import { isoTime } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import { describeError, type Log } from "../../base/log.ts";
import type { EventLog } from "../state/eventLog.ts";
import { type Ceiling, findBudgets, type FindBudgetsOptions } from "./findBudgets.ts";

export interface BudgetWarningsOptions extends FindBudgetsOptions {
  events: EventLog;
  log: Log;
}

const STEPS = [80, 50];

/** Says once for each budget and period that half of it is used, and once that 80 percent are. */
export function warnOfBudgets(options: BudgetWarningsOptions): Disposable {
  const { events, store, log } = options;
  return events.on((event) => {
    if (event.type !== "usage") return;
    void (async () => {
      const run = await store.getRun(event.runId);
      if (!run) return;
      for (const ceiling of await findBudgets(run, { ...options, model: event.model ?? run.model }))
        await warn(ceiling, event, options);
    })().catch((error: unknown) => {
      log.warn("Budgets could not be looked at", { runId: event.runId, error: describeError(error) });
    });
  });
}

async function warn(
  ceiling: Ceiling,
  { runId, sessionKey }: { runId: string; sessionKey: string },
  { store, events, clock, log }: BudgetWarningsOptions,
): Promise<void> {
  const percent = percentOf(ceiling);
  const step = STEPS.find((one) => percent >= one);
  if (step === undefined || step <= ceiling.warned) return;
  try {
    await store.commit({ budgets: [{ key: ceiling.record, at: isoTime(clock.now()), warned: step }] });
  } catch (error) {
    // Another process was faster, and says it.
    if (isAppError(error) && error.code === "conflict") return;
    throw error;
  }
  const text = `${ceiling.title} has used ${percent} % of its budget: ${usedWords(ceiling)}`;
  log.warn(text, { runId, sessionKey });
  events.tell({ type: "budget.warned", budget: ceiling.record, percent: step, text, by: runId, sessionKey });
}

/** How much of a ceiling is used, in whole percent: of dollars or of tokens, whichever is more. */
export function percentOf({ usd, tokens, used }: Pick<Ceiling, "usd" | "tokens" | "used">): number {
  const parts = [usd ? used.usd / usd : 0, tokens ? used.tokens / tokens : 0];
  return Math.floor(Math.max(...parts) * 100 + 1e-9);
}

function usedWords({ usd, tokens, used }: Ceiling): string {
  const parts = [
    ...(usd === undefined ? [] : [`$${used.usd.toFixed(used.usd < 0.01 ? 6 : 2)} of $${usd}`]),
    ...(tokens === undefined ? [] : [`${used.tokens} of ${tokens} tokens`]),
  ];
  return parts.join(", ");
}
