import type { StoredSession } from "../ports/storedSession.ts";
import { NO_USAGE } from "../models/usageSum.ts";
import { readHistory } from "../context/modelContext.ts";
import { MAIN, toTitle } from "../state/sessionRepository.ts";
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
    const untitled = (await isCalledAfterText(parts, key)) ? { title: null } : {};
    await store.clearSession(key);
    await checkpoints.forget(key);
    return changeSession(parts, key, {
      ...untitled,
      summarySeq: null,
      trimmedSeq: null,
      state: "idle",
      usage: NO_USAGE,
      messageCount: 0,
      contextTokens: 0,
    });
  });
}

/** Whether its title is the beginning of what was said in it, or in what it is a fork of: that goes with the text. */
async function isCalledAfterText({ store, sessionRepository }: SessionParts, key: string): Promise<boolean> {
  const { title, named, kind } = await sessionRepository.get(key);
  if (title === undefined || named || kind !== "isolated") return false;
  const history = await readHistory(store, key);
  const first = history.find(({ role }) => role === "user");
  return first !== undefined && title.startsWith(toTitle(first.text));
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
