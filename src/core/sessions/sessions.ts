import type { History, Sessions } from "../services/sessionService.ts";
import { setMode, updateSession } from "./changeSession.ts";
import { MAIN } from "../state/sessionRepository.ts";
import { createSession } from "./createSession.ts";
import { deleteSession, resetSession } from "./deleteSession.ts";
import type { Deletions } from "./deletions.ts";
import { forkSession } from "./forkSession.ts";
import { sendInWorktree } from "./inWorktree.ts";
import { pruneSessions } from "./pruneSessions.ts";
import { sendMessage } from "./sendMessage.ts";
import type { SessionParts } from "./sessionParts.ts";
import { sessionStatus } from "./sessionStatus.ts";

/** The operations on sessions, over their parts: each is a function one can go to. */
export function createSessions(parts: SessionParts & { deletions: Deletions }): Sessions {
  const { sessionRepository, store, runs, compactions } = parts;
  return {
    async send(request, kept) {
      const run = await (request.worktree ? sendInWorktree : sendMessage)(parts, request, kept);
      if (request.cleanup) parts.deletions.follow(run.sessionKey, run.end);
      return run;
    },
    create: (session, keep) => createSession(parts, session, keep),
    get: (key) => sessionRepository.get(key),
    list: (query) => store.listSessions(query),
    async search(query) {
      if (query.sessionKey !== undefined) await sessionRepository.get(query.sessionKey);
      return store.searchMessages(query);
    },
    history: (key, query) => readPage(parts, key, query),
    status: (key) => sessionStatus(parts, key),
    instructions: async (key) => await parts.instructions.inUse(await sessionRepository.get(key)),
    update: (key, patch, keep) => updateSession(parts, key, patch, keep),
    setMode: (key, mode, by, keep) => setMode(parts, key, { mode, by }, keep),
    reset: (key, keep) => resetSession(parts, key, keep),
    prune: (options) => pruneSessions(parts, options),
    async delete(key, { undoMs = 0, whenDone = false } = {}, keep) {
      await sessionRepository.get(key);
      if (undoMs > 0 && key !== MAIN && !whenDone) return parts.deletions.put(key, undoMs, keep);
      if (whenDone && key !== MAIN) await parts.deletions.leave(key);
      else await deleteSession(parts, key, () => keep?.(undefined) ?? []);
      return undefined;
    },
    restore: (key, keep) => parts.deletions.restore(key, keep),
    fork: (key, options, keep) => forkSession(parts, key, options, keep),
    compact: (key, by) => compactions.compact(key, by),
    async abort(key, only) {
      await sessionRepository.get(key);
      const stopped = compactions.stop(key, "it was aborted") ? 1 : 0;
      if (only) return stopped;
      const below = await runs.stop(await store.listSpawned(key), { sessionKey: key, cancelled: true });
      return stopped + below + (await runs.cancelAll(key));
    },
  };
}

async function readPage(
  { sessionRepository, store, events }: SessionParts,
  key: string,
  { limit, before, includeTools }: Parameters<Sessions["history"]>[1],
): Promise<History> {
  await sessionRepository.get(key);
  const roles = includeTools ? undefined : (["user", "assistant", "system"] as const).slice();
  const page = await store.listMessages(key, { limit, before, roles, ...(includeTools ? {} : { notes: false }) });
  const newest = before === undefined ? page.messages.at(-1) : undefined;
  return { ...page, lastEventId: newest?.id ?? (before === undefined ? 0 : events.lastId()) };
}
