import { Command } from "commander";
import type { Output } from "../../client/routeClient.ts";
import { asClient, type Verb } from "../terminal/clientVerb.ts";
import { toCount } from "../terminal/durations.ts";
import { budgetWords } from "../terminal/budgetWords.ts";
import { toCost, toDollars, toTokens } from "../terminal/figures.ts";

export const usage: Verb = (io) => {
  const command = new Command("usage")
    .description("print tokens and dollars by day and model")
    .option("-d, --days <count>", "how many days back", toCount, 30)
    .option("-s, --session <key>", "of one session only");
  return asClient<{ days: number; session?: string }, []>(io, command, async ({ client, printer, options }) => {
    const query = { days: options.days, sessionKey: options.session };
    printer.result(await client.get("usage.cost", query), ({ total, rows, budgets }) => {
      const lines = byDayAndModel(rows).map((row) => [
        row.day,
        row.model,
        row.requests,
        toTokens(promptTokens(row)),
        toTokens(row.outputTokens),
        costOf(row),
      ]);
      const sum = [
        "total",
        "",
        total.requests,
        toTokens(promptTokens(total)),
        toTokens(total.outputTokens),
        toCost(total),
      ];
      printer.table(["DAY", "MODEL", "REQUESTS", "IN", "OUT", "COST"], [...lines, sum]);
      for (const budget of budgets) printer.line(budgetWords(budget));
    });
  });
};

type Row = Output<"usage.cost">["rows"][number];

/** One row for all sessions of a day and a model. */
function byDayAndModel(rows: Row[]): Row[] {
  const sums = new Map<string, Row>();
  for (const row of rows) {
    const key = `${row.day} ${row.model}`;
    const sum = sums.get(key);
    sums.set(key, sum ? add(sum, row) : row);
  }
  return [...sums.values()];
}

function add(a: Row, b: Row): Row {
  const costUsd = a.costUsd === null && b.costUsd === null ? null : (a.costUsd ?? 0) + (b.costUsd ?? 0);
  return {
    ...a,
    requests: a.requests + b.requests,
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cacheReadTokens: a.cacheReadTokens + b.cacheReadTokens,
    cacheWriteTokens: a.cacheWriteTokens + b.cacheWriteTokens,
    unpriced: a.unpriced + b.unpriced,
    costUsd,
  };
}

function promptTokens(row: { inputTokens: number; cacheReadTokens: number; cacheWriteTokens: number }): number {
  return row.inputTokens + row.cacheReadTokens + row.cacheWriteTokens;
}

function costOf({ requests, unpriced, costUsd }: Output<"usage.cost">["rows"][number]): string {
  if (unpriced === 0) return toDollars(costUsd);
  return unpriced === requests ? "?" : `${toDollars(costUsd)} + ?`;
}
