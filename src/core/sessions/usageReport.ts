import type { Clock } from "../../base/clock.ts";
import { isoTime } from "../../base/clock.ts";
import type { UsageReport } from "../services/spending.ts";
import type { UsageRow } from "../ports/batch.ts";
import type { Store } from "../ports/store.ts";
import { addUsage } from "../../protocol/usage.ts";
import { NO_USAGE } from "../models/usageSum.ts";

const DAY_MS = 86_400_000;

export function createUsageReport({ store, clock }: { store: Store; clock: Clock }): UsageReport {
  return {
    async cost(days, sessionKey) {
      const sinceDay = isoTime(clock.now() - (days - 1) * DAY_MS).slice(0, 10);
      const rows = await store.listUsage({ sinceDay, sessionKey });
      const total = rows.reduce(
        (sum, row) => addUsage(sum, row.unpriced > 0 ? { ...row, costUsd: null, knownUsd: knownOf(row) } : row),
        NO_USAGE,
      );
      return { rows, total: { ...total, requests: rows.reduce((sum, row) => sum + row.requests, 0) } };
    },
  };
}

/** What a row of which some requests have no known cost has for the others. */
function knownOf({ requests, unpriced, costUsd }: UsageRow): number {
  return unpriced === requests ? 0 : costUsd;
}
