import type { Texts } from "../../base/text/texts.ts";
import type { ToldFiring } from "../../protocol/job.ts";
import type { Usage } from "../../protocol/usage.ts";

/** What firings come to. */
export interface FiringSums {
  ok: number;
  failed: number;
  /** Skipped, missed, or running still. */
  other: number;
  /** US dollars of what has a known price; null where none has a run. */
  costUsd: number | null;
  unpriced: number;
  /** Milliseconds that one of those that ended took: half took longer. */
  median?: number;
}

export function totalOf(runs: readonly ToldFiring[]): FiringSums {
  const count = (status: ToldFiring["status"]) => runs.filter((run) => run.status === status).length;
  const [ok, failed] = [count("ok"), count("failed")];
  const used = runs.flatMap(({ usage }) => (usage ? [usage] : []));
  const took = runs
    .flatMap(({ durationMs }) => (durationMs === undefined ? [] : [durationMs]))
    .toSorted((a, b) => a - b);
  return {
    ok,
    failed,
    other: runs.length - ok - failed,
    costUsd: used.length === 0 ? null : used.reduce((sum, { costUsd, knownUsd = 0 }) => sum + (costUsd ?? knownUsd), 0),
    unpriced: used.filter(({ costUsd }) => costUsd === null).length,
    ...(took.length > 0 ? { median: took[Math.floor(took.length / 2)]! } : {}),
  };
}

export function tokensOf({ inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens }: Usage): number {
  return inputTokens + outputTokens + cacheReadTokens + cacheWriteTokens;
}

/** "340 ms", "12.4 s", "3 min 20 s", "2 h 5 min". */
export function tookWords(ms: number, { t, number }: Texts): string {
  if (ms < 1000) return t("{0} ms", Math.round(ms));
  if (ms < 60_000) return t("{0} s", number(ms / 1000, 1));
  const minutes = Math.floor(ms / 60_000);
  return minutes < 60
    ? t("{0} min {1} s", minutes, Math.floor(ms / 1000) % 60)
    : t("{0} h {1} min", Math.floor(minutes / 60), minutes % 60);
}
