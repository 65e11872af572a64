import { AppError } from "../../base/appError.ts";
import type { BudgetChange, BudgetRecord } from "../../core/ports/batch.ts";
import type { Database } from "./database.ts";

export function changeBudget(db: Database, { key, at, used, raised, warned }: BudgetChange): void {
  db.run("INSERT INTO budgets (key, at) VALUES (?, ?) ON CONFLICT (key) DO NOTHING", key, at);
  db.run(
    `UPDATE budgets SET at = ?, used_usd = used_usd + ?, used_tokens = used_tokens + ?,
      raised_usd = raised_usd + ?, raised_tokens = raised_tokens + ? WHERE key = ?`,
    at,
    used?.usd ?? 0,
    used?.tokens ?? 0,
    raised?.usd ?? 0,
    raised?.tokens ?? 0,
    key,
  );
  if (warned === undefined) return;
  const changed = db.run("UPDATE budgets SET warned = ? WHERE key = ? AND warned < ?", warned, key, warned);
  if (changed === 0) throw new AppError("conflict", `That ${warned} % of ${key} is used was said already`);
}

export function listBudgets(db: Database, keys: string[]): BudgetRecord[] {
  return db
    .all("SELECT * FROM budgets WHERE key IN (SELECT value FROM json_each(?))", JSON.stringify(keys))
    .map((row) => ({
      key: String(row.key),
      usedUsd: Number(row.used_usd),
      usedTokens: Number(row.used_tokens),
      raisedUsd: Number(row.raised_usd),
      raisedTokens: Number(row.raised_tokens),
      warned: Number(row.warned),
    }));
}

export function pruneBudgets(db: Database, before: string): void {
  db.run(
    `DELETE FROM budgets WHERE at < ? AND (key NOT GLOB 'session *'
      OR NOT EXISTS (SELECT 1 FROM sessions WHERE sessions.key = substr(budgets.key, 9)))`,
    before,
  );
}
