import { isAppError } from "../../../base/appError.ts";
import { shownMessage } from "./shownMessage.ts";
import { requireText, toResult, type ToolResult, toSessionKey } from "./toolResult.ts";
import type { ToolInvocation } from "./toolInvocation.ts";

const DEFAULT_LIMIT = 50;
const MOST_MESSAGES = 1000;

export async function sessionsHistory({ context, args }: ToolInvocation): Promise<ToolResult> {
  const sessionKey = requireText(args, "sessionKey");
  const limit = toLimit(args["limit"], DEFAULT_LIMIT, MOST_MESSAGES);
  try {
    const query = { limit, includeTools: args["includeTools"] === true };
    const { messages, hasMore } = await context.core.sessions.history(toSessionKey(sessionKey), query);
    const shown = messages.map(shownMessage);
    const bytes = Buffer.byteLength(JSON.stringify(shown));
    return toResult({ sessionKey, messages: shown, truncated: hasMore, droppedMessages: hasMore, bytes });
  } catch (error) {
    if (!isAppError(error) || error.code !== "not_found") throw error;
    return toResult({ status: "error", error: `No session found: ${sessionKey}` });
  }
}

/** The number within its bounds; the default for what is none. */
export function toLimit(given: unknown, byDefault: number, most: number): number {
  if (typeof given !== "number" || !Number.isFinite(given)) return byDefault;
  return Math.min(most, Math.max(1, Math.floor(given)));
}
