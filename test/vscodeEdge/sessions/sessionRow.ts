import type { Session } from "../../../src/protocol/session.ts";

/** What nobody has used yet. */
export const NOTHING = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: null };

/** A session as the gateway lists it. */
export function session(key: string, more: Partial<Session> = {}): Session {
  const at = "2026-11-22T12:00:00.000Z";
  return {
    ...{ key, kind: "isolated", title: key, state: "idle", model: null, parentKey: null, workspace: null },
    ...{ pinned: false, archived: false, createdAt: at, updatedAt: at, messageCount: 0, contextTokens: 0 },
    usage: NOTHING,
    ...more,
  };
}
