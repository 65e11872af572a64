import type { Core } from "../../../core/core.ts";
import type { SessionKind } from "../../../protocol/session.ts";
import type { StoredSession } from "../../../core/ports/storedSession.ts";
import { toLimit } from "./invokeSessionsHistory.ts";
import { shownMessage } from "./shownMessage.ts";
import { toResult, type ToolResult } from "./toolResult.ts";
import type { ToolInvocation } from "./toolInvocation.ts";
import { CHANNELS } from "../../../protocol/outside/channelNames.ts";
import { headOf } from "../../../base/cutText.ts";
import { defined } from "../../../base/defined.ts";

const DEFAULT_LIMIT = 100;
const KINDS = new Set<unknown>(["main", "isolated", "channel"]);
const STATUS = { idle: "done", queued: "running", running: "running", waiting: "running", failed: "failed" };

export async function sessionsList({ context, args }: ToolInvocation): Promise<ToolResult> {
  const { core } = context;
  const limit = toLimit(args["limit"], DEFAULT_LIMIT, 500);
  const given = Array.isArray(args["kinds"]) ? args["kinds"] : [];
  // Kinds that only OpenClaw has match nothing here.
  const kinds = given.filter((kind): kind is SessionKind => KINDS.has(kind));
  const messages = args["messageLimit"] === undefined ? 0 : toLimit(args["messageLimit"], 1, 50);
  const search = typeof args["search"] === "string" ? headOf(args["search"], 200) : "";
  const page = await core.sessions.list({
    limit,
    ...(given.length > 0 ? { kinds } : {}),
    ...(search === "" ? {} : { search }),
  });
  // Newest first: those that are active come before the others.
  const since = activeSince(args["activeMinutes"], core.clock.now());
  const active = page.sessions.filter(({ updatedAt }) => Date.parse(updatedAt) >= since);
  const hasMore = page.nextCursor !== undefined && active.length === page.sessions.length;
  const model = await core.models.resolve(undefined).catch(() => "none");
  const sessions = await Promise.all(active.map((session) => shown(core, session, model, messages)));
  return toResult({ count: sessions.length, sessions, hasMore, limitApplied: limit });
}

/** As OpenClaw reads it: whole minutes, one at least; what is no number sets no bound. */
function activeSince(minutes: unknown, now: number): number {
  if (typeof minutes !== "number" || !Number.isFinite(minutes)) return -Infinity;
  return now - Math.max(1, Math.floor(minutes)) * 60_000;
}

async function shown(core: Core, session: StoredSession, byDefault: string, messageLimit: number): Promise<object> {
  const { key, kind, title, state, usage, contextTokens } = session;
  const messages =
    messageLimit > 0
      ? (await core.sessions.history(key, { limit: messageLimit, includeTools: false })).messages.map(shownMessage)
      : undefined;
  return {
    key,
    sessionId: key,
    agentId: "main",
    kind,
    // Its key is in the channel's namespace.
    channel: (kind === "channel" && CHANNELS.find((name) => key.startsWith(name))) || "unknown",
    archived: session.archived ?? false,
    pinned: session.pinned ?? false,
    ...defined({ displayName: title }),
    updatedAt: Date.parse(session.updatedAt),
    model: session.model ?? byDefault,
    contextTokens,
    totalTokens: usage.inputTokens + usage.outputTokens + usage.cacheReadTokens + usage.cacheWriteTokens,
    status: STATUS[state],
    abortedLastRun: false,
    ...defined({ parentSessionKey: session.parentKey, messages }),
  };
}
