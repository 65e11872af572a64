import { defined } from "../../base/defined.ts";
import type * as z from "zod";
import type { historyMessageShape, StoredMessage } from "../../protocol/message.ts";
import { toUsage } from "../../protocol/usage.ts";

/** Field by field, so that what is only the gateway's (`native`) stays there. */
export function toMessage(message: StoredMessage, includeTools: boolean): z.output<typeof historyMessageShape> {
  const { seq, role, text, runId, createdAt } = message;
  const common = { seq, role, text, runId, createdAt };
  if (message.role === "user")
    return { ...common, origin: message.origin, ...given(message, ["attachments", "prompt", "plan"]) };
  if (message.role === "tool") return { ...common, ...given(message, TOOL_FIELDS) };
  if (message.role === "system") return { ...common, ...given(message, ["kind", "place", "origin"]) };
  return {
    ...common,
    ...(includeTools && message.toolCalls.length > 0 ? { toolCalls: message.toolCalls } : {}),
    ...given(message, includeTools ? ["thinking", ...ANSWER_FIELDS] : ANSWER_FIELDS),
    ...defined({ usage: message.usage && toUsage(message.usage) }),
  };
}

const ANSWER_FIELDS = ["model", "ended", "cutBy"] as const;
const TOOL_FIELDS = ["callId", "name", "isError", "notRun", "allowedBy", "lacked", "images", "durationMs"] as const;

/** These fields of it, where they have a value. */
function given<T extends object, K extends keyof T>(source: T, keys: readonly K[]): Partial<Pick<T, K>> {
  const entries = keys.filter((key) => source[key] !== undefined).map((key) => [key, source[key]]);
  return Object.fromEntries(entries) as Partial<Pick<T, K>>;
}
