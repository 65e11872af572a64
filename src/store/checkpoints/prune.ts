import type { Contents } from "./contents.ts";
import type { RunLogs } from "./runLog.ts";

/** How long and how much is kept. */
export interface Bounds {
  days: number;
  megabytes: number;
}

const DAY_MS = 86_400_000;
// A content is put before the line that names it, and one that is held for a command is refreshed each hour; a machine may sleep meanwhile.
const FRESH_MS = DAY_MS;

/** Removes what is older than `days`, then the oldest until no more than `megabytes` are left. Resolves with how many runs went. */
export async function prune(
  { contents, logs }: { contents: Contents; logs: RunLogs },
  { days, megabytes }: Bounds,
  now: number,
): Promise<number> {
  const oldestFirst = (await logs.list()).toSorted((a, b) => a.at - b.at);
  const sizes = new Map((await contents.list()).map((content) => [content.digest, content]));
  const named = await Promise.all(oldestFirst.map(async ({ run }) => [...(await digestsOf(logs, run))]));
  const uses = new Map<string, number>();
  for (const digest of named.flat()) uses.set(digest, (uses.get(digest) ?? 0) + 1);
  let total = [...uses.keys()].reduce((sum, digest) => sum + (sizes.get(digest)?.bytes ?? 0), 0);
  let removed = 0;
  for (const [index, { run, at }] of oldestFirst.entries()) {
    if (at >= now - days * DAY_MS && total <= megabytes * 1_000_000) break;
    await logs.remove(run);
    removed += 1;
    for (const digest of named[index]!) {
      const left = uses.get(digest)! - 1;
      uses.set(digest, left);
      if (left === 0) total -= sizes.get(digest)?.bytes ?? 0;
    }
  }
  for (const { digest, at } of sizes.values()) {
    // All was read meanwhile, and somebody may have put it again.
    if ((uses.get(digest) ?? 0) === 0 && at < now - FRESH_MS) await contents.remove(digest, now - FRESH_MS);
  }
  return removed;
}

async function digestsOf(logs: RunLogs, run: Parameters<RunLogs["read"]>[0]): Promise<Set<string>> {
  const lines = await logs.read(run);
  return new Set(
    lines.flatMap((line) => {
      const content = "before" in line ? line.before : "left" in line ? line.left : null;
      return content ? [content.digest] : [];
    }),
  );
}
