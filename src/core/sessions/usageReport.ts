import type { Clock } from "../../base/clock.ts";
import { isoTime } from "../../base/clock.ts";
import type { UsageReport } from "../core.ts";
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
        (sum, row) => addUsage(sum, { ...row, costUsd: row.unpriced > 0 ? null : row.costUsd }),
        NO_USAGE,
      );
      return { rows, total: { ...total, requests: rows.reduce((sum, row) => sum + row.requests, 0) } };
    },
  };
}
