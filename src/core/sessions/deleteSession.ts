import { isoTime } from "../../base/clock.ts";
import { describeError } from "../../base/log.ts";
import type { IdempotencyRecord, Keep, SessionPatch } from "../ports/batch.ts";
import type { StoredSession } from "../ports/storedSession.ts";
import { NO_USAGE } from "../models/usageSum.ts";
import { MAIN, MOST_TEXT_TITLE } from "../state/sessionRepository.ts";
import { changeSession, textTitle } from "./changeSession.ts";
import type { SessionParts } from "./sessionParts.ts";

/** Cancels its runs and removes it with its children. "main" is reset instead. */
export async function deleteSession(
  parts: SessionParts,
  key: string,
  keep: () => IdempotencyRecord[] = () => [],
): Promise<void> {
  await parts.sessionRepository.get(key);
  if (key === MAIN) await resetSession(parts, key, keep);
  else await removeAll(parts, key, keep());
}

/** Cancels its runs and removes its history; the key stays. */
export async function resetSession(
  parts: SessionParts,
  key: string,
  keep?: Keep<StoredSession>,
): Promise<StoredSession> {
  const { store, sessionRepository, runs, approvals, compactions, clock } = parts;
  await sessionRepository.get(key);
  compactions.stop(key, "the session was reset");
  await runs.stop(await store.listSpawned(key), { sessionKey: key, cancelled: true });
  await runs.cancelAll(key);
  approvals.forget(key);
  return runs.between(key, async () => {
    const titles = await untitled(parts, key);
    const { summarySeq, trimmedSeq } = await sessionRepository.get(key);
    // Before what they name goes: a kill in between leaves what is read as it is.
    if (summarySeq !== undefined || trimmedSeq !== undefined)
      await changeSession(parts, key, { summarySeq: null, trimmedSeq: null });
    await store.clearSession(key);
    const empty = { state: "idle" as const, usage: NO_USAGE, messageCount: 0, contextTokens: 0 };
    const patch = { ...titles, summarySeq: null, trimmedSeq: null, ...empty, resetAt: isoTime(clock.now()) };
    const session = await changeSession(parts, key, patch, keep);
    await forgetCheckpoints(parts, key);
    return session;
  });
}

/** What of its titles is the beginning of what was said in it, or in what it is a fork of: that goes with the text. */
async function untitled(parts: SessionParts, key: string): Promise<SessionPatch> {
  const { title, named, ownTitle, kind } = await parts.sessionRepository.get(key);
  const own = named ? ownTitle : title;
  const text = own === undefined || kind !== "isolated" ? undefined : await textTitle(parts, key);
  // Cut shorter than one that somebody gave.
  const begun = text !== undefined && text.length >= MOST_TEXT_TITLE - 1 ? text.replace(/…$/, "") : text;
  if (begun === undefined || !own?.startsWith(begun)) return {};
  return named ? { ownTitle: null } : { title: null };
}

/** With all below it, also with what may be brought back of that. The answers are put down with its own end. `top`: what is deleted. */
export async function removeAll(
  parts: SessionParts,
  key: string,
  answers: IdempotencyRecord[] = [],
  top = key,
): Promise<void> {
  const { store, runs, compactions } = parts;
  // Some at a time, until none is left: there may be any number.
  for (;;) {
    const those = { parentKey: key, limit: 200 };
    const [{ sessions: there }, { sessions: deleted }] = await Promise.all([
      store.listSessions(those),
      store.listSessions({ ...those, deleting: true }),
    ]);
    const children = [...there, ...deleted];
    if (children.length === 0) break;
    for (const child of children) {
      // Whoever they worked for goes, too.
      await runs.stop(await runs.unfinished(child.key), { sessionKey: top, cancelled: true });
      await removeAll(parts, child.key, [], top);
    }
  }
  compactions.stop(key, "the session was deleted");
  await runs.cancelAll(key);
  await runs.between(key, () => store.deleteSession(key, { answers }));
  await forgotten(parts, key);
}

/** Removes what nobody has used since then, with all below it. False where something of it stays: it is used again. */
export async function deleteUnused(parts: SessionParts, key: string, unusedSince: string): Promise<boolean> {
  const { store, runs } = parts;
  const { sessions: children } = await store.listSessions({ parentKey: key, limit: MOST_CHILDREN });
  for (const child of children) if (!(await deleteUnused(parts, child.key, unusedSince))) return false;
  if (!(await runs.between(key, () => store.deleteSession(key, { unusedSince })))) return false;
  await forgotten(parts, key);
  return true;
}

/** Of one with more below it, nothing goes by itself. */
export const MOST_CHILDREN = 500;

async function forgotten(parts: SessionParts, key: string): Promise<void> {
  parts.events.tell({ type: "session.deleted", sessionKey: key });
  await forgetCheckpoints(parts, key);
}

/** What cannot be removed now goes by its age. */
async function forgetCheckpoints({ checkpoints, log }: SessionParts, key: string): Promise<void> {
  await checkpoints.forget(key).catch((error: unknown) => {
    log.warn("The checkpoints of a session could not be removed", { session: key, error: describeError(error) });
  });
}
