import type { UsageRow } from "../../core/ports/batch.ts";
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
  const order = "ORDER BY day, session_key, model";
  const rows =
    query.sessionKey === undefined
      ? db.all(`SELECT * FROM usage WHERE day >= ? ${order}`, query.sinceDay)
      : db.all(`SELECT * FROM usage WHERE day >= ? AND session_key = ? ${order}`, query.sinceDay, query.sessionKey);
  return rows.map((row) => ({
    day: String(row.day),
    sessionKey: String(row.session_key),
    model: String(row.model),
    requests: Number(row.requests),
    inputTokens: Number(row.input_tokens),
    outputTokens: Number(row.output_tokens),
    cacheReadTokens: Number(row.cache_read_tokens),
    cacheWriteTokens: Number(row.cache_write_tokens),
    costUsd: Number(row.cost_usd),
    unpriced: Number(row.unpriced),
  }));
}
