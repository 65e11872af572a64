import type { Session } from "../../protocol/session.ts";
import { toUsage } from "../../protocol/usage.ts";
import type { StoredSession } from "../ports/storedSession.ts";

/** A session in the one shape in which answers and events tell it. */
export function toldSession(session: StoredSession): Session {
  return {
    key: session.key,
    kind: session.kind,
    title: session.title ?? null,
    state: session.state,
    model: session.model ?? null,
    parentKey: session.parentKey ?? null,
    workspace: session.workspace ?? null,
    pinned: session.pinned ?? false,
    archived: session.archived ?? false,
    createdAt: session.createdAt,
    updatedAt: session.updatedAt,
    messageCount: session.messageCount,
    contextTokens: session.contextTokens,
    usage: toUsage(session.usage),
  };
}
