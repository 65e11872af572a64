import type { RunRecord } from "../../protocol/run.ts";
import type { Usage } from "../../protocol/usage.ts";
import { totalTokens } from "../models/usageSum.ts";
import type { Store } from "../ports/store.ts";
import type { StoredSession } from "../ports/storedSession.ts";

export interface Sum {
  usd: number;
  tokens: number;
}

export const NOTHING: Sum = { usd: 0, tokens: 0 };

/**
 * What all runs of a session have used, also before it was reset, or deleted and made again: that gives nothing back. Its own sum
 * begins anew then, and is unknown after one request without a price; one that was brought here may have that alone.
 */
export async function sessionUse({ key, usage }: StoredSession, store: Store): Promise<Sum> {
  const counted = sumOf(await store.listUsage({ sinceDay: "", sessionKey: key }));
  return { usd: Math.max(usage.costUsd ?? 0, counted.usd), tokens: Math.max(totalTokens(usage), counted.tokens) };
}

/** What a run has used together with all that work for it, in whichever process. */
export async function usedBy(run: Pick<RunRecord, "id" | "usage" | "gone">, store: Store): Promise<Sum> {
  const rows = await store.listSpent(run.id);
  const sum = { ...NOTHING };
  // Work that no run asked for has no row.
  for (const { id, usage, gone = NOTHING } of rows.length > 0 ? rows : [run]) {
    sum.usd += (usage.costUsd ?? (await countedUsd(id, store))) + gone.usd;
    sum.tokens += totalTokens(usage) + gone.tokens;
  }
  return sum;
}

/** Dollars of a run of which some requests are only estimated: its own sum says that it is not known. */
async function countedUsd(runId: string, store: Store): Promise<number> {
  // Asked before each request: its messages and results are not read for it.
  const events = await store.listEvents({ runId, type: "usage", afterId: 0, limit: 100_000 });
  return events.reduce(
    (sum, event) => (event.type === "usage" ? sum + (event.usage.costUsd ?? event.countedUsd ?? 0) : sum),
    0,
  );
}

export function sumOf(rows: (Omit<Usage, "costUsd"> & { costUsd: number })[]): Sum {
  return rows.reduce((sum, row) => ({ usd: sum.usd + row.costUsd, tokens: sum.tokens + totalTokens(row) }), NOTHING);
}
