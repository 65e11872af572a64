import { AppError } from "../../base/appError.ts";
import { isoTime } from "../../base/clock.ts";
import { defined } from "../../base/defined.ts";
import type { Origin } from "../../protocol/message.ts";
import type { SessionMode } from "../../protocol/session.ts";
import type { SessionFields } from "../services/sessionService.ts";
import type { IdempotencyRecord, Keep, SessionChange, SessionPatch } from "../ports/batch.ts";
import type { StoredSession } from "../ports/storedSession.ts";
import { MAIN, MOST_TITLE, toTitle } from "../state/sessionRepository.ts";
import { toldSession } from "../state/toldSession.ts";
import type { SessionParts } from "./sessionParts.ts";

/** Stores the change and tells of it. `not_found` when the session went meanwhile. */
export async function saveSession(
  parts: SessionParts,
  key: string,
  change: SessionChange,
  answers: IdempotencyRecord[] = [],
): Promise<StoredSession> {
  const { sessions } = await parts.store.commit({ sessions: [change], answers });
  // Nothing was changed: says that it is not there.
  const session = sessions[0] ?? (await parts.sessionRepository.get(key));
  parts.events.tell({ type: "session.changed", session: toldSession(session) });
  return session;
}

export async function changeSession(
  parts: SessionParts,
  key: string,
  patch: SessionPatch,
  keep?: Keep<StoredSession>,
): Promise<StoredSession> {
  const now = isoTime(parts.clock.now());
  return patchSession(parts, await parts.sessionRepository.get(key), { ...patch, updatedAt: now }, keep);
}

function patchSession(
  parts: SessionParts,
  before: StoredSession,
  patch: SessionPatch,
  keep?: Keep<StoredSession>,
): Promise<StoredSession> {
  const { key } = before;
  return saveSession(parts, key, { key, patch }, keep?.(withPatch(before, patch)));
}

function withPatch(session: StoredSession, patch: SessionPatch): StoredSession {
  const fields = Object.entries({ ...session, ...patch }).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(fields) as unknown as StoredSession;
}

/** Title, model with its effort, and where it stands in lists; null clears. */
export async function updateSession(
  parts: SessionParts,
  key: string,
  { pinned, archived, ...patch }: SessionFields,
  keep?: Keep<StoredSession>,
): Promise<StoredSession> {
  if (archived && key === MAIN)
    throw new AppError("bad_request", "The main session is always there: it is not archived");
  // Which session is meant is said first: no model helps one that is not there.
  await parts.sessionRepository.get(key);
  const model = patch.model == null ? patch.model : await parts.models.resolve(patch.model);
  const places = defined({
    pinned: pinned === undefined ? undefined : pinned || null,
    archived: archived === undefined ? undefined : archived || null,
  });
  if (patch.title === undefined && patch.model === undefined && patch.effort === undefined) {
    // Where it stands is no use of it: its time stays.
    return patchSession(parts, await parts.sessionRepository.get(key), places, keep);
  }
  const named = patch.title === undefined ? {} : await called(parts, key, patch.title);
  return changeSession(parts, key, { ...places, ...named, ...defined({ model, effort: patch.effort }) }, keep);
}

/** Named by a person; null: again as it was called before, else after what was first said in it. */
async function called(parts: SessionParts, key: string, title: string | null): Promise<SessionPatch> {
  const before = await parts.sessionRepository.get(key);
  if (title !== null) {
    const own = before.named ? {} : { ownTitle: before.title ?? null };
    return { title: toTitle(title, MOST_TITLE), named: true, ...own };
  }
  if (!before.named && before.title !== undefined) return {};
  const own = before.ownTitle ?? (before.kind === "isolated" ? await textTitle(parts, key) : undefined);
  return { title: own ?? null, named: null, ownTitle: null };
}

/** The beginning of what was first said in a session, however much was said after; undefined where nothing was, or no words. */
export async function textTitle({ store }: SessionParts, key: string): Promise<string | undefined> {
  const events = await store.listEvents({ sessionKey: key, afterId: 0, limit: 100 });
  const first = events.find((event) => event.type === "message" && event.message.role === "user");
  return (first?.type === "message" && toTitle(first.message.text)) || undefined;
}

/** Sets how calls are decided in the runs that a person starts here; null: as configured. Where that denies, only what takes rights away. */
export async function setMode(
  parts: SessionParts,
  key: string,
  { mode, by }: { mode: SessionMode | null; by: Origin },
  keep?: Keep<StoredSession>,
): Promise<StoredSession> {
  const { workspace } = await parts.sessionRepository.get(key);
  if (mode !== null && mode !== "plan" && parts.settings(workspace).approvals === "deny")
    throw new AppError("forbidden", "openclaw.yml says approvals: deny, and no session goes further than that.");
  return changeSession(parts, key, { mode: mode && { is: mode, by } }, keep);
}
