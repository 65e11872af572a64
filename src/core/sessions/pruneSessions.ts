import { isoTime } from "../../base/clock.ts";
import { Pace } from "../../base/turns/pace.ts";
import { defined } from "../../base/defined.ts";
import type { Origin } from "../../protocol/message.ts";
import type { Pruned, PrunedSession } from "../services/sessionService.ts";
import type { StoredSession } from "../ports/storedSession.ts";
import { OPENAI_KEYS } from "../state/sessionRepository.ts";
import { deleteUnused, MOST_CHILDREN } from "./deleteSession.ts";
import type { SessionParts } from "./sessionParts.ts";

const DAY_MS = 24 * 3_600_000;
const PAGE = 200;
// So many take some milliseconds, in which nothing else goes on.
const LOOKED_AT = 16;

/**
 * Removes the sessions that `retention` lets go: of one kind each, isolated, at rest with all that is below them, unused for
 * its days, not named, pinned or gone on in by a person, and no job's target. With `dryRun` it only says which.
 */
export async function pruneSessions(parts: SessionParts, { dryRun }: { dryRun: boolean }): Promise<Pruned> {
  const sessions: PrunedSession[] = [];
  const pace = new Pace();
  for (const { found, unusedSince } of await listPrunable(parts, pace)) {
    if (!dryRun) await pace.rest();
    // It may have gone with another, or be used again.
    if (dryRun || (await deleteUnused(parts, found.key, unusedSince))) sessions.push(found);
  }
  return { retention: parts.settings().retention ?? {}, sessions };
}

/** Oldest use last. */
async function listPrunable(parts: SessionParts, pace: Pace): Promise<{ found: PrunedSession; unusedSince: string }[]> {
  const { store, clock, settings } = parts;
  const { openaiDays, jobDays, subagentDays } = settings().retention ?? {};
  const days = { openai: openaiDays, job: jobDays, subagent: subagentDays };
  const shortest = Math.min(...Object.values(days).map((count) => count ?? Infinity));
  if (shortest === Infinity) return [];
  const targets = new Set((await store.listJobs()).map(({ sessionTarget }) => sessionTarget));
  const unusedSince = (count: number) => isoTime(clock.now() - count * DAY_MS);
  const found: { found: PrunedSession; unusedSince: string }[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await store.listSessions({
      kinds: ["isolated"],
      unusedSince: unusedSince(shortest),
      limit: PAGE,
      ...defined({ cursor }),
    });
    for (const [at, session] of page.sessions.entries()) {
      if (at % LOOKED_AT === 0) await pace.rest();
      const rule = await ruleOf(parts, session);
      const count = rule && days[rule];
      if (rule === undefined || count === undefined || session.updatedAt >= unusedSince(count)) continue;
      if (!(await mayGo(parts, session, unusedSince(count), targets))) continue;
      const { key, title = null, updatedAt, messageCount } = session;
      found.push({ found: { key, title, rule, updatedAt, messageCount }, unusedSince: unusedSince(count) });
    }
    if (page.nextCursor === undefined) return found;
    cursor = page.nextCursor;
  }
}

/** What a session is by the one who began its first run. */
async function ruleOf(
  { store }: SessionParts,
  { key, parentKey }: StoredSession,
): Promise<PrunedSession["rule"] | undefined> {
  const via = await store.firstVia(key);
  if (key.startsWith(OPENAI_KEYS) && (via === undefined || via === "openai")) return "openai";
  if (via === "cron") return "job";
  return parentKey !== undefined && via === "subagent" ? "subagent" : undefined;
}

// Whatever came otherwise is a person's, or of somebody who knows the session.
const UNSEEN: Origin["via"][] = ["openai", "cron", "subagent"];

/** And all that is below it, which would go with it. */
async function mayGo(
  parts: SessionParts,
  session: StoredSession,
  unusedSince: string,
  targets: ReadonlySet<string>,
): Promise<boolean> {
  const { key, state, named, pinned, updatedAt, workspace } = session;
  const isAtRest = (state === "idle" || state === "failed") && updatedAt < unusedSince;
  if (!isAtRest || named || pinned || targets.has(key)) return false;
  if (await parts.store.cameOtherwise(key, UNSEEN)) return false;
  // Files that nobody has looked at may lie there.
  if (workspace !== undefined && parts.worktrees.nameOf(workspace) !== undefined) return false;
  const { sessions: below } = await parts.store.listSessions({ parentKey: key, limit: MOST_CHILDREN });
  for (const child of below) if (!(await mayGo(parts, child, unusedSince, targets))) return false;
  return below.length < MOST_CHILDREN;
}
