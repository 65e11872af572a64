import type { Texts } from "../../base/text/texts.ts";
import type { Routes } from "../../gateway/routes/routeTable.ts";

export type UsageEntry = Routes["usage.cost"]["output"]["rows"][number];

/** What a day, a session or a model used. */
export interface UsageSum {
  key: string;
  requests: number;
  inputTokens: number;
  outputTokens: number;
  cachedTokens: number;
  tokens: number;
  /** Of the requests with a known price. */
  costUsd: number;
  /** Requests without one. */
  unpriced: number;
}

export function emptySum(key: string): UsageSum {
  return { key, requests: 0, inputTokens: 0, outputTokens: 0, cachedTokens: 0, tokens: 0, costUsd: 0, unpriced: 0 };
}

export function sumUsage(key: string, rows: readonly UsageEntry[]): UsageSum {
  return rows.reduce((sum, row) => {
    const cached = row.cacheReadTokens + row.cacheWriteTokens;
    return {
      key,
      requests: sum.requests + row.requests,
      inputTokens: sum.inputTokens + row.inputTokens,
      outputTokens: sum.outputTokens + row.outputTokens,
      cachedTokens: sum.cachedTokens + cached,
      tokens: sum.tokens + row.inputTokens + row.outputTokens + cached,
      costUsd: sum.costUsd + (row.costUsd ?? 0),
      unpriced: sum.unpriced + row.unpriced,
    };
  }, emptySum(key));
}

/** One sum for each session or model, the one that used most first. */
export function sumBy(rows: readonly UsageEntry[], field: "sessionKey" | "model", measure: Measure): UsageSum[] {
  const groups = Map.groupBy(rows, (row) => row[field]);
  const sums = [...groups].map(([key, group]) => sumUsage(key, group));
  return sums.sort((a, b) => valueOf(b, measure) - valueOf(a, measure) || b.tokens - a.tokens);
}

/** One sum for each of the last `days` days (UTC), the oldest first, those without use included. */
export function sumByDay(rows: readonly UsageEntry[], days: number, now: number): UsageSum[] {
  const groups = Map.groupBy(rows, ({ day }) => day);
  return Array.from({ length: days }, (_, at) => {
    const day = new Date(now - (days - 1 - at) * DAY_MS).toISOString().slice(0, 10);
    return sumUsage(day, groups.get(day) ?? []);
  });
}

/** How many days back one may look. */
export const USAGE_DAYS = [7, 30, 90];

export type Measure = "tokens" | "cost";

export function valueOf(sum: UsageSum, measure: Measure): number {
  return measure === "tokens" ? sum.tokens : sum.costUsd;
}

/** "$1.23", "$0.0042"; what has no known price is never counted as nothing. */
export function costWords({ costUsd, unpriced, requests }: UsageSum, { t, dollars }: Texts): string {
  if (unpriced > 0 && unpriced === requests) return t("price unknown");
  const known = dollars(costUsd);
  return unpriced > 0 ? t("{0} + {1} unpriced", known, unpriced) : known;
}

const DAY_MS = 86_400_000;
