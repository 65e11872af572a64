import type { StoredSession } from "../ports/storedSession.ts";
import { NO_USAGE } from "../models/usageSum.ts";
import { MAIN } from "../state/sessionRepository.ts";
import { changeSession } from "./changeSession.ts";
import type { SessionParts } from "./sessionParts.ts";

/** Cancels its runs and removes it with its children. "main" is reset instead. */
export async function deleteSession(parts: SessionParts, key: string): Promise<void> {
  await parts.sessionRepository.get(key);
  if (key === MAIN) await resetSession(parts, key);
  else await removeAll(parts, key);
}

/** Cancels its runs and removes its history; the key stays. */
export async function resetSession(parts: SessionParts, key: string): Promise<StoredSession> {
  const { store, sessionRepository, runs, approvals, compactions, checkpoints } = parts;
  await sessionRepository.get(key);
  compactions.stop(key, "the session was reset");
  await runs.stop(await store.listSpawned(key));
  await runs.cancelAll(key);
  approvals.forget(key);
  return runs.between(key, async () => {
    await store.clearSession(key);
    await checkpoints.forget(key);
    return changeSession(parts, key, {
      summarySeq: null,
      trimmedSeq: null,
      state: "idle",
      usage: NO_USAGE,
      messageCount: 0,
      contextTokens: 0,
    });
  });
}

async function removeAll(parts: SessionParts, key: string): Promise<void> {
  const { store, events, runs, approvals, compactions, checkpoints } = parts;
  const { sessions: children } = await store.listSessions({ parentKey: key, limit: 500 });
  for (const child of children) {
    // Whoever they worked for goes, too.
    await runs.stop(await runs.unfinished(child.key));
    await removeAll(parts, child.key);
  }
  compactions.stop(key, "the session was deleted");
  await runs.cancelAll(key);
  approvals.forget(key);
  await runs.between(key, () => store.deleteSession(key));
  await checkpoints.forget(key);
  events.tell({ type: "session.deleted", sessionKey: key });
}
