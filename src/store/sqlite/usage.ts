import type { UsageRow } from "../../core/ports/store.ts";
import type { Database } from "./database.ts";

export function addUsage(db: Database, row: UsageRow): void {
  db.run(
    `INSERT INTO usage (day, session_key, model, requests, input_tokens, output_tokens,
        cache_read_tokens, cache_write_tokens, cost_usd, unpriced) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (day, session_key, model) DO UPDATE SET
        requests = requests + excluded.requests,
        input_tokens = input_tokens + excluded.input_tokens,
        output_tokens = output_tokens + excluded.output_tokens,
        cache_read_tokens = cache_read_tokens + excluded.cache_read_tokens,
        cache_write_tokens = cache_write_tokens + excluded.cache_write_tokens,
        cost_usd = cost_usd + excluded.cost_usd,
        unpriced = unpriced + excluded.unpriced`,
    row.day,
    row.sessionKey,
    row.model,
    row.requests,
    row.inputTokens,
    row.outputTokens,
    row.cacheReadTokens,
    row.cacheWriteTokens,
    row.costUsd,
    row.unpriced,
  );
}

/** By day, session and model. */
export function listUsage(db: Database, query: { sinceDay: string; sessionKey?: string }): UsageRow[] {
  const session = query.sessionKey === undefined ? "" : "AND session_key = ?";
  const rows = db.all<UsageRow>(
    `SELECT day, session_key AS sessionKey, model, requests, input_tokens AS inputTokens,
        output_tokens AS outputTokens, cache_read_tokens AS cacheReadTokens, cache_write_tokens AS cacheWriteTokens,
        cost_usd AS costUsd, unpriced
      FROM usage WHERE day >= ? ${session} ORDER BY day, session_key, model`,
    query.sinceDay,
    ...(query.sessionKey === undefined ? [] : [query.sessionKey]),
  );
  // Rows come without a prototype.
  return rows.map((row) => ({ ...row }));
}
